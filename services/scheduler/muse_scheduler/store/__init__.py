"""SQL of the scheduler: each class takes a transaction and returns frozen models."""

from muse_scheduler.store.frames import FrameStore
from muse_scheduler.store.jobs import JobStore
from muse_scheduler.store.kept import (
    KeptFile,
    KeptJob,
    KeptPlan,
    KeptProduct,
    KeptTask,
    Parent,
    RecipeCost,
    TaskShare,
)
from muse_scheduler.store.products import ProductStore
from muse_scheduler.store.tasks import TaskStore
from muse_scheduler.store.units import UnitStore
from muse_scheduler.store.work import WorkStore

__all__ = [
    "FrameStore",
    "JobStore",
    "KeptFile",
    "KeptJob",
    "KeptPlan",
    "KeptProduct",
    "KeptTask",
    "Parent",
    "ProductStore",
    "RecipeCost",
    "TaskShare",
    "TaskStore",
    "UnitStore",
    "WorkStore",
]
