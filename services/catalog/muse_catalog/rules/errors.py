"""Errors of the catalogue."""

from musecore.errors import Conflict, Forbidden, Invalid, NotFound

__all__ = [
    "EditClash",
    "FlagUnknown",
    "FrameAmbiguous",
    "FrameIdInvalid",
    "FrameNotFound",
    "HduNotFound",
    "LimitsInvalid",
    "NoProduct",
    "NoSuchPlace",
    "NotOwner",
    "ProjectClosed",
    "ProjectNotWritable",
    "QueryInvalid",
    "QueryTooLong",
    "SavedExists",
    "SavedNotFound",
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


class EditClash(Conflict):
    """Somebody else said something since the editor looked."""

    code = "edit_clash"


class FlagUnknown(Invalid):
    """There is no quality flag of this name."""

    code = "flag_unknown"


class LimitsInvalid(Invalid):
    """The file of quality limits cannot be read."""

    code = "limits_invalid"


class SavedNotFound(NotFound):
    """The project keeps no query of this name, or the caller may not know of it."""

    code = "saved_query_not_found"


class SavedExists(Conflict):
    """The project keeps a query of this name already."""

    code = "saved_query_exists"


class NotOwner(Forbidden):
    """Only its owner may do that."""

    code = "saved_query_not_owned"
