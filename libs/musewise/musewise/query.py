"""Questions to the catalogue, said in Python; nothing is sent before they are looked at.

>>> from datetime import datetime
>>> from musewise.classes import BIAS
>>> BIAS.DATE_OBS == datetime(2014, 1, 31)
<BIAS where DATE_OBS == 2014-01-31 (the whole day, UTC)>

A comparison of an attribute gives a `Query`: a value that is never changed. ``&``,
``|`` and ``~`` join queries of one class. What is sent is the text that ``print``
shows; the server reads it, so the same words work on the command line and in a URL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override

from musewise.answers import Tabular
from musewise.errors import NotFoundError, QueryError, TooMany
from musewise.results import Frame, Frames

if TYPE_CHECKING:
    from musewise.fields import Field, Order
    from musewise.session import Session

__all__ = ["Query", "is_day", "parts", "quoted"]

_PIECES = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|.', re.DOTALL)
"""Texts in quotes, and all other signs one by one."""

OR, AND, ONE = 1, 2, 3  # how tightly a condition holds together

NO_TRUTH = (
    "A query has no truth value. Use & | ~ instead of and/or/not, put brackets round "
    "each comparison, and write a.between(x, y) instead of x < a < y."
)
BRACKETS = "Did you forget brackets?  (A == 1) & (B == 2)"


@dataclass(frozen=True)
class Query(Tabular):
    """A question to the catalogue: a class, a condition, an order, columns.

    Iterating it gives the objects, page by page. It is a value: every method gives
    another query.
    """

    tag: str | None = None
    where: str | None = None
    holds: int = ONE
    order: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    aggregates: tuple[str, ...] = ()
    at_most: int | None = None
    session: Session | None = None

    PAGE: ClassVar[int] = 1000

    # -- joined
    def __and__(self, other: object) -> Query:
        return self._joined("&", AND, other)

    def __or__(self, other: object) -> Query:
        return self._joined("|", OR, other)

    def __rand__(self, other: object) -> NoReturn:
        raise QueryError(f"{other!r} is not a condition. {BRACKETS}")

    __ror__ = __rand__

    def __invert__(self) -> Query:
        if self.where is None:
            raise QueryError("A query without a condition has no contrary.")
        return replace(self, where=f"~({self.where})", holds=ONE)

    def __bool__(self) -> NoReturn:
        raise QueryError(NO_TRUTH)

    def _joined(self, sign: str, holds: int, other: object) -> Query:
        if not isinstance(other, Query):
            raise QueryError(f"{other!r} is not a condition. {BRACKETS}")
        if self.tag != other.tag:
            raise QueryError(
                f"One query asks for {self.tag}, the other for {other.tag}; "
                "a query asks for one class."
            )
        if self.where is None or other.where is None:
            return replace(self, where=self.where or other.where)
        sides = (one._closed(holds) for one in (self, other))
        return replace(self, where=f" {sign} ".join(sides), holds=holds)

    def _closed(self, holds: int) -> str:
        assert self.where is not None
        return f"({self.where})" if self.holds < holds else self.where

    # -- more of it
    def order_by(self, *keys: Field | Order | str) -> Query:
        """Put them in an order: ``order_by(Cube.fwhm, -Cube.DATE_OBS)``."""
        names = [_name(key) for key in keys]
        return replace(self, order=tuple(names))

    def limit(self, count: int) -> Query:
        """Ask for at most this many."""
        return replace(self, at_most=count)

    def select(self, *columns: Field | str) -> Query:
        """Name the columns of a table."""
        names = [_name(one) for one in columns]
        return replace(self, columns=tuple(names))

    def in_project(self, *projects: str) -> Query:
        """Ask for objects of these projects only."""
        return replace(self, projects=projects)

    def near(
        self,
        place: str | float,
        dec: float | None = None,
        radius: str = "1 arcmin",
    ) -> Query:
        """Ask for pointings within ``radius`` of a target, or of a place (deg, ICRS).

        ``near("HDFS", radius="1 arcmin")`` asks by the name of a target or object in
        the catalogue, ``near(338.2, -60.5)`` by right ascension and declination.
        """
        if isinstance(place, str):
            return self._also(f"near({quoted(place)}, {radius})")
        if dec is None:
            raise QueryError("near() takes a name, or right ascension and declination.")
        return self._also(f"cone({float(place)!r}, {float(dec)!r}, {radius})")

    def in_box(self, ra: tuple[float, float], dec: tuple[float, float]) -> Query:
        """Ask for pointings in a box (deg, ICRS)."""
        corners = ", ".join(repr(float(one)) for one in (*ra, *dec))
        return self._also(f"box({corners})")

    def _also(self, where: str) -> Query:
        if self.where:
            return self & Query(self.tag, where)
        return replace(self, where=where)

    # -- groups
    def group_by(self, *attributes: Field | str) -> Query:
        """Make a row of the objects that have these in common; go on with `agg`.

        An order of objects is none of groups: name it afterwards.
        """
        return replace(self, group=tuple(map(_name, attributes)), columns=(), order=())

    def agg(self, **aggregates: str | tuple[str, Field | str]) -> Query:
        """Say what is given of each group: ``agg(n="count", fwhm="median")``.

        ``fwhm="median"`` is the median of ``fwhm``; another name is given by
        ``worst="max(fwhm)"`` or ``worst=("max", Cube.fwhm)``. Functions: count, min,
        max, mean, median, stddev (of a sample).
        """
        told = [f"{name}={_function(name, one)}" for name, one in aggregates.items()]
        return replace(self, aggregates=tuple(told), columns=())

    def agg_text(self, text: str | None) -> Query:
        """Say it as the language does: ``n=count, fwhm=median(fwhm)``."""
        return replace(self, aggregates=parts(text), columns=())

    @property
    def is_grouped(self) -> bool:
        """Whether rows are groups, not objects."""
        return bool(self.group or self.aggregates)

    def facets(
        self, *attributes: Field | str, limit: int = 20
    ) -> dict[str, dict[Any, int]]:
        """Give the values of attributes with the number of objects that have each.

        The most frequent come first, ``limit`` of each attribute.
        """
        asked = self.select(*attributes).order_by()
        found = asked._get("/facets", limit=limit)
        return {
            one["attribute"]["name"]: {
                _hashable(each["value"]): each["count"] for each in one["values"]
            }
            for one in found
        }

    def made_from(self, ancestor: Frame | str, depth: int | None = None) -> Query:
        """Ask for what has this object among its ancestors."""
        return self & Query(self.tag, _kin("made_from", ancestor, depth))

    def used_by(self, product: Frame | str, depth: int | None = None) -> Query:
        """Ask for the ancestors of this object."""
        return self & Query(self.tag, _kin("used_by", product, depth))

    def bound_to(self, session: Session) -> Query:
        """Ask this server, not the default one."""
        return replace(self, session=session)

    # -- what it says
    @override
    def __str__(self) -> str:
        return self.where or "all"

    @override
    def __repr__(self) -> str:
        asked = f" where {self._spoken()}" if self.where else ""
        ordered = f" by {', '.join(self.order)}" if self.order else ""
        limited = f", at most {self.at_most}" if self.at_most is not None else ""
        return f"<{self.tag or 'objects'}{asked}{ordered}{limited}>"

    def _repr_html_(self) -> str:
        """What is asked, in a notebook; nothing is sent for it."""
        from rich.text import Text

        from musewise.display.notebook import html_of

        return html_of(Text(repr(self)))

    def _spoken(self) -> str:
        """Say what a day means, where one is compared with a time."""
        assert self.where is not None
        name, _, value = self.where.partition(" == ")
        whole = name.upper() == "DATE_OBS" and is_day(value)
        return f"{self.where} (the whole day, UTC)" if whole else self.where

    def parameters(self) -> dict[str, str]:
        """Give what is sent, as parameters of a URL."""
        given = {
            "class": self.tag,
            "q": self.where,
            "order": ", ".join(self.order),
            "columns": ", ".join(self.columns),
            "projects": ",".join(self.projects),
            "group": ", ".join(self.group),
            "agg": ", ".join(self.aggregates),
        }
        return {name: value for name, value in given.items() if value}

    def url(self) -> str:
        """Give the address that asks the same."""
        session = self._session()
        path = "/catalog/objects/table" if self.is_grouped else "/catalog/objects"
        return session.connection.address(path, self.parameters())

    @staticmethod
    def from_url(url: str) -> Query:
        """Give the query of an address."""
        given = {
            name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()
        }
        return Query(
            tag=given.get("class"),
            where=given.get("q"),
            holds=OR,
            order=parts(given.get("order")),
            columns=parts(given.get("columns")),
            projects=parts(given.get("projects")),
            group=parts(given.get("group")),
            aggregates=parts(given.get("agg")),
        )

    # -- asked
    def _session(self) -> Session:
        if self.session is not None:
            return self.session
        from musewise.session import default

        return default()

    def _get(self, path: str, **more: Any) -> Any:
        session = self._session()
        return session.connection.get(
            f"/catalog/objects{path}", **self.parameters(), **more
        )

    def __iter__(self) -> Iterator[Frame]:
        return iter(self.frames())

    def frames(self) -> Frames:
        """Give the objects; they are read when they are looked at."""
        session = self._session()

        def fetch(after: str | None, count: int) -> dict[str, Any]:
            page: dict[str, Any] = self._get("", after=after, limit=count)
            return page

        return Frames(fetch, session, self.at_most)

    def counted(self) -> dict[str, Any]:
        """Give ``count`` and whether it is ``exact``, not an estimate of many."""
        found: dict[str, Any] = self._get("/count")
        return found

    def count(self) -> int:
        """Give the number of objects; beyond 50,000 it is an estimate."""
        found = int(self.counted()["count"])
        return found if self.at_most is None else min(found, self.at_most)

    def exists(self) -> bool:
        """Say whether there is any."""
        return bool(self._get("", limit=1)["items"])

    def first(self) -> Frame:
        """Give the first.

        Raises
        ------
        NotFoundError
            There is none.
        """
        return self.limit(1).frames().first()

    def one(self) -> Frame:
        """Give the only one.

        Raises
        ------
        NotFoundError
            There is none.
        TooMany
            There are several.
        """
        found = list(self.limit(2))
        if not found:
            raise none_fits(self)
        if len(found) > 1:
            raise TooMany(f"Several objects fit {self!r}.", hint="Use first().")
        return found[0]

    def ids(self) -> list[str]:
        """Give the ids of all."""
        return [frame.frame_id for frame in self]

    def explain(self) -> str:
        """Give how PostgreSQL would answer."""
        return "\n".join(self._get("/explain"))


def none_fits(query: Query) -> NotFoundError:
    """Say that there is none."""
    return NotFoundError(404, {"detail": f"No object fits {query!r}."})


def quoted(text: str) -> str:
    """Write a text in quotes."""
    return json.dumps(text, ensure_ascii=False)


def is_day(text: str) -> bool:
    """Whether a text is a date alone."""
    return len(text) == len("2014-01-31") and text[4:8:3] == "--"


def _name(one: Field | Order | str) -> str:
    return one if isinstance(one, str) else one.path


def _function(name: str, one: str | tuple[str, Field | str]) -> str:
    if isinstance(one, tuple):
        return f"{one[0]}({_name(one[1])})"
    if one == "count" or "(" in one:
        return one
    return f"{one}({name})"


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _kin(word: str, kin: Frame | str, depth: int | None) -> str:
    frame_id = kin.frame_id if isinstance(kin, Frame) else kin
    return f"{word}({quoted(frame_id)}{'' if depth is None else f', {depth}'})"


def parts(text: str | None) -> tuple[str, ...]:
    """Split a list of names at the commas that are in no bracket and no quotes."""
    parts, depth = [""], 0
    for piece in _PIECES.findall(text or ""):
        depth += (piece in ("[", "(")) - (piece in ("]", ")"))
        if piece == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return tuple(part.strip() for part in parts if part.strip())
