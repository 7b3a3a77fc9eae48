"""Rules of the catalogue: pure functions on headers, classes, flags and rights."""

from muse_catalog.rules.access import access_of, require_member, require_open
from muse_catalog.rules.attributes import AttributeFact, Attributes, canonical_keyword
from muse_catalog.rules.columns import (
    ColumnReader,
    Headers,
    canonical_keywords,
    searchable,
)
from muse_catalog.rules.cubes import one_spelling
from muse_catalog.rules.drawing import Language, drawn, rows_of
from muse_catalog.rules.errors import (
    EditClash,
    FlagUnknown,
    FrameAmbiguous,
    FrameIdInvalid,
    FrameNotFound,
    HduNotFound,
    LimitsInvalid,
    NoProduct,
    NoSuchPlace,
    NotOwner,
    ProjectClosed,
    ProjectNotWritable,
    QueryInvalid,
    QueryTooLong,
    SavedExists,
    SavedNotFound,
    UnknownAttribute,
)
from muse_catalog.rules.flags import (
    CHECKSUM_DIFFERS,
    INCOMPLETE_TEMPLATE,
    QcDictionary,
    QualityLimits,
    Score,
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
    "EditClash",
    "FlagUnknown",
    "FrameAmbiguous",
    "FrameIdInvalid",
    "FrameNotFound",
    "GroupColumn",
    "HduNotFound",
    "Headers",
    "History",
    "Language",
    "LimitsInvalid",
    "NoProduct",
    "NoSuchPlace",
    "NotOwner",
    "ProjectClosed",
    "ProjectNotWritable",
    "QcDictionary",
    "QualityLimits",
    "QueryInvalid",
    "QueryTooLong",
    "Recognised",
    "References",
    "SavedExists",
    "SavedNotFound",
    "Score",
    "UnknownAttribute",
    "access_of",
    "aggregates_of",
    "canonical_keyword",
    "canonical_keywords",
    "columns_of",
    "condition_of",
    "drawn",
    "flags_with_template",
    "group_columns",
    "group_order",
    "implied_keywords",
    "one_spelling",
    "order_of",
    "recognise",
    "require_member",
    "require_open",
    "rows_of",
    "searchable",
    "single_column",
    "text_of",
    "text_of_aggregates",
    "text_of_columns",
    "text_of_order",
    "text_of_path",
    "version_key",
]
