"""Work that is done again and again, as long as a service runs."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from musecore.errors import MuseError
from musecore.log import get_logger

__all__ = ["Rounds"]

log = get_logger(__name__)

Step = Callable[[], Awaitable[object]]


class Rounds:
    """Takes steps one after the other, waits, and begins again.

    A step that fails is logged and taken again in the next round; it keeps back
    neither the others nor the rounds that follow.

    Parameters
    ----------
    steps
        May be broken off when the rounds are stopped.
    every_s
        Seconds from the end of a round to the next.
    """

    def __init__(self, name: str, *steps: Step, every_s: float = 15.0) -> None:
        self._name = name
        self._steps = steps
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin, in a task of its own."""
        self._task = asyncio.create_task(self._run(), name=f"rounds-{self._name}")

    async def stop(self) -> None:
        """End the task."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        while True:
            for step in self._steps:
                await self._take(step)
            await asyncio.sleep(self._every_s)

    async def _take(self, step: Step) -> None:
        try:
            _ = await step()
        except MuseError as error:
            log.warning("round waits", of=self._name, detail=str(error))
        except Exception:
            log.exception("round failed and goes on", of=self._name)
