"""Rules of the catalogue: pure functions on headers, classes, flags and rights."""

from muse_catalog.rules.access import access_of, require_member
from muse_catalog.rules.columns import ColumnReader, Headers, canonical_keywords
from muse_catalog.rules.errors import (
    FrameAmbiguous,
    FrameIdInvalid,
    FrameNotFound,
    HduNotFound,
    NoProduct,
    ProjectNotWritable,
)
from muse_catalog.rules.flags import (
    INCOMPLETE_TEMPLATE,
    QcDictionary,
    flags_of_product,
    flags_with_template,
)
from muse_catalog.rules.intake import Recognised, implied_keywords, recognise

__all__ = [
    "INCOMPLETE_TEMPLATE",
    "ColumnReader",
    "FrameAmbiguous",
    "FrameIdInvalid",
    "FrameNotFound",
    "HduNotFound",
    "Headers",
    "NoProduct",
    "ProjectNotWritable",
    "QcDictionary",
    "Recognised",
    "access_of",
    "canonical_keywords",
    "flags_of_product",
    "flags_with_template",
    "implied_keywords",
    "recognise",
    "require_member",
]
