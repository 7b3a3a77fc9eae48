"""The strip of 24 IFUs: one cell each, told by its sign as well as by its colour."""

from collections.abc import Mapping

from rich.text import Text

IFUS = range(1, 25)
# state as the server says it -> sign, style, word
SIGNS: dict[str, tuple[str, str, str]] = {
    "waiting": (".", "dim", "waiting"),
    "ready": ("o", "cyan", "ready"),
    "running": (">", "bold yellow", "running"),
    "done": ("#", "green", "done"),
    "reused": ("=", "blue", "reused"),
    "failed": ("x", "bold red", "failed"),
    "blocked": ("-", "magenta", "blocked"),
}
SAME_AS = {
    "planned": "waiting",
    "queued": "ready",
    "reuse": "reused",
    "build": "waiting",
    "cancelled": "blocked",
}


def sign_of(state: str) -> tuple[str, str, str]:
    """Give sign, style and word of a state."""
    name = state.lower()
    return SIGNS.get(SAME_AS.get(name, name), ("?", "", name))


def strip(ifus: Mapping[str, str]) -> Text:
    """Give 24 cells; an IFU that takes no part is blank."""
    cells = Text(no_wrap=True)
    for ifu in IFUS:
        state = ifus.get(str(ifu))
        sign, style, _ = sign_of(state) if state else (" ", "", "")
        cells.append(sign, style)
    return cells


def legend() -> Text:
    """Give the meaning of the signs in one line."""
    line = Text("IFU 1-24:", style="dim", no_wrap=True)
    for sign, style, word in SIGNS.values():
        line.append("  ")
        line.append(sign, style)
        line.append(f" {word}", "dim")
    return line
