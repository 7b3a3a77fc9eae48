"""Why an attempt failed: the class of `design/scheduler.md` 10, and one sentence."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from muse_worker.engine.log import LogLine
from muse_worker.engine.process import Ended

__all__ = ["Diagnosis", "FailureClass", "diagnose"]

FailureClass = Literal[
    "infrastructure",
    "out_of_memory",
    "time_limit",
    "recipe_error",
    "bad_product",
    "storage_full",
    "cancelled",
]

LOW_DISK = 64 * 1024**2
"""Free bytes below which a failed recipe is held to have filled the disk: CFITSIO
says "Error writing data buffer" only, and not why."""

_NO_MEMORY = ("failed to allocate", "cannot allocate memory", "out of memory")
_NO_SPACE = ("no space left on device", "disk quota exceeded")


@dataclass(frozen=True)
class Diagnosis:
    """A failure class with the sentence that goes with it."""

    failure_class: FailureClass
    detail: str


def diagnose(
    what: str,
    ended: Ended,
    lines: Sequence[LogLine],
    *,
    memory_limit_mb: float,
    free_bytes: int,
) -> Diagnosis | None:
    """Say why a recipe failed; None when it ended well (products aside).

    Parameters
    ----------
    what
        Recipe and IFU, as a person would say it.
    memory_limit_mb
        Limit of the address space that the recipe ran under, in MiB.
    free_bytes
        Free space of the disk it wrote on.
    """
    if ended.exit_code == 0 and ended.stopped_by is None:
        return None
    said = " ".join(line.text.lower() for line in lines)
    if ended.stopped_by is not None:
        return _stopped(what, ended)
    if any(words in said for words in _NO_SPACE) or free_bytes < LOW_DISK:
        return Diagnosis(
            "storage_full",
            f"{what} could not write: the disk of the work folder is full "
            f"({free_bytes / 1e6:.0f} MB free). Make room, then retry the task.",
        )
    if any(words in said for words in _NO_MEMORY):
        return Diagnosis(
            "out_of_memory",
            f"{what} needed more memory than its limit of {memory_limit_mb:.0f} MiB "
            f"of address space (peak resident {ended.max_rss_mb:.0f} MiB).",
        )
    if ended.signal is not None:
        return _killed(what, ended.signal, ended.max_rss_mb)
    return Diagnosis(
        "recipe_error",
        f"{what} ended with exit status {ended.exit_code}: {_first_error(lines)}",
    )


def _stopped(what: str, ended: Ended) -> Diagnosis:
    if ended.stopped_by == "time_limit":
        return Diagnosis(
            "time_limit",
            f"{what} was stopped at its time limit, after {ended.wall_s:.0f} s.",
        )
    return Diagnosis("cancelled", f"{what} was stopped after {ended.wall_s:.0f} s.")


def _killed(what: str, number: int, peak_mb: float) -> Diagnosis:
    name = signal.Signals(number).name
    if number == signal.SIGKILL:
        return Diagnosis(
            "out_of_memory",
            f"{what} was killed ({name}) and not by this worker: most likely the "
            f"kernel or the container was out of memory (peak {peak_mb:.0f} MiB).",
        )
    if number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        return Diagnosis("infrastructure", f"{what} was ended from outside ({name}).")
    return Diagnosis("recipe_error", f"{what} crashed ({name}).")


def _first_error(lines: Sequence[LogLine]) -> str:
    for line in lines:
        if line.level == "ERROR":
            return line.text.strip()
    return "the log holds no error; see its last lines."
