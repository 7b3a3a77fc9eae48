"""What every recipe engine promises, and the words for a run."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from muse_worker.engine.diagnosis import Diagnosis
from muse_worker.engine.log import LogLine
from muse_worker.engine.process import Ended

__all__ = ["Engine", "RecipeCall", "RecipeRun", "Started"]

Started = Callable[[int], Awaitable[None]]
"""Is told the process id, while the recipe runs."""


@dataclass(frozen=True)
class RecipeCall:
    """One run to do; the recipe works in ``folder/run``, which is made for it.

    ``sof``, and the paths in it, are relative to ``folder/run``.
    """

    recipe: str
    spoken: str
    options: Mapping[str, Any]
    sof: Path
    folder: Path
    threads: int
    memory_mb: float
    timeout_s: float
    attempt: int = 1

    @property
    def log(self) -> Path:
        """Where the log that is worth keeping will be."""
        return self.folder / f"{self.recipe}.log"


@dataclass(frozen=True)
class RecipeRun:
    """What became of a run.

    ``log`` is the whole text that is worth keeping, ``products`` the files that
    the recipe left, by name; ``diagnosis`` is None when the recipe ended well.
    """

    ended: Ended
    lines: Sequence[LogLine]
    log: Path
    products: Sequence[Path]
    diagnosis: Diagnosis | None


class Engine(Protocol):
    """Runs recipes, each in the folder of its attempt."""

    async def versions(self) -> dict[str, str]:
        """Give the versions of ``esorex``, ``cpl`` and ``pipeline``.

        Raises
        ------
        EngineMissing
            What the engine needs is not on this machine.
        """

    async def run(self, call: RecipeCall, *, started: Started) -> RecipeRun:
        """Run a recipe and wait for its end; cancelling this stops the recipe."""
