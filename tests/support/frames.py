"""Builders of frame records: a whole night with one line per set."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from muse_scheduler.models import ChipSetup, FrameKind, FrameRecord, Versions
from musecore.times import mjd_us, observing_night

NAMESPACE = UUID("0193f6c4-0000-7000-8000-000000000000")
EVENING = datetime(2024, 3, 10, 23, 0, tzinfo=UTC)
MODE = "WFM-NOAO-N"

VERSIONS = Versions(
    pipeline="muse/2.8.7", cpl="cpl-7.3.2", musewise="0.1.0", rule_set="test"
)


def chips(ifus: Iterable[int], epoch: str = "a") -> dict[int, ChipSetup]:
    """Detectors of some IFUs; another epoch has other chips."""
    return {
        n: ChipSetup(chip_id=f"ccd-{epoch}-{n}", chip_name=f"muse{epoch}{n:02d}")
        for n in ifus
    }


def digest(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def make_frame(
    tag: str,
    at: datetime = EVENING,
    *,
    kind: FrameKind = "raw",
    name: str | None = None,
    ifus: Iterable[int] = (1, 2, 3),
    epoch: str = "a",
    metadata_only: bool = False,
    is_valid: bool | None = None,
    **keywords: Any,
) -> FrameRecord:
    """One file; keywords that are None are absent."""
    stamp = at.isoformat(timespec="milliseconds").removesuffix("+00:00")
    arcfile = name or f"MUSE.{stamp}.fits"
    columns: dict[str, Any] = {
        "instrume": "MUSE",
        "ins_mode": MODE,
        "field": "WFM",
        "det_read_curid": 1,
        "det_binx": 1,
        "det_biny": 1,
        "ins_temp7_val": 10.0,
    } | keywords
    columns = {k: v for k, v in columns.items() if v is not None}
    sha256 = digest(
        tag, arcfile, stamp, json.dumps(columns, sort_keys=True, default=str)
    )
    return FrameRecord(
        file_id=uuid5(NAMESPACE, sha256),
        kind=kind,
        tag=tag,
        filename=arcfile,
        arcfile=arcfile,
        object_key=None if metadata_only else f"objects/{sha256[:8]}",
        sha256=sha256,
        content_key=digest("content", sha256),
        size=1000,
        mjd_us=mjd_us(at),
        night=observing_night(at).isoformat(),
        ifus=chips(ifus, epoch),
        keywords=columns,
        is_valid=is_valid,
        project="local",
    )


def make_set(
    tag: str,
    start: datetime,
    count: int,
    *,
    nexp: int | None = None,
    step_s: float = 60.0,
    **options: Any,
) -> list[FrameRecord]:
    """A template: ``count`` frames with one TPL.START, ``nexp`` declared."""
    template: dict[str, Any] = {
        "tpl_start": start.isoformat().removesuffix("+00:00"),
        "tpl_nexp": nexp or count,
    }
    moments = (start + timedelta(seconds=10 + n * step_s) for n in range(count))
    return [make_frame(tag, at, **template | options) for at in moments]


def make_bias(start: datetime, count: int = 3, **options: Any) -> list[FrameRecord]:
    return make_set("BIAS", start, count, **options)


def make_flat(start: datetime, count: int = 3, **options: Any) -> list[FrameRecord]:
    return make_set("FLAT", start, count, **options)


def make_arc(start: datetime, count: int = 9, **options: Any) -> list[FrameRecord]:
    return make_set("ARC", start, count, **options)


def make_skyflat(start: datetime, count: int = 3, **options: Any) -> list[FrameRecord]:
    return make_set("SKYFLAT", start, count, **options)


def make_std(start: datetime, count: int = 1, **options: Any) -> list[FrameRecord]:
    return make_set("STD", start, count, **{"obs_targ_name": "GD108"} | options)


def make_illum(at: datetime, temperature: float = 10.0, **options: Any) -> FrameRecord:
    return make_frame("ILLUM", at, ins_temp7_val=temperature, **options)


def make_object(at: datetime, **options: Any) -> FrameRecord:
    defaults: dict[str, Any] = {
        "obs_targ_name": "NGC 1",
        "obs_name": "ngc1-a",
        "obs_id": 42,
        "tpl_start": "2024-03-10T23:00:00",
    }
    return make_frame("OBJECT", at, **defaults | options)


def make_static(
    tag: str, at: datetime = datetime(2014, 1, 1, tzinfo=UTC), **options: Any
) -> FrameRecord:
    name = options.pop("name", f"M.MUSE.{tag}.fits")
    columns = {
        "ins_mode": None,
        "det_read_curid": None,
        "det_binx": None,
        "det_biny": None,
        "ins_temp7_val": None,
        "field": None,
    }
    return make_frame(
        tag, at, kind="static", name=name, **{"ifus": ()} | columns | options
    )


def make_statics() -> list[FrameRecord]:
    """Every static that the science cascade takes."""
    plain = (
        "BADPIX_TABLE",
        "LINE_CATALOG",
        "EXTINCT_TABLE",
        "STD_FLUX_TABLE",
        "FILTER_LIST",
        "SKY_LINES",
    )
    field = ("GEOMETRY_TABLE", "ASTROMETRY_WCS")
    return [make_static(tag) for tag in plain] + [
        make_static(tag, field="WFM") for tag in field
    ]


def make_night(
    evening: datetime = EVENING,
    *,
    ifus: Iterable[int] = (1, 2, 3),
    exposures: int = 1,
    full: bool = True,
    statics: bool = True,
) -> list[FrameRecord]:
    """A night that the whole cascade can be made of; not ``full``: no STD, no sky flat."""
    ifus = tuple(ifus)
    morning = evening + timedelta(hours=11)
    frames = [
        *make_bias(morning, ifus=ifus),
        *make_flat(morning + timedelta(hours=1), ifus=ifus),
        *make_arc(morning + timedelta(hours=2), ifus=ifus),
        make_illum(evening + timedelta(minutes=1), ifus=ifus),
    ]
    frames += [
        make_object(evening + timedelta(minutes=5 + 20 * n), ifus=ifus)
        for n in range(exposures)
    ]
    if full:
        frames += make_skyflat(evening - timedelta(hours=1), ifus=ifus)
        frames += make_std(evening + timedelta(hours=9), ifus=ifus)
    return frames + (make_statics() if statics else [])


# -- the 143 real frames of IC 4406

_NUMBERS = frozenset(
    {"exptime", "mjd_obs", "ra", "dec", "ins_temp4_val", "ins_temp7_val"}
    | {"ins_temp11_val", "ins_drot_posang"}
)
_TAGS: Mapping[tuple[str, str], str] = {
    ("CALIB", "BIAS"): "BIAS",
    ("CALIB", "DARK"): "DARK",
    ("CALIB", "FLAT,LAMP"): "FLAT",
    ("CALIB", "FLAT,LAMP,ILLUM"): "ILLUM",
    ("CALIB", "WAVE"): "ARC",
    ("CALIB", "FLAT,SKY"): "SKYFLAT",
    ("CALIB", "STD"): "STD",
    ("SCIENCE", "OBJECT"): "OBJECT",
}


def ic4406_folder() -> Path | None:
    """Give shared/data/ic4406 beside this checkout, None where it is not."""
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared" / "data" / "ic4406"
        if folder.is_dir():
            return folder
    return None


def ic4406_frames(folder: Path) -> list[FrameRecord]:
    """Read the real frames as they are registered: by metadata only."""
    frames = []
    files: tuple[tuple[str, FrameKind], ...] = (
        ("raw.csv", "raw"),
        ("statics.csv", "static"),
    )
    for name, kind in files:
        with (folder / name).open(newline="") as stream:
            frames += [_real(row, kind) for row in csv.DictReader(stream)]
    return [frame for frame in frames if frame is not None]


def _real(row: dict[str, str], kind: FrameKind) -> FrameRecord | None:
    tag = row.get("tag") or _TAGS.get((row["DPR_CATG"], row["DPR_TYPE"]))
    if tag is None:
        return None
    columns: dict[str, Any] = {k.lower(): v for k, v in row.items() if v}
    columns |= {k: float(v) for k, v in columns.items() if k in _NUMBERS}
    where = columns.get("ins_mode", "") + columns.get("origfile", "").upper()
    field = next((f for f in ("WFM", "NFM") if f in where), None)
    columns |= {"field": field} if field else {}
    sha256 = digest(json.dumps(row, sort_keys=True))
    return FrameRecord(
        file_id=uuid5(NAMESPACE, sha256),
        kind=kind,
        tag=tag,
        filename=row["ARCFILE"],
        arcfile=row["ARCFILE"],
        object_key=None,
        sha256=sha256,
        content_key=sha256,
        size=0,
        mjd_us=round(columns["mjd_obs"] * 86_400_000_000),
        night=row["night"] or None,
        keywords=columns,
        project="local",
    )
