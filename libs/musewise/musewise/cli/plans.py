"""Commands that ask for products: plan, process."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

import typer

from musewise.cli.completing import products
from musewise.cli.jobs import watch
from musewise.cli.options import Common, command, parameter_values, print_json
from musewise.display import consoles
from musewise.display.formats import short_job_id
from musewise.display.plans import plan_view
from musewise.dpu import Plan, cannot_run, parse_ifus
from musewise.errors import Exit, UsageError
from musewise.session import Session


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "plan", plan)
    command(app, "process", process)


class Priority(StrEnum):
    """Who goes first; every interactive job before every night, and so on."""

    INTERACTIVE = "interactive"
    NIGHT = "night"
    REPROCESSING = "reprocessing"


@dataclass(frozen=True)
class Request:
    """What is wanted, and from which exposures."""

    product: Annotated[
        str,
        typer.Argument(
            metavar="PRODUCT", help="DATACUBE_FINAL …", autocompletion=products
        ),
    ]
    target: Annotated[
        str | None, typer.Option("--target", "-t", help="OBS TARG NAME.")
    ] = None
    exposure: Annotated[
        list[str],
        typer.Option("--exposure", "-e", help="ARCFILE, its time, or a beginning."),
    ] = field(default_factory=list)
    night: Annotated[str | None, typer.Option(help="Observing night, ISO date.")] = None
    ob: Annotated[str | None, typer.Option(help="OBS NAME or OBS ID.")] = None
    template: Annotated[str | None, typer.Option(help="TPL START.")] = None
    ifus: Annotated[
        str | None, typer.Option(metavar="1,2,3|1-24", help="Only these IFUs.")
    ] = None
    parameter: Annotated[
        list[str],
        typer.Option("-p", metavar="RECIPE.PARAM=VALUE", help="Recipe parameter."),
    ] = field(default_factory=list)
    at_least: Annotated[
        int | None,
        typer.Option(min=1, max=24, help="Join as soon as K IFUs are there."),
    ] = None
    only_ifus: Annotated[
        str | None, typer.Option(metavar="1-3,7", help="Join exactly these IFUs.")
    ] = None
    with_tag: Annotated[
        list[str],
        typer.Option("--with", metavar="TAG", help="Also use, as MASTER_DARK."),
    ] = field(default_factory=list)
    without: Annotated[
        list[str], typer.Option("--without", metavar="TAG", help="Leave out.")
    ] = field(default_factory=list)
    combine: Annotated[
        bool | None,
        typer.Option("--combine/--no-combine", help="Several exposures into one."),
    ] = None
    project: Annotated[str | None, typer.Option(help="Project it belongs to.")] = None
    notify: Annotated[
        list[str],
        typer.Option(
            "--notify", metavar="mailto:…|https:…", help="Who hears how it ends."
        ),
    ] = field(default_factory=list)
    priority: Annotated[
        Priority | None,
        typer.Option(
            "--priority",
            help="How soon: interactive (usual, somebody waits), night (of today), "
            "reprocessing (when there is room).",
        ),
    ] = None
    urgency: Annotated[
        int | None,
        typer.Option(
            min=-49, max=49, help="Higher goes first among the same priority."
        ),
    ] = None

    trial: Annotated[
        bool,
        typer.Option("--trial", help="For you alone, used for nothing else, 7 days."),
    ] = False

    def ask(self, muse: Session) -> Plan:
        """Let the server plan it."""
        return muse.plan(self.product, **self.what(muse))

    def what(self, muse: Session) -> dict[str, Any]:
        """Give the fields of the request, but the product."""
        return {
            "target": self.target,
            "exposure": self.exposure or None,
            "night": self.night,
            "ob": self.ob,
            "template": self.template,
            "ifus": parse_ifus(self.ifus) if self.ifus else None,
            "project": self.project or muse.project,
            "combine": self.combine,
            "parameters": parameter_values(self.parameter),
            "fan_in": self._fan_in(),
            "without": self.without,
            "with_": self.with_tag,
            "notify": self.notify,
            "priority": self.priority.value if self.priority else None,
            "urgency": self.urgency,
            "trial": self.trial or None,
        }

    def _fan_in(self) -> dict[str, Any] | None:
        if self.at_least is not None and self.only_ifus:
            raise UsageError("Give --at-least or --only-ifus, not both.")
        if self.at_least is not None:
            return {"policy": "at_least", "k": self.at_least}
        if self.only_ifus:
            return {"policy": "listed", "ifus": parse_ifus(self.only_ifus)}
        return None


def plan(
    request: Request,
    common: Common,
    choices: Annotated[
        bool, typer.Option("--choices", help="All choices; with --json only these.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Also who came second, and why.")
    ] = False,
) -> None:
    """Show what would be run, reused and chosen; nothing runs."""
    with common.connect() as muse:
        made = request.ask(muse)
    data = made.chosen() if choices else made.record.model_dump(mode="json")
    common.show(
        data, lambda: plan_view(made.record, all_choices=choices, verbose=verbose)
    )
    if not made.record.runnable:
        raise typer.Exit(Exit.USER)


@dataclass(frozen=True)
class Running:
    """How to start, and whether to stay."""

    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
    wait: Annotated[
        bool,
        typer.Option("--wait/--no-wait", help="Stay until it is done (usual)."),
    ] = True
    follow: Annotated[
        bool, typer.Option("--follow", help="Stay, and show it live (usual).")
    ] = False
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Also who came second, and why.")
    ] = False


def process(request: Request, running: Running, common: Common) -> None:
    """Plan a product, run what is not there yet, and show it while it runs."""
    with common.connect() as muse:
        made = request.ask(muse)
        if not common.as_json:
            consoles.out().print(
                plan_view(made.record, verbose=running.verbose, brief=True)
            )
        if not made.record.runnable:
            raise UsageError(cannot_run(made.record), hint=_first_hint(made))
        if (
            not running.yes
            and must_ask(common)
            and not typer.confirm("Run it?", default=True)
        ):
            common.note("Nothing was run.")
            return
        job = made.submit()
        if running.wait or running.follow:
            watch(job, common, told=made.record.warnings)
        elif common.as_json:
            print_json(job.record.model_dump(mode="json"))
        else:
            job_id = short_job_id(job.job_id)
            consoles.out().print(f"job {job_id} runs: musewise job {job_id} --follow")


def _first_hint(made: Plan) -> str | None:
    return next((one.hint for one in made.record.missing if one.hint), None)


def must_ask(common: Common) -> bool:
    """Tell whether there is a person to ask."""
    return sys.stdin.isatty() and not common.as_json
