"""Queries on objects: checked, translated, run, and given page by page."""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from muse_catalog.models.objects import (
    AttributeInfo,
    ClassInfo,
    ObjectCount,
    ObjectPage,
    ObjectTable,
    QueryForms,
)
from muse_catalog.models.query import (
    And,
    Between,
    Compare,
    In,
    IsNull,
    Like,
    MadeFrom,
    Not,
    ObjectQuery,
    Or,
    Path,
    Term,
    UsedBy,
)
from muse_catalog.rules import (
    AttributeFact,
    Attributes,
    QueryInvalid,
    UnknownAttribute,
    access_of,
    text_of,
    text_of_columns,
    text_of_order,
)
from muse_catalog.service.queries import find_frame
from muse_catalog.store import Key, LoadingStore, ObjectStore, QuerySql
from musecore.db import Database, Transaction
from musecore.errors import NotFound
from musecore.identity import Principal
from musecore.muse.schema import MuseModel
from musecore.times import from_mjd_us

__all__ = ["Objects"]

_KINDS = ("raw", "product", "static")


class Objects:
    """Answers queries, each within what the caller may know of.

    Parameters
    ----------
    seconds
        How long one statement of a query may take.
    """

    def __init__(
        self, database: Database, model: MuseModel, *, seconds: float = 30.0
    ) -> None:
        self._seconds = seconds
        self._database = database
        self._model = model
        self._attributes = Attributes(model)

    async def page(
        self, caller: Principal, query: ObjectQuery, *, limit: int, after: str | None
    ) -> ObjectPage:
        """Give a page of whole objects.

        Raises
        ------
        QueryInvalid, UnknownAttribute, QueryTooLong
        FrameNotFound, FrameAmbiguous
            An object whose kin is asked for.
        """
        place = _place(after)
        async with self._database.begin() as tx:
            store = await self._store(tx, caller, query)
            items, keys = await store.frames(
                query, access_of(caller), limit=limit + 1, after=place
            )
        return ObjectPage(items=items[:limit], next=_next(keys, limit))

    async def table(
        self, caller: Principal, query: ObjectQuery, *, limit: int, after: str | None
    ) -> ObjectTable:
        """Give a page of the columns that the query names; see `page`."""
        if not query.columns:
            raise QueryInvalid(
                "The query names no columns.", hint="Say for example: columns=ifu,ron"
            )
        facts = [self._attributes.find(path) for path in query.columns]
        place = _place(after)
        async with self._database.begin() as tx:
            store = await self._store(tx, caller, query)
            found = await store.table(
                query, access_of(caller), limit=limit + 1, after=place
            )
        rows = [
            [_shown(fact, row[f"c{n}"]) for n, fact in enumerate(facts)]
            for row in found.rows[:limit]
        ]
        columns = [
            _info(fact).model_copy(update={"name": text_of_columns([path])})
            for fact, path in zip(facts, query.columns, strict=True)
        ]
        return ObjectTable(columns=columns, rows=rows, next=_next(found.keys, limit))

    async def count(self, caller: Principal, query: ObjectQuery) -> ObjectCount:
        """Give the number of objects that fit; see `page`."""
        async with self._database.begin() as tx:
            store = await self._store(tx, caller, query)
            number, exact = await store.count(query, access_of(caller))
        return ObjectCount(count=number, exact=exact)

    async def explain(
        self, caller: Principal, query: ObjectQuery, *, limit: int
    ) -> list[str]:
        """Give the plan that PostgreSQL chooses for the first page."""
        async with self._database.begin() as tx:
            store = await self._store(tx, caller, query)
            return await store.explain(query, access_of(caller), limit=limit)

    def forms(self, query: ObjectQuery) -> QueryForms:
        """Give a query in all its forms, with names checked."""
        self._check(query)
        q = None if query.where is None else text_of(query.where)
        order = text_of_order(query.order)
        columns = text_of_columns(query.columns)
        given = {
            "class": query.tag,
            "q": q,
            "order": order,
            "columns": columns,
            "projects": ",".join(query.projects),
        }
        asked = urlencode({name: value for name, value in given.items() if value})
        return QueryForms(
            tree=query,
            q=q,
            order=order,
            columns=columns,
            url="/objects" + (f"?{asked}" if asked else ""),
        )

    def check(self, query: ObjectQuery) -> None:
        """Refuse a query that names what there is not, without asking it.

        Raises
        ------
        QueryInvalid, UnknownAttribute
        """
        self._check(query)
        if query.where is not None:
            anybody = dict.fromkeys(_kin(query.where), (UUID(int=0), None))
            QuerySql(self._attributes, anybody, {}).condition(query.where)

    def classes(self) -> list[ClassInfo]:
        """Give all classes of objects with their attributes."""
        return [
            ClassInfo(
                name=entry.tag,
                kind=entry.kind,
                doc=entry.doc,
                attributes=[_info(one) for one in self._attributes.of_class(entry.tag)],
            )
            for entry in self._model.frames.classes
            if entry.kind in _KINDS
        ]

    async def _store(
        self, tx: Transaction, caller: Principal, query: ObjectQuery
    ) -> ObjectStore:
        self._check(query)
        named = {
            name: await find_frame(tx, caller, name) for name in set(_kin(query.where))
        }
        keywords = sorted({one.key for one in self._headers(query) if one.key})
        shapes = await LoadingStore(tx).places(keywords) if keywords else {}
        places = {name: (one.file_id, one.ifu) for name, one in named.items()}
        sql = QuerySql(self._attributes, places, shapes)
        store = ObjectStore(tx, sql, self._seconds)
        await store.limit_time()
        return store

    def _headers(self, query: ObjectQuery) -> Iterator[AttributeFact]:
        """Give what a query looks for in headers."""
        order = (one.path for one in query.order)
        for path in (*_paths(query.where), *query.columns, *order):
            fact = self._attributes.find(path)
            if fact.place == "header":
                yield fact

    def _check(self, query: ObjectQuery) -> None:
        if query.tag is not None:
            try:
                self._model.frame_class(query.tag)
            except NotFound as error:
                raise UnknownAttribute(error.detail, hint=error.hint) from error
        for path in (*query.columns, *(key.path for key in query.order)):
            self._attributes.find(path)


def _kin(term: Term | None) -> Iterator[str]:
    """Give the objects whose kin is asked for."""
    match term:
        case MadeFrom() | UsedBy():
            yield term.object_id
        case Not():
            yield from _kin(term.term)
        case And() | Or():
            for one in term.terms:
                yield from _kin(one)
        case _:
            return


def _paths(term: Term | None) -> Iterator[Path]:
    """Give what a condition asks about."""
    match term:
        case Not():
            yield from _paths(term.term)
        case And() | Or():
            for one in term.terms:
                yield from _paths(one)
        case Compare() | Between() | In() | Like() | IsNull():
            yield term.path
        case _:
            return


def _info(fact: AttributeFact) -> AttributeInfo:
    return AttributeInfo(
        name=fact.name,
        type=fact.type,
        unit=fact.unit,
        doc=fact.doc,
        aliases=fact.aliases,
    )


def _shown(fact: AttributeFact, value: Any) -> Any:
    """Give a value as people read it."""
    if value is None:
        return "unknown" if fact.type == "validity" else None
    match fact.type:
        case "time" if isinstance(value, int):
            return from_mjd_us(value).isoformat()
        case _:
            return value


# -- where a page begins
def _next(keys: list[Key], limit: int) -> str | None:
    if len(keys) <= limit:
        return None
    packed = json.dumps([_packed(value) for value in keys[limit - 1]])
    return base64.urlsafe_b64encode(packed.encode()).decode()


def _packed(value: Any) -> Any:
    match value:
        case datetime():
            return {"time": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case UUID():
            return {"id": value.hex}
        case _:
            return value


def _place(after: str | None) -> Key | None:
    if after is None:
        return None
    try:
        packed = json.loads(base64.urlsafe_b64decode(after.encode()))
        return tuple(_unpacked(packed))
    except (ValueError, KeyError, TypeError):
        raise QueryInvalid(
            "`after` is not what a page gave as `next`.", hint="Begin without it."
        ) from None


def _unpacked(packed: Iterable[Any]) -> Iterator[Any]:
    for value in packed:
        match value:
            case {"time": str(moment)}:
                yield datetime.fromisoformat(moment)
            case {"date": str(day)}:
                yield date.fromisoformat(day)
            case {"id": str(digits)}:
                yield UUID(digits)
            case _:
                yield value
