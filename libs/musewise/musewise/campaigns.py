"""Campaigns: one request over many nights, a job for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import Field

from musewise.errors import UsageError
from musewise.results import Answer

if TYPE_CHECKING:
    from musewise.connection import Connection
    from musewise.dpu import PlanRequest

MOST_NIGHTS = 1000  # of one campaign; the server takes no more


class CampaignNight(Answer):
    """What became of a night, or would become of it.

    ``to_run`` counts the tasks that must run, by recipe, when nothing is stored yet;
    ``est_s`` is their time one after the other, in seconds.
    """

    night: str
    job_id: str | None = None
    tasks: int = 0
    new: bool = False
    why_not: tuple[str, ...] = ()
    to_run: dict[str, int] = Field(default_factory=dict)
    est_s: float = 0.0


class Summary:
    """Counts over the nights of a campaign.

    Attributes
    ----------
    nights, fit
        All, and those of which something can be made.
    tasks, to_run
        Tasks of all nights, and those that must run, by recipe; what nights share is
        counted in each.
    reasons
        Why nights cannot be used, with the number of nights.
    """

    def __init__(self, nights: Iterable[CampaignNight]) -> None:
        self.nights = list(nights)
        self.fit = [one for one in self.nights if not one.why_not]
        self.tasks = sum(one.tasks for one in self.fit)
        self.est_s = sum(one.est_s for one in self.fit)
        self.to_run: Counter[str] = Counter()
        for one in self.fit:
            self.to_run.update(one.to_run)
        self.reasons = Counter(
            "; ".join(one.why_not) for one in self.nights if one.why_not
        )

    @property
    def made(self) -> list[CampaignNight]:
        """Nights whose job is new."""
        return [one for one in self.fit if one.new]


class Campaign:
    """A request and its nights.

    Parameters
    ----------
    request
        Without a night of its own.
    campaign_id
        Of a campaign that broke off, to go on with it; a new one by default.
    """

    def __init__(
        self,
        connection: Connection,
        request: PlanRequest,
        nights: Sequence[str],
        campaign_id: str | None = None,
    ) -> None:
        self._connection = connection
        self._body: dict[str, Any] = {
            "request": request.body(),
            "nights": list(nights),
        }
        self.campaign_id = campaign_id or str(uuid4())

    def preview(self) -> Iterator[CampaignNight]:
        """Plan night after night; nothing is stored."""
        return self._nights("/scheduler/campaigns/preview", self._body)

    def submit(self) -> Iterator[CampaignNight]:
        """Make a job of every night that has something; give each when it is made.

        What was made stays when this is broken off; the same ``campaign_id`` goes on.
        """
        body = {**self._body, "campaign_id": self.campaign_id}
        return self._nights("/scheduler/campaigns", body)

    def _nights(self, path: str, body: dict[str, Any]) -> Iterator[CampaignNight]:
        for line in self._connection.lines(path, body):
            yield CampaignNight.model_validate(line)


def nights_between(first: str, last: str) -> list[str]:
    """Give the nights from one ISO date to another, both included.

    Raises
    ------
    UsageError
        No dates, in the wrong order, or too many.
    """
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise UsageError(
            f"{first!r} to {last!r} are no nights.", hint="Write 2017-06-15."
        ) from None
    count = (end - begin).days + 1
    if count < 1:
        raise UsageError(f"The last night, {last}, comes before the first, {first}.")
    if count > MOST_NIGHTS:
        raise UsageError(
            f"{count} nights are more than {MOST_NIGHTS}.",
            hint="Make campaigns of a part each.",
        )
    return [(begin + timedelta(days=n)).isoformat() for n in range(count)]
