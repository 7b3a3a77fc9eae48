"""Processes that read rows to be registered, for requests with many of them."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from muse_catalog.models import RowToRegister
from muse_catalog.service.row_reading import (
    ReadRow,
    RowReader,
    Sender,
    begin,
    read_there,
)
from musecore.log import get_logger
from musecore.muse.schema import MuseModel

__all__ = ["Readers"]

log = get_logger(__name__)

ROWS = 500
SIGNS = 16_000_000
"""Rows of a part, and the length of their headers together; whichever is less."""

FEW = 1_000
"""Rows that are read in this process: others take a second to begin."""


class Readers:
    """Reads rows part by part, ahead of who writes them.

    Parameters
    ----------
    version
        Of the MUSE model; None: the present one.
    processes
        How many read requests of many rows; 0: this process reads all.
    """

    def __init__(
        self,
        model: MuseModel,
        *,
        version: str | None = None,
        simulation: bool = False,
        processes: int = 0,
    ) -> None:
        self._here = RowReader(model, simulation=simulation)
        self._begin_with = (version, simulation)
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    async def read(
        self, sender: Sender, rows: Sequence[RowToRegister]
    ) -> AsyncIterator[list[ReadRow]]:
        """Give what rows tell, part by part."""
        many = len(rows) > FEW and self._processes > 0
        ahead = self._processes + 1 if many else 1
        running: list[asyncio.Future[list[ReadRow]]] = []
        for part in parts(rows):
            running.append(asyncio.ensure_future(self._part(sender, part, many)))
            if len(running) > ahead:
                yield await running.pop(0)
        for one in running:
            yield await one

    async def _part(
        self, sender: Sender, rows: Sequence[RowToRegister], many: bool
    ) -> list[ReadRow]:
        if many:
            try:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(
                    self._others(), read_there, sender, rows
                )
            except BrokenProcessPool:
                log.warning("a process that reads headers died; reading goes on here")
                self.close()
        return await asyncio.to_thread(self._here.read_all, sender, rows)

    def _others(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=begin,
                initargs=self._begin_with,
            )
        return self._pool

    def close(self) -> None:
        """End the processes; the next large request begins new ones."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def parts(rows: Sequence[RowToRegister]) -> Iterator[list[RowToRegister]]:
    """Divide rows into parts that one transaction takes."""
    part: list[RowToRegister] = []
    signs = 0
    for row in rows:
        part.append(row)
        signs += sum(map(len, row.header))
        if len(part) == ROWS or signs > SIGNS:
            yield part
            part, signs = [], 0
    if part:
        yield part
