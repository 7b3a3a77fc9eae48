"""The one translation of queries to SQL. Values go as parameters, never as text."""

from collections.abc import Callable, Mapping, Sequence
from math import cos, radians, sin
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy import (
    cast as sql_cast,
)

from muse_catalog.models.query import (
    And,
    Box,
    Compare,
    Cone,
    IsNull,
    Like,
    MadeFrom,
    Not,
    Or,
    Path,
    Term,
    UsedBy,
    Value,
)
from muse_catalog.rules import AttributeFact, Attributes, QueryInvalid
from muse_catalog.store.query_tests import Asking, Condition, Test, test_of, values_of
from muse_catalog.store.versions import version_key
from muse_catalog.tables import (
    FileRow,
    FrameRow,
    KeywordRow,
    LineageRow,
    QcValueRow,
    TaskRunRow,
)

__all__ = ["QuerySql"]

_FILE = FileRow.__table__.c
_FRAME = FrameRow.__table__.c
_RUN = TaskRunRow.__table__.c
_QC = QcValueRow.__table__.c
_KEYWORD = KeywordRow.__table__.c


class QuerySql:
    """Makes conditions and columns of terms and paths.

    Parameters
    ----------
    files
        The files of the objects that the query names, by what it calls them.
    """

    def __init__(self, attributes: Attributes, files: Mapping[str, UUID]) -> None:
        self._attributes = attributes
        self._files = files

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
            case Cone() | Box():
                return _in_cone(term) if isinstance(term, Cone) else _in_box(term)
            case MadeFrom() | UsedBy():
                kin = _made_from if isinstance(term, MadeFrom) else _used_by
                found = kin(self._files[term.object_id], term.depth)
                return _FILE.file_id.in_(found)
            case _:
                return self._asked(term)

    def _asked(self, term: Asking) -> Condition:
        fact = self._attributes.find(term.path)
        if isinstance(term, Compare) and term.operator == "!=":
            same = term.model_copy(update={"operator": "=="})
            return self._asked(same).is_not(true())
        if isinstance(term, IsNull):
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
                return test(_FILE[fact.column])
            case "frame":
                return test(_FRAME[fact.column])
            case "keyword":
                return test(_typed(_FILE.keywords[fact.key], fact.type))
            case "run":
                return _of_run(fact, test)
            case "qc":
                return _of_qc(fact, test)
            case "header":
                return _of_header(fact, test)

    # -- columns
    def column(self, path: Path) -> ColumnElement[Any]:
        """Give what is kept of an attribute, as a column to show or to order by."""
        return self.shown(self._attributes.find(path))

    def order_key(self, path: Path) -> ColumnElement[Any]:
        """Give what objects are ordered by: versions as versions, not as text."""
        fact = self._attributes.find(path)
        column = self.shown(fact)
        return version_key(column) if fact.compared == "version" else column

    def shown(self, fact: AttributeFact) -> ColumnElement[Any]:
        """Give the column of an attribute."""
        match fact.place:
            case "file":
                return _FILE[fact.column]
            case "frame":
                return _FRAME[fact.column]
            case "keyword":
                return _typed(_FILE.keywords[fact.key], fact.type)
            case "run":
                return _run_value(fact)
            case "qc":
                return _qc_value(fact)
            case "header":
                return _header_value(fact)


# -- where the values are kept
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


def _keywords_of_file(fact: AttributeFact) -> Condition:
    of_hdu = (
        _KEYWORD.hdu == 0
        if fact.extension is None
        else _KEYWORD.extname == fact.extension
    )
    return and_(_KEYWORD.file_id == _FILE.file_id, of_hdu)


def _of_header(fact: AttributeFact, test: Test) -> Condition:
    value = _typed(_KEYWORD.keywords[fact.key], fact.type)
    return exists().where(_keywords_of_file(fact), test(value))


def _header_value(fact: AttributeFact) -> ColumnElement[Any]:
    value = _KEYWORD.keywords[fact.key]
    shown = value if fact.type == "any" else _typed(value, fact.type)
    return select(shown).where(_keywords_of_file(fact)).limit(1).scalar_subquery()


# -- the sky
def _in_cone(cone: Cone) -> Condition:
    """Give the condition of the haversine formula, behind a strip in declination."""
    low, high = cone.dec - cone.radius, cone.dec + cone.radius
    half_ra = func.sin(func.radians(_FILE.ra - cone.ra) / 2)
    half_dec = func.sin(func.radians(_FILE.dec - cone.dec) / 2)
    distance = (
        half_dec * half_dec
        + cos(radians(cone.dec)) * func.cos(func.radians(_FILE.dec)) * half_ra * half_ra
    )
    return and_(
        _FILE.dec.between(low, high),
        distance <= sin(radians(cone.radius) / 2) ** 2,
    )


def _in_box(box: Box) -> Condition:
    in_ra: Condition
    if box.ra_low <= box.ra_high:
        in_ra = _FILE.ra.between(box.ra_low, box.ra_high)
    else:
        in_ra = or_(_FILE.ra >= box.ra_low, _FILE.ra <= box.ra_high)
    return and_(_FILE.dec.between(box.dec_low, box.dec_high), in_ra)


# -- lineage
def _closure(first: Select[Any], step: Callable[[Any], Select[Any]]) -> Select[Any]:
    kin = first.cte(recursive=True)
    kin = kin.union(step(kin))
    return select(kin.c.file_id)


def _made_from(file_id: UUID, depth: int | None) -> Select[Any]:
    """Give the files that have a file among their ancestors.

    A run elsewhere is no task of any file: its ``task_id`` is the product itself. All
    that a header tells of is one generation: what was made on the way is no object.
    """
    made = FileRow.__table__.alias()
    read = LineageRow.__table__.alias()
    here = and_(read.c.task_id == made.c.task_id, read.c.attempt == made.c.attempt)
    joined = read.outerjoin(made, here)
    product = func.coalesce(made.c.file_id, read.c.task_id).label("file_id")
    level = _level(depth)
    first = (
        select(product, level(None))
        .select_from(joined)
        .where(read.c.file_id == file_id)
    )
    return _closure(
        first,
        lambda kin: (
            select(product, level(kin))
            .select_from(joined.join(kin, read.c.file_id == kin.c.file_id))
            .where(_goes_on(kin, depth))
        ),
    )


def _used_by(file_id: UUID, depth: int | None) -> Select[Any]:
    """Give the files that are among the ancestors of a file; see `_made_from`."""
    made = FileRow.__table__.alias()
    read = LineageRow.__table__.alias()
    run = func.coalesce(made.c.task_id, made.c.file_id)
    same_attempt = or_(made.c.attempt.is_(None), read.c.attempt == made.c.attempt)
    joined = read.join(made, and_(read.c.task_id == run, same_attempt))
    level = _level(depth)
    first = (
        select(read.c.file_id, level(None))
        .select_from(joined)
        .where(made.c.file_id == file_id)
    )
    return _closure(
        first,
        lambda kin: (
            select(read.c.file_id, level(kin))
            .select_from(joined.join(kin, made.c.file_id == kin.c.file_id))
            .where(_goes_on(kin, depth))
        ),
    )


def _level(depth: int | None) -> Callable[[Any], ColumnElement[Any]]:
    """Give the column that counts generations; a constant where nobody counts."""

    def of(kin: Any) -> ColumnElement[Any]:
        if depth is None:
            return literal(0).label("level")
        return (literal(1) if kin is None else kin.c.level + 1).label("level")

    return of


def _goes_on(kin: Any, depth: int | None) -> Condition:
    return true() if depth is None else kin.c.level < depth
