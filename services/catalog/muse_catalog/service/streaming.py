"""Large answers, page after page: each in a transaction of its own.

So memory stays small, and somebody who reads slowly holds no connection. Pages follow
each other by place in the order, so nothing is given twice or missed.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from muse_catalog.models.objects import AttributeInfo
from muse_catalog.models.query import Attribute, ObjectQuery, Order
from muse_catalog.providers import FILE_COLUMNS, TableWriter
from muse_catalog.rules import QueryInvalid, columns_of
from muse_catalog.service.objects import Objects
from musecore.identity import Principal

__all__ = ["USUAL", "Sheet", "Streams"]

PAGE = 5000
USUAL = "filename, ifu, night, DATE_OBS, OBJECT, EXPTIME, INS_MODE"
"""Columns of an exported table where none are named."""


@dataclass(frozen=True)
class Sheet:
    """A piece of an answer: its columns, none for whole objects, and rows."""

    columns: list[AttributeInfo]
    rows: list[Any]
    next: str | None


class Streams:
    """Answers of any size."""

    def __init__(self, objects: Objects, page: int = PAGE) -> None:
        self._objects = objects
        self._page = page

    async def sheets(
        self, caller: Principal, query: ObjectQuery, at_most: int | None
    ) -> AsyncIterator[Sheet]:
        """Give an answer sheet by sheet, the first also where nothing fits.

        Rows are lists where the query names columns or groups, else whole objects.

        Raises
        ------
        QueryInvalid, UnknownAttribute, QueryTooLong, ProjectClosed, FrameNotFound
        """
        after, left = None, at_most
        while True:
            limit = self._page if left is None else min(self._page, left)
            sheet = await self._sheet(caller, query, limit, after)
            yield sheet
            left = None if left is None else left - len(sheet.rows)
            after = sheet.next
            if after is None or left == 0:
                return

    async def _sheet(
        self, caller: Principal, query: ObjectQuery, limit: int, after: str | None
    ) -> Sheet:
        if query.columns or query.is_grouped:
            return Sheet(
                *await self._objects.sheet(caller, query, limit=limit, after=after)
            )
        page = await self._objects.page(caller, query, limit=limit, after=after)
        rows = [item.model_dump(mode="json") for item in page.items]
        return Sheet([], rows, page.next)

    async def written(
        self,
        caller: Principal,
        query: ObjectQuery,
        writer: TableWriter,
        at_most: int | None,
    ) -> AsyncIterator[bytes]:
        """Give a table as a file of some format, piece by piece; see `sheets`.

        The first piece comes only when the first rows are there: what is wrong with
        the query is raised before.
        """
        if not (query.columns or query.is_grouped):
            query = query.model_copy(update={"columns": columns_of(USUAL)})
        begun = False
        async for sheet in self.sheets(caller, query, at_most):
            if not begun:
                begun = True
                yield await asyncio.to_thread(writer.head, _once(sheet.columns))
            if piece := await asyncio.to_thread(writer.rows, sheet.rows):
                yield piece
        tail = writer.tail()
        while piece := await asyncio.to_thread(next, tail, b""):
            yield piece

    async def files(
        self,
        caller: Principal,
        query: ObjectQuery,
        writer: TableWriter,
        at_most: int | None,
    ) -> AsyncIterator[bytes]:
        """Give a list of the files of the objects, piece by piece; see `sheets`.

        File by file, unless there is a limit: then in the order of the query.
        """
        if query.is_grouped:
            raise QueryInvalid("Groups have no files.", hint="Ask for objects.")
        columns = tuple(Attribute(name=name) for name in FILE_COLUMNS)
        asked = query.model_copy(update={"columns": columns})
        if at_most is None:
            by_file = (Order(path=columns[0]),)
            asked = asked.model_copy(update={"order": by_file})
        async for piece in self.written(caller, asked, writer, at_most):
            yield piece


def _once(columns: list[AttributeInfo]) -> list[AttributeInfo]:
    """Give every column a name of its own, as formats want it."""
    seen: dict[str, int] = {}
    named = []
    for column in columns:
        seen[column.name] = number = seen.get(column.name, 0) + 1
        name = column.name if number == 1 else f"{column.name} {number}"
        named.append(column.model_copy(update={"name": name}))
    return named
