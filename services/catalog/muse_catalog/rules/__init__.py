"""Rules of the catalogue: pure functions on headers, classes, flags and rights."""

from muse_catalog.rules.access import access_of, require_member
from muse_catalog.rules.attributes import AttributeFact, Attributes, canonical_keyword
from muse_catalog.rules.columns import (
    ColumnReader,
    Headers,
    canonical_keywords,
    searchable,
)
from muse_catalog.rules.cubes import one_spelling
from muse_catalog.rules.errors import (
    FrameAmbiguous,
    FrameIdInvalid,
    FrameNotFound,
    HduNotFound,
    NoProduct,
    ProjectNotWritable,
    QueryInvalid,
    QueryTooLong,
    UnknownAttribute,
)
from muse_catalog.rules.flags import (
    CHECKSUM_DIFFERS,
    INCOMPLETE_TEMPLATE,
    QcDictionary,
    flags_of_product,
    flags_with_template,
)
from muse_catalog.rules.intake import Recognised, implied_keywords, recognise
from muse_catalog.rules.query_reading import columns_of, condition_of, order_of
from muse_catalog.rules.query_writing import (
    text_of,
    text_of_columns,
    text_of_order,
    text_of_path,
)
from muse_catalog.rules.references import History, References
from muse_catalog.rules.versions import VERSION_PATTERN, VERSION_STAGES, version_key

__all__ = [
    "CHECKSUM_DIFFERS",
    "INCOMPLETE_TEMPLATE",
    "VERSION_PATTERN",
    "VERSION_STAGES",
    "AttributeFact",
    "Attributes",
    "ColumnReader",
    "FrameAmbiguous",
    "FrameIdInvalid",
    "FrameNotFound",
    "HduNotFound",
    "Headers",
    "History",
    "NoProduct",
    "ProjectNotWritable",
    "QcDictionary",
    "QueryInvalid",
    "QueryTooLong",
    "Recognised",
    "References",
    "UnknownAttribute",
    "access_of",
    "canonical_keyword",
    "canonical_keywords",
    "columns_of",
    "condition_of",
    "flags_of_product",
    "flags_with_template",
    "implied_keywords",
    "one_spelling",
    "order_of",
    "recognise",
    "require_member",
    "searchable",
    "text_of",
    "text_of_columns",
    "text_of_order",
    "text_of_path",
    "version_key",
]
