"""What a product's header says of its making: recipes, inputs, parameters, QC."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from musecore.fits.cards import Header, Value
from musecore.fits.layout import HduHeader

__all__ = [
    "InputRecord",
    "ParameterRecord",
    "QcValue",
    "RecipeRecord",
    "ifu_of",
    "provenance",
    "qc_values",
]

_RECIPE = re.compile(r"ESO PRO REC(\d+) (.+)")
_LISTED = re.compile(r"(RAW|CAL|PARAM)(\d+) (NAME|CATG|DATAMD5|VALUE)")
_CHANNEL = re.compile(r"CHAN(\d\d)(?:\.|$)")
_UNIT = re.compile(r"\[([^\]]*)\]\s*(.*)", re.DOTALL)
_QC = "ESO QC "


@dataclass(frozen=True)
class InputRecord:
    """An input file as the pipeline wrote it down: base name and class."""

    group: str
    name: str
    catg: str
    data_md5: str | None


@dataclass(frozen=True)
class ParameterRecord:
    """A recipe parameter; `comment` holds its default."""

    name: str
    value: Value
    comment: str


@dataclass(frozen=True)
class RecipeRecord:
    """One generation of processing (``ESO PRO RECn``).

    Attributes
    ----------
    pipeline
        E.g. ``muse/2.8.7``.
    drs
        Version of CPL, e.g. ``cpl-7.2.3``.
    inputs
        Group RAW first, then group CAL, each in their order.
    """

    n: int
    recipe: str
    pipeline: str
    drs: str
    inputs: tuple[InputRecord, ...]
    parameters: tuple[ParameterRecord, ...]


class QcValue(NamedTuple):
    """One quality control value.

    Attributes
    ----------
    name
        Without ``ESO``: ``QC BIAS MASTER1 MEDIAN``.
    ifu
        Of the extension that holds it, or of the whole file; else None.
    unit
        What stands in brackets in the comment, or an empty text.
    """

    name: str
    ifu: int | None
    value: Value
    unit: str
    comment: str


def ifu_of(extname: str) -> int | None:
    """Give the IFU of an extension name: ``CHAN07`` and ``CHAN07.DATA`` are 7."""
    found = _CHANNEL.match(extname)
    return None if found is None else int(found[1])


def provenance(header: Header) -> list[RecipeRecord]:
    """Give the recipe generations of a product's primary header, oldest first."""
    found: dict[int, _Fields] = defaultdict(_Fields)
    for card in header.beginning("ESO PRO REC"):
        match = _RECIPE.fullmatch(card.keyword)
        if match is not None:
            found[int(match[1])].add(match[2], card.value, card.comment)
    return [found[n].record(n) for n in sorted(found)]


class _Fields:
    """Cards of one generation, sorted by what they describe."""

    def __init__(self) -> None:
        self.single: dict[str, Value] = {}
        self.listed: dict[tuple[str, int], dict[str, Value]] = defaultdict(dict)
        self.comments: dict[int, str] = {}

    def add(self, rest: str, value: Value, comment: str) -> None:
        match = _LISTED.fullmatch(rest)
        if match is None:
            self.single[rest] = value
            return
        group, n, field = match[1], int(match[2]), match[3]
        self.listed[group, n][field] = value
        if field == "VALUE":
            self.comments[n] = comment

    def record(self, n: int) -> RecipeRecord:
        return RecipeRecord(
            n=n,
            recipe=str(self.single.get("ID", "")),
            pipeline=str(self.single.get("PIPE ID", "")),
            drs=str(self.single.get("DRS ID", "")),
            inputs=(*self._inputs("RAW"), *self._inputs("CAL")),
            parameters=tuple(self._parameters()),
        )

    def _numbers(self, group: str) -> list[int]:
        return sorted(n for kind, n in self.listed if kind == group)

    def _inputs(self, group: str) -> Iterable[InputRecord]:
        for n in self._numbers(group):
            fields = self.listed[group, n]
            md5 = fields.get("DATAMD5")
            yield InputRecord(
                group=group,
                name=str(fields.get("NAME", "")),
                catg=str(fields.get("CATG", "")),
                data_md5=None if md5 is None else str(md5),
            )

    def _parameters(self) -> Iterable[ParameterRecord]:
        for n in self._numbers("PARAM"):
            fields = self.listed["PARAM", n]
            name = str(fields.get("NAME", ""))
            comment = self.comments.get(n, "")
            yield ParameterRecord(name, fields.get("VALUE"), comment)


def qc_values(hdus: Sequence[HduHeader]) -> list[QcValue]:
    """Give all QC values of a product, in the order of the file.

    A product of one IFU names it in its primary HDU (EXTNAME ``CHAN12``), one merged
    from several in each extension.
    """
    whole = ifu_of(hdus[0].extname) if hdus else None
    values = []
    for hdu in hdus:
        ifu = ifu_of(hdu.extname) or whole
        for card in hdu.header.beginning(_QC):
            name = card.keyword.removeprefix("ESO ")
            values.append(QcValue(name, ifu, card.value, *_split_unit(card.comment)))
    return values


def _split_unit(comment: str) -> tuple[str, str]:
    found = _UNIT.match(comment)
    return ("", comment) if found is None else (found[1], found[2])
