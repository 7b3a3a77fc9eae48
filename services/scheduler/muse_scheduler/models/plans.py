"""Requests, choices and plans."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from muse_scheduler.models.frames import Key, Model

PriorityLevel = Literal["interactive", "night", "reprocessing"]
PRIORITIES: dict[PriorityLevel, int] = {
    "interactive": 300,
    "night": 200,
    "reprocessing": 100,
}
PlanTaskState = Literal["reuse", "build", "running", "failed"]


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
    adds the tags that are used on request only. ``notify`` lists addresses
    (``mailto:…``, ``https://…``) that hear what becomes of the job. A ``trial`` is
    seen by its maker only, never used for anything else, and removed after some days.
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
    parameters: dict[str, Any] = Field(default_factory=dict)
    fan_in: FanIn = FanIn()
    without: tuple[str, ...] = ()
    with_: tuple[str, ...] = Field(default=(), alias="with")
    owner: str = ""
    priority: PriorityLevel = "interactive"
    urgency: Annotated[int, Field(ge=-49, le=49)] = 0  # within the level
    notify: tuple[str, ...] = ()
    trial: bool = False

    @property
    def rank(self) -> int:
        """The priority as a number; higher goes first."""
        return PRIORITIES[self.priority] + self.urgency


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
    not_runnable_because: tuple[str, ...]


class Versions(Model):
    """What a planned key says about the software and the rules."""

    pipeline: str  # plug-in version, as muse/2.8.7
    cpl: str
    musewise: str
    rule_set: str  # version of the MUSE model
    image: str = ""  # digest of the worker image where there is one
    extra: dict[str, str] = Field(default_factory=dict)
