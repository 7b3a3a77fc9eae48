"""What a worker has room for: slots, cores and memory, and whether it may take at all."""

import asyncio
from itertools import count

__all__ = ["Room"]


class Room:
    """Counts what the attempts of one worker hold.

    A task that is larger than all the memory fits alone.

    Parameters
    ----------
    slots
        Attempts that may run at the same time.
    cores, memory_mb
        For all of them together; there is room while one core is free.
    """

    def __init__(self, *, slots: int, cores: int, memory_mb: int) -> None:
        self.slots = slots
        self.cores = cores
        self.memory_mb = memory_mb
        self._held: dict[int, tuple[float, int]] = {}
        self._numbers = count()
        self._why_shut: str | None = None
        self._news = asyncio.Event()

    @property
    def news(self) -> asyncio.Event:
        """An event that is set at the next change."""
        return self._news

    @property
    def why_shut(self) -> str | None:
        """Why nothing may be taken now; None: it may."""
        return self._why_shut

    def fits(self, memory_mb: float) -> bool:
        """Tell whether a task of this memory may be taken now."""
        if self._why_shut is not None or len(self._held) >= self.slots:
            return False
        if sum(threads for _, threads in self._held.values()) >= self.cores:
            return False
        used = sum(memory for memory, _ in self._held.values())
        return not self._held or used + memory_mb <= self.memory_mb

    async def until_fits(self, memory_mb: float) -> None:
        """Wait until a task of this memory may be taken."""
        while not self.fits(memory_mb):
            await self._news.wait()

    def hold(self, memory_mb: float, threads: int) -> int:
        """Take room; give the number under which it is freed."""
        number = next(self._numbers)
        self._held[number] = (memory_mb, threads)
        self._tell()
        return number

    def change(self, number: int, memory_mb: float, threads: int) -> None:
        """Hold more or less than was thought."""
        self._held[number] = (memory_mb, threads)
        self._tell()

    def free(self, number: int) -> None:
        """Give room back."""
        del self._held[number]
        self._tell()

    def shut(self, why: str) -> None:
        """Take nothing more; what runs goes on."""
        self._why_shut = why
        self._tell()

    def reopen(self) -> None:
        """Take again what there is room for."""
        if self._why_shut is not None:
            self._why_shut = None
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
