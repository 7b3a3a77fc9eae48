"""The catalog: frames, headers, QC values, lineage and flags."""
