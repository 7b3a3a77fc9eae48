"""Models of frames.yaml and modes.yaml: frame classes, columns, header rules, modes."""

from functools import cached_property
from typing import Literal

from pydantic import Field

from musecore.muse.facts import Entry, Fact, Items, Value

__all__ = [
    "Column",
    "FrameClass",
    "FrameKind",
    "Frames",
    "HeaderRule",
    "KeyTest",
    "Mode",
    "Modes",
    "Scope",
]

FrameKind = Literal["raw", "product", "static", "user", "ignored"]
Scope = Literal["ifu", "field"]
ColumnType = Literal["str", "int", "float", "bool", "time"]
Derivation = Literal[
    "keyword",
    "file_name",
    "night",
    "lit_lamps",
    "field",
    "starts_with_blue",
    "epoch",
    "unit_of_data",
    "first_wavelength",
    "last_wavelength",
    "wavelength_step",
]
Check = Literal["equals", "present", "any_present", "extension_matches", "classified"]


class KeyTest(Fact):
    """An exact test on one keyword: ``equals``, ``one_of`` or ``contains_all``.

    ``contains_all`` looks at the comma-separated parts of the value; it is used for
    detector monitoring only, whose whole strings are not published.
    """

    keyword: str
    equals: Value | None = None
    one_of: tuple[Value, ...] | None = None
    contains_all: Items | None = None
    if_present: bool = False  # True: a missing keyword passes

    def passes(self, value: Value | None) -> bool:
        """Say whether a keyword's value (None: it is missing) passes."""
        if value is None:
            return self.if_present
        if self.one_of is not None:
            return value in self.one_of
        if self.contains_all is not None:
            return set(self.contains_all) <= set(str(value).split(","))
        return value == self.equals


class FrameClass(Entry):
    """A class of frames: how it is recognised, grouped and used."""

    tag: str
    kind: FrameKind
    scope: Scope  # "ifu": one object per IFU; "field": one per file
    tests: tuple[KeyTest, ...] = ()
    sof_tag: str | None = None  # what a set-of-frames file calls it, if not `tag`
    group_by: Literal["tpl_start", "arcfile"] | None = None
    min_set: int | None = None  # frames; fewer make no product
    normal_set: int | None = None  # frames; fewer get the flag "small_set"
    typical_set: int | None = None  # frames; what the templates take
    rebuildable: bool = False  # bytes may be dropped, the record stays
    size_mb: float | None = None  # MB per object (per IFU where scope is "ifu")
    static: bool = False  # also delivered from outside, see statics.yaml

    @property
    def name_in_sof(self) -> str:
        """The tag to write into a set-of-frames file."""
        return self.sof_tag or self.tag


class Column(Entry):
    """A typed column of the catalogue: where its value comes from."""

    name: str
    keywords: Items = ()  # the first that is present counts
    hdu: Literal["primary", "extension"] = "primary"
    type: ColumnType
    unit: str | None = None
    derive: Derivation = "keyword"
    kinds: tuple[FrameKind, ...] = ("raw", "product", "static")
    aliases: dict[str, str] = Field(default_factory=dict)  # old -> kept
    unknown: tuple[float, ...] = ()  # values that stand for "not known"


class HeaderRule(Entry):
    """What a header must have; `message` is the sentence of the refusal.

    ``message`` may name ``{filename}``, ``{keyword}``, ``{value}``, ``{expected}``.
    """

    code: str
    kinds: tuple[FrameKind, ...]
    check: Check
    keywords: Items = ()
    value: Value | None = None
    pattern: str | None = None
    tags: Items = ()  # only for these classes; empty: for all
    needs_file: bool = False  # not asked of rows registered as metadata only
    message: str
    hint: str


class Frames(Fact):
    """frames.yaml."""

    version: int
    doc: str
    classes: tuple[FrameClass, ...]
    columns: tuple[Column, ...]
    header_rules: tuple[HeaderRule, ...]

    @cached_property
    def tested(self) -> tuple[str, ...]:
        """The keywords that tell the class of a frame."""
        tests = (test for entry in self.classes for test in entry.tests)
        return tuple(sorted({test.keyword for test in tests}))

    @cached_property
    def told(self) -> dict[tuple[object, ...], tuple[FrameClass, ...]]:
        """Values of `tested` that were met, and the classes that they fit."""
        return {}


class Mode(Entry):
    """An instrument mode (``INS.MODE``)."""

    name: str
    field: Literal["WFM", "NFM"]
    field_size_arcsec: float
    spaxel_x_arcsec: float
    spaxel_y_arcsec: float
    wave_min_angstrom: float  # crop of muse_scibasic
    wave_max_angstrom: float
    opti1_name: str | None  # None: not verified
    opti1_prefix: Literal["Blue", "Clear"] | None
    notch_min_angstrom: float | None
    notch_max_angstrom: float | None
    ao: bool
    aliases: Items = ()


class Modes(Fact):
    """modes.yaml."""

    version: int
    doc: str
    ifus: int
    slices_per_ifu: int
    modes: tuple[Mode, ...]
