"""Errors of the catalogue."""

from musecore.errors import Conflict, Forbidden, Invalid, NotFound

__all__ = [
    "FrameAmbiguous",
    "FrameIdInvalid",
    "FrameNotFound",
    "HduNotFound",
    "NoProduct",
    "NoSuchPlace",
    "ProjectClosed",
    "ProjectNotWritable",
    "QueryInvalid",
    "QueryTooLong",
    "UnknownAttribute",
]


class FrameNotFound(NotFound):
    """There is no frame of this id, or the caller may not know of it."""

    code = "frame_not_found"


class FrameAmbiguous(Conflict):
    """Several frames have ids that begin like this."""

    code = "frame_ambiguous"


class FrameIdInvalid(Invalid):
    """The text is neither an id nor the beginning of one."""

    code = "frame_id_invalid"


class HduNotFound(NotFound):
    """The file has no HDU of this number."""

    code = "hdu_not_found"


class NoProduct(Invalid):
    """Only products that were made here can be compared."""

    code = "no_product"


class ProjectClosed(Forbidden):
    """The caller asks for objects of a project and is no member of it."""

    code = "project_closed"


class ProjectNotWritable(Forbidden):
    """The caller is no member of the project."""

    code = "catalog_project_not_writable"


class QueryInvalid(Invalid):
    """The query cannot be read: it says where, and what would be right."""

    code = "query_invalid"


class UnknownAttribute(QueryInvalid):
    """The objects asked for have no such attribute."""

    code = "unknown_attribute"


class NoSuchPlace(QueryInvalid):
    """Nothing of this name was pointed at, or its pointings are far apart."""

    code = "no_such_place"


class QueryTooLong(Invalid):
    """The query was stopped at its time limit."""

    code = "query_too_long"
