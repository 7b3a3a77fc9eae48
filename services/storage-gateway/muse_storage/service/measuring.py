"""What the gateway tells of itself."""

from musecore.telemetry import counter, gauge

__all__ = ["REFUSED", "SITE_BYTES", "TIDIED", "TRANSFERRED"]

TRANSFERRED = counter(
    "musewise_storage_transferred_bytes_total",
    "Bytes of files that came in and went out through the gateway: in, out",
    ("direction",),
)
REFUSED = counter(
    "musewise_storage_refused_files_total",
    "Files that were not taken in, by the code of the reason",
    ("code",),
)
TIDIED = counter(
    "musewise_storage_tidied_total",
    "What crashes had left and was removed: upload, object",
    ("kind",),
)
SITE_BYTES = gauge(
    "musewise_storage_site_bytes", "Room in the site's store: free, used", ("kind",)
)
