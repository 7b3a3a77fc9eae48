"""Commands that judge: flag, history, comment, assess, remarks, scores."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from musewise.cli.options import Common, command
from musewise.cli.queries import Asked
from musewise.display.tables import grid, plain
from musewise.errors import UsageError
from musewise.judging import Consequences, word_of

__all__ = ["add_to"]

FrameId = Annotated[str, typer.Argument(metavar="ID", help="Id, or its beginning.")]
Words = Annotated[str, typer.Argument(metavar="TEXT", help="What you have to say.")]
View = Annotated[str | None, typer.Option(help="What was looked at.")]

_ID = re.compile(r"[0-9a-fA-F-]{8,36}")
_SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for name, function in (
        ("flag", flag),
        ("history", history),
        ("comment", comment),
        ("assess", assess),
        ("remarks", remarks),
        ("scores", scores),
    ):
        command(app, name, function)


@dataclass(frozen=True)
class Verdict:
    """What is said."""

    reason: Annotated[str, typer.Option(help="Kept in the history.")]
    valid: Annotated[
        str | None, typer.Option(help="yes, no, unknown (not judged) or proposed.")
    ] = None
    flags: Annotated[
        list[str] | None, typer.Option("--flag", help="Set this flag; repeatable.")
    ] = None
    no_flags: Annotated[
        bool, typer.Option("--no-flags", help="Remove the flags that people set.")
    ] = False

    def said(self) -> dict[str, Any]:
        """Give it as arguments of `Batch.set`.

        Raises
        ------
        UsageError
        """
        said: dict[str, Any] = {}
        if self.valid is not None:
            said["is_valid"] = word_of(self.valid)
        if self.flags or self.no_flags:
            said["flags"] = self.flags or []
        if not said:
            raise UsageError("Nothing is said.", hint="Give --valid, --flag or both.")
        return said


@dataclass(frozen=True)
class Caution:
    """Whether to ask, and whether to do it at all."""

    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would follow.")
    ] = False


def flag(
    what: Annotated[
        str, typer.Argument(metavar="ID|CLASS", help="A frame, a class, or @NAME.")
    ],
    verdict: Verdict,
    caution: Caution,
    common: Common,
    where: Annotated[
        str | None,
        typer.Argument(metavar="[CONDITION]", help="Which of the class, as in ls."),
    ] = None,
) -> None:
    """Say whether frames may be used; the plan leaves bad ones out.

    One frame by its id; or all of a class that fit a condition: then what was made of
    them is shown, and you are asked.
    """
    said = verdict.said()
    one = where is None and _ID.fullmatch(what) is not None
    if not (one or where or what.startswith("@")):
        raise UsageError(
            f"Which of {what}?",
            hint="Add a condition: 'night == 2014-01-31 & ifu == 6'.",
        )
    if common.as_json and not (one or caution.yes or caution.dry_run):
        raise UsageError("With --json nobody is asked.", hint="Add --yes or --dry-run.")
    with common.connect() as muse:
        batch = muse.batch(verdict.reason)
        for frame in [what] if one else Asked(what, where).query(muse):
            batch.set(frame, **said)
        found = batch.consequences()
        if len(batch) and not caution.dry_run:
            if not (one or caution.yes):
                common.note(_told(found))
                typer.confirm("Do it?", abort=True, err=True)
            found = batch.commit()
    common.show(found.model_dump(mode="json"), lambda: Text(_told(found)))


def _told(found: Consequences) -> str:
    changed = [
        f"  {one['tag']} {one['filename']}"
        + ("" if one["ifu"] is None else f" IFU {one['ifu']}")
        + f": {one['before']['is_valid']} -> {one['after']['is_valid']}"
        for one in found.edits
    ]
    shown = changed[:_SHOWN]
    if len(changed) > _SHOWN:
        shown.append(f"  and {len(changed) - _SHOWN} more")
    verb = "would change" if found.dry_run else "changed"
    count = f"{len(changed)} object{'' if len(changed) == 1 else 's'} {verb}"
    kinds = ", ".join(f"{name} {number}" for name, number in found.by_class.items())
    made = f"{found.text}{f': {kinds}' if kinds else ''}"
    return "\n".join([count, *shown, made])


def history(id_: FrameId, common: Common) -> None:
    """List what people said of a frame, oldest first."""
    with common.connect() as muse:
        rows = muse.history(id_)
    columns = ("at", "by", "is_valid", "flags", "reason")
    common.show(rows, lambda: _table(rows, columns, "Nobody has said anything."))


def comment(id_: FrameId, text: Words, common: Common, view: View = None) -> None:
    """Comment on a frame."""
    with common.connect() as muse:
        said = muse.remark(id_, text, view=view)
    common.show(said, lambda: Text("kept"))


def assess(
    id_: FrameId,
    grade: Annotated[str, typer.Argument(metavar="GRADE", help="A (best) to D.")],
    text: Words,
    common: Common,
    view: View = None,
) -> None:
    """Assess a product: a grade from A to D, and why."""
    if grade.upper() not in ("A", "B", "C", "D"):
        raise UsageError(f"{grade!r} is no grade.", hint="Give A (best), B, C or D.")
    with common.connect() as muse:
        said = muse.remark(id_, text, grade.upper(), view)
    common.show(said, lambda: Text("kept"))


def remarks(id_: FrameId, common: Common) -> None:
    """List comments and assessments of a frame, oldest first."""
    with common.connect() as muse:
        rows = muse.remarks(id_)
    columns = ("at", "by", "grade", "text", "view")
    common.show(rows, lambda: _table(rows, columns, "No remark."))


def scores(id_: FrameId, common: Common) -> None:
    """List QC values against limits: 0 good, 1 warning, 2 bad."""
    with common.connect() as muse:
        rows = muse.scores(id_)
    columns = ("name", "ifu", "value", "score", "flag", "limits_version", "limits")
    common.show(rows, lambda: _table(rows, columns, "No QC value has a limit."))


def _table(
    rows: list[dict[str, Any]], columns: tuple[str, ...], nothing: str
) -> RenderableType:
    if not rows:
        return Text(nothing, style="dim")
    table = grid(*columns, fold=list(columns[-2:]))
    for row in rows:
        table.add_row(*(plain(_spoken(name, row[name])) for name in columns))
    return table


def _spoken(name: str, value: Any) -> Any:
    if value is None:
        return ""
    if name == "at":
        return str(value)[:16].replace("T", " ")
    if isinstance(value, dict):
        return ", ".join(
            f"{key} {one}" for key, one in value.items() if key != "source"
        )
    return ", ".join(value) if isinstance(value, list) else value
