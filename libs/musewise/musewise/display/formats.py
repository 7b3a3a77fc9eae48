"""Numbers, times and ids as short text."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

RANDOM_LENGTH, MOMENT_LENGTH, TIMED_LENGTH, WHOLE = 8, 13, 18, 36
LENGTHS = (8, 13, 18, 23, WHOLE)
HOURS_PER_DAY = 24


def short_ids(ids: Iterable[str | None]) -> dict[str, str]:
    """Give each id its shortest beginning that tells it from the others here.

    Ids of version 7 begin with their time, so they keep 18 characters at least (a
    millisecond and a count within it); the others 8.
    """
    known = sorted({one for one in ids if one})
    timed = any(len(one) == WHOLE and one[14] == "7" for one in known)
    least = TIMED_LENGTH if timed else RANDOM_LENGTH
    for length in LENGTHS:
        if length >= least and len({one[:length] for one in known}) == len(known):
            return {one: one[:length] for one in known}
    return {one: one for one in known}


def short_job_id(one: str) -> str:
    """Give the beginning of a job's id; no two jobs begin in one millisecond."""
    return one[:MOMENT_LENGTH]


def short_sha(sha256: str | None, *, full: bool = False) -> str:
    """Give a checksum, or its first 12 digits."""
    return (sha256 or "") if full else (sha256 or "")[:12]


def size_text(size: float | None) -> str:
    """Give a size in bytes as ``1.4 GB`` (powers of 1000)."""
    if size is None:
        return ""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(size) < 1000:
            return f"{size:.0f} {unit}" if size >= 100 else f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def memory_text(megabytes: float | None) -> str:
    """Give a memory in megabytes as ``2.1 GB``."""
    return "" if megabytes is None else size_text(megabytes * 1e6)


def time_text(seconds: float | None) -> str:
    """Give a duration in seconds as ``45 s``, ``3 min 20 s`` or ``2 h 10 min``."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def priority_text(request: Mapping[str, Any]) -> str:
    """Give the priority of a request as ``night`` or, with urgency, ``night +5``."""
    urgency = request.get("urgency") or 0
    level = str(request.get("priority") or "")
    return f"{level} {urgency:+d}" if level and urgency else level


def distance_text(days: float | None) -> str:
    """Give a distance in days with its sign, as ``+2.3 h`` or ``-4.1 d``."""
    if days is None:
        return ""
    hours = days * HOURS_PER_DAY
    if abs(hours) < 1:
        return f"{hours * 60:+.0f} min"
    return f"{hours:+.1f} h" if abs(hours) < HOURS_PER_DAY else f"{days:+.1f} d"


def ifus_text(ifus: Collection[int | None]) -> str:
    """Give IFU numbers as ``1-3,7``; nothing for a whole field."""
    numbers = sorted({ifu for ifu in ifus if ifu is not None})
    runs: list[list[int]] = []
    for ifu in numbers:
        if runs and ifu == runs[-1][-1] + 1:
            runs[-1].append(ifu)
        else:
            runs.append([ifu])
    return ",".join(_run(run) for run in runs)


def _run(run: list[int]) -> str:
    return str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"


def recipe_text(recipe: str | None) -> str:
    """Give a recipe's name without the prefix that all of them have."""
    return (recipe or "").removeprefix("muse_")


def value_text(value: Any) -> str:
    """Give a QC or header value; floats to seven digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def moment_text(moment: Any) -> str:
    """Give a time (UTC) to the second, as ``2017-06-16 01:34:56``."""
    return str(moment or "").replace("T", " ")[:19]
