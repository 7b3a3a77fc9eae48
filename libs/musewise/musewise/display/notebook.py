"""What a notebook shows: what a terminal shows, as HTML."""

import io

from rich.console import Console, RenderableType

__all__ = ["html_of"]

COLUMNS = 120
_FORMAT = '<pre style="white-space:pre;overflow-x:auto;line-height:1.3">{code}</pre>'


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
    return console.export_html(inline_styles=True, code_format=_FORMAT)
