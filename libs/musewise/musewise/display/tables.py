"""Listings that fit the terminal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from musewise.display.formats import (
    ifus_text,
    moment_text,
    recipe_text,
    short_ids,
    size_text,
    value_text,
)
from musewise.results import Frame
from musewise.uploads import Upload

ROOMY = 110  # columns of a terminal that has room for everything


def grid(*columns: str, right: Iterable[str] = (), fold: Iterable[str] = ()) -> Table:
    """Make a table without lines; ``fold`` columns break, the others are cut."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in columns:
        folds = name in set(fold)
        table.add_column(
            name,
            justify="right" if name in set(right) else "left",
            overflow="fold" if folds else "ellipsis",
            no_wrap=not folds,
        )
    return table


def plain(text: Any) -> Text:
    """Give text as it is: brackets in a file name are no markup."""
    return Text(value_text(text))


# ---------------------------------------------------------------- frames
def frames_table(frames: Sequence[Frame], width: int) -> RenderableType:
    """List frames in ``width`` columns; the IFUs of one file share a row.

    A column that has nothing to say is left out, and so is the date where there is
    little room, as an archive name holds it.
    """
    if not frames:
        return Text("No frame fits.", style="dim")
    files = _by_file(frames)
    short = short_ids(frame.frame_id for frame in frames)
    cells = [_frame_cells(group, short[group[0].frame_id]) for group in files]
    said = [name for name in cells[0] if any(str(row[name]) for row in cells)]
    if width < ROOMY:
        said = [name for name in said if name not in ("date (UTC)", "made (UTC)")]
    table = grid(*said)
    longest = {
        name: max(len(name), *(len(str(r[name])) for r in cells)) for name in said
    }
    widths = _fitting(longest, width)
    for column, name in zip(table.columns, said, strict=True):
        column.min_width = column.max_width = widths[name]
    for row in cells:
        table.add_row(*(row[name] for name in said))
    return table


_LEAST = {"target": 8, "valid": 8, "file": 12, "class": 8}
"""What may be cut where there is little room, in this order, and to how much."""


def _fitting(longest: Mapping[str, int], width: int) -> dict[str, int]:
    """Give the widths of columns, two blanks between them."""
    found = dict(longest)
    for name, least in _LEAST.items():
        excess = sum(found.values()) + 2 * len(found) - width
        if excess > 0 and name in found:
            found[name] = max(min(least, found[name]), found[name] - excess)
    return found


def _frame_cells(group: Sequence[Frame], short: str) -> dict[str, Text]:
    first = group[0]
    return {
        "id": plain(short),
        "class": plain(first.tag),
        "IFU": plain(ifus_text([one.ifu for one in group])),
        "date (UTC)": plain(moment_text(first.date_obs)),
        "target": plain(first.target or first.object),
        "file": plain(_name(first)),
        "made (UTC)": plain(_made(first)),
        "valid": validity(first),
    }


def _name(frame: Frame) -> str | None:
    """Give the archive name of what was exposed; a product has that of its exposure."""
    raw = frame.kind == "raw"
    return frame.arcfile if raw and frame.arcfile else frame.filename


def _made(frame: Frame) -> str:
    """Give when a product was made: products of one exposure differ in little else."""
    return moment_text(frame.created_at) if frame.kind == "product" else ""


def _by_file(frames: Sequence[Frame]) -> list[list[Frame]]:
    files: dict[tuple[str, str], list[Frame]] = {}
    for frame in frames:
        key = (frame.file_id or frame.frame_id, frame.tag or "")
        files.setdefault(key, []).append(frame)
    return list(files.values())


def validity(frame: Frame) -> Text:
    """Say what people and the system think of a frame."""
    word = "" if frame.is_valid == "unknown" else frame.is_valid
    text = Text(word, {"yes": "green", "no": "red"}.get(word, "yellow"))
    if frame.quality_flags:
        text.append(f" {','.join(frame.quality_flags)}", "yellow")
    if (frame.project or "").startswith("trial:"):
        text.append(" trial", "magenta")
    if frame.state in ABSENT:
        text.append(f" {ABSENT[frame.state]}", "dim")
    return text[1:] if text.plain.startswith(" ") else text


ABSENT = {"EVICTED": "bytes dropped", "METADATA_ONLY": "metadata only"}
FACTS = (
    ("class", "tag"),
    ("kind", "kind"),
    ("IFU", "ifu"),
    ("file", "filename"),
    ("archive name", "arcfile"),
    ("state", "state"),
    ("date (UTC)", "date_obs"),
    ("night", "night"),
    ("exposure (s)", "exptime_s"),
    ("object", "object"),
    ("target", "target"),
    ("mode", "ins_mode"),
    ("template start", "tpl_start"),
    ("recipe", "recipe"),
    ("task", "task_id"),
    ("project", "project"),
    ("owner", "owner"),
    ("grade", "grade"),
    ("sha256", "sha256"),
    ("file id", "file_id"),
)


def frame_card(frame: Frame, *, keywords: bool) -> RenderableType:
    """Show one frame; with ``keywords`` all of its typed columns."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("frame", frame.frame_id)
    for label, name in FACTS:
        value = getattr(frame, name)
        if value not in (None, ""):
            table.add_row(label, plain(value))
    table.add_row("size", size_text(frame.size))
    table.add_row("valid", _opinion(frame))
    if not keywords or not frame.keywords:
        return table
    return Group(table, Text("\ncolumns", "bold"), pairs(frame.keywords))


def _opinion(frame: Frame) -> Text:
    text = validity(frame)
    if not text:
        return Text("nobody has said", "dim")
    reason = f" ({frame.is_valid_reason})" if frame.is_valid_reason else ""
    return text.append(reason)


def pairs(values: Mapping[str, Any]) -> Table:
    """Show names with their values."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in sorted(values.items()):
        table.add_row(f"  {name}", plain(value))
    return table


# ---------------------------------------------------------------- others
def kin_table(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """List the kin of a frame, nearest first."""
    if not rows:
        return Text("There is nothing.", style="dim")
    table = grid("depth", "as", "IFU", "id", "file", "by", right=["depth"])
    for row in rows:
        frame = row["frame"]
        cells = (
            row["depth"],
            row["role"],
            "" if frame["ifu"] is None else frame["ifu"],
            (frame["frame_id"] or "not here")[:18],
            frame["filename"],
            row["recipe"] or "",
        )
        table.add_row(*map(plain, cells))
    return table


def qc_table(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """List QC values with unit and meaning."""
    if not rows:
        return Text("No QC value.", style="dim")
    table = grid("name", "IFU", "value", "unit", "meaning", fold=["meaning"])
    for row in rows:
        cells = (row.get(name) for name in ("name", "ifu", "value", "unit", "meaning"))
        table.add_row(*map(plain, cells))
    return table


def header_lines(hdus: Sequence[Mapping[str, Any]], pattern: str | None) -> list[str]:
    """Give the cards as text, an extension's name before its cards."""
    lines: list[str] = []
    for hdu in hdus:
        cards = [_card(*card) for card in hdu["cards"]]
        if pattern:
            cards = [card for card in cards if pattern.lower() in card.lower()]
        if cards:
            name = hdu.get("extname") or ("PRIMARY" if hdu["index"] == 0 else "")
            lines += [f"# HDU {hdu['index']} {name}".rstrip(), *cards]
    return lines


def _card(keyword: str, value: Any = None, comment: str | None = None) -> str:
    if keyword in ("COMMENT", "HISTORY", ""):
        return f"{keyword:8}{value or ''}".rstrip()
    shown = f"'{value}'" if isinstance(value, str) else _fits_value(value)
    return f"{keyword:28} = {shown:>20}" + (f" / {comment}" if comment else "")


def _fits_value(value: Any) -> str:
    """Give a value as FITS writes it: T and F, all digits of a float."""
    if isinstance(value, bool):
        return "T" if value else "F"
    return "" if value is None else repr(value)


def nights_table(nights: Sequence[Mapping[str, Any]]) -> RenderableType:
    """List nights with the number of frames of each class."""
    if not nights:
        return Text("No night yet.", style="dim")
    table = grid("night", "frames", "of which", right=["frames"], fold=["of which"])
    for night in nights:
        counts: Mapping[str, int] = night.get("counts") or {}
        words = ", ".join(f"{tag} {count}" for tag, count in sorted(counts.items()))
        table.add_row(plain(night.get("night")), str(sum(counts.values())), words)
    return table


def sets_table(sets: Sequence[Mapping[str, Any]]) -> RenderableType:
    """List template sets and whether they are complete."""
    if not sets:
        return Text("No template set.", style="dim")
    table = grid("class", "template start", "frames", "complete", "flags")
    for one in sets:
        expected = one.get("nexp")
        count = f"{one.get('n')}/{expected}" if expected else str(one.get("n"))
        table.add_row(
            plain(one.get("tag")),
            plain(one.get("tpl_start")),
            count,
            plain(one.get("complete")),
            ", ".join(one.get("quality_flags") or []),
        )
    return table


def refusals_table(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """List refused files with the reasons."""
    if not rows:
        return Text("Nothing was refused.", style="dim")
    table = grid("file", "code", "reason", fold=["reason"])
    for row in rows:
        name = row.get("filename") or row.get("name") or row.get("path")
        said = (row.get("detail"), row.get("hint"))
        reason = " ".join(str(one) for one in said if one)
        table.add_row(plain(name), plain(row.get("code")), plain(reason))
    return table


# ---------------------------------------------------------------- put
def uploads_view(uploads: Sequence[Upload]) -> RenderableType:
    """Count what came in by class, and list what was refused with the reasons."""
    counts = Counter((one.state, one.tag or "") for one in uploads)
    numbers_of = ("registered", "known before", "pending")
    table = grid("class", *numbers_of, right=numbers_of)
    for tag in sorted({tag for state, tag in counts if state != "refused"}):
        numbers = [counts[state, tag] for state in ("registered", "known", "pending")]
        table.add_row(tag or "(not said yet)", *(str(n) if n else "" for n in numbers))
    parts: list[RenderableType] = [table] if table.row_count else []
    refused = [one for one in uploads if one.state == "refused"]
    if refused:
        parts += [Text(f"\n{len(refused)} refused", "bold red"), _refused(refused)]
    again = sum(one.state == "registered" and bool(one.detail) for one in uploads)
    if again:
        told = (
            f"{again} {'exposure was' if again == 1 else 'exposures were'} here before"
        )
        parts.append(
            Text(f"\n{told} with other content: plans use what was put last", "yellow")
        )
    return Group(*parts)


def _refused(refused: Sequence[Upload]) -> Table:
    table = grid("file", "code", "reason", fold=["reason"])
    for one in sorted(refused, key=lambda each: each.path.name):
        table.add_row(plain(one.path.name), plain(one.code), plain(one.detail))
    return table


def task_text(recipe: str | None, ifu: int | None) -> str:
    """Give recipe and IFU, as ``flat IFU 7``."""
    name = recipe_text(recipe)
    return name if ifu is None else f"{name} IFU {ifu}"
