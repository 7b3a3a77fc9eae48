"""Headers as those of MUSE for a large archive: about 150 cards, some with 1,696.

The cards are text of 80 columns, as in files. Most values are those of the night or of
the instrument, many change from exposure to exposure, as in real headers.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["FULL", "SHORT", "Told", "headers"]

SHORT, FULL = 150, 1_696
_FIRST = datetime(2014, 2, 1, 22, tzinfo=UTC)
_MJD = datetime(1858, 11, 17, tzinfo=UTC)
_PER_NIGHT = 400
_RAW = (
    ("BIAS", "CALIB", "BIAS", 0.0, 26),
    ("FLAT", "CALIB", "FLAT,LAMP", 0.4, 20),
    ("ARC", "CALIB", "WAVE", 30.0, 16),
    ("OBJECT", "SCIENCE", "OBJECT", 1500.0, 12),
)
_PRODUCTS = (("MASTER_BIAS", 12), ("PIXTABLE_OBJECT", 10), ("DATACUBE_FINAL", 4))
_RECIPES = {
    "MASTER_BIAS": "muse_bias",
    "PIXTABLE_OBJECT": "muse_scibasic",
    "DATACUBE_FINAL": "muse_scipost",
}
_MODES = ("WFM-NONAO-N", "WFM-NONAO-E", "WFM-AO-N", "NFM-AO-N")


@dataclass(frozen=True)
class Told:
    """A file by its headers only: name, kind, and the cards of its primary HDU."""

    name: str
    kind: str
    header: str


def card(keyword: str, value: Any, comment: str = "") -> str:
    """Give a card of 80 columns; long keywords are HIERARCH ones."""
    match value:
        case bool():
            text = f"{'T' if value else 'F':>20}"
        case str():
            text = f"'{value:<8}'"
        case float():
            text = f"{value!r:>20}"
        case _:
            text = f"{value:>20}"
    if len(keyword) > 8 or " " in keyword:
        start = f"HIERARCH {keyword} = {text.strip()}"
    else:
        start = f"{keyword:<8}= {text}"
    return f"{start} / {comment}".ljust(80)[:80] if comment else start.ljust(80)[:80]


def headers(count: int, full: int, seed: int = 1) -> Iterator[Told]:
    """Give `count` files in the order of time, `full` of them with all 1,696 cards."""
    chance = random.Random(seed)  # noqa: S311  no secret
    every = count // full if full else count + 1
    shares = [*(one[-1] for one in _RAW), *(one[-1] for one in _PRODUCTS)]
    kinds = [*_RAW, *_PRODUCTS]
    for n in range(count):
        if n % every == every - 1:
            yield _product(n, "DATACUBE_FINAL", FULL, chance)
            continue
        kind = chance.choices(kinds, shares)[0]
        if len(kind) == 2:
            yield _product(n, str(kind[0]), SHORT, chance)
        else:
            yield _raw(n, kind[1:4], chance)


def _moment(n: int) -> datetime:
    night, place = divmod(n, _PER_NIGHT)
    return _FIRST + timedelta(days=night, seconds=90 * place, microseconds=n % 997)


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00")


def _common(n: int, chance: random.Random) -> list[str]:
    moment = _moment(n)
    target = f"TARGET-{n // 50 % 5000}"
    return [
        card("SIMPLE", True, "Standard FITS"),
        card("BITPIX", 8),
        card("NAXIS", 0),
        card("EXTEND", True),
        card("INSTRUME", "MUSE", "Instrument used."),
        card("TELESCOP", "ESO-VLT-U4", "ESO <TEL>"),
        card("OBJECT", target, "Original target."),
        card("RA", chance.uniform(0, 360), "[deg] RA (J2000) pointing"),
        card("DEC", chance.uniform(-80, 30), "[deg] DEC (J2000) pointing"),
        card("DATE-OBS", _stamp(moment), "Observing date"),
        card("MJD-OBS", (moment - _MJD) / timedelta(days=1), "Obs start"),
        card("ARCFILE", f"MUSE.{_stamp(moment)}.fits", "Archive File Name"),
        card("ESO OBS ID", 200_000_000 + n // 12, "Observation block ID"),
        card("ESO OBS NAME", f"OB-{n // 12}", "OB name"),
        card("ESO OBS PROG ID", f"{90 + n // 60_000}.A-{n // 3000 % 10_000:04d}(A)"),
        card("ESO OBS TARG NAME", target, "OB target name"),
        card("ESO INS MODE", _MODES[n // 7 % 4], "Instrument mode used."),
        card("ESO INS OPTI1 NAME", "Blue" if n // 7 % 4 == 1 else "Clear"),
        card("ESO TPL ID", "MUSE_template", "Template signature ID"),
        card("ESO TPL START", _stamp(_moment(n - n % 10))[:19], "TPL start time"),
        card("ESO TPL EXPNO", n % 10 + 1, "Exposure number within template"),
        card("ESO TEL AMBI FWHM START", chance.uniform(0.4, 2.0), "[arcsec] seeing"),
        card("ESO TEL AIRM START", chance.uniform(1.0, 2.0), "Airmass at start"),
        card("ESO DET READ CURID", 1, "Used readout mode id"),
    ]


def _filled(cards: list[str], total: int, chance: random.Random) -> str:
    """Add sensors, positions and versions: a third of them change every time."""
    for n in range(total - len(cards)):
        match n % 3:
            case 0:
                cards.append(
                    card(
                        f"ESO INS TEMP{n} VAL",
                        round(chance.uniform(5, 15), 3),
                        "[C] sensor",
                    )
                )
            case 1:
                cards.append(card(f"ESO INS SENS{n} STAT", n % 2 == 0, "Sensor status"))
            case _:
                cards.append(card(f"ESO DET UNIT{n} NAME", f"unit {n}", "Name of it"))
    return "".join(cards)


def _raw(n: int, told: tuple[Any, ...], chance: random.Random) -> Told:
    catg, dpr_type, exptime = told
    cards = _common(n, chance)
    cards += [
        card("EXPTIME", exptime + n % 60 if exptime > 60 else exptime, "Exposure time"),
        card("ESO DPR CATG", catg, "Observation category"),
        card("ESO DPR TYPE", dpr_type, "Observation type"),
        card("ESO DPR TECH", "IFU", "Observation technique"),
    ]
    name = f"MUSE.{_stamp(_moment(n))}.fits"
    return Told(name, "raw", _filled(cards, SHORT, chance))


def _product(n: int, tag: str, total: int, chance: random.Random) -> Told:
    cards = _common(n, chance)
    cards += [
        card("EXPTIME", float(n % 60), "Exposure time"),
        card("ESO PRO CATG", tag, "Category of pipeline product frame"),
        card("ESO PRO TYPE", "REDUCED", "Product type"),
        card("ESO PRO REC1 ID", _RECIPES[tag], "Pipeline recipe"),
        card("ESO PRO REC1 PIPE ID", "muse/2.8.7", "Pipeline identifier"),
        card("ESO PRO REC1 DRS ID", "cpl-7.3.2", "Data reduction system"),
    ]
    cards += [
        card(f"ESO QC BIAS MASTER{k} RON", chance.gauss(2.5, 0.3), "[count] noise")
        for k in range(1, 5 if total == SHORT else 33)
    ]
    return Told(f"{tag}-{n}.fits", "product", _filled(cards, total, chance))
