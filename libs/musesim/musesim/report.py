"""A comparison as tables for the terminal."""

from rich.console import Console
from rich.table import Table

from musesim.verdict import Comparison, SourceMatch

__all__ = ["print_comparison"]


def _number(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _row(source: SourceMatch) -> list[str]:
    errors = [line.error for line in source.lines if line.snr >= 40]
    worst = max(errors, key=abs) if errors else None
    return [
        *(source.name, source.kind, source.found, _number(source.snr, 1)),
        "" if source.inside else "edge",
        _number(source.offset),
        *(str(len(source.lines) or ""), _number(worst, 3)),
        _number(source.flux_ratio, 3),
    ]


def print_comparison(comparison: Comparison, console: Console | None = None) -> None:
    """Print the sources, what is false, and the goals."""
    out = console or Console()
    table = Table(title="Found blind, compared with the truth")
    for name in ("source", "kind", "state"):
        table.add_column(name)
    for name in ("S/N", "", "off (spaxel)", "lines", "worst line (A)", "flux/true"):
        table.add_column(name, justify="right")
    for source in comparison.sources:
        table.add_row(*_row(source))
    out.print(table)
    found = sum(source.found == "found" for source in comparison.sources)
    missed = sum(source.found == "missed" for source in comparison.sources)
    faint = sum(source.found == "faint" for source in comparison.sources)
    out.print(
        f"{found} found, {missed} missed, {faint} too faint or at the edge; "
        f"{len(comparison.false)} false sources, {len(comparison.unknown_lines)} false "
        f"lines, {comparison.parts} more detections inside extended or at outlying sources.",
        highlight=False,
    )
    for goal in comparison.goals:
        mark = "[green]PASS[/green]" if goal.passed else "[red]MISS[/red]"
        out.print(f"{mark} {goal.name}: {goal.detail}", highlight=False)
