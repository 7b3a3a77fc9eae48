"""Why a product is as it is, and in what two products differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from musewise.display.formats import short_ids, short_sha, value_text
from musewise.display.plans import choices_view, merged
from musewise.display.tables import grid, plain, task_text
from musewise.records import Choice

SECTIONS = ("inputs", "parameters", "versions", "qc", "caveats")


def why_view(found: Mapping[str, Any], *, verbose: bool = False) -> RenderableType:
    """Show how a product was made, what was chosen and reused, and other versions."""
    return Group(*_why(found, verbose))


def _why(found: Mapping[str, Any], verbose: bool) -> Iterator[RenderableType]:
    yield _headline(found)
    yield _parameters(found.get("set_parameters") or {})
    for caveat in found.get("caveats") or ():
        yield Text(f"! {caveat}", "yellow")
    yield from _section("Reuse", [f"  {line}" for line in found.get("reuse") or ()])
    choices = merged(_all_choices(found))
    if choices:
        yield Text("\nCalibrations chosen", "bold")
        yield from choices_view(choices, verbose=verbose)
    for other in found.get("other_versions") or ():
        yield from _other_version(other)


def _headline(found: Mapping[str, Any]) -> Text:
    line = Text(f"{found.get('tag')} {found.get('filename')}", "bold")
    made = task_text(found.get("recipe"), found.get("ifu"))
    line.append(f"\nmade by {made} for {found.get('group')}", "not bold")
    if reason := found.get("state_reason"):
        line.append(f"\n{found.get('state')}: {reason}", "not bold")
    return line


def _parameters(values: Mapping[str, Any]) -> Text:
    if not values:
        return Text("all recipe parameters at their defaults")
    said = ", ".join(f"{name}={value_text(one)}" for name, one in values.items())
    return Text(f"parameters other than the defaults: {said}")


def _section(title: str, lines: Sequence[str]) -> Iterator[RenderableType]:
    if lines:
        yield Text(f"\n{title}", "bold")
        yield from (Text(line) for line in lines)


def _all_choices(found: Mapping[str, Any]) -> Iterator[Choice]:
    for task in (found, *(found.get("ancestors") or ())):
        for one in task.get("choices") or ():
            yield Choice.model_validate(one)


def _other_version(other: Mapping[str, Any]) -> Iterator[RenderableType]:
    frames = [str(one) for one in other.get("frame_ids") or ()]
    short = short_ids(frames)
    name = ", ".join(short.values()) or f"task {other.get('task_id')}"
    yield Text(f"\nAnother version: {name}", "bold").append(
        f"  {other.get('state') or ''}", "dim"
    )
    table = grid("  differs in", "name", "this", "other", fold=["this", "other"])
    for row in other.get("differences") or ():
        cells = (row.get(name) for name in ("kind", "what", "this", "other"))
        kind, *rest = map(plain, cells)
        table.add_row(Text(f"  {kind}"), *rest)
    yield table if table.row_count else Text("  differs in nothing that is recorded")


def diff_view(found: Mapping[str, Any]) -> RenderableType:
    """Show what differs between two products, one row for each."""
    table = grid("what", "name", "this", "other", fold=["this", "other"])
    for section in SECTIONS:
        for name, this, other in _differences(found.get(section)):
            table.add_row(section, plain(name), plain(this), plain(other))
    if found.get("same_content"):
        return Group(Text("Their content is the same."), table)
    if not table.row_count:
        return Text("They differ in nothing that is recorded.", "dim")
    return table


def _differences(section: Any) -> Iterator[tuple[str, Any, Any]]:
    """Give name, this, other of the rows of a section."""
    for row in section or ():
        name = str(row.get("name") or row.get("tag") or "")
        named = name if row.get("ifu") is None else f"{name} IFU {row['ifu']}"
        yield named, _told(row.get("a")), _told(row.get("b"))


def _told(value: Any) -> Any:
    """Give a value; of an input its file and the beginning of its checksum."""
    if isinstance(value, Mapping):
        return f"{value.get('filename')} ({short_sha(value.get('sha256'))})"
    return value
