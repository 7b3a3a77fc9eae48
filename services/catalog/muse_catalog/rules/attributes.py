"""Which attributes the objects have: names, types, units, and where they are kept."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from muse_catalog.models import FileRecord, FrameRecord
from muse_catalog.models.query import (
    Attribute,
    Day,
    HeaderKeyword,
    Instant,
    Path,
    QcParameter,
    Value,
)
from muse_catalog.rules.errors import QueryInvalid, UnknownAttribute
from musecore.muse.schema import Column, MuseModel

__all__ = ["AttributeFact", "AttributeType", "Attributes", "canonical_keyword"]

AttributeType = Literal[
    "str", "int", "float", "bool", "time", "date", "id", "flags", "validity", "any"
]
Place = Literal["file", "frame", "keyword", "run", "qc", "header"]
_PARAMETERS = "processing.parameters."
_TAKES = {
    "str": (str,),
    "id": (str,),
    "flags": (str,),
    "validity": (str, bool),
    "int": (int, float),
    "float": (int, float),
    "bool": (bool,),
    "time": (Day, Instant),
    "date": (Day,),
    "any": (str, int, float, bool),
}
_KEPT_AS = {
    "exptime": "exptime_s",
    "obs_targ_name": "target",
    "obs_prog_id": "prog_id",
    "date_obs": "mjd_us",
}
"""Columns of frames.yaml that table ``file`` keeps under another name."""


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AttributeFact(_Fact):
    """An attribute of the objects.

    ``place`` and ``column`` say where it is kept, ``key`` where in a JSON column;
    ``keys`` are the QC values that it stands for, of which the largest counts.
    ``compared`` says as what a text is compared, where not as text.
    """

    name: str
    type: AttributeType
    compared: Literal["version", "unit"] | None = None
    unit: str | None = None
    ucd: str | None = None
    doc: str
    place: Place
    column: str = ""
    key: str | None = None
    keys: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("raw", "product", "static")
    classes: tuple[str, ...] = ()
    ifu: int | None = None
    extension: str | None = None
    source: str | None = None

    def of_class(self, tag: str, kind: str) -> bool:
        """Say whether objects of a class have it."""
        return tag in self.classes if self.classes else kind in self.kinds


class _Named(_Fact):
    """attributes.yaml."""

    version: int
    doc: str
    ucds: dict[str, str]
    attributes: tuple[AttributeFact, ...]
    qc: tuple[AttributeFact, ...]


class Attributes:
    """All attributes of the model, and what names they go by.

    Attributes
    ----------
    number
        Version of the model as clients compare it: higher where any of its files is.
    raw
        The classes of raw frames.
    """

    def __init__(self, model: MuseModel) -> None:
        self._model = model
        named = _named()
        mine = [
            one.model_copy(update={"ucd": named.ucds.get(one.name)})
            for one in (*named.attributes, *named.qc)
        ]
        known = {fact.name for fact in mine}
        columns = [
            one
            for one in model.frames.columns
            if one.name not in known
            and (one.hdu == "primary" or one.name in FrameRecord.model_fields)
        ]
        self.raw = frozenset(
            one.tag for one in model.frames.classes if one.kind == "raw"
        )
        self.number = named.version + sum(map(int, model.version.split(".")))
        self.facts = [
            *mine,
            *(_of_column(column, named.ucds.get(column.name)) for column in columns),
        ]
        self._by_name: dict[str, AttributeFact] = {}
        for fact in self.facts:
            for name in (fact.name, *fact.aliases):
                self._by_name.setdefault(name, fact)

    def of_class(self, tag: str) -> list[AttributeFact]:
        """Give the attributes of a class.

        Raises
        ------
        musecore.errors.NotFound
            There is no such class.
        """
        kind = self._model.frame_class(tag).kind
        return [fact for fact in self.facts if fact.of_class(tag, kind)]

    def knows(self, name: str) -> bool:
        """Say whether there is an attribute of this name."""
        return name.lower().removeprefix("eso_") in self._by_name

    def find(self, path: Path) -> AttributeFact:
        """Give what is asked about.

        Raises
        ------
        UnknownAttribute
            There is no such attribute; the nearest ones are named.
        """
        match path:
            case HeaderKeyword():
                return AttributeFact(
                    name=path.keyword,
                    type="any",
                    doc="a keyword of the header",
                    place="header",
                    key=canonical_keyword(path.keyword),
                    extension=path.extension,
                )
            case QcParameter():
                return AttributeFact(
                    name=path.name,
                    type="any",
                    doc="a QC value",
                    place="qc",
                    keys=(_qc_name(path.name),),
                    ifu=path.ifu,
                )
            case Attribute():
                return self._attribute(path.name)

    def _attribute(self, name: str) -> AttributeFact:
        lower = name.lower()
        if lower.startswith(_PARAMETERS):
            key = name[len(_PARAMETERS) :]
            return AttributeFact(
                name=name,
                type="any",
                doc="a parameter of the run",
                place="run",
                column="parameters",
                key=key,
            )
        found = self._by_name.get(lower.removeprefix("eso_"))
        if found is None:
            raise UnknownAttribute(
                f"There is no attribute {name!r}.{self._meant(lower)}",
                hint="musewise attributes CLASS lists them; a keyword of the header is "
                'asked as header["ESO INS TEMP4 VAL"], a QC value as '
                'qc["BIAS MASTER1 RON"].',
            )
        return found

    def _meant(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._by_name, 3, 0.6)
        return f" Did you mean {_either(near)}?" if near else ""

    def check(self, fact: AttributeFact, values: Iterable[Value]) -> None:
        """Refuse values that an attribute cannot have.

        Raises
        ------
        QueryInvalid
        """
        for value in values:
            if (
                fact.type != "bool"
                and isinstance(value, bool)
                and bool not in _TAKES[fact.type]
            ):
                raise _wrong_type(fact, value)
            if not isinstance(value, _TAKES[fact.type]):
                raise _wrong_type(fact, value)


def _named() -> _Named:
    text = resources.files(__package__).joinpath("attributes.yaml").read_text()
    return _Named.model_validate(yaml.safe_load(text))


def _of_column(column: Column, ucd: str | None) -> AttributeFact:
    """Give the attribute of a column of frames.yaml."""
    kept = _KEPT_AS.get(column.name, column.name)
    place: Place = "keyword"
    if kept in FileRecord.model_fields:
        place = "file"
    elif column.hdu == "extension":
        place = "frame"
    return AttributeFact(
        name=column.name,
        type=column.type,
        compared="unit" if column.derive == "unit_of_data" else None,
        unit=column.unit,
        ucd=ucd,
        doc=column.doc,
        place=place,
        column=kept if place != "keyword" else "keywords",
        key=column.name if place == "keyword" else None,
        aliases=_aliases(column, kept),
        kinds=column.kinds,
        source=column.source,
    )


def _aliases(column: Column, kept: str) -> tuple[str, ...]:
    """Give its keywords with underscores (INS_MODE), and the short name of its table."""
    first = [keyword for keyword in column.keywords[:1] if column.derive == "keyword"]
    spoken = [_plain(keyword) for keyword in first]
    short = [kept] if kept != "mjd_us" else []
    return tuple(dict.fromkeys([*spoken, *short]))


def _plain(keyword: str) -> str:
    name = keyword.removeprefix("ESO ").lower()
    return name.replace(" ", "_").replace("-", "_")


def canonical_keyword(keyword: str) -> str:
    """Give a keyword as headers have it: ``ESO INS MODE``, not ``HIERARCH ESO …``."""
    name = " ".join(keyword.replace(".", " ").upper().split())
    return name.removeprefix("HIERARCH ")


def _qc_name(name: str) -> str:
    plain = canonical_keyword(name).removeprefix("ESO ")
    return plain if plain.startswith("QC ") else f"QC {plain}"


def _either(words: Sequence[str]) -> str:
    return " or ".join(repr(word) for word in words)


def _wrong_type(fact: AttributeFact, value: Value) -> QueryInvalid:
    match value:
        case Day():
            given = f"date {value.day}"
        case Instant():
            given = f"time {value.instant.isoformat()}"
        case _:
            given = f"{type(value).__name__} {value!r}"
    wanted = {
        "date": "a date (2014-01-31)",
        "time": "a date or a time (2014-01-31T12:00:00)",
        "validity": "yes, no, unknown or proposed",
        "flags": "the name of a flag",
        "version": "a version in quotes ('1.4', 'muse/2.8.7')",
        "unit": "a unit in quotes ('10**-20 Angstrom-1 cm-2 erg s-1')",
    }.get(fact.compared or fact.type, fact.type)
    return QueryInvalid(f"{fact.name} takes {wanted}, got {given}.")
