"""Rules of the catalogue: pure functions on headers, classes, flags and rights."""

from muse_catalog.rules.access import access_of, require_member, require_open
from muse_catalog.rules.attributes import AttributeFact, Attributes, canonical_keyword
from muse_catalog.rules.columns import (
    ColumnReader,
    Headers,
    canonical_keywords,
    searchable,
)
from muse_catalog.rules.errors import (
    FrameAmbiguous,
    FrameIdInvalid,
    FrameNotFound,
    HduNotFound,
    NoProduct,
    NoSuchPlace,
    ProjectClosed,
    ProjectNotWritable,
    QueryInvalid,
    QueryTooLong,
    UnknownAttribute,
)
from muse_catalog.rules.flags import (
    INCOMPLETE_TEMPLATE,
    QcDictionary,
    flags_of_product,
    flags_with_template,
)
from muse_catalog.rules.grouping import (
    GroupColumn,
    group_columns,
    group_order,
    single_column,
)
from muse_catalog.rules.intake import Recognised, implied_keywords, recognise
from muse_catalog.rules.query_reading import (
    aggregates_of,
    columns_of,
    condition_of,
    order_of,
)
from muse_catalog.rules.query_writing import (
    text_of,
    text_of_aggregates,
    text_of_columns,
    text_of_order,
    text_of_path,
)

__all__ = [
    "INCOMPLETE_TEMPLATE",
    "AttributeFact",
    "Attributes",
    "ColumnReader",
    "FrameAmbiguous",
    "FrameIdInvalid",
    "FrameNotFound",
    "GroupColumn",
    "HduNotFound",
    "Headers",
    "NoProduct",
    "NoSuchPlace",
    "ProjectClosed",
    "ProjectNotWritable",
    "QcDictionary",
    "QueryInvalid",
    "QueryTooLong",
    "Recognised",
    "UnknownAttribute",
    "access_of",
    "aggregates_of",
    "canonical_keyword",
    "canonical_keywords",
    "columns_of",
    "condition_of",
    "flags_of_product",
    "flags_with_template",
    "group_columns",
    "group_order",
    "implied_keywords",
    "order_of",
    "recognise",
    "require_member",
    "require_open",
    "searchable",
    "single_column",
    "text_of",
    "text_of_aggregates",
    "text_of_columns",
    "text_of_order",
    "text_of_path",
]
