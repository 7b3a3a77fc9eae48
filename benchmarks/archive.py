"""An archive of nights as rows of the scheduler's table of frames: headers, no pixels."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from musecore.times import mjd_us, observing_night

FIRST = datetime(2023, 1, 1, 23, 0, tzinfo=UTC)
EXPOSURES = 94  # with 24 IFUs: 2472 tasks a night
COLUMNS = (
    *("file_id", "kind", "tag", "filename", "arcfile", "object_key", "sha256"),
    *("content_key", "size", "mjd_us", "night", "target", "project", "chips"),
    *("frame_ids", "keywords", "is_valid", "quality_flags", "bad_ifus", "ingested"),
    "changed",
)
_SETUP = {
    "instrume": "MUSE",
    "ins_mode": "WFM-NOAO-N",
    "field": "WFM",
    "det_read_curid": 1,
    "det_binx": 1,
    "det_biny": 1,
}
_CHIPS = json.dumps(
    {
        n: {"chip_id": f"ccd-{n}", "chip_name": f"MUSE{n:02d}", "live": True}
        for n in range(1, 25)
    }
)
_STATICS = {
    "BADPIX_TABLE": {},
    "LINE_CATALOG": {},
    "EXTINCT_TABLE": {},
    "STD_FLUX_TABLE": {},
    "FILTER_LIST": {},
    "SKY_LINES": {},
    "GEOMETRY_TABLE": {"field": "WFM"},
    "ASTROMETRY_WCS": {"field": "WFM"},
}
_SETS = (  # tag, frames, hours after the evening
    ("SKYFLAT", 8, -1.0),
    ("STD", 1, 9.8),
    ("BIAS", 11, 11.0),
    ("FLAT", 11, 12.0),
    ("ARC", 15, 13.0),
)

Row = tuple[Any, ...]


def rows(nights: int) -> Iterator[Row]:
    """Give the frames of so many nights, and the static calibrations."""
    for tag, keywords in _STATICS.items():
        yield _row(tag, datetime(2014, 1, 1, tzinfo=UTC), keywords, static=True)
    for number in range(nights):
        yield from _night(FIRST + timedelta(days=number))


def night_names(nights: int) -> list[str]:
    """Give the ISO dates of the nights."""
    days = (FIRST + timedelta(days=n) for n in range(nights))
    return [observing_night(day).isoformat() for day in days]


def _night(evening: datetime) -> Iterator[Row]:
    for tag, count, hours in _SETS:
        start = evening + timedelta(hours=hours)
        template = {"tpl_start": start.isoformat()[:19], "tpl_nexp": count}
        for n in range(count):
            at = start + timedelta(seconds=10 + 60 * n)
            yield _row(tag, at, _temperature(at) | template)
    for n in range(10):
        at = evening + timedelta(minutes=1 + 58 * n)
        yield _row("ILLUM", at, _temperature(at))
    for n in range(EXPOSURES):
        at = evening + timedelta(minutes=5 + 6 * n)
        field = f"FIELD-{evening:%y%m%d}-{n // 4}"
        start = at - timedelta(minutes=6 * (n % 4))
        told = {"obs_targ_name": field, "obs_name": f"{field}-a", "exptime": 300.0}
        told |= {"obs_id": n // 4, "tpl_start": start.isoformat()[:19], "tpl_nexp": 4}
        yield _row("OBJECT", at, _temperature(at) | told)


def _temperature(at: datetime) -> dict[str, float]:
    return {"ins_temp7_val": round(12 - (at.hour - 12) % 24 * 0.1, 2)}


def _row(
    tag: str, at: datetime, keywords: dict[str, Any], *, static: bool = False
) -> Row:
    stamp = at.isoformat(timespec="milliseconds").removesuffix("+00:00")
    name = f"M.MUSE.{tag}.fits" if static else f"MUSE.{stamp}.fits"
    columns = {**({} if static else _SETUP), **keywords}
    sha256 = hashlib.sha256(f"{tag} {name}".encode()).hexdigest()
    return (
        UUID(sha256[:32]),
        "static" if static else "raw",
        *(tag, name, name, f"objects/{sha256[:8]}"),
        *(sha256, sha256[::-1], 700_000_000, mjd_us(at)),
        observing_night(at).isoformat(),
        *(columns.get("obs_targ_name"), "local", "{}" if static else _CHIPS, "{}"),
        *(json.dumps(columns), None, "[]", [], at, at),
    )
