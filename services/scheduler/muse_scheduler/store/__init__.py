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
from muse_scheduler.store.notices import NoticeStore
from muse_scheduler.store.products import ProductStore
from muse_scheduler.store.tasks import Readiness, TaskStore
from muse_scheduler.store.units import UnitStore
from muse_scheduler.store.window import Offer, WindowStore
from muse_scheduler.store.work import Standing, WorkStore, ending
from muse_scheduler.store.workers import KeptWorker, WorkerRegistry

__all__ = [
    "FrameStore",
    "JobStore",
    "KeptFile",
    "KeptJob",
    "KeptPlan",
    "KeptProduct",
    "KeptTask",
    "KeptWorker",
    "NoticeStore",
    "Offer",
    "Parent",
    "ProductStore",
    "Readiness",
    "RecipeCost",
    "Standing",
    "TaskShare",
    "TaskStore",
    "UnitStore",
    "WindowStore",
    "WorkStore",
    "WorkerRegistry",
    "ending",
]
