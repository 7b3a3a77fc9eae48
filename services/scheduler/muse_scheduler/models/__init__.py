"""Nouns of the scheduler: frames it knows, plans, tasks, jobs, attempts, claims.

All models are frozen. Times of comparison are integer microseconds of MJD (UTC);
keys are SHA-256 in lower-case hexadecimal.
"""

from muse_scheduler.models.frames import (
    ChipSetup,
    FrameKind,
    FrameRecord,
    Key,
    Model,
)
from muse_scheduler.models.jobs import (
    Job,
    JobProduct,
    JobState,
    RecipeProgress,
)
from muse_scheduler.models.outlines import NIFU, Outline, PlannedUnit, UnitInput
from muse_scheduler.models.plans import (
    Choice,
    FanIn,
    Missing,
    Plan,
    PlannedGraph,
    PlannedInput,
    PlannedTask,
    PlanRequest,
    PlanTask,
    PlanTaskState,
    RecipeSummary,
    RunnerUp,
    Target,
    Versions,
)
from muse_scheduler.models.tasks import (
    FINAL_STATES,
    TRANSITIONS,
    Attempt,
    ClaimedInput,
    ClaimedOutput,
    ClaimedTask,
    RecordedInput,
    Task,
    TaskEvent,
    TaskRecord,
    TaskState,
    may_become,
)

__all__ = [
    "FINAL_STATES",
    "NIFU",
    "TRANSITIONS",
    "Attempt",
    "ChipSetup",
    "Choice",
    "ClaimedInput",
    "ClaimedOutput",
    "ClaimedTask",
    "FanIn",
    "FrameKind",
    "FrameRecord",
    "Job",
    "JobProduct",
    "JobState",
    "Key",
    "Missing",
    "Model",
    "Outline",
    "Plan",
    "PlanRequest",
    "PlanTask",
    "PlanTaskState",
    "PlannedGraph",
    "PlannedInput",
    "PlannedTask",
    "PlannedUnit",
    "RecipeProgress",
    "RecipeSummary",
    "RecordedInput",
    "RunnerUp",
    "Target",
    "Task",
    "TaskEvent",
    "TaskRecord",
    "TaskState",
    "UnitInput",
    "Versions",
    "may_become",
]
