"""Queries on objects: pages, tables, counts, groups. SQL; never commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Result,
    Row,
    Select,
    and_,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from muse_catalog.models import Access, Frame
from muse_catalog.models.query import ObjectQuery, Order
from muse_catalog.rules import GroupColumn, QueryInvalid, QueryTooLong
from muse_catalog.store.frames import FrameStore, visible
from muse_catalog.store.query_groups import group_statement
from muse_catalog.store.query_sql import QuerySql
from muse_catalog.tables import FileRow, FrameRow
from musecore.db import Transaction

__all__ = ["Found", "Key", "ObjectStore"]

_FILE = FileRow.__table__.c
_FRAME = FrameRow.__table__.c
_JOINED = FrameRow.__table__.join(FileRow.__table__, _FRAME.file_id == _FILE.file_id)

Key = tuple[Any, ...]
"""Where a row stands in the order: the values of the order's keys, and the id."""

COUNTED = 50_000
"""Up to so many objects are counted one by one; beyond, PostgreSQL estimates."""


CANCELLED = "57014"
"""SQLSTATE of a statement that was stopped, here by its time limit."""


class Explain(Executable, ClauseElement):
    """A statement that is not run: PostgreSQL says how it would be."""

    inherit_cache = False

    def __init__(self, statement: Select[Any], how: str) -> None:
        self.statement = statement
        self.how = how


@compiles(Explain, "postgresql")
def _explain(element: Explain, compiler: SQLCompiler, **given: Any) -> str:
    return f"EXPLAIN ({element.how}) {compiler.process(element.statement, **given)}"


_WHOLE = select(*FrameStore.columns()).select_from(_JOINED)
"""Whole objects; put together once, as that costs a tenth of a page."""


@dataclass(frozen=True)
class Found:
    """Rows of a page as the columns asked for, each with its place in the order."""

    rows: Sequence[Sequence[Any]]
    keys: list[Key]


class ObjectStore:
    """Objects that fit a query, in one transaction.

    Parameters
    ----------
    seconds
        How long a statement may take.
    """

    def __init__(self, tx: Transaction, sql: QuerySql, seconds: float) -> None:
        self._tx = tx
        self._sql = sql
        self._seconds = seconds

    async def limit_time(self) -> None:
        """Let PostgreSQL give up statements of this transaction after that time.

        Each is planned for its own values: a rare class wants another index than a
        common one. What is asked for often is in memory, so that a page of an index
        costs little more than the next one of a table.
        """
        await self._tx.execute(
            "SELECT set_config('statement_timeout', :ms, true), "
            "set_config('plan_cache_mode', 'force_custom_plan', true), "
            "set_config('random_page_cost', '1.1', true)",
            {"ms": str(max(1, int(self._seconds * 1000)))},
        )

    async def frames(
        self, query: ObjectQuery, access: Access, *, limit: int, after: Key | None
    ) -> tuple[list[Frame], list[Key]]:
        """Give a page of whole objects, and where each stands in the order."""
        found = await self._page(_WHOLE, query, access, limit, after)
        return [_frame(row) for row in found.rows], found.keys

    async def table(
        self, query: ObjectQuery, access: Access, *, limit: int, after: Key | None
    ) -> Found:
        """Give a page of the columns that the query names."""
        columns = [
            self._sql.column(path).label(f"c{n}")
            for n, path in enumerate(query.columns)
        ]
        return await self._page(select(*columns), query, access, limit, after)

    async def groups(
        self,
        query: ObjectQuery,
        access: Access,
        columns: Sequence[GroupColumn],
        order: Sequence[tuple[int, bool]],
        *,
        limit: int,
        after: Key | None,
    ) -> Found:
        """Give a page of groups, and where each stands in the order."""
        made: list[ColumnElement[Any]] = [
            self._sql.shown(column.of).label(f"c{n}")
            for n, column in enumerate(columns)
            if column.of is not None
        ]
        start = select(*(made or [_FRAME.frame_id.label("id")]))
        asked = group_statement(
            self._asked(start, query, access), columns, order, after
        )
        rows = (await self._run(asked.limit(limit))).all()
        return Found(rows, [tuple(row[n] for n, _ in order) for row in rows])

    async def _page(
        self,
        start: Select[Any],
        query: ObjectQuery,
        access: Access,
        limit: int,
        after: Key | None,
    ) -> Found:
        rows: list[Row[Any]] = []
        for beyond in self._beyond(query, after):
            asked = self._page_of(start, query, access, limit - len(rows), beyond)
            rows += (await self._run(asked)).all()
            if len(rows) == limit:
                break
        keys = len(query.order) + 1
        return Found(rows, [tuple(row[-keys:]) for row in rows])

    def _page_of(
        self,
        start: Select[Any],
        query: ObjectQuery,
        access: Access,
        limit: int,
        beyond: ColumnElement[bool],
    ) -> Select[Any]:
        """Give the statement of a page: what is asked for, then the place of each."""
        keys = [self._sql.order_key(one.path) for one in query.order]
        places = [key.label(f"k{n}") for n, key in enumerate(keys)]
        places.append(_FRAME.frame_id.label("key_id"))
        in_order = [
            key.desc().nulls_last() if one.descending else key.asc().nulls_last()
            for one, key in zip(query.order, keys, strict=True)
        ]
        in_order.append(_FRAME.frame_id.asc())
        conditions = self._conditions(query, access, beyond)
        if query.where is not None and not any(
            map(_names_the_file, (*conditions, *keys))
        ):
            # Files are looked up of what the page has, not of all that fits.
            chosen = select(_FRAME.frame_id).where(*conditions).order_by(*in_order)
            conditions = [_FRAME.frame_id.in_(chosen.limit(limit).correlate(None))]
        asked = start.add_columns(*places).where(*conditions)
        asked = asked if start is _WHOLE else _joined(asked)
        return asked.order_by(*in_order).limit(limit)

    def _beyond(
        self, query: ObjectQuery, after: Key | None
    ) -> Sequence[ColumnElement[bool]]:
        """Give the conditions of what comes after a place, one after the other.

        Where the keys are columns, each condition is a range of an index; of what is
        looked for in headers all is asked at once.
        """
        if after is None:
            return [true()]
        keys = [self._sql.order_key(one.path) for one in query.order]
        ways = _ways(query.order, keys, after)
        if not all(self._sql.is_column(one.path) for one in query.order):
            return [or_(*ways)]
        if query.order and self._sql.is_moment(query.order[-1].path):
            return _ties_with_next(ways, query.order[-1], keys[-1], after[-2])
        return ways

    async def count(self, query: ObjectQuery, access: Access) -> tuple[int, bool]:
        """Count the objects that fit; False: many, so the number is an estimate."""
        asked = self._asked(select(_FRAME.frame_id), query, access)
        some = asked.limit(COUNTED + 1).subquery()
        found = await self._run(select(func.count()).select_from(some))
        counted = int(found.scalar_one())
        if counted <= COUNTED:
            return counted, True
        return max(await self._estimate(asked), COUNTED + 1), False

    async def _estimate(self, asked: Select[Any]) -> int:
        plan = await self._run(Explain(asked, "FORMAT JSON"))
        return int(plan.scalar_one()[0]["Plan"]["Plan Rows"])

    async def explain(
        self, query: ObjectQuery, access: Access, *, limit: int
    ) -> list[str]:
        """Give the plan that PostgreSQL chooses for the first page, as lines."""
        asked = self._page_of(_WHOLE, query, access, limit, true())
        plan = await self._run(Explain(asked, "FORMAT TEXT"))
        return [row[0] for row in plan]

    async def _run(self, statement: Executable) -> Result[Any]:
        """Run a statement within the time that is set.

        Raises
        ------
        QueryTooLong
        QueryInvalid
            A value that PostgreSQL cannot compare.
        """
        try:
            return await self._tx.session.execute(statement)
        except DBAPIError as error:
            if _does_not_fit(error):
                raise QueryInvalid(
                    "A value of the query is not one that its attribute can have: "
                    f"{_said(error)}.",
                    hint="Whole numbers have at most 18 digits; texts have no NUL.",
                ) from error
            if getattr(error.orig, "sqlstate", None) != CANCELLED:
                raise
            raise QueryTooLong(
                f"The query took longer than {self._seconds:g} s and was stopped.",
                hint="Name a class, and ask for a night, a target or another attribute "
                "with a column of its own, beside what is in headers only.",
            ) from error

    def _asked(
        self, start: Select[Any], query: ObjectQuery, access: Access
    ) -> Select[Any]:
        """Give the statement of all that fits: of what it begins with."""
        asked = start.where(*self._conditions(query, access))
        return asked if start is _WHOLE else _joined(asked)

    def _conditions(
        self,
        query: ObjectQuery,
        access: Access,
        beyond: ColumnElement[bool] | None = None,
    ) -> list[ColumnElement[bool]]:
        conditions = [visible(access)]
        if beyond is not None:
            conditions.append(beyond)
        if query.tag is not None:
            conditions.append(_FRAME.tag == query.tag)
        if query.projects:
            conditions.append(_FRAME.project.in_(query.projects))
        if query.where is not None:
            conditions.append(self._sql.condition(query.where))
        return conditions


_FIELDS = tuple(Frame.model_fields)
_ALL_SET = set(_FIELDS)


def _frame(row: Sequence[Any]) -> Frame:
    """Make a frame of columns that have its types, and stand in the order of its fields.

    To check each, or ``model_construct``, costs a quarter of a page. What its
    validators would change is changed here.
    """
    told = dict(zip(_FIELDS, row, strict=False))  # the place in the order comes after
    told["is_valid"] = told["is_valid"] or "unknown"
    flags = told["quality_flags"]
    told["quality_flags"] = sorted(set(flags)) if flags else []
    made = Frame.__new__(Frame)
    for name, value in (
        ("__dict__", told),
        ("__pydantic_fields_set__", _ALL_SET),
        ("__pydantic_extra__", None),
        ("__pydantic_private__", None),
    ):
        object.__setattr__(made, name, value)
    return made


def _does_not_fit(error: DBAPIError) -> bool:
    """Say whether a value was refused: by the driver, or by PostgreSQL (class 22)."""
    state = getattr(error.orig, "sqlstate", None) or ""
    cause = None if error.orig is None else error.orig.__cause__
    return state.startswith("22") or isinstance(cause, ValueError | OverflowError)


def _said(error: DBAPIError) -> str:
    cause = None if error.orig is None else error.orig.__cause__
    return str(cause or error.orig).splitlines()[0].rstrip(".")


def _joined(asked: Select[Any]) -> Select[Any]:
    """Add the tables that a statement is about: frames, and files where it names them."""
    named = [*asked.selected_columns, asked.whereclause]
    of_file = any(_names_the_file(one) for one in named if one is not None)
    return asked.select_from(_JOINED if of_file else FrameRow.__table__)


def _names_the_file(element: ClauseElement) -> bool:
    """Say whether something asks for columns of ``file``, also further inside."""
    return any(
        getattr(one, "table", None) is FileRow.__table__
        for one in visitors.iterate(element)
    )


def _other_order() -> QueryInvalid:
    return QueryInvalid(
        "`after` is the place of another order.", hint="Begin without it."
    )


def _is_of(key: ColumnElement[Any], value: Any) -> bool:
    """Say whether a column can have a value; what comes from JSON can be anything."""
    wanted = key.type.python_type
    if value is None or wanted is dict:
        return True
    if isinstance(value, bool) or wanted is bool:
        return isinstance(value, bool) and wanted is bool
    return isinstance(value, int if wanted is float else wanted) or (
        wanted is float and isinstance(value, float)
    )


def _ways(
    order: Sequence[Order], keys: Sequence[ColumnElement[Any]], after: Key
) -> list[ColumnElement[bool]]:
    """Give what comes after a place, in the order: the nearest first, nulls last."""
    if len(after) != len(keys) + 1 or not isinstance(after[-1], UUID):
        raise _other_order()
    *values, last = after
    if not all(map(_is_of, keys, values)):
        raise _other_order()
    same: list[ColumnElement[bool]] = []
    ways: list[ColumnElement[bool]] = []
    for one, key, value in zip(order, keys, values, strict=True):
        if value is None:
            same.append(key.is_(None))
            continue
        further = key < value if one.descending else key > value
        ways[:0] = [and_(*same, further), and_(*same, key.is_(None))]
        same.append(key == value)
    return [and_(*same, _FRAME.frame_id > last), *ways]


def _ties_with_next(
    ways: list[ColumnElement[bool]], order: Order, key: ColumnElement[Any], value: Any
) -> list[ColumnElement[bool]]:
    """Join the two nearest conditions to one range, where few objects share a value."""
    if value is None:
        return ways
    nearest = key <= value if order.descending else key >= value
    return [and_(nearest, or_(ways[0], ways[1])), *ways[2:]]
