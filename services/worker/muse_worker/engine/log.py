"""What a recipe says: its log followed while it runs, and the lines that tell why.

Two layouts of the same messages exist: the log file names the function
(``00:04:40 [ ERROR ] muse_bias_compute: [tid=000] text``), the terminal the recipe.
"""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

__all__ = ["LogFollower", "LogLine", "parse_lines", "telling_lines", "warnings_of"]

_LINE = re.compile(
    r"^(?P<time>\d\d:\d\d:\d\d) \[ *(?P<level>[A-Z]+) *\] (?P<source>[\w.]*): ?"
    r"(?:\[tid=\d+\] ?)?(?P<text>.*)$"
)

_OF_ESOREX = re.compile(
    r"Unable to open directory|Found \d+ error\(s\)|Dumping the \d+ most recent"
)
"""Lines that esorex or CPL say about themselves; they explain nothing."""

_ALARMS = re.compile(
    r"failed to allocate|cannot allocate|out of memory|no space left|"
    r"segmentation fault|aborted|cannot open shared object",
    re.IGNORECASE,
)
"""Lines of no layout (of libraries, of the C run time) that are telling."""

_NUMBER_IN_DUMP = re.compile(r"^\[\d+/\d+\] ")
"""Number of an entry of CPL's dump of its error stack."""

_NUMBER = re.compile(r"\d+(\.\d+)?(e[+-]?\d+)?")

LAST_WORDS = 3
"""How many of the last progress lines accompany the errors: where it was."""


@dataclass(frozen=True)
class LogLine:
    """One message: ``level`` is INFO, WARNING, ERROR or DEBUG, or "" for no layout."""

    time: str
    level: str
    source: str
    text: str

    @override
    def __str__(self) -> str:
        text = _NUMBER_IN_DUMP.sub("", self.text.strip())
        if not self.level:
            return text
        dumped = text != self.text.strip() or not self.source
        return f"[{self.level}] {text if dumped else f'{self.source}: {text}'}"


def parse_lines(text: str) -> list[LogLine]:
    """Read a log of either layout; lines of no layout keep their text."""
    lines = []
    for line in text.splitlines():
        if found := _LINE.match(line):
            lines.append(LogLine(**found.groupdict()))
        elif line.strip():
            lines.append(LogLine("", "", "", line.strip()))
    return lines


def telling_lines(lines: Iterable[LogLine], limit: int = 20) -> list[str]:
    """Give what explains a failure: errors and alarms, and the last words before.

    The order is that of the log, each line once; at most `limit` lines, of which the
    first errors and the last words are kept.
    """
    useful = [line for line in lines if not _OF_ESOREX.search(line.text)]
    errors = [n for n, line in enumerate(useful) if _is_error(line)]
    begin = errors[0] if errors else len(useful)
    said = [n for n, line in enumerate(useful[:begin]) if line.level]
    chosen = said[-LAST_WORDS:] + errors
    return list(dict.fromkeys(str(useful[n]) for n in chosen))[:limit]


def warnings_of(lines: Iterable[LogLine], limit: int = 50) -> list[str]:
    """Give the warnings, each once, in the order of the log.

    Of warnings that differ in a number only (one for each IFU, slice or file), the
    first is given, with the number of the others.
    """
    warnings = (
        f"{line.source}: {line.text}" if line.source else line.text
        for line in lines
        if line.level == "WARNING" and not _OF_ESOREX.search(line.text)
    )
    alike: dict[str, list[str]] = {}
    for text in dict.fromkeys(warnings):
        alike.setdefault(_NUMBER.sub("#", text), []).append(text)
    return [_first_of(texts) for texts in alike.values()][:limit]


def _first_of(texts: list[str]) -> str:
    more = len(texts) - 1
    return f"{texts[0]} (and {more} more like this)" if more else texts[0]


def _is_error(line: LogLine) -> bool:
    return line.level == "ERROR" or (not line.level and bool(_ALARMS.search(line.text)))


class LogFollower:
    """Reads what was added to a growing log since the last look.

    Parameters
    ----------
    path
        The log; it need not exist yet.
    keep
        How many of the last lines to keep.
    """

    def __init__(self, path: Path, keep: int = 200) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""
        self.last: deque[LogLine] = deque(maxlen=keep)

    def look(self) -> list[LogLine]:
        """Give the whole lines that are new."""
        try:
            with self._path.open("rb") as log:
                log.seek(self._offset)
                added = log.read()
        except FileNotFoundError:
            return []
        self._offset += len(added)
        whole, newline, self._rest = (self._rest + added).rpartition(b"\n")
        lines = parse_lines((whole + newline).decode("utf-8", "replace"))
        self.last.extend(lines)
        return lines
