"""Why a product is as it is, and in what two products differ."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from musewise.display.formats import value_text
from musewise.display.plans import choices_view
from musewise.display.tables import grid, plain
from musewise.results import Choice

SECTIONS = ("inputs", "parameters", "versions", "qc", "caveats")


def why_view(found: Mapping[str, Any], *, verbose: bool = False) -> RenderableType:
    """Show choices, reuse, parameters that were set, differences to other versions."""
    return Group(*_why(found, verbose))


def _why(found: Mapping[str, Any], verbose: bool) -> Iterator[RenderableType]:
    for name, value in found.items():
        if value in (None, "", [], {}) or name.endswith("_id"):
            continue
        if name == "choices":
            yield Text("Calibrations chosen", "bold")
            choices = [Choice.model_validate(one) for one in value]
            yield from choices_view(choices, verbose=verbose)
        elif isinstance(value, list | dict):
            yield Text(f"\n{_spoken(name)}", "bold")
            yield outline(value)
        else:
            yield Text(f"{_spoken(name)}: ", "bold").append(value_text(value), "not bold")


def _spoken(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def outline(value: Any, depth: int = 1) -> Text:
    """Give nested values as indented lines."""
    return Text("\n").join(Text(line) for line in _lines(value, depth))


def _lines(value: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(value, Mapping):
        for name, one in value.items():
            if isinstance(one, Mapping | list) and one:
                yield f"{indent}{name}:"
                yield from _lines(one, depth + 1)
            elif one not in (None, [], {}):
                yield f"{indent}{name}: {value_text(one)}"
    elif isinstance(value, list):
        for one in value:
            lines = list(_lines(one, depth + 1))
            if lines:
                yield f"{indent}- {lines[0].strip()}"
                yield from lines[1:]
    else:
        yield f"{indent}{value_text(value)}"


def diff_view(found: Mapping[str, Any]) -> RenderableType:
    """Show what differs between two products, one row for each."""
    table = grid("what", "name", "this", "other", fold=["this", "other"])
    for section in SECTIONS:
        for name, this, other in _differences(found.get(section)):
            table.add_row(section, plain(name), plain(this), plain(other))
    if not table.row_count:
        return Text("They differ in nothing that is recorded.", "dim")
    return table


def _differences(section: Any) -> Iterator[tuple[str, Any, Any]]:
    """Give name, this, other; of {name: {a, b}}, {name: [a, b]} or [{name, a, b}]."""
    if isinstance(section, Mapping):
        rows = [{"name": name, **_pair(value)} for name, value in section.items()]
    else:
        rows = list(section or [])
    for row in rows:
        named = row.get("name") or row.get("tag") or row.get("parameter") or ""
        yield str(named), _told(row.get("a")), _told(row.get("b"))


def _pair(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    return {"a": value[0], "b": value[1]} if isinstance(value, list) else {"a": value}


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get("filename") or value.get("sha256") or str(dict(value))
    if isinstance(value, list):
        return ", ".join(str(_told(one)) for one in value)
    return value
