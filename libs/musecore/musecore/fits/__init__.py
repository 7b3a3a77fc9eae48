"""FITS without astropy: headers, checksums, content keys, provenance, QC.

Made for many and large files: a raw frame of 805 MB has 265 kB of headers.
"""

from musecore.fits.cards import Card, Header, Value, parse_card
from musecore.fits.content import CONTENT_KEY_VERSION
from musecore.fits.layout import (
    HduHeader,
    NotFits,
    TruncatedFits,
    compress_headers,
    expand_headers,
)
from musecore.fits.provenance import (
    InputRecord,
    ParameterRecord,
    QcValue,
    RecipeRecord,
    ifu_of,
    provenance,
    qc_values,
)
from musecore.fits.scan import ScannedFile, Scanner, content_key, scan, scan_headers
from musecore.fits.simulated import (
    SIMULATED_PIPELINE,
    SimulatedRefused,
    is_simulated,
    require_real,
    simulated_card,
)

__all__ = [
    "CONTENT_KEY_VERSION",
    "SIMULATED_PIPELINE",
    "Card",
    "HduHeader",
    "Header",
    "InputRecord",
    "NotFits",
    "ParameterRecord",
    "QcValue",
    "RecipeRecord",
    "ScannedFile",
    "Scanner",
    "SimulatedRefused",
    "TruncatedFits",
    "Value",
    "compress_headers",
    "content_key",
    "expand_headers",
    "ifu_of",
    "is_simulated",
    "parse_card",
    "provenance",
    "qc_values",
    "require_real",
    "scan",
    "scan_headers",
    "simulated_card",
]
