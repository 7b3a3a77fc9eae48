"""Who may store and read what, and how the files of the store are named."""

from uuid import UUID

from muse_storage.models import Access, NewUpload, Upload
from musecore.errors import (
    Conflict,
    Forbidden,
    MuseError,
    NotFound,
    Refused,
    Unavailable,
)
from musecore.identity import Principal
from musecore.messages import Kind

__all__ = [
    "ChecksumDiffers",
    "FileAway",
    "FileEvicted",
    "FileNotFound",
    "KindNotAllowed",
    "PathNotAllowed",
    "ProjectNotWritable",
    "RangeNotSatisfiable",
    "SizeDiffers",
    "SourceUnreadable",
    "UploadClosed",
    "UploadGone",
    "UploadIncomplete",
    "UploadNotFound",
    "access_of",
    "kind_of",
    "object_key",
    "require_may_store",
    "require_open",
]

DELIVERED: frozenset[Kind | None] = frozenset({None, "raw", "static"})
"""Kinds that people put; products and logs come from tasks."""


class UploadNotFound(NotFound):
    """There is no upload of this id, or it is somebody else's."""

    code = "upload_not_found"


class FileNotFound(NotFound):
    """There is no file of this id, or the caller may not know of it."""

    code = "file_not_found"


class ProjectNotWritable(Forbidden):
    """The caller is no member of the project."""

    code = "project_not_writable"


class KindNotAllowed(Forbidden):
    """Only service accounts store products and logs, and name their files."""

    code = "kind_not_allowed"


class PathNotAllowed(Forbidden):
    """Files are not taken by their path here."""

    code = "path_not_allowed"


class SourceUnreadable(Refused):
    """The gateway cannot read the file at source_path."""

    code = "source_unreadable"


class ChecksumDiffers(Refused):
    """The stored bytes are not those that the caller announced."""

    code = "checksum_differs"


class SizeDiffers(Refused):
    """The stored bytes are fewer or more than announced."""

    code = "size_differs"


class UploadIncomplete(Conflict):
    """The upload has no bytes yet."""

    code = "upload_incomplete"


class UploadClosed(Conflict):
    """The upload is at its end; it takes no more bytes."""

    code = "upload_closed"


class UploadGone(Conflict):
    """The upload was broken off, and its bytes were removed."""

    code = "upload_gone"


class FileAway(Unavailable):
    """The only copy of the file is where nobody answers now; it may come back."""

    code = "file_away"


class FileEvicted(MuseError):
    """The file's bytes were dropped; its record is kept."""

    code = "file_evicted"
    status = 410


class RangeNotSatisfiable(MuseError):
    """The range lies outside the file."""

    code = "range_not_satisfiable"
    status = 416


def access_of(principal: Principal) -> Access:
    """Give what `principal` may know of: the one access filter of this service."""
    return Access(everything=principal.is_service, projects=principal.visible)


def object_key(file_id: UUID) -> str:
    """Give the key of a file's bytes."""
    return f"objects/{file_id}"


def kind_of(principal: Principal, request: NewUpload) -> Kind | None:
    """Give the kind that a request may claim.

    What a person calls a product is a file like any other: the catalogue tells by
    its header what it is.

    Raises
    ------
    KindNotAllowed
        A log, or an id of the caller's own, from somebody who is no service.
    """
    if principal.is_service:
        return request.kind
    if request.kind == "log" or request.file_id is not None:
        raise KindNotAllowed(
            f"{request.filename}: only service accounts store logs or name their files.",
            hint="Leave out file_id, and kind or give raw or static.",
        )
    return None if request.kind == "product" else request.kind


def require_may_store(principal: Principal, project: str) -> None:
    """Let members and services pass.

    Raises
    ------
    ProjectNotWritable
        `principal` is no member of `project`.
    """
    if not principal.is_service and principal.level(project) < 1:
        mine = ", ".join(sorted(principal.projects)) or "none"
        raise ProjectNotWritable(
            f"{principal.name} is no member of the project {project!r}.",
            hint=f"Use one of your projects ({mine}), or ask to become a member.",
        )


def require_open(upload: Upload) -> None:
    """Let an upload pass that still takes bytes.

    Raises
    ------
    UploadClosed, UploadGone
    """
    if upload.state == "SWEPT":
        raise UploadGone(
            f"The upload of {upload.filename} was never committed and was broken "
            "off, and its bytes were removed.",
            hint="Open a new upload and send the file again.",
        )
    if upload.state != "OPEN":
        raise UploadClosed(
            f"The upload of {upload.filename} is {upload.state}; it takes no bytes.",
            hint="Open a new upload for another file.",
        )
