"""All events and commands that services exchange, versioned by name.

The contract of the fleet: a message grows by optional fields only; a breaking
change is a new name published beside the old one (docs/decisions/0007). Readers
ignore what they do not know.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from musecore.log import correlation_id
from musecore.times import utcnow, uuid7

HANDED_BACK = "Handed back"
"""How the detail of an attempt begins that a worker gives back because it stops."""

Kind = Literal["raw", "static", "product", "log"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Payload(BaseModel):
    """Base of all payloads: frozen, tolerant of fields that a newer sender adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    name: ClassVar[str]


class Envelope(BaseModel):
    """What travels: one payload with its identity.

    ``message_id`` is the key of the reader's inbox, so a message that arrives
    twice acts once.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    message_id: UUID
    name: str
    time: datetime
    correlation_id: str | None = None
    payload: dict[str, Any]


def envelope_of(payload: Payload, *, message_id: UUID | None = None) -> Envelope:
    """Wrap a payload, with a new id, the present time and the correlation id."""
    return Envelope(
        message_id=uuid7() if message_id is None else message_id,
        name=payload.name,
        time=utcnow(),
        correlation_id=correlation_id(),
        payload=payload.model_dump(mode="json"),
    )


class FileStored(Payload):
    """A file's bytes are in a site's store, verified (storage-gateway)."""

    name: ClassVar[str] = "file.stored.v1"
    file_id: UUID
    kind: Kind | None = None  # None: the catalog tells raw from static by its header
    filename: str
    object_key: str
    site: str
    project: str
    owner: str
    sha256: Sha256
    content_key: Sha256
    size: int  # bytes
    headers: str  # base64 of musecore.fits.compress_headers
    wrong_sums: list[str] = []  # HDUs that differ from their DATASUM or CHECKSUM


class FileRefused(Payload):
    """A file was not taken in: not FITS, truncated, checksum differs (storage-gateway)."""

    name: ClassVar[str] = "file.refused.v1"
    file_id: UUID
    filename: str
    project: str
    owner: str
    sha256: str | None
    size: int
    code: str
    detail: str


class FileUnwanted(Payload):
    """The bytes of a file are to be dropped, its record stays (scheduler, worker)."""

    name: ClassVar[str] = "file.unwanted.v1"
    file_id: UUID
    reason: str
    superseded: bool = False  # its record goes too: a late answer's, an ended trial's


class FrameRef(Payload):
    """One frame of a file: the whole field (``ifu`` None) or one IFU (1..24)."""

    frame_id: UUID
    ifu: int | None
    chip_id: str | None = None
    chip_name: str | None = None
    chip_live: bool = True


class FrameIngested(Payload):
    """A raw or static file, or a foreign product, is in the catalog.

    ``keywords`` holds the typed columns of ``musecore.muse`` frames.yaml (column
    name -> value; a keyword that the file lacks is absent).
    """

    name: ClassVar[str] = "frame.ingested.v1"
    file_id: UUID
    kind: Kind
    tag: str
    filename: str
    object_key: str | None  # None: known by its metadata only, no bytes
    project: str
    sha256: Sha256
    content_key: Sha256
    size: int
    frames: list[FrameRef]
    arcfile: str
    mjd_us: int | None  # start of exposure, integer microseconds of MJD (UTC)
    night: str | None  # ISO date of the observing night
    keywords: dict[str, Any]
    is_valid: bool | None = None


class FrameChanged(Payload):
    """Validity or flags of frames changed (catalog)."""

    name: ClassVar[str] = "frame.changed.v1"
    file_id: UUID
    frame_ids: list[UUID]
    is_valid: bool | None
    quality_flags: list[str] = []
    reason: str
    by: str


class TaskRequested(Payload):
    """A task is ready; whoever claims it first runs it (scheduler)."""

    name: ClassVar[str] = "task.requested.v1"
    task_id: UUID
    attempt: int
    key: str
    pool: str
    recipe: str
    ifu: int | None
    memory_mb: int = 0  # asked for; 0: see the claim
    threads: int = 1


class TaskCancelled(Payload):
    """Nobody wants this task any more: stop it if it runs (scheduler)."""

    name: ClassVar[str] = "task.cancelled.v1"
    task_id: UUID
    attempt: int
    reason: str


class TaskStarted(Payload):
    """The recipe process runs (worker)."""

    name: ClassVar[str] = "task.started.v1"
    task_id: UUID
    attempt: int
    worker: str
    pid: int


class InputUsed(Payload):
    """One input of a task as it was really used, in set-of-frames order."""

    tag: str
    file_id: UUID
    ifu: int | None
    filename: str
    sha256: Sha256
    content_key: Sha256


class ProductMade(Payload):
    """One product file of a task, stored and verified."""

    product_id: UUID  # also the frame_id in the catalog
    file_id: UUID
    tag: str
    ordinal: int  # 1.. within (task, tag), in file name order
    ifu: int | None
    filename: str
    object_key: str
    sha256: Sha256
    content_key: Sha256
    size: int
    headers: str  # base64 of musecore.fits.compress_headers


class Resources(Payload):
    """What an attempt used."""

    wall_s: float
    cpu_s: float
    max_rss_mb: float
    bytes_in: int = 0
    bytes_out: int = 0


class TaskFinished(Payload):
    """A task ended well; ids, checksums, lineage and headers of its products (worker)."""

    name: ClassVar[str] = "task.finished.v1"
    task_id: UUID
    attempt: int
    worker: str
    key: str
    recipe: str
    ifu: int | None
    project: str
    owner: str
    parameters: dict[str, Any]  # effective: defaults resolved
    inputs: list[InputUsed]
    products: list[ProductMade]
    versions: dict[str, str]  # pipeline, cpl, esorex, musewise, rule_set
    log_file_id: UUID | None
    warnings: list[str] = []
    caveats: list[str] = []
    started: datetime
    ended: datetime
    resources: Resources


class TaskFailed(Payload):
    """An attempt ended without its products (worker)."""

    name: ClassVar[str] = "task.failed.v1"
    task_id: UUID
    attempt: int
    worker: str
    failure_class: Literal[
        "infrastructure",
        "out_of_memory",
        "time_limit",
        "recipe_error",
        "bad_product",
        "storage_full",
        "cancelled",
    ]
    detail: str
    telling_lines: list[str] = []  # of the recipe's log
    exit_code: int | None = None
    signal: int | None = None
    log_file_id: UUID | None = None
    started: datetime
    ended: datetime
    resources: Resources | None = None


MESSAGES: dict[str, type[Payload]] = {
    payload.name: payload
    for payload in (
        FileStored,
        FileRefused,
        FileUnwanted,
        FrameIngested,
        FrameChanged,
        TaskRequested,
        TaskCancelled,
        TaskStarted,
        TaskFinished,
        TaskFailed,
    )
}


def parse(envelope: Envelope) -> Payload:
    """Return the typed payload of an envelope.

    Raises
    ------
    KeyError
        The name is none of `MESSAGES`.
    pydantic.ValidationError
        The payload does not fit its model.
    """
    return MESSAGES[envelope.name].model_validate(envelope.payload)
