"""Nouns of the scheduler: frames it knows, plans, tasks, jobs, attempts, claims.

All models are frozen. Times of comparison are integer microseconds of MJD (UTC);
keys are SHA-256 in lower-case hexadecimal.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FrameKind = Literal["raw", "static", "product", "log"]
PlanTaskState = Literal["reuse", "build", "running", "failed"]


class Model(BaseModel):
    """Base of all: frozen, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


# -- frames
class ChipSetup(Model):
    """The detector behind one CHANnn extension."""

    chip_id: str | None = None
    chip_name: str | None = None
    live: bool = True


class FrameRecord(Model):
    """The scheduler's projection of one file of the catalog.

    ``ifus`` maps IFU number (1..24) to its detector; empty for a field product
    or a static. ``keywords`` holds the typed columns of frames.yaml; a keyword
    that the file lacks is absent. ``object_key`` None: known by its metadata
    only, it can be planned with but not reduced.
    """

    file_id: UUID
    kind: FrameKind
    tag: str
    filename: str
    arcfile: str
    object_key: str | None
    sha256: Key
    content_key: Key
    size: int  # bytes
    mjd_us: int | None  # start of exposure, microseconds of MJD (UTC)
    night: str | None  # ISO date of the observing night
    ifus: dict[int, ChipSetup] = {}
    keywords: dict[str, Any] = {}
    is_valid: bool | None = None
    project: str = ""


# -- requests
class FanIn(Model):
    """How a barrier recipe treats IFUs that failed.

    ``all``: every planned IFU; ``at_least``: ``k`` of them suffice;
    ``listed``: exactly ``ifus``.
    """

    policy: Literal["all", "at_least", "listed"] = "all"
    k: int | None = Field(default=None, ge=1, le=24)
    ifus: tuple[Annotated[int, Field(ge=1, le=24)], ...] | None = None


class PlanRequest(Model):
    """What somebody wants built, and from which exposures.

    ``parameters`` maps ``recipe.name`` (with or without ``muse_``) to a value or
    its text; ``combine`` None combines when a DATACUBE_FINAL is wanted of more
    than one exposure. ``without`` leaves input tags out, ``with`` (``with_``)
    adds the tags that are used on request only.
    """

    product: str
    target: str | None = None  # OBS TARG NAME
    exposure: tuple[str, ...] | None = None  # ARCFILE, its time stamp, or a prefix
    night: str | None = None  # ISO date of the observing night
    ob: str | None = None  # OBS NAME or OBS ID
    template: str | None = None  # TPL START
    ifus: tuple[Annotated[int, Field(ge=1, le=24)], ...] | None = None
    project: str = "local"
    combine: bool | None = None
    parameters: dict[str, Any] = {}
    fan_in: FanIn = FanIn()
    without: tuple[str, ...] = ()
    with_: tuple[str, ...] = Field(default=(), alias="with")
    owner: str = ""


# -- choices
class RunnerUp(Model):
    """The candidate that came second, and why."""

    choice: str  # TPL START of a set, ARCFILE of a single frame or static
    level: float
    distance_days: float | None
    lost_because: str


class Choice(Model):
    """One calibration chosen for one consumer, with the reason."""

    consumer: str  # ARCFILE of the consumer's first frame
    consumer_tag: str
    category: str
    ifus: tuple[int, ...]  # IFUs this choice holds for; empty: the field
    choice: str  # TPL START of a set, ARCFILE of a single frame or static
    source_tag: str  # tag of the chosen raw set, master or static
    source_recipe: str | None  # recipe that makes the category from it; None: as is
    level: float
    distance_days: float | None  # calibration minus consumer
    reason: str
    runner_up: RunnerUp | None
    warnings: tuple[str, ...]


class Missing(Model):
    """A needed input that was not found, and what would help."""

    consumer: str
    category: str
    reason: str
    hint: str
    ifus: tuple[int, ...] = ()


# -- planned graph
class PlannedInput(Model):
    """One line of a set-of-frames file: a known file or a parent's product."""

    tag: str  # in the set of frames
    ordinal: int  # 1.. among the parent's products of from_tag; files: within tag
    ifu: int | None
    file_id: UUID | None
    from_key: Key | None
    from_tag: str | None  # PRO.CATG of the parent's product


class PlannedTask(Model):
    """One recipe run; ``key`` is its planned key (scheduler.md 4).

    ``parameters`` are the effective ones, defaults resolved; ``set_parameters``
    those that differ from the recipe's default. ``est_s`` is wall time in
    seconds, ``memory_mb`` the expected peak.
    """

    key: Key
    recipe: str
    ifu: int | None
    group: str  # ARCFILE of an exposure or TPL START of a set
    parameters: dict[str, Any]
    set_parameters: dict[str, Any]
    inputs: tuple[PlannedInput, ...]
    outputs: tuple[str, ...]  # product tags that somebody needs
    threads: int
    est_s: float
    memory_mb: int
    timeout_s: int
    caveats: tuple[str, ...]
    fan_in: FanIn
    choices: tuple[Choice, ...]

    @property
    def parents(self) -> tuple[str, ...]:
        """Keys of the tasks this one waits for, each once, in order."""
        keys = (entry.from_key for entry in self.inputs if entry.from_key)
        return tuple(dict.fromkeys(keys))


class Target(Model):
    """A wanted product: which task makes it, under which tag."""

    key: Key
    tag: str


class PlannedGraph(Model):
    """A whole plan, before anything runs: tasks in topological order."""

    tasks: tuple[PlannedTask, ...]
    targets: tuple[Target, ...]
    choices: tuple[Choice, ...]
    warnings: tuple[str, ...]
    missing: tuple[Missing, ...]
    runnable: bool
    not_runnable_because: tuple[str, ...]


# -- plan
class RecipeSummary(Model):
    """Counts and cost of one recipe in a plan."""

    recipe: str
    tasks: int
    reuse: int
    build: int
    waiting: int
    est_s: float
    est_mem_mb: int


class PlanTask(Model):
    """One task as a plan shows it."""

    key: Key
    recipe: str
    ifu: int | None
    group: str
    state: PlanTaskState
    reason: str
    est_s: float


class Plan(Model):
    """The answer to ``POST /plans``."""

    plan_id: UUID
    request: PlanRequest
    products: tuple[str, ...]
    recipes: tuple[RecipeSummary, ...]
    tasks: tuple[PlanTask, ...]
    choices: tuple[Choice, ...]
    warnings: tuple[str, ...]
    missing: tuple[Missing, ...]
    estimated_s: float
    runnable: bool


# -- tasks
class TaskState(StrEnum):
    """Life of a task (scheduler.md 2)."""

    PLANNED = "PLANNED"
    WAITING = "WAITING"
    READY = "READY"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    BLOCKED = "BLOCKED"
    CANCELLED = "CANCELLED"


_S = TaskState
TRANSITIONS: frozenset[tuple[TaskState, TaskState]] = frozenset(
    {
        (_S.PLANNED, _S.WAITING),
        (_S.PLANNED, _S.READY),
        (_S.PLANNED, _S.DONE),
        (_S.PLANNED, _S.BLOCKED),
        (_S.WAITING, _S.READY),
        (_S.WAITING, _S.DONE),  # reused: its realised key has a product
        (_S.WAITING, _S.BLOCKED),
        (_S.BLOCKED, _S.WAITING),  # the failed ancestor is retried
        (_S.BLOCKED, _S.READY),
        (_S.READY, _S.QUEUED),
        (_S.READY, _S.RUNNING),  # the message overtook the relay's commit
        (_S.READY, _S.DONE),
        (_S.READY, _S.FAILED),
        (_S.READY, _S.WAITING),  # an input was evicted and is made again
        (_S.QUEUED, _S.READY),
        (_S.QUEUED, _S.RUNNING),
        (_S.QUEUED, _S.DONE),
        (_S.QUEUED, _S.FAILED),
        (_S.QUEUED, _S.WAITING),
        (_S.RUNNING, _S.READY),  # lost lease, infrastructure: attempt + 1
        (_S.RUNNING, _S.DONE),
        (_S.RUNNING, _S.FAILED),
        (_S.FAILED, _S.READY),  # retried by a person
        (_S.FAILED, _S.WAITING),
        (_S.FAILED, _S.DONE),  # a late answer of an old attempt
        (_S.DONE, _S.WAITING),  # its bytes were evicted and are wanted again
        (_S.DONE, _S.READY),
        (_S.CANCELLED, _S.READY),
        (_S.CANCELLED, _S.WAITING),
        (_S.CANCELLED, _S.DONE),
        (_S.PLANNED, _S.CANCELLED),
        (_S.WAITING, _S.CANCELLED),
        (_S.READY, _S.CANCELLED),
        (_S.QUEUED, _S.CANCELLED),
        (_S.RUNNING, _S.CANCELLED),
        (_S.BLOCKED, _S.CANCELLED),
        (_S.FAILED, _S.CANCELLED),
    }
)
FINAL_STATES = frozenset({_S.DONE, _S.FAILED, _S.CANCELLED})


def may_become(old: TaskState, new: TaskState) -> bool:
    """Whether the state machine allows the change."""
    return (old, new) in TRANSITIONS


class Task(Model):
    """A task as it is kept and shown."""

    task_id: UUID
    key: Key
    realised_key: Key | None
    recipe: str
    ifu: int | None
    group: str
    state: TaskState
    attempt: int
    n_wait: int
    reason: str
    parameters: dict[str, Any]
    set_parameters: dict[str, Any]
    caveats: tuple[str, ...]
    est_s: float
    memory_mb: int
    threads: int
    worker: str | None
    started: datetime | None
    ended: datetime | None
    lease_until: datetime | None
    project: str
    owner: str


class TaskEvent(Model):
    """One change of a task's state: who, why, when."""

    task_id: UUID
    at: datetime
    from_state: TaskState | None
    to_state: TaskState
    attempt: int
    who: str
    why: str


class Attempt(Model):
    """One try of a task by one worker. ``wall_s``, ``cpu_s`` in seconds."""

    task_id: UUID
    attempt: int
    worker: str
    pid: int | None
    started: datetime
    ended: datetime | None
    outcome: str | None  # finished, or the failure class; None while it runs
    detail: str
    telling_lines: tuple[str, ...]
    exit_code: int | None
    signal: int | None
    log_file_id: UUID | None
    wall_s: float | None
    cpu_s: float | None
    max_rss_mb: float | None
    bytes_in: int | None
    bytes_out: int | None


class ClaimedInput(Model):
    """One line of the set of frames, with where its bytes are."""

    tag: str
    file_id: UUID
    object_key: str
    filename: str
    sha256: Key
    content_key: Key
    size: int
    ifu: int | None


class ClaimedOutput(Model):
    """A product that the recipe must (``min`` >= 1) or may write."""

    tag: str
    min: int
    per_ifu: bool


class ClaimedTask(Model):
    """Everything a worker needs to run one attempt."""

    task_id: UUID
    attempt: int
    key: Key
    recipe: str
    ifu: int | None
    parameters: dict[str, Any]
    set_parameters: dict[str, Any]
    inputs: tuple[ClaimedInput, ...]
    outputs: tuple[ClaimedOutput, ...]
    threads: int
    memory_mb: int
    timeout_s: int
    lease_s: float
    project: str
    owner: str
    versions: dict[str, str]
    caveats: tuple[str, ...]


# -- jobs
class JobState(StrEnum):
    """Life of a job."""

    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    BLOCKED = "BLOCKED"
    CANCELLED = "CANCELLED"


class RecipeProgress(Model):
    """Where the tasks of one recipe are; ``ifus`` maps IFU ("1".."24") to state."""

    total: int
    done: int
    reused: int
    running: int
    failed: int
    blocked: int
    waiting: int
    ifus: dict[str, str]


class JobProduct(Model):
    """A finished product of a job."""

    tag: str
    frame_id: UUID
    file_id: UUID
    filename: str
    sha256: Key


class Job(Model):
    """An accepted plan and how far it is."""

    job_id: UUID
    state: JobState
    request: PlanRequest
    created: datetime
    progress: dict[str, RecipeProgress]
    tasks_total: int
    done: int
    eta_s: float | None
    products: tuple[JobProduct, ...]
    messages: tuple[str, ...]


class Versions(Model):
    """What a planned key says about the software and the rules."""

    pipeline: str  # plug-in version, as muse/2.8.7
    cpl: str
    musewise: str
    rule_set: str  # version of the MUSE model
    image: str = ""  # digest of the worker image where there is one
    extra: dict[str, str] = {}


class TaskRecord(Model):
    """What `rules.explain` compares: one run as it was made or is planned."""

    recipe: str
    ifu: int | None
    group: str
    parameters: dict[str, Any]
    inputs: tuple[RecordedInput, ...]
    versions: dict[str, str]
    caveats: tuple[str, ...] = ()


class RecordedInput(Model):
    """An input of a `TaskRecord`, by content."""

    tag: str
    ifu: int | None
    filename: str
    sha256: str
    content_key: str


TaskRecord.model_rebuild()
