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

__all__ = [
    "CONTENT_KEY_VERSION",
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
    "TruncatedFits",
    "Value",
    "compress_headers",
    "content_key",
    "expand_headers",
    "ifu_of",
    "parse_card",
    "provenance",
    "qc_values",
    "scan",
    "scan_headers",
]
