"""Where things are shown: data on stdout, bars and notes on stderr."""

import shutil

from rich.console import Console

WIDTH_OF_A_FILE = 160  # columns, where stdout is no terminal and COLUMNS says nothing


def out() -> Console:
    """Give the console for data; no colours when it is no terminal."""
    return Console(width=_width(), highlight=False)


def err() -> Console:
    """Give the console for bars and notes."""
    return Console(stderr=True, highlight=False)


def _width() -> int:
    return shutil.get_terminal_size((WIDTH_OF_A_FILE, 50)).columns
