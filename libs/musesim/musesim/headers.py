"""FITS headers of simulated raw frames."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from astropy.io import fits

from musesim.detector import PORT_PLACES, RAW_NX, RAW_NY, Detector
from musesim.facts import cards, instrument
from musesim.plan import Frame, NightSpec, plan_night
from musesim.sky import Pointing, mjd, pointing

__all__ = [
    "Aim",
    "channel_header",
    "example_headers",
    "header_bytes",
    "make_card",
    "primary_header",
]

Row = tuple[str, Any, str]

_LAMP_NUMBERS = range(1, 7)
_SEEING = (
    *("TEL AMBI FWHM START", "TEL AMBI FWHM END", "TEL IA FWHM", "TEL IA FWHMLIN"),
    *("OCS SGS AG FWHMX AVG", "OCS SGS AG FWHMY AVG"),
)


@dataclass(frozen=True)
class Aim:
    """Where a frame points: as the header says, degrees."""

    ra: float
    dec: float
    target: str


def make_card(keyword: str, value: Any, comment: str = "") -> fits.Card:
    """A card whose comment is cut to what fits into 80 columns."""
    if keyword.startswith("ESO "):
        keyword = f"HIERARCH {keyword}"
    room = 80 - len(str(fits.Card(keyword, value)).rstrip()) - 3
    return fits.Card(keyword, value, comment[:room] if room > 3 else None)


def header_bytes(header: fits.Header) -> bytes:
    """The header as written to a file, padded to whole FITS blocks."""
    return str(header.tostring()).encode("ascii")


def _stamp(when: datetime) -> str:
    return when.replace(tzinfo=None).isoformat(timespec="seconds")


def _sexagesimal(value: float, *, hours: bool) -> float:
    """HHMMSS.sss or DDMMSS.sss as one number, as TEL TARG keywords have it."""
    size = abs(value) / (15 if hours else 1)
    whole = int(size)
    minutes = int((size - whole) * 60)
    seconds = ((size - whole) * 60 - minutes) * 60
    return round(
        (whole * 10000 + minutes * 100 + seconds) * (1 if value >= 0 else -1), 3
    )


def _identity(frame: Frame, aim: Aim | None, look: Pointing | None) -> list[Row]:
    second = frame.start.replace(microsecond=0)
    day_s = second.hour * 3600 + second.minute * 60 + second.second
    target = aim.target if aim and frame.tag != "SKYFLAT" else frame.facts["type"]
    day = frame.night.timetuple().tm_yday
    origfile = f"MUSE_{frame.facts['file']}{day:03d}_{frame.serial:04d}.fits"
    rows: list[Row] = [
        ("ORIGIN", "ESO-PARANAL", "European Southern Observatory"),
        ("TELESCOP", "ESO-VLT-U4", "ESO <TEL>"),
        ("INSTRUME", "MUSE", "Instrument used."),
    ]
    if aim is not None and look is not None:
        rows += [
            ("RA", round(aim.ra, 7), "[deg] RA (J2000) pointing"),
            ("DEC", round(aim.dec, 7), "[deg] DEC (J2000) pointing"),
            ("EQUINOX", 2000.0, "Standard FK5"),
            ("RADECSYS", "FK5", "Coordinate system"),
            ("LST", round(look.lst, 3), "[s] local sidereal time"),
        ]
    rows += [
        ("EXPTIME", frame.exptime, "Integration time"),
        ("MJD-OBS", round(mjd(frame.start), 8), "Obs start"),
        ("DATE-OBS", _stamp(frame.start) + ".000", "Observing date"),
        ("UTC", float(day_s), "[s] UTC"),
        ("PI-COI", "SIMULATED", "PI-COI name."),
        ("OBSERVER", "SIMULATED", "Name of observer."),
        ("ARCFILE", frame.arcfile, "Archive File Name"),
        ("OBJECT", target, "Original target."),
        ("ORIGFILE", origfile, "Original File Name"),
    ]
    return rows


def _observation(frame: Frame, aim: Aim | None) -> list[Row]:
    mode = instrument()["modes"][frame.mode]
    template = frame.facts["template"].format(**mode)
    science = frame.tag in ("OBJECT", "SKY")
    preseq = "MUSE_obs_offset.seq" if science else "MUSE_cal.seq"
    night = (frame.night - frame.night.replace(month=1, day=1)).days
    number = (200000101 if science else 200000001) + 1000 * night
    target = aim.target if aim and frame.tag != "SKYFLAT" else frame.facts["type"]
    return [
        ("ESO DPR CATG", frame.facts["catg"], "Observation category"),
        ("ESO DPR TYPE", frame.facts["type"], "Observation type"),
        ("ESO DPR TECH", "IFU", "Observation technique"),
        ("ESO OBS CONTAINER ID", 0, "Scheduling container ID"),
        ("ESO OBS CONTAINER TYPE", "U", "Scheduling container type"),
        ("ESO OBS DID", "ESO-VLT-DIC.OBS-2.0", "OBS Dictionary"),
        ("ESO OBS ID", number, "Observation block ID"),
        ("ESO OBS NAME", frame.facts["ob"], "OB name"),
        ("ESO OBS NTPL", 1, "Number of templates within OB"),
        ("ESO OBS OBSERVER", "SIMULATED", "Observer Name"),
        ("ESO OBS PI-COI ID", 79816, "ESO internal PI-COI ID"),
        ("ESO OBS PI-COI NAME", "SIMULATED", "PI-COI name"),
        ("ESO OBS PROG ID", "60.A-9100(Z)", "ESO program identification"),
        ("ESO OBS START", _stamp(frame.ob_start), "OB start time"),
        ("ESO OBS TARG NAME", target, "OB target name"),
        ("ESO OBS TPLNO", 1, "Template number within OB"),
        ("ESO TPL DID", "ESO-VLT-DIC.TPL-1.9", "Data dictionary for TPL"),
        ("ESO TPL EXPNO", frame.expno, "Exposure number within template"),
        ("ESO TPL ID", template, "Template signature ID"),
        ("ESO TPL NAME", template, "Template name"),
        ("ESO TPL NEXP", frame.nexp, "Number of exposures within template"),
        ("ESO TPL PRESEQ", preseq, "Sequencer script"),
        ("ESO TPL START", _stamp(frame.template_start), "TPL start time"),
    ]


def _lamps(frame: Frame) -> list[Row]:
    lit = {
        lamp["number"]
        for lamp in instrument()["arc_lamps"]
        if lamp["name"] == frame.lamp
    }
    if frame.tag in ("FLAT", "ILLUM"):
        lit = {1, 2}
    rows: list[Row] = []
    for n in _LAMP_NUMBERS:
        rows += [
            (f"ESO INS LAMP{n} ID", f"CLX{n}", "Lamp ID"),
            (f"ESO INS LAMP{n} NAME", f"CU-LAMP{n}", "Lamp name"),
            (f"ESO INS LAMP{n} ST", n in lit, "T if lamp is on"),
            (f"ESO INS LAMP{n} SWSIM", False, "T if simulated"),
            (f"ESO INS SHUT{n} ST", n in lit, "Lamp shutter open"),
        ]
    return rows


def _setup(frame: Frame, aim: Aim | None) -> list[Row]:
    mode = instrument()["modes"][frame.mode]
    hours = frame.start - frame.template_start.replace(hour=0, minute=0, second=0)
    phase = (hours.total_seconds() / 3600 - 21) % 24
    rows: list[Row] = [
        ("ESO INS MODE", frame.mode, "Instrument mode used."),
        ("ESO INS OPTI1 NAME", mode["opti1"], "Pupil Filter Wheel filter name"),
        ("ESO INS OPTI2 NAME", mode["opti2"], "Mode Switching Unit field mode"),
        ("ESO INS DROT MODE", "SKY" if aim else "STAT", "Derotator mode"),
        ("ESO INS DROT POSANG", 0.0, "[deg] Derotator position angle"),
        ("ESO INS DROT START", 10.0, "[deg] position angle at start"),
        ("ESO INS DROT END", 11.0, "[deg] position angle at end"),
        ("ESO INS TEMP4 VAL", round(12.6 - 0.20 * phase, 2), "[C] Ambient temperature"),
        ("ESO INS TEMP7 VAL", round(13.1 - 0.12 * phase, 2), "[C] Right IFU temp."),
        ("ESO INS TEMP11 VAL", round(13.3 - 0.12 * phase, 2), "[C] Left IFU temp."),
        ("ESO DET BINX", 1, "Setup binning factor along X"),
        ("ESO DET BINY", 1, "Setup binning factor along Y"),
        ("ESO DET READ CURID", 1, "Used readout mode id"),
        ("ESO DET READ CURNAME", "SCI1.0", "Used readout mode name"),
        ("ESO DET DIT1", frame.exptime, "[s] Actual subintegration time"),
        ("ESO DET UIT1", frame.exptime, "[s] User defined subintegration time"),
        ("ESO DET DKTM", frame.exptime, "[s] Dark current time"),
        ("ESO DET EXP NO", frame.serial, "Unique exposure ID number"),
        ("ESO OCS DET1 IMGNAME", f"MUSE_{frame.facts['file']}", "Data File Name."),
    ]
    return rows + _lamps(frame)


def _telescope(frame: Frame, aim: Aim, look: Pointing) -> list[Row]:
    end = pointing(aim.ra, aim.dec, frame.start + timedelta(seconds=frame.exptime))
    seeing = float(instrument()["seeing_fwhm_arcsec"])
    rows: list[Row] = [
        ("ESO TEL GEOLAT", -24.6253, "[deg] Tel geo latitute (+=North)"),
        ("ESO TEL GEOLON", -70.4032, "[deg] Tel geo longitude (+=East)"),
        ("ESO TEL AIRM START", round(look.airmass, 5), "Airmass at start"),
        ("ESO TEL AIRM END", round(end.airmass, 5), "Airmass at end"),
        ("ESO TEL ALT", round(look.altitude, 4), "[deg] Alt angle at start"),
        ("ESO TEL AZ", round(look.azimuth, 4), "[deg] Az angle at start S=0,W=90"),
        ("ESO TEL PARANG START", round(look.parang, 4), "[deg] Parallactic angle"),
        ("ESO TEL PARANG END", round(end.parang, 4), "[deg] Parallactic angle"),
        ("ESO TEL TARG ALPHA", _sexagesimal(aim.ra, hours=True), "Target RA"),
        ("ESO TEL TARG DELTA", _sexagesimal(aim.dec, hours=False), "Target DEC"),
        ("ESO TEL MOON RA", 290.0, "[deg] RA (J2000) of the moon"),
        ("ESO TEL MOON DEC", -21.0, "[deg] DEC (J2000) of the moon"),
        ("ESO TEL AMBI TEMP", 11.5, "[deg C] ambient temperature"),
        ("ESO TEL AMBI RHUM", 14.5, "[%] ambient relative humidity"),
        ("ESO TEL AMBI PRES START", 743.0, "[hPa] ambient air pressure"),
        ("ESO TEL AMBI PRES END", 743.0, "[hPa] ambient air pressure"),
        ("ESO SEQ OFFSET CUM ALPHA", frame.dither[0], "[arcsec] Cumulative offset"),
        ("ESO SEQ OFFSET CUM DELTA", frame.dither[1], "[arcsec] Cumulative offset"),
    ]
    return rows + [(f"ESO {name}", seeing, "[arcsec] seeing") for name in _SEEING]


def _fill(header: fits.Header, rows: Iterable[Row]) -> None:
    for keyword, value, comment in rows:
        header.append(make_card(keyword, value, comment), end=True)


def primary_header(frame: Frame, aim: Aim | None) -> fits.Header:
    """Primary header of a raw frame; `aim` is None for lamps, bias and dark."""
    look = pointing(aim.ra, aim.dec, frame.start) if aim else None
    rows = _identity(frame, aim, look) + _observation(frame, aim) + _setup(frame, aim)
    constant = list(cards()["instrument"])
    if aim is not None and look is not None:
        rows += _telescope(frame, aim, look)
        constant += cards()["telescope"]
    known = {row[0] for row in rows}
    rows += [
        (f"ESO {key}", value, comment)
        for key, value, comment in constant
        if f"ESO {key}" not in known
    ]
    header = fits.Header()
    _fill(
        header,
        [
            ("SIMPLE", True, "Standard FITS"),
            ("BITPIX", 8, ""),
            ("NAXIS", 0, ""),
            ("EXTEND", True, "Extensions may be present"),
            *rows,
        ],
    )
    return header


def _ports(detector: Detector) -> list[Row]:
    rows: list[Row] = []
    for n, (x, y) in enumerate(PORT_PLACES, 1):
        gain = float(detector.gain[n - 1])
        rows += [
            (f"ESO DET OUT{n} ID", "EFGH"[n - 1], "Output ID"),
            (f"ESO DET OUT{n} INDEX", n, "Output index"),
            (f"ESO DET OUT{n} NAME", f"NO{n}", "Description of output"),
            (f"ESO DET OUT{n} X", x, "X location of output"),
            (f"ESO DET OUT{n} Y", y, "Y location of output"),
            (f"ESO DET OUT{n} NX", 2048, "Valid pixels along X"),
            (f"ESO DET OUT{n} NY", 2056, "Valid pixels along Y"),
        ]
        for scan in ("PRSCX", "PRSCY", "OVSCX", "OVSCY"):
            rows.append((f"ESO DET OUT{n} {scan}", 32, "Scan pixels"))
        rows += [
            (f"ESO DET OUT{n} GAIN", gain, "[ADU/e-] Conversion electrons to ADU"),
            (f"ESO DET OUT{n} CONAD", round(1 / gain, 4), "[e-/ADU] Conversion"),
            (f"ESO DET OUT{n} RON", float(detector.ron[n - 1]), "[e-] Readout noise"),
        ]
    return rows


def channel_header(detector: Detector, *, pixels: bool, live: bool) -> fits.Header:
    """Header of the extension of one IFU, with or without data."""
    rows: list[Row] = [("XTENSION", "IMAGE", "image extension"), ("BITPIX", 16, "")]
    if pixels:
        rows += [("NAXIS", 2, ""), ("NAXIS1", RAW_NX, ""), ("NAXIS2", RAW_NY, "")]
    else:
        rows += [("NAXIS", 0, "no data")]
    rows += [("PCOUNT", 0, ""), ("GCOUNT", 1, "")]
    if pixels:
        rows += [("BSCALE", 1.0, ""), ("BZERO", 32768.0, "")]
    number = detector.ifu
    rows += [
        ("EXTNAME", f"CHAN{number:02d}", "IFU / channel"),
        ("ESO DET CHIP DATE", "2014-01-19", "[YYYY-MM-DD] Date of installation"),
        ("ESO DET CHIP ID", f"SIMCCD{number:02d}", "Detector chip identification"),
        ("ESO DET CHIP INDEX", number, "Chip index"),
        ("ESO DET CHIP LIVE", live, "Detector alive"),
        ("ESO DET CHIP NAME", f"CHAN{number:02d}", "Detector chip name"),
        ("ESO DET CHIP NX", 4096, "Physical active pixels in X"),
        ("ESO DET CHIP NY", 4112, "Physical active pixels in Y"),
        ("ESO DET CHIP OUTPUTS", 4, "Number of outputs per chip"),
        ("ESO DET CHIP PSZX", 15.0, "[um] Size of pixel in X"),
        ("ESO DET CHIP PSZY", 15.0, "[um] Size of pixel in Y"),
    ]
    header = fits.Header()
    _fill(header, rows + _ports(detector))
    return header


def example_headers(tag: str) -> list[fits.Header]:
    """The 25 headers (primary, CHAN01..CHAN24) of a raw frame of a full night.

    Parameters
    ----------
    tag
        BIAS, DARK, FLAT, ARC, ILLUM, SKYFLAT, STD, SKY or OBJECT.

    Raises
    ------
    NightInvalid
        If the tag is none of these.
    """
    frame = plan_night(NightSpec(chain="full", types=(tag,)))[0]
    field = instrument()["field"]
    on_sky = tag in ("SKYFLAT", "STD", "SKY", "OBJECT")
    aim = Aim(field["ra_deg"], field["dec_deg"], field["name"]) if on_sky else None
    channels = [
        channel_header(Detector(1, ifu), pixels=True, live=True) for ifu in range(1, 25)
    ]
    return [primary_header(frame, aim), *channels]
