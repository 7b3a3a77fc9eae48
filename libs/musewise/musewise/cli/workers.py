"""Commands about the fleet: workers, worker, site, pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from musewise.cli.options import Common, command
from musewise.display.formats import moment_text
from musewise.display.tables import grid, plain


class WorkerOrder(StrEnum):
    """What a worker can be told."""

    PAUSE = "pause"
    RESUME = "resume"
    DRAIN = "drain"
    CORDON = "cordon"
    UNCORDON = "uncordon"


class GateOrder(StrEnum):
    """What a site or a pool can be told."""

    PAUSE = "pause"
    RESUME = "resume"


Reason = Annotated[str, typer.Option("--reason", help="Why; shown to everybody.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "workers", workers)
    command(app, "worker", worker)
    command(app, "site", site)
    command(app, "pool", pool)


def workers(common: Common) -> None:
    """List the workers: what they may do, why, and what they run."""
    with common.connect() as muse:
        found = muse.connection.get("/scheduler/workers")
    common.show(found, lambda: _table(found))


@dataclass(frozen=True)
class WorkerOptions:
    """Which worker, and what to tell it."""

    order: Annotated[WorkerOrder, typer.Argument(help="What to tell it.")]
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the worker.")]
    reason: Reason = ""


def worker(wanted: WorkerOptions, common: Common) -> None:
    """Pause, drain or cordon a worker, or let it work again; what it runs goes on."""
    with common.connect() as muse:
        path = f"/scheduler/workers/{wanted.name}/{wanted.order.value}"
        shown = muse.connection.post(path, {"reason": wanted.reason})
    common.show(shown, lambda: _table([shown]))


@dataclass(frozen=True)
class GateOptions:
    """Which site or pool, and what to tell it."""

    order: Annotated[GateOrder, typer.Argument(help="What to tell it.")]
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")]
    reason: Reason = ""


def site(wanted: GateOptions, common: Common) -> None:
    """Let a site get no new tasks, or let it go on."""
    _gate("sites", wanted, common)


def pool(wanted: GateOptions, common: Common) -> None:
    """Let a pool get no new tasks, or let it go on."""
    _gate("pools", wanted, common)


def _gate(kind: str, wanted: GateOptions, common: Common) -> None:
    path = f"/scheduler/{kind}/{wanted.name}/{wanted.order.value}"
    with common.connect() as muse:
        gates = muse.connection.post(path, {"reason": wanted.reason})
    common.show(gates, lambda: _gates(gates))


def _table(found: Sequence[Mapping[str, Any]]) -> RenderableType:
    if not found:
        return Text("No worker yet.", style="dim")
    table = grid("worker", "site", "state", "runs", "slots", "seen (UTC)", "why")
    for one in found:
        slots = ", ".join(f"{name} {n}" for name, n in one["pools"].items())
        table.add_row(
            plain(one["name"]),
            plain(one["site"]),
            Text(one["state"], "green" if one["state"] == "ACTIVE" else "yellow"),
            str(len(one["running"])),
            plain(slots),
            moment_text(one["seen_at"]),
            plain(one["reason"]),
        )
    return table


def _gates(gates: Sequence[Mapping[str, Any]]) -> RenderableType:
    if not gates:
        return Text("Nothing is paused.", style="dim")
    table = grid("paused", "name", "by", "since (UTC)", "why")
    for one in gates:
        since = moment_text(one["since"])
        texts = [plain(one[name]) for name in ("kind", "name", "who")]
        table.add_row(*texts, since, plain(one["reason"]))
    return table
