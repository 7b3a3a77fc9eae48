"""Queries on objects: checked, translated, run, and given page by page."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import isfinite
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from muse_catalog.models.objects import (
    AttributeInfo,
    ClassInfo,
    Facet,
    FacetValue,
    ObjectCount,
    ObjectPage,
    ObjectTable,
    QueryForms,
)
from muse_catalog.models.query import (
    Aggregate,
    And,
    Attribute,
    Between,
    Compare,
    In,
    IsNull,
    Like,
    MadeFrom,
    Near,
    Not,
    ObjectQuery,
    Or,
    Order,
    Path,
    Term,
    UsedBy,
)
from muse_catalog.rules import (
    AttributeFact,
    Attributes,
    GroupColumn,
    QueryInvalid,
    UnknownAttribute,
    access_of,
    group_columns,
    group_order,
    require_open,
    single_column,
    text_of,
    text_of_aggregates,
    text_of_columns,
    text_of_order,
)
from muse_catalog.service.paging import next_of, place_of
from muse_catalog.service.places import find_place
from muse_catalog.service.queries import find_frame
from muse_catalog.store import (
    LoadingStore,
    Named,
    ObjectStore,
    PlaceStore,
    QuerySql,
)
from musecore.db import Database, Transaction
from musecore.errors import NotFound
from musecore.identity import Principal
from musecore.muse.schema import MuseModel
from musecore.times import from_mjd_us

__all__ = ["Objects"]

_NUMBER = "number"
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

    @property
    def model_number(self) -> int:
        """The version of the model, as clients compare it with theirs."""
        return self._attributes.number

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
        if query.is_grouped:
            raise QueryInvalid(
                "Groups are no objects.", hint="GET /objects/table gives their rows."
            )
        place = place_of(after, len(query.order) + 1)
        async with self._database.begin() as tx:
            store = await self._store(tx, caller, query)
            items, keys = await store.frames(
                query, access_of(caller), limit=limit + 1, after=place
            )
        return ObjectPage(items=items[:limit], next=next_of(keys, limit))

    async def table(
        self, caller: Principal, query: ObjectQuery, *, limit: int, after: str | None
    ) -> ObjectTable:
        """Give a page of the columns that the query names, or of groups; see `page`."""
        columns, rows, following = await self.sheet(
            caller, query, limit=limit, after=after
        )
        shown = [[_shown(value) for value in row] for row in rows]
        return ObjectTable(columns=columns, rows=shown, next=following)

    async def sheet(
        self, caller: Principal, query: ObjectQuery, *, limit: int, after: str | None
    ) -> tuple[list[AttributeInfo], list[list[Any]], str | None]:
        """Give columns, rows and where the next page begins; times are datetimes."""
        columns = self._columns(query)
        facts = [column.shown for column in columns]
        async with self._database.begin() as tx:
            if query.is_grouped:
                order = group_order(query, self._attributes, columns)
                place = place_of(after, len(order))
                store = await self._store(tx, caller, query)
                found = await store.groups(
                    query,
                    access_of(caller),
                    columns,
                    order,
                    limit=limit + 1,
                    after=place,
                )
            else:
                place = place_of(after, len(query.order) + 1)
                store = await self._store(tx, caller, query)
                found = await store.table(
                    query, access_of(caller), limit=limit + 1, after=place
                )
        rows = [
            [_read(fact, value) for fact, value in zip(facts, row, strict=False)]
            for row in found.rows[:limit]
        ]
        infos = [
            _info(column.shown).model_copy(update={"name": column.name})
            for column in columns
        ]
        return infos, rows, next_of(found.keys, limit)

    def _columns(self, query: ObjectQuery) -> list[GroupColumn]:
        if query.is_grouped:
            return group_columns(query, self._attributes)
        if not query.columns:
            raise QueryInvalid(
                "The query names no columns.", hint="Say for example: columns=ifu,ron"
            )
        return [single_column(path, self._attributes) for path in query.columns]

    async def facets(
        self, caller: Principal, query: ObjectQuery, paths: Sequence[Path], limit: int
    ) -> list[Facet]:
        """Give the values of attributes with their numbers, the most frequent first.

        See `page`.
        """
        if not paths:
            raise QueryInvalid(
                "No attribute is named.", hint="Say for example: columns=ins_mode"
            )
        number = Aggregate(name=_NUMBER, function="count")
        most = (Order(path=Attribute(name=_NUMBER), descending=True),)
        found = []
        for path in paths:
            told = {"group": (path,), "aggregates": (number,), "order": most}
            asked = query.model_copy(update={**told, "columns": ()})
            table = await self.table(caller, asked, limit=limit, after=None)
            values = [FacetValue(value=row[0], count=row[1]) for row in table.rows]
            found.append(
                Facet(attribute=table.columns[0], values=values, more=bool(table.next))
            )
        return found

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
            "group": text_of_columns(query.group),
            "agg": text_of_aggregates(query.aggregates),
        }
        asked = urlencode({name: value for name, value in given.items() if value})
        return QueryForms(
            tree=query,
            q=q,
            order=order,
            columns=columns,
            group=given["group"] or "",
            agg=given["agg"] or "",
            url=f"/objects{'/table' if query.is_grouped else ''}"
            + (f"?{asked}" if asked else ""),
        )

    def check(self, query: ObjectQuery) -> None:
        """Refuse a query that names what there is not, without asking it.

        Raises
        ------
        QueryInvalid, UnknownAttribute
        """
        self._check(query)
        if query.where is not None:
            anything = Named(
                defaultdict(lambda: (UUID(int=0), None)),
                defaultdict(lambda: (0, 0)),
                {},
            )
            QuerySql(self._attributes, anything).condition(query.where)

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
        require_open(caller, query.projects)
        named = await self._named(tx, caller, query)
        store = ObjectStore(tx, QuerySql(self._attributes, named), self._seconds)
        await store.limit_time()
        return store

    async def _named(
        self, tx: Transaction, caller: Principal, query: ObjectQuery
    ) -> Named:
        """Find what a query calls by name: objects, places in the sky, keywords."""
        found = Named({}, {}, {})
        where = PlaceStore(tx, access_of(caller))
        for term in _naming(query.where):
            if isinstance(term, Near):
                found.sky[term.name] = await find_place(where, term.name)
            else:
                frame = await find_frame(tx, caller, term.object_id)
                found.objects[term.object_id] = (frame.file_id, frame.ifu)
        keywords = sorted({one.key for one in self._headers(query) if one.key})
        if keywords:
            found.shapes.update(await LoadingStore(tx).places(keywords))
        return found

    def _headers(self, query: ObjectQuery) -> Iterator[AttributeFact]:
        """Give what a query looks for in headers."""
        order = [] if query.is_grouped else [one.path for one in query.order]
        grouped = [one.path for one in query.aggregates if one.path is not None]
        paths = (*query.columns, *query.group, *order, *grouped)
        for path in (*_paths(query.where), *paths):
            fact = self._attributes.find(path)
            if fact.place == "header":
                yield fact

    def _check(self, query: ObjectQuery) -> None:
        if query.tag is not None:
            try:
                self._model.frame_class(query.tag)
            except NotFound as error:
                raise UnknownAttribute(
                    error.detail,
                    hint="musewise attributes lists the classes, and so does "
                    "GET /objects/classes.",
                ) from error
        if query.is_grouped:
            columns = group_columns(query, self._attributes)
            group_order(query, self._attributes, columns)
            return
        for path in (*query.columns, *(key.path for key in query.order)):
            self._attributes.find(path)


def _naming(term: Term | None) -> Iterator[MadeFrom | UsedBy | Near]:
    """Give the terms that name an object or a place."""
    match term:
        case MadeFrom() | UsedBy() | Near():
            yield term
        case Not():
            yield from _naming(term.term)
        case And() | Or():
            for one in term.terms:
                yield from _naming(one)
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
        ucd=fact.ucd,
        doc=fact.doc,
        aliases=fact.aliases,
    )


def _read(fact: AttributeFact, value: Any) -> Any:
    """Give a value as what it is: a time as such, whole numbers whole."""
    if value is None:
        return "unknown" if fact.type == "validity" else None
    match fact.type:
        case "time" if isinstance(value, int):
            return from_mjd_us(value)
        case _ if isinstance(value, float) and not isfinite(value):
            return None
        case "int" if isinstance(value, float) and value.is_integer():
            return int(value)
        case _:
            return value


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
