"""The truth file: what was put into the simulated frames."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from musecore.errors import Conflict
from musesim.detector import Detector
from musesim.facts import instrument
from musesim.geometry import GRID, ifu_field_rows
from musesim.headers import Aim
from musesim.plan import Frame, NightSpec
from musesim.scene import Source, make_scene
from musesim.shapes import enclosed
from musesim.sky import field_to_sky

__all__ = ["NightConflict", "aim_of", "read_truth", "update_truth"]

RADII = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 2.0, 2.5, 3.0)
_BANDS = (5500, 6500, 7000, 8000, 9000)


class NightConflict(Conflict):
    """The folder holds another simulation already."""

    code = "simulation_conflict"


def field_middle(ifus: tuple[int, ...]) -> tuple[float, float]:
    """Field coordinates (spaxels) of the point that RA and DEC of a header mean.

    The pipeline takes the middle of the extent of the data given, plus the CRPIX of
    ASTROMETRY_WCS; with a subset of IFUs that is the middle of the subset.
    """
    low, high = ifu_field_rows(ifus)
    x, y = instrument()["crpix"]
    return float(x), (low + high) / 2 + float(y)


def aim_of(frame: Frame, ifus: tuple[int, ...], *, honest: bool = False) -> Aim | None:
    """Pointing as the header has it; with `honest`, without its deliberate error."""
    if frame.tag in ("BIAS", "DARK", "FLAT", "ARC", "ILLUM"):
        return None
    if frame.tag == "SKYFLAT":
        return Aim(60.0, -30.0, "FLAT,SKY")
    places = {"STD": "standard_star", "SKY": "sky_field", "OBJECT": "field"}
    facts = instrument()[places[frame.tag]]
    if frame.tag != "OBJECT":
        return Aim(facts["ra_deg"], facts["dec_deg"], facts["name"])
    x, y = field_middle(ifus)
    east, north = frame.dither
    if not honest:
        east, north = east + frame.error[0], north + frame.error[1]
    ra, dec = field_to_sky(
        x - east / 0.2, y + north / 0.2, facts["ra_deg"], facts["dec_deg"]
    )
    return Aim(float(ra), float(dec), facts["name"])


def _source_truth(source: Source) -> dict[str, Any]:
    facts = instrument()["field"]
    ra, dec = field_to_sky(source.x, source.y, facts["ra_deg"], facts["dec_deg"])
    ifu = int(np.clip(np.floor((144.0 - source.y) / 12.0) + 1, 1, 24))
    density = None
    continuum = source.moved(0, 0).continuum  # of a copy: the field itself stays small
    if continuum is not None:
        values = np.interp(_BANDS, GRID, continuum)
        density = {
            str(b): float(f"{v:.5e}") for b, v in zip(_BANDS, values, strict=True)
        }
    return {
        "name": source.name,
        "kind": source.kind,
        "ra_deg": round(float(ra), 8),
        "dec_deg": round(float(dec), 8),
        "x_spaxel": source.x,
        "y_spaxel": source.y,
        "ifu": ifu,
        "mag_ab_7000": None if source.mag is None else round(source.mag, 4),
        "colour": source.colour,
        "redshift": source.redshift,
        "rotation_km_s": source.rotation,
        "footprint_spaxel": source.footprint,
        "form": asdict(source.form),
        "flux_density": density,
        "lines": [
            {
                "name": line.name,
                "wave_air_angstrom": line.wave,
                "flux_erg_s_cm2": float(f"{line.flux:.4e}"),
                "sigma_angstrom": round(line.sigma, 3),
            }
            for line in source.lines
        ],
        "enclosed": {
            "radius_arcsec": list(RADII),
            "continuum": list(enclosed(source.form, RADII)),
            "lines": list(enclosed(source.line_form or source.form, RADII)),
        },
    }


def _detector_truth(seed: int, ifu: int) -> dict[str, Any]:
    detector = Detector(seed, ifu)
    return {
        "gain_electron_per_adu": detector.gain.tolist(),
        "ron_electron": detector.ron.tolist(),
        "bias_adu": detector.bias.tolist(),
        "bad_pixels": len(detector.bad_pixels),
        "dark_electron_per_hour": instrument()["dark_electrons_per_hour"],
    }


def _frame_truth(frame: Frame, spec: NightSpec) -> dict[str, Any]:
    shown, honest = aim_of(frame, spec.ifus), aim_of(frame, spec.ifus, honest=True)
    faults = [f"{fault.name}:{fault.target}" for fault in spec.faults]
    return {
        "tag": frame.tag,
        "night": frame.night.isoformat(),
        "lamp": frame.lamp,
        "template_start": frame.template_start.isoformat(timespec="seconds"),
        "ifus": list(spec.ifus),
        "seed": spec.seed,
        "mode": spec.mode,
        "faults": [
            fault
            for fault in faults
            if fault.startswith("bad-ifu") or (frame.tag == "FLAT" and "flat" in fault)
        ],
        "pointing_header_deg": [shown.ra, shown.dec] if shown else None,
        "pointing_true_deg": [honest.ra, honest.dec] if honest else None,
        "dither_east_north_arcsec": list(frame.dither),
        "error_east_north_arcsec": list(frame.error),
    }


def read_truth(path: Path) -> dict[str, Any]:
    """Read a truth file."""
    truth: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return truth


def update_truth(path: Path, spec: NightSpec, frames: dict[str, Frame]) -> None:
    """Write the truth, keeping what earlier runs into the same folder put there.

    Parameters
    ----------
    path
        The truth file.
    frames
        Frames by file name.

    Raises
    ------
    NightConflict
        If the folder was made with another seed, or holds a file of the same name
        with other content.
    """
    earlier: dict[str, Any] = {}
    exposures: dict[str, Any] = {}
    faults: list[str] = []
    if path.exists():
        earlier = read_truth(path)
        exposures, faults = dict(earlier["exposures"]), earlier["faults"]
        if earlier["seed"] != spec.seed:
            raise NightConflict(
                f"{path.parent} was simulated with seed {earlier['seed']}, "
                f"not {spec.seed}.",
                hint="Use that seed, or another folder.",
            )
    for name, frame in frames.items():
        record = _frame_truth(frame, spec)
        if exposures.get(name, record) != record:
            raise NightConflict(
                f"{name} in {path.parent} was simulated with other IFUs, mode or faults.",
                hint="Use another folder, or --offset-minutes to put a set beside it.",
            )
        exposures[name] = record
    faults = sorted({*faults, *(f"{f.name}:{f.target}" for f in spec.faults)})
    if earlier and (exposures, faults) == (earlier["exposures"], earlier["faults"]):
        return
    path.write_text(json.dumps(_document(spec, exposures, faults), indent=1), "utf-8")


def _document(
    spec: NightSpec, exposures: dict[str, Any], faults: list[str]
) -> dict[str, Any]:
    ifus = sorted({ifu for record in exposures.values() for ifu in record["ifus"]})
    return {
        "version": 1,
        "seed": spec.seed,
        "field": instrument()["field"],
        "seeing_fwhm_arcsec": instrument()["seeing_fwhm_arcsec"],
        "ifus": ifus,
        "faults": faults,
        "detectors": {str(ifu): _detector_truth(spec.seed, ifu) for ifu in ifus},
        "exposures": exposures,
        "sources": [_source_truth(source) for source in make_scene(spec.seed)],
    }
