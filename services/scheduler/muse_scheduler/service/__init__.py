"""Use cases of the scheduler; each opens its own transaction."""

from __future__ import annotations

from muse_scheduler.service.campaigns import Campaigns
from muse_scheduler.service.claims import Claims
from muse_scheduler.service.context import Context, Policy, Space, SpaceSource
from muse_scheduler.service.eviction import Eviction
from muse_scheduler.service.explaining import Explaining
from muse_scheduler.service.failures import Failures
from muse_scheduler.service.fleet import FleetService
from muse_scheduler.service.jobs import Jobs
from muse_scheduler.service.measuring import Measuring
from muse_scheduler.service.notifying import Notifier
from muse_scheduler.service.partial import Partial
from muse_scheduler.service.planning import Planning
from muse_scheduler.service.projection import Projection
from muse_scheduler.service.reaper import Reaper
from muse_scheduler.service.retrying import Retrying
from muse_scheduler.service.settling import Settling
from muse_scheduler.service.trials import Trials

__all__ = ["Context", "Policy", "SchedulerService", "Space", "SpaceSource"]


class SchedulerService:
    """All use cases, wired to one context.

    Attributes
    ----------
    projection
        Frames, as the catalog tells of them.
    planning, campaigns
        Plans and their acceptance; of many nights.
    jobs, retrying
        What people see and steer.
    claims, settling
        The workers' side: attempts given out, and what comes of them.
    fleet
        Workers, sites and pools: who is there, who may work.
    eviction, trials, reaper
        What happens by itself.
    notifier
        Tells people and programs what became of jobs.
    explaining
        Why a product is what it is.
    measuring
        What it tells of itself.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.projection = Projection(context)
        self.planning = Planning(context)
        self.campaigns = Campaigns(context)
        self.explaining = Explaining(context)
        self.claims = Claims(context)
        self.eviction = Eviction(context)
        partial = Partial(context)
        self.jobs = Jobs(context, partial)
        self.retrying = Retrying(context, self.jobs)
        self.fleet = FleetService(context)
        failures = Failures(context)
        self.settling = Settling(context, partial, failures, self.eviction)
        self.trials = Trials(context)
        self.reaper = Reaper(context, failures, partial, self.eviction, self.trials)
        self.measuring = Measuring(context, self.fleet)
        self.notifier = Notifier(context, self.jobs)
