"""The one translation of queries to SQL. Values go as parameters, never as text."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy import (
    cast as sql_cast,
)
from sqlalchemy.dialects.postgresql import ARRAY

from muse_catalog.models.query import (
    And,
    Box,
    Compare,
    Cone,
    IsNull,
    Like,
    MadeFrom,
    Near,
    Not,
    Or,
    Path,
    Term,
    UsedBy,
    Value,
)
from muse_catalog.rules import AttributeFact, Attributes, QueryInvalid
from muse_catalog.store.query_kin import Place, made_of, used_for
from muse_catalog.store.query_sky import in_box, in_cone
from muse_catalog.store.query_tests import Asking, Condition, Test, test_of, values_of
from muse_catalog.store.said import FLAGS, VALIDITY
from muse_catalog.store.versions import version_key
from muse_catalog.tables import (
    FileRow,
    FrameRow,
    KeywordRow,
    QcValueRow,
    TaskRunRow,
)

__all__ = ["Named", "Places", "QuerySql"]

Places = Mapping[UUID, int]
"""Where a keyword's value stands, by the shape of the HDU."""

_FILE = FileRow.__table__.c
_FRAME = FrameRow.__table__.c
_RUN = TaskRunRow.__table__.c
_QC = QcValueRow.__table__.c
_KEYWORD = KeywordRow.__table__.c


class Named(NamedTuple):
    """What a query calls by name.

    Attributes
    ----------
    objects
        File and IFU of objects, by what the query calls them.
    sky
        Right ascension and declination (deg) of names that it is to be near.
    shapes
        Of each keyword that is looked for in headers: which shapes have it, and where.
    """

    objects: dict[str, Place]
    sky: dict[str, tuple[float, float]]
    shapes: dict[str, Places]


class QuerySql:
    """Makes conditions and columns of terms and paths.

    Parameters
    ----------
    named
        What the query calls by name, found before.
    """

    def __init__(
        self,
        attributes: Attributes,
        named: Named,
    ) -> None:
        self._attributes = attributes
        self._named = named

    # -- conditions
    def condition(self, term: Term) -> Condition:
        """Give the condition of a term.

        Raises
        ------
        QueryInvalid
            An attribute that is unknown, or a value that it cannot have.
        """
        match term:
            case And():
                return and_(*map(self.condition, term.terms))
            case Or():
                return or_(*map(self.condition, term.terms))
            case Not():
                return self.condition(term.term).is_not(true())
            case Cone() | Near() | Box():
                return self._in_the_sky(term)
            case MadeFrom() | UsedBy():
                return self._of_kin(term)
            case _:
                return self._asked(term)

    def _of_kin(self, term: MadeFrom | UsedBy) -> Condition:
        place = self._named.objects[term.object_id]
        if isinstance(term, MadeFrom):
            return made_of(place, term.depth)
        return used_for(place, term.depth, self._attributes.raw)

    def _in_the_sky(self, term: Cone | Near | Box) -> Condition:
        match term:
            case Near():
                ra, dec = self._named.sky[term.name]
                return in_cone(Cone(ra=ra, dec=dec, radius=term.radius))
            case Cone():
                return in_cone(term)
            case Box():
                return in_box(term)

    def _asked(self, term: Asking) -> Condition:
        fact = self._attributes.find(term.path)
        if isinstance(term, Compare) and term.operator == "!=":
            same = term.model_copy(update={"operator": "=="})
            return self._asked(same).is_not(true())
        if isinstance(term, IsNull):
            if fact.place == "header":  # a card without a value tells nothing
                fact = fact.model_copy(update={"type": "str"})
            return self.shown(fact).is_(None)
        if not isinstance(term, Like):
            self._attributes.check(fact, values_of(term))
        if fact.type == "any":
            fact = fact.model_copy(update={"type": _type_of(values_of(term))})
        return self._where(fact, test_of(fact, term))

    def _where(self, fact: AttributeFact, test: Test) -> Condition:
        """Apply a test to what is kept of an attribute."""
        match fact.place:
            case "file":
                found = test(_kept(fact.column))
                of_people = fact.type == "flags"
                return or_(found, test(_FRAME.flags_said)) if of_people else found
            case "frame":
                return test(_of_frame(fact))
            case "keyword":
                return test(_typed(_FILE.keywords[fact.key], fact.type))
            case "run":
                return _of_run(fact, test)
            case "qc":
                return _of_qc(fact, test)
            case "header":
                return self._of_header(fact, test)

    # -- columns
    def column(self, path: Path) -> ColumnElement[Any]:
        """Give what is kept of an attribute, as a column to show or to order by."""
        return self.shown(self._attributes.find(path))

    def order_key(self, path: Path) -> ColumnElement[Any]:
        """Give what objects are ordered by: versions as versions, not as text."""
        fact = self._attributes.find(path)
        column = self.shown(fact)
        return version_key(column) if fact.compared == "version" else column

    def is_column(self, path: Path) -> bool:
        """Say whether an attribute has a column of its own."""
        return self._attributes.find(path).place in ("file", "frame")

    def is_moment(self, path: Path) -> bool:
        """Say whether an attribute is a time, which few objects share."""
        return self._attributes.find(path).type == "time"

    def shown(self, fact: AttributeFact) -> ColumnElement[Any]:
        """Give the column of an attribute."""
        match fact.place:
            case "file":
                return FLAGS if fact.type == "flags" else _kept(fact.column)
            case "frame":
                return _of_frame(fact)
            case "keyword":
                return _typed(_FILE.keywords[fact.key], fact.type)
            case "run":
                return _run_value(fact)
            case "qc":
                return _qc_value(fact)
            case "header":
                return self._header_value(fact)

    # -- headers
    def _of_header(self, fact: AttributeFact, test: Test) -> Condition:
        value = _typed(self._in_header(fact), fact.type)
        return exists().where(self._with_keyword(fact), test(value))

    def _header_value(self, fact: AttributeFact) -> ColumnElement[Any]:
        value = self._in_header(fact)
        shown = value if fact.type == "any" else _typed(value, fact.type)
        return select(shown).where(self._with_keyword(fact)).limit(1).scalar_subquery()

    def _with_keyword(self, fact: AttributeFact) -> Condition:
        """Give the HDUs of an object's file that have a keyword."""
        of_hdu = (
            _KEYWORD.hdu == 0
            if fact.extension is None
            else _KEYWORD.extname == fact.extension
        )
        shapes = list(self._named.shapes.get(fact.key or "", {}))
        return and_(
            _KEYWORD.file_id == _FRAME.file_id,
            of_hdu,
            _KEYWORD.shape_id == any_(bindparam(None, shapes, ARRAY(Uuid))),
        )

    def _in_header(self, fact: AttributeFact) -> Any:
        """Give the value of a keyword: the shape of the HDU says where it stands."""
        places = self._named.shapes.get(fact.key or "", {})
        by_place: dict[int, list[UUID]] = {}
        for shape_id, place in places.items():
            by_place.setdefault(place, []).append(shape_id)
        if len(by_place) < 2:
            return _KEYWORD.vals[next(iter(by_place), -1)]
        whens = [
            (_KEYWORD.shape_id == any_(bindparam(None, ids, ARRAY(Uuid))), place)
            for place, ids in by_place.items()
        ]
        return _KEYWORD.vals[case(*whens)]


# -- where the values are kept
def _kept(column: str) -> ColumnElement[Any]:
    """Give a column of the file; beside the frame where it stands there too."""
    return _FRAME[column] if column in _FRAME else _FILE[column]


def _type_of(values: Sequence[Value]) -> str:
    """Give the type of values that are compared with what has none of its own."""
    kinds = {
        "bool" if isinstance(v, bool) else "str" if isinstance(v, str) else "float"
        for v in values
    }
    if len(kinds) > 1:
        raise QueryInvalid(
            f"The values {', '.join(map(repr, values))} are of two types."
        )
    return kinds.pop()


def _typed(value: Any, kind: str) -> ColumnElement[Any]:
    """Give a JSON value in a type; null where it is of another."""
    text = value.astext
    match kind:
        case "float" | "int":
            number = func.jsonb_typeof(value) == "number"
            return case((number, sql_cast(text, Float(53))), else_=None)
        case "bool":
            truth = func.jsonb_typeof(value) == "boolean"
            return case((truth, sql_cast(text, Boolean)), else_=None)
        case _:
            return text  # type: ignore[no-any-return]


def _of_frame(fact: AttributeFact) -> ColumnElement[Any]:
    return VALIDITY if fact.type == "validity" else _FRAME[fact.column]


def _run_column(fact: AttributeFact) -> ColumnElement[Any]:
    column = _RUN[fact.column]
    return column if fact.key is None else _typed(column[fact.key], fact.type)


_RUN_OF_FILE = or_(
    and_(_RUN.task_id == _FILE.task_id, _RUN.attempt == _FILE.attempt),
    and_(_RUN.task_id == _FILE.file_id, _RUN.attempt == 1),  # run elsewhere
)


def _of_run(fact: AttributeFact, test: Test) -> Condition:
    return exists().where(_RUN_OF_FILE, test(_run_column(fact)))


def _run_value(fact: AttributeFact) -> ColumnElement[Any]:
    return select(_run_column(fact)).where(_RUN_OF_FILE).scalar_subquery()


def _qc_of_frame(fact: AttributeFact) -> Condition:
    named = _QC.name.in_(fact.keys)
    of_ifu = true() if fact.ifu is None else _QC.ifu == fact.ifu
    return and_(_QC.frame_id == _FRAME.frame_id, named, of_ifu)


def _of_qc(fact: AttributeFact, test: Test) -> Condition:
    column = _QC.text if fact.type == "str" else _QC.value
    if len(fact.keys) > 1:  # a short name: the largest counts
        return test(_qc_value(fact))
    return exists().where(_qc_of_frame(fact), test(column))


def _qc_value(fact: AttributeFact) -> ColumnElement[Any]:
    column = _QC.text if fact.type == "str" else _QC.value
    return select(func.max(column)).where(_qc_of_frame(fact)).scalar_subquery()
