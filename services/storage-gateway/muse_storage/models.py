"""Uploads, files and space: the nouns of the storage gateway and its wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from musecore.messages import Kind, Sha256

__all__ = [
    "EVERYTHING",
    "Access",
    "BadCopy",
    "Commit",
    "Committed",
    "CopyState",
    "FileFacts",
    "FileState",
    "Mismatch",
    "NewUpload",
    "OpenUpload",
    "Space",
    "StoredFile",
    "Upload",
    "UploadState",
]

UploadState = Literal["OPEN", "COMMITTED", "DUPLICATE", "REFUSED", "SWEPT"]
FileState = Literal["STORED", "EVICTED"]


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Access(BaseModel):
    """Which files somebody may know of: all, or those of some projects."""

    model_config = ConfigDict(frozen=True)

    everything: bool
    projects: frozenset[str]


EVERYTHING = Access(everything=True, projects=frozenset())
"""What the service itself may see."""


class NewUpload(_Input):
    """What a caller wants to store."""

    filename: Annotated[
        str, Field(min_length=1, max_length=255, pattern=r"^[^/\x00]+$")
    ]
    size: Annotated[int, Field(ge=0, description="bytes")]
    project: Annotated[str, Field(min_length=1, max_length=63)]
    kind: Annotated[
        Kind | None,
        Field(description="product and log are for service accounts only"),
    ] = None
    source_path: Annotated[
        str | None,
        Field(description="a file on the gateway's machine, where it allows that"),
    ] = None
    sha256: Sha256 | None = None
    file_id: Annotated[
        UUID | None, Field(description="service accounts name their files themselves")
    ] = None


class Upload(_Record):
    """A file on its way in."""

    file_id: UUID
    kind: Kind | None
    filename: str
    object_key: str
    project: str
    owner: str
    size: int
    sha256: str | None
    state: UploadState
    duplicate_of: UUID | None
    refusal_code: str | None
    refusal_detail: str | None


class OpenUpload(BaseModel):
    """Where the bytes of an upload go."""

    file_id: UUID
    object_key: str
    upload: Annotated[
        Literal["link", "put"],
        Field(description="link: the gateway has the bytes; put: send them to url"),
    ]
    url: Annotated[str, Field(description="of the content, relative to the service")]


class Commit(_Input):
    """The end of an upload; a service account gives the facts it computed itself."""

    sha256: Sha256 | None = None
    content_key: Sha256 | None = None
    size: Annotated[int | None, Field(ge=0, description="bytes")] = None


class FileFacts(BaseModel):
    """What one pass over a file's bytes tells."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    content_key: str
    size: int  # bytes
    headers: str  # base64 of musecore.fits.compress_headers, "" for a log
    wrong_sums: tuple[str, ...] = ()  # HDUs that differ from DATASUM or CHECKSUM


class Committed(BaseModel):
    """A file is in the inventory."""

    file_id: UUID
    sha256: str
    content_key: str
    size: int
    duplicate_of: Annotated[
        UUID | None,
        Field(description="the file that already held these bytes; use its id"),
    ]


class StoredFile(_Record):
    """A file of the inventory."""

    file_id: UUID
    kind: Kind | None
    filename: str
    object_key: str
    project: str
    owner: str
    sha256: str
    content_key: str
    size: int
    state: FileState
    created_at: datetime
    evicted_at: datetime | None
    evict_reason: str | None


class Mismatch(_Input):
    """What a reader found instead of the bytes of a file."""

    sha256: Sha256


class CopyState(BaseModel):
    """What the gateway found when it looked at a copy itself.

    ``good``: the bytes are right, they were damaged on their way; ``replaced``: they
    were wrong, and another copy took their place; ``bad``: wrong, and no other copy.
    """

    site: str
    state: Literal["good", "replaced", "bad"]
    sha256: Annotated[str, Field(description="of the bytes that were found")]
    source: Annotated[
        str | None, Field(description="where the good copy was: project/filename")
    ]


class BadCopy(_Record):
    """A stored copy that was found to be damaged."""

    file_id: UUID
    found_sha256: str
    reported_by: str
    reported_at: datetime
    replaced_from: UUID | None


class Space(BaseModel):
    """Room in the site's store, in bytes; None where the store cannot tell."""

    free: int | None
    total: int | None
    used: int
