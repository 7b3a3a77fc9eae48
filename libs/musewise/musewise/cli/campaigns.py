"""The command about many nights: campaign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from musewise.campaigns import Campaign, CampaignNight, Summary, nights_between
from musewise.cli.options import Common, command, print_json
from musewise.cli.plans import Priority, Request, must_ask
from musewise.display import consoles
from musewise.display.formats import recipe_text, time_text
from musewise.display.tables import grid, plain
from musewise.errors import Error, UsageError


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    command(app, "campaign", campaign)


@dataclass(frozen=True)
class Nights:
    """Which nights, and what to do."""

    first: Annotated[
        str, typer.Option("--from", metavar="DATE", help="First observing night.")
    ]
    last: Annotated[
        str, typer.Option("--to", metavar="DATE", help="Last observing night.")
    ]
    dry: Annotated[
        bool, typer.Option("--dry", help="Only say what would run; nothing is made.")
    ] = False
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not look before, and do not ask.")
    ] = False
    campaign_id: Annotated[
        str | None,
        typer.Option("--id", metavar="ID", help="Go on with one that broke off."),
    ] = None


def campaign(request: Request, nights: Nights, common: Common) -> None:
    """Make a product of every night of a time, a job for each.

    Of the usual options --night and --combine have no place here. Unless you say
    otherwise it has the priority reprocessing.
    """
    if request.night is not None or request.combine:
        raise UsageError(
            "A campaign names its nights by --from and --to, and combines nothing.",
            hint="For one night: musewise process.",
        )
    wanted = replace(request, priority=request.priority or Priority.REPROCESSING)
    with common.connect() as muse:
        one = muse.campaign(
            wanted.product,
            nights_between(nights.first, nights.last),
            nights.campaign_id,
            **wanted.what(muse),
        )
        if nights.dry or not (nights.yes or common.as_json):
            seen = Summary(_watched(one.preview(), "nights planned", common))
            common.show(_data(seen, one, dry=True), lambda: _preview(seen))
            if nights.dry or not _wanted(seen, common):
                return
        _make(one, common)


def _wanted(seen: Summary, common: Common) -> bool:
    if not seen.fit:
        raise UsageError("There is no night of which something can be made.")
    if must_ask(common) and not typer.confirm("Run it?", default=True):
        common.note("Nothing was made.")
        return False
    return True


def _make(one: Campaign, common: Common) -> None:
    try:
        made = Summary(_watched(one.submit(), "nights accepted", common))
    except (Error, KeyboardInterrupt):
        common.note(
            "Broken off; the nights that were accepted stay. To go on with the others: "
            f"the same command with --id {one.campaign_id}"
        )
        raise
    if common.as_json:
        print_json(_data(made, one, dry=False))
    else:
        consoles.out().print(_made(made, one))


def _watched(
    nights: Iterator[CampaignNight], what: str, common: Common
) -> Iterator[CampaignNight]:
    """Count on the terminal, while they come."""
    if common.as_json:
        yield from nights
        return
    with consoles.err().status(f"0 {what}") as status:
        for number, night in enumerate(nights, 1):
            status.update(f"{number} {what}, the last one {night.night}")
            yield night


def _data(seen: Summary, one: Campaign, *, dry: bool) -> dict[str, object]:
    nights = [night.model_dump(mode="json") for night in seen.nights]
    return {"campaign_id": None if dry else one.campaign_id, "nights": nights}


def _preview(seen: Summary) -> RenderableType:
    run = seen.to_run.total()
    head = Text(f"{len(seen.fit)} of {len(seen.nights)} nights", "bold")
    head.append(
        f": {seen.tasks} tasks, {run} to run, about {time_text(seen.est_s)} one after "
        "the other; what nights share is counted in each",
        "not bold",
    )
    table = grid("recipe", "to run", right=["to run"])
    for recipe, count in seen.to_run.items():
        table.add_row(recipe_text(recipe), str(count))
    parts: list[RenderableType] = [head]
    return Group(*parts, *([table] if run else []), *_reasons(seen))


def _reasons(seen: Summary) -> list[RenderableType]:
    return [
        plain(f"! {_number(count, 'night')}: {why}")
        for why, count in seen.reasons.most_common()
    ]


def _made(made: Summary, one: Campaign) -> RenderableType:
    old = len(made.fit) - len(made.made)
    tasks = sum(night.tasks for night in made.made)
    line = Text(f"campaign {one.campaign_id}: ", "bold")
    line.append(f"{_number(len(made.made), 'job')} made, {tasks} tasks", "not bold")
    if old:
        line.append(f"; {_number(old, 'night')} had one already", "not bold")
    return Group(line, *_reasons(made), Text("See: musewise jobs"))


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
