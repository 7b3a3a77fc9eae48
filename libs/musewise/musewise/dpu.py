"""Plans and jobs: ask for a product, look at the plan, let it run, wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from datetime import time as clock_time
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from musewise.classes import main_product
from musewise.errors import UsageError
from musewise.jobs import Job, job, jobs
from musewise.records import JobRecord, PlanRecord
from musewise.requests import (
    FanIn,
    PlanRequest,
    accepting,
    parse_ifus,
    plan_request,
    planning,
)

if TYPE_CHECKING:
    from musewise.connection import Connection
    from musewise.session import Session

__all__ = [
    "FanIn",
    "Job",
    "Plan",
    "PlanRequest",
    "cannot_run",
    "job",
    "jobs",
    "parse_ifus",
    "plan",
    "plan_request",
    "process",
    "run",
]


class Plan:
    """A plan that was made and not yet accepted."""

    def __init__(self, connection: Connection, record: PlanRecord) -> None:
        self._connection = connection
        self.record = record

    def __rich__(self) -> Any:
        from musewise.display.plans import plan_view

        return plan_view(self.record)

    @override
    def __repr__(self) -> str:
        build = sum(recipe.build for recipe in self.record.recipes)
        return f"<Plan {self.record.plan_id}: {build} tasks to run>"

    def _repr_html_(self) -> str:
        from musewise.display.notebook import html_of

        return html_of(self.__rich__())

    def submit(self) -> Job:
        """Let it run."""
        made = self._connection.ask(accepting(self.record.plan_id))
        return Job(self._connection, JobRecord.model_validate(made))

    def chosen(self) -> dict[str, dict[str, Any]]:
        """Give {consumer ARCFILE: {category: what was chosen}}.

        What was chosen is the TPL START of a set, or the ARCFILE of a single frame
        or static; a list of them only where it differs between IFUs.
        """
        found: dict[str, dict[str, list[str]]] = {}
        for choice in self.record.choices:
            named = found.setdefault(choice.consumer, {})
            named.setdefault(choice.category, []).append(choice.choice)
        return {
            consumer: {category: _one(names) for category, names in by_category.items()}
            for consumer, by_category in found.items()
        }


def _one(names: list[str]) -> str | list[str]:
    distinct = list(dict.fromkeys(names))
    return distinct[0] if len(distinct) == 1 else distinct


def run(
    recipe: str,
    *,
    date: date | datetime | str,
    p: Mapping[str, Any] | None = None,
    commit: bool = True,
    session: Session | None = None,
    **what: Any,
) -> Job:
    """Run a recipe on every exposure of a day and what it needs before it.

    Parameters
    ----------
    recipe
        With or without ``muse_``: its main product is made, one for each exposure.
    date
        The UTC day of the exposures; with a time of day, exposures begun at it.
    p
        Parameters of the recipe.
    commit
        False makes a trial: only you see its products, nothing else is made of them,
        and they are removed after seven days (or as the server is set).
    session
        Where; the default one if none is given.

    Raises
    ------
    UsageError
        There is no such recipe, or something is missing.
    ParameterError
        The recipe has no such parameter, or it cannot have that value.
    """
    from musewise.session import default

    product, asked = wish(recipe, date=date, p=p, commit=commit)
    return (session or default()).process(product, **asked, **what)


def wish(
    recipe: str,
    *,
    date: date | datetime | str,
    p: Mapping[str, Any] | None,
    commit: bool,
) -> tuple[str, dict[str, Any]]:
    """Give the product that `run` asks for, and how."""
    name = f"muse_{recipe.removeprefix('muse_')}"
    parameters = {f"{name}.{one}": value for one, value in (p or {}).items()}
    return main_product(name), {
        "exposure": [_stamp(date)],
        "combine": name == "muse_exp_combine",
        "parameters": parameters,
        "trial": None if commit else True,
    }


def _stamp(moment: date | datetime | str) -> str:
    """Give how the ARCFILE of an exposure goes on after its instrument."""
    if isinstance(moment, str):
        return moment
    if isinstance(moment, datetime) and moment.time() != clock_time():
        return moment.replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{moment:%Y-%m-%d}"


def process(connection: Connection, request: PlanRequest) -> Job:
    """Plan a request and let it run.

    Raises
    ------
    UsageError
        The plan cannot run, as something is missing.
    """
    made = plan(connection, request)
    if not made.record.runnable:
        raise UsageError(
            cannot_run(made.record), hint="session.plan(...) shows all of it."
        )
    return made.submit()


def cannot_run(record: PlanRecord) -> str:
    """Say in a sentence what a plan lacks."""
    if record.not_runnable_because:
        return f"The plan cannot run: {'; '.join(record.not_runnable_because)}."
    lacking = list(dict.fromkeys(one.category for one in record.missing))
    what = ", ".join(name for name in lacking if name) or "see its warnings"
    return f"The plan cannot run; missing: {what}."


def plan(connection: Connection, request: PlanRequest) -> Plan:
    """Ask for a plan; nothing runs yet."""
    made = connection.ask(planning(request))
    return Plan(connection, PlanRecord.model_validate(made))
