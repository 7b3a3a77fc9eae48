"""Typed columns of a frame, read from its headers as frames.yaml says."""

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from muse_catalog.rules.cubes import data_hdu, one_spelling, wavelength
from musecore.fits import Value, ifu_of
from musecore.muse.schema import Column, MuseModel, StaticCategory
from musecore.times import from_mjd, observing_night, parse_date_obs

__all__ = [
    "ColumnReader",
    "Headers",
    "TypedValue",
    "canonical_keywords",
    "exposure_name",
    "exposure_pattern",
    "searchable",
]

TypedValue = str | int | float | bool
Keywords = Mapping[str, Value]

_EPOCH = re.compile(r"_(\d{6}[A-Z])(?:_|$|\.)")
_NUMBERED = re.compile(r"ESO INS (LAMP|SHUT)(\d+) ST")
_TRUE = {"T", "TRUE", "1"}


class Headers:
    """The keywords of a file: primary header, and those of the channels.

    Parameters
    ----------
    extensions
        (EXTNAME, keywords) of each extension; None where there is no file at all.
    """

    def __init__(
        self,
        filename: str,
        primary: Keywords,
        extensions: Iterable[tuple[str, Keywords]] | None,
    ) -> None:
        self.filename = filename
        self.primary = primary
        self.is_file = extensions is not None
        self.extensions = list(extensions or ())

    @property
    def channels(self) -> dict[int, Keywords]:
        """IFU -> keywords of its extension; the first counts where two have one."""
        found: dict[int, Keywords] = {}
        for extname, keywords in self.extensions:
            ifu = ifu_of(extname)
            if ifu is not None:
                found.setdefault(ifu, keywords)
        return dict(sorted(found.items()))


class ColumnReader:
    """Interprets the columns of frames.yaml."""

    def __init__(self, model: MuseModel) -> None:
        self._model = model
        self._fields = {mode.field for mode in model.modes.modes}
        kinds = {kind for column in model.frames.columns for kind in column.kinds}
        self._asked: dict[tuple[str, str], list[Column]] = {
            (hdu, kind): [
                one
                for one in model.frames.columns
                if one.hdu == hdu and kind in one.kinds
            ]
            for hdu in ("primary", "extension")
            for kind in kinds
        }

    def read(self, headers: Headers, kind: str, tag: str) -> dict[str, TypedValue]:
        """Give the columns of a file, primary header only; absent ones are left out."""
        return self._columns(headers, kind, tag, "primary", headers.primary)

    def read_channel(
        self, headers: Headers, kind: str, tag: str, channel: Keywords
    ) -> dict[str, TypedValue]:
        """Give the columns of one channel; products have them in their primary."""
        both = {**headers.primary, **channel}
        return self._columns(headers, kind, tag, "extension", both)

    def _columns(
        self,
        headers: Headers,
        kind: str,
        tag: str,
        hdu: str,
        keywords: Keywords,
    ) -> dict[str, TypedValue]:
        found = {}
        for column in self._asked.get((hdu, kind), ()):
            if column.derive == "keyword":
                value = _keyword(column, keywords)
            else:
                value = self._value(column, headers, keywords, tag)
            if value is not None and value not in column.unknown:
                found[column.name] = value
        return found

    def _value(
        self, column: Column, headers: Headers, keywords: Keywords, tag: str
    ) -> TypedValue | None:
        value: TypedValue | None
        match column.derive:
            case "keyword":
                value = _keyword(column, keywords)
            case "file_name":
                value = _keyword(column, keywords) or self.exposure(headers.filename)
            case "night":
                value = _night(keywords)
            case "lit_lamps":
                value = _lit_lamps(keywords)
            case "field":
                value = self._field(column, headers, keywords, tag)
            case "starts_with_blue":
                value = _starts_with_blue(column, keywords)
            case "epoch":
                value = _epoch(headers, keywords)
            case _:
                value = _of_cube(column, headers)
        return value

    def exposure(self, filename: str) -> str | None:
        """Give the ARCFILE that a file name says, None if it says none."""
        return exposure_name(exposure_pattern(self._model), filename)

    def _field(
        self, column: Column, headers: Headers, keywords: Keywords, tag: str
    ) -> str | None:
        """Give WFM or NFM: by keyword, by mode, or by the name of a static."""
        for keyword in column.keywords:
            text = str(keywords.get(keyword) or "").upper()
            for field in self._fields:
                if text.startswith(field):
                    return str(field)
        if self._model.is_static(tag):
            return _field_of_name(self._model.static(tag), _names(headers, keywords))
        return None


def exposure_pattern(model: MuseModel) -> str:
    """Give the pattern of archive names: ``MUSE.<stamp>.fits``, with ``.fz`` or not."""
    patterns = (
        rule.pattern
        for rule in model.frames.header_rules
        if rule.check == "any_present" and rule.pattern
    )
    return next(patterns, r"(?!)")


def exposure_name(pattern: str, filename: str) -> str | None:
    """Give ``MUSE.<stamp>.fits`` from an archive name; ``_`` in it becomes ``:``."""
    found = re.match(pattern, filename)
    if found is None:
        return None
    day, _, clock = found[1].partition("T")
    return f"{day}T{clock.replace('_', ':')}.fits"


def _keyword(column: Column, keywords: Keywords) -> TypedValue | None:
    for keyword in column.keywords:
        given = keywords.get(keyword)
        value = None if given is None else typed(column.type, given)
        if value is not None:
            return column.aliases.get(str(value), value) if column.aliases else value
    return None


def typed(kind: str, value: Value) -> TypedValue | None:
    """Give a header value in the type of its column; None where it does not fit."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if kind == "bool":
        return value if isinstance(value, bool) else str(value).upper() in _TRUE
    if kind in {"int", "float"}:
        return _number(kind, value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\x00", "").strip() or None


def _number(kind: str, value: Value) -> int | float | None:
    try:
        number = value if isinstance(value, float) else float(str(value))
    except ValueError:
        return None
    if not isfinite(number):
        return None
    if kind == "float":
        return number
    return int(number) if number.is_integer() else None


def _starts_with_blue(column: Column, keywords: Keywords) -> bool | None:
    names = [keywords.get(keyword) for keyword in column.keywords]
    given = [str(name) for name in names if name]
    return given[0].startswith("Blue") if given else None


def _night(keywords: Keywords) -> str | None:
    mjd = typed("float", keywords.get("MJD-OBS"))
    if mjd is not None:
        try:
            return observing_night(from_mjd(float(mjd))).isoformat()
        except (ValueError, OverflowError):  # no day that a calendar has
            return None
    try:
        return observing_night(
            parse_date_obs(str(keywords.get("DATE-OBS") or ""))
        ).isoformat()
    except (ValueError, OverflowError):
        return None


def _lit_lamps(keywords: Keywords) -> str | None:
    """Give the numbers of the lamps whose lamp and shutter are on, as ``3+4``."""
    on: dict[str, set[int]] = {"LAMP": set(), "SHUT": set()}
    for keyword, value in keywords.items():
        if not keyword.endswith(" ST"):
            continue
        found = _NUMBERED.fullmatch(keyword)
        if found is not None and typed("bool", value):
            on[found[1]].add(int(found[2]))
    lit = sorted(on["LAMP"] & on["SHUT"])
    return "+".join(map(str, lit)) or None


def _names(headers: Headers, keywords: Keywords) -> list[str]:
    given = (keywords.get("PIPEFILE"), keywords.get("ORIGFILE"), headers.filename)
    return [str(name) for name in given if name]


def _of_cube(column: Column, headers: Headers) -> TypedValue | None:
    """Give what the HDU with the data says, whatever its spelling."""
    data = data_hdu(headers.primary, headers.extensions, column.keywords)
    if column.derive == "unit_of_data":
        text = typed("str", data.get(column.keywords[0]))
        return None if text is None else one_spelling(str(text))
    return wavelength(data, column.derive)


def _epoch(headers: Headers, keywords: Keywords) -> str | None:
    """Give the date letters of a delivered file's name: ``170422A``."""
    for name in _names(headers, keywords):
        found = _EPOCH.search(name)
        if found is not None:
            return found[1]
    return None


def _field_of_name(static: StaticCategory, names: Iterable[str]) -> str | None:
    if static.field_from != "file_name":
        return None
    for name in names:
        for rule in static.names:
            found = re.match(rule.pattern, name)
            if found is not None and found.groups():
                return found[1].upper()
    return None


def searchable(keywords: Keywords) -> dict[str, Any]:
    """Give the keywords of an HDU as JSON can hold them."""
    return {
        name if "\x00" not in name else name.replace("\x00", ""): (
            value if _is_plain(value) else _as_json(value)
        )
        for name, value in keywords.items()
    }


def _is_plain(value: Value) -> bool:
    kind = type(value)
    if kind is str:
        return "\x00" not in value  # type: ignore[operator]  # it is a text
    return kind is not complex and (kind is not float or isfinite(value))  # type: ignore[arg-type]


def _as_json(value: Value) -> Any:
    match value:
        case str():
            return value.replace("\x00", "")
        case float() if not isfinite(value):
            return str(value)
        case complex():
            return str(value)
        case _:
            return value


def canonical_keywords(model: MuseModel, given: Mapping[str, Any]) -> dict[str, Value]:
    """Give keywords as headers have them; absent ones (empty values) are left out.

    ``DPR_TYPE``, ``DPR TYPE``, ``DPR.TYPE`` and ``HIERARCH ESO DPR TYPE`` become
    ``ESO DPR TYPE``; ``DATE_OBS`` becomes ``DATE-OBS``.
    """
    spelling, groups = _spellings(model)
    found: dict[str, Value] = {}
    for name, value in given.items():
        if value is None or value == "":
            continue
        plain = _plain(name)
        fallback = plain.replace("_", " ")
        if fallback.split(" ")[0] in groups and " " in fallback:
            fallback = f"ESO {fallback}"
        found[spelling.get(plain, fallback)] = value
    return found


def _spellings(model: MuseModel) -> tuple[dict[str, str], set[str]]:
    lists = [
        *(column.keywords for column in model.frames.columns),
        *(rule.keywords for rule in model.frames.header_rules),
    ]
    keywords = {keyword for listed in lists for keyword in listed}
    groups = {k.split(" ")[1] for k in keywords if k.startswith("ESO ")}
    return {_plain(keyword): keyword for keyword in keywords}, groups


def _plain(name: str) -> str:
    plain = re.sub(r"[ .\-]+", "_", name.strip().upper())
    return plain.removeprefix("HIERARCH_").removeprefix("ESO_")
