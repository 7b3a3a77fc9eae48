"""What a notebook shows: what a terminal shows, as HTML."""

import io

from rich.console import Console, RenderableType
from rich.terminal_theme import TerminalTheme

__all__ = ["html_of"]

COLUMNS = 120
_FORMAT = '<pre style="white-space:pre;overflow-x:auto;line-height:1.3">{code}</pre>'


_NORMAL = [
    (96, 96, 96),
    (205, 60, 60),
    (40, 150, 70),
    (165, 120, 0),
    (70, 125, 220),
    (170, 85, 190),
    (0, 140, 160),
    (128, 128, 128),
]
_THEME = TerminalTheme((255, 255, 255), (0, 0, 0), _NORMAL, _NORMAL)
"""Colours that are read on a light page and on a dark one."""


def html_of(view: RenderableType) -> str:
    """Give something for the terminal as HTML; what is in it stays text."""
    console = Console(
        record=True,
        file=io.StringIO(),
        width=COLUMNS,
        highlight=False,
        legacy_windows=False,
        force_jupyter=False,  # else it shows what it prints, beside the HTML
    )
    console.print(view)
    return console.export_html(theme=_THEME, inline_styles=True, code_format=_FORMAT)
