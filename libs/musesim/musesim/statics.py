"""Static calibrations that belong to the simulated instrument."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from musesim.detector import Detector
from musesim.facts import arc_lines, instrument, sky_lines, slice_order
from musesim.geometry import GRID, SPAXEL, slice_places
from musesim.headers import make_card
from musesim.light import extinction
from musesim.scene import Source, make_scene, standard_star
from musesim.sky import field_to_sky

__all__ = ["STATIC_TAGS", "static_name", "write_statics"]


@dataclass(frozen=True)
class _Static:
    code: str
    made: str
    valid_mjd: float
    title: str


_STATICS = {
    "BADPIX_TABLE": _Static("GBPT", "2014-06-24T08:20:55.820", 56658.0, "Bad pixels"),
    "LINE_CATALOG": _Static("GLIN", "2014-06-13T10:14:20.005", 56658.0, "Arc lines"),
    "SKY_LINES": _Static("GSKL", "2014-12-08T12:30:51.293", 56658.0, "Sky lines"),
    "EXTINCT_TABLE": _Static("GEXT", "2014-06-13T10:15:21.400", 56658.0, "Extinction"),
    "STD_FLUX_TABLE": _Static("GSFT", "2014-08-27T12:50:13.527", 56658.0, "Standards"),
    "FILTER_LIST": _Static("GFIL", "2014-06-13T10:14:59.795", 56658.0, "Filters"),
    "ASTROMETRY_WCS": _Static("GASW", "2018-05-02T10:34:11.986", 58113.0, "Astrometry"),
    "GEOMETRY_TABLE": _Static("GEOT", "2018-05-02T10:33:34.610", 58113.0, "Geometry"),
    "ASTROMETRY_REFERENCE": _Static(
        "GASR", "2017-01-10T13:23:53.413", 56658.0, "Reference stars"
    ),
}
STATIC_TAGS = tuple(_STATICS)

Columns = Sequence[tuple[str, str, str | None, Any]]


def static_name(tag: str) -> str:
    """File name (and ARCFILE) of the static calibration of a class."""
    return f"M.MUSE.{_STATICS[tag].made}.fits"


def _primary(tag: str, mode: str) -> fits.PrimaryHDU:
    facts = _STATICS[tag]
    stamp = facts.made[2:10].replace("-", "")
    rows: list[tuple[str, Any, str]] = [
        ("ORIGIN", "ESO-PARANAL", "European Southern Observatory"),
        ("TELESCOP", "ESO-VLT-U4", "ESO <TEL>"),
        ("INSTRUME", "MUSE", "Instrument used."),
        ("ARCFILE", static_name(tag), "Archive File Name"),
        ("ORIGFILE", f"MU_{facts.code}_{stamp}A_{tag.lower()}.fits", "Original name"),
        ("OBJECT", f"{facts.title} for MUSE ({tag})", "Original target."),
        ("MJD-OBS", facts.valid_mjd, "Valid from"),
        ("ESO OBS NAME", "STATIC", "OB name"),
        ("ESO PRO CATG", tag, "Category of pipeline product frame"),
        ("ESO PRO TYPE", "REDUCED", "Product type"),
        ("ESO PRO SCIENCE", False, "Scientific product if T"),
    ]
    if tag in ("ASTROMETRY_WCS", "GEOMETRY_TABLE"):
        rows.append(("ESO INS MODE", mode, "Instrument mode used."))
    header = fits.Header([make_card(*row) for row in rows])
    return fits.PrimaryHDU(header=header)


def _table(columns: Columns, name: str | None = None) -> fits.BinTableHDU:
    made = [
        fits.Column(key, form, unit, array=data) for key, form, unit, data in columns
    ]
    table = fits.BinTableHDU.from_columns(made)
    if name is not None:
        # Through the header, because the constructor would put it in upper case.
        table.header["EXTNAME"] = name
    return table


def _bad_pixels(seed: int) -> list[fits.BinTableHDU]:
    tables = []
    for ifu in range(1, 25):
        place = Detector(seed, ifu).bad_pixels
        number = len(place)
        columns: Columns = [
            ("xpos", "J", "pix", place[:, 0]),
            ("ypos", "J", "pix", place[:, 1]),
            ("status", "J", None, np.full(number, 512)),
            ("value", "E", "count", np.zeros(number)),
        ]
        tables.append(_table(columns, f"CHAN{ifu:02d}"))
    return tables


def _line_quality(
    waves: NDArray[np.float64], lamps: NDArray[np.str_], flux: NDArray[np.float64]
) -> NDArray[np.int64]:
    quality = np.empty(len(waves), np.int64)
    for i, wave in enumerate(waves):
        gaps = np.abs(waves - wave)
        gaps[i] = np.inf
        same = gaps[lamps == lamps[i]].min()
        if same < 3:
            quality[i] = 0
        elif same < 9 or flux[i] < 1000:
            quality[i] = 1
        else:
            quality[i] = 5 if flux[i] > 12000 and same >= 14 else 3
    return quality


def _line_catalog(_: int) -> list[fits.BinTableHDU]:
    lines = sorted(arc_lines(), key=lambda line: line[2])
    waves = np.array([line[2] for line in lines])
    lamps = np.array([line[0] for line in lines])
    scale = instrument()["arc_electrons_per_strength"]
    flux = np.array([line[3] for line in lines]) * scale
    columns: Columns = [
        ("lambda", "E", "Angstrom", waves),
        ("flux", "E", None, flux),
        ("ion", "8A", None, np.array([line[1] for line in lines])),
        ("quality", "J", None, _line_quality(waves, lamps, flux)),
        ("comment", "8A", None, lamps),
    ]
    return [_table(columns)]


def _sky_lines(_: int) -> list[fits.BinTableHDU]:
    lines = sorted(sky_lines(), key=lambda line: line[2])
    columns: Columns = [
        ("name", "24A", None, np.array([line[0] for line in lines])),
        ("group", "J", None, np.array([line[1] for line in lines])),
        ("lambda", "D", "Angstrom", np.array([line[2] for line in lines])),
        (
            *("flux", "D", "10**(-20)*erg/(s cm^2 arcsec^2)"),
            np.array([line[3] for line in lines]),
        ),
        ("dq", "J", None, np.zeros(len(lines), np.int64)),
    ]
    return [_table(columns, "LINES")]


def _extinction(_: int) -> list[fits.BinTableHDU]:
    columns: Columns = [
        ("lambda", "D", "Angstrom", GRID[::500]),
        ("extinction", "D", "mag/airmass", extinction()[::500]),
    ]
    return [_table(columns)]


def the_standard() -> Source:
    """The simulated standard star."""
    facts = instrument()["standard_star"]
    return standard_star(facts["mag_ab_7000"], facts["temperature_k"], 0.0)


def _standards(_: int) -> list[fits.BinTableHDU]:
    facts = instrument()["standard_star"]
    flux = the_standard().continuum
    assert flux is not None, "the standard star has a continuum"
    unit = "erg/s/cm**2/Angstrom"
    columns: Columns = [
        ("lambda", "D", "Angstrom", GRID[::50]),
        ("flux", "D", unit, flux[::50]),
        ("fluxerr", "D", unit, 0.005 * flux[::50]),
    ]
    table = _table(columns, facts["name"])
    table.header["RA"] = (facts["ra_deg"], "[deg] position")
    table.header["DEC"] = (facts["dec_deg"], "[deg] position")
    return [table]


def _filters(_: int) -> list[fits.BinTableHDU]:
    bands = {
        "Johnson_V": (5500.0, 880.0),
        "Cousins_R": (6500.0, 1400.0),
        "Cousins_I": (7900.0, 1500.0),
        "SDSS_r": (6200.0, 1350.0),
        "SDSS_i": (7600.0, 1450.0),
    }
    tables = []
    for name, (centre, width) in bands.items():
        waves = np.arange(centre - width, centre + width + 1, 10.0)
        through = np.exp(-((np.abs(waves - centre) / (0.55 * width)) ** 4))
        columns: Columns = [
            ("lambda", "D", "Angstrom", waves),
            ("throughput", "D", None, through),
        ]
        tables.append(_table(columns, name))
    return tables


def _geometry(_: int) -> list[fits.BinTableHDU]:
    ifus = np.repeat(np.arange(1, 25), 48)
    places = [slice_places(ifu) for ifu in range(1, 25)]
    columns: Columns = [
        ("SubField", "J", None, ifus),
        ("SliceCCD", "J", None, np.tile(np.arange(1, 49), 24)),
        ("SliceSky", "J", None, np.tile(slice_order(), 24)),
        ("x", "D", "pix", np.concatenate([place[0] for place in places])),
        ("y", "D", "pix", np.concatenate([place[1] for place in places])),
        ("angle", "D", "deg", np.zeros(ifus.size)),
        ("width", "D", "pix", np.full(ifus.size, 75.0)),
    ]
    return [_table(columns)]


def _reference(seed: int) -> list[fits.BinTableHDU]:
    facts = instrument()["field"]
    stars = [source for source in make_scene(seed) if source.kind == "star"]
    ra, dec = field_to_sky(
        np.array([star.x for star in stars]),
        np.array([star.y for star in stars]),
        *(facts["ra_deg"], facts["dec_deg"]),
    )
    columns: Columns = [
        ("SourceID", "12A", None, np.array([star.name for star in stars])),
        ("RA", "D", "deg", ra),
        ("DEC", "D", "deg", dec),
        ("filter", "12A", None, np.full(len(stars), "Cousins_R")),
        ("mag", "D", "mag", np.array([star.mag for star in stars])),
    ]
    table = _table(columns, facts["name"])
    table.header["RA"] = (facts["ra_deg"], "[deg] field centre")
    table.header["DEC"] = (facts["dec_deg"], "[deg] field centre")
    return [table]


_MAKERS: dict[str, Callable[[int], list[fits.BinTableHDU]]] = {
    "BADPIX_TABLE": _bad_pixels,
    "LINE_CATALOG": _line_catalog,
    "SKY_LINES": _sky_lines,
    "EXTINCT_TABLE": _extinction,
    "STD_FLUX_TABLE": _standards,
    "FILTER_LIST": _filters,
    "GEOMETRY_TABLE": _geometry,
    "ASTROMETRY_REFERENCE": _reference,
}


def _finish(tag: str, primary: fits.PrimaryHDU) -> None:
    if tag == "LINE_CATALOG":
        primary.header["VERSION"] = (3, "Format of the line catalogue")
    if tag == "ASTROMETRY_WCS":
        x, y = instrument()["crpix"]
        step = SPAXEL / 3600
        rows = {
            "WCSAXES": 2,
            "CRPIX1": x,
            "CRPIX2": y,
            "CD1_1": -step,
            "CD1_2": 0.0,
            "CD2_1": 0.0,
            "CD2_2": step,
            "CTYPE1": "RA---TAN",
            "CTYPE2": "DEC--TAN",
            "CUNIT1": "deg",
            "CUNIT2": "deg",
        }
        primary.header.update(rows)


def write_statics(folder: Path, seed: int, mode: str = "WFM-NOAO-N") -> dict[str, Path]:
    """Write the static calibrations that are not there yet.

    Parameters
    ----------
    folder
        Where to; it is made if needed.
    seed
        Seed of the instrument (bad pixels) and the field (reference stars).
    mode
        Instrument mode that geometry and astrometry say they are for.

    Returns
    -------
    dict
        File by class.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for tag in STATIC_TAGS:
        path = folder / static_name(tag)
        if not path.exists():
            primary = _primary(tag, mode)
            _finish(tag, primary)
            tables = _MAKERS[tag](seed) if tag in _MAKERS else []
            part = path.with_suffix(".part")
            fits.HDUList([primary, *tables]).writeto(part, overwrite=True)
            part.replace(path)
        written[tag] = path
    return written
