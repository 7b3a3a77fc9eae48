"""HTTP of the scheduler: what people ask, and what workers and their operators ask."""

from muse_scheduler.api.campaigns import router as campaigns_router
from muse_scheduler.api.jobs import router as jobs_router
from muse_scheduler.api.workers import router as workers_router

__all__ = ["campaigns_router", "jobs_router", "workers_router"]
