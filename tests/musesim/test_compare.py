"""Blind search and comparison on small cubes whose content is known."""

import json
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from typer.testing import CliRunner

from musesim.compare import compare
from musesim.finding import CubeUnreadable
from musesim.main import cli
from musesim.shapes import Form, Point, enclosed
from musesim.truth import RADII

PLANES, HEIGHT, WIDTH = 400, 36, 120
WAVE = 6760.0 + 1.25 * np.arange(PLANES)
NOISE = 4.0


def _wcs() -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.crpix = (60.5, 18.5)
    wcs.wcs.crval = (53.16, -27.78)
    wcs.wcs.cd = np.array([[-1.0, 0.0], [0.0, 1.0]]) * 0.2 / 3600
    wcs.wcs.ctype = ("RA---TAN", "DEC--TAN")
    return wcs


def _truth(name: str, x: float, y: float, density=None, lines=()) -> dict:
    ra, dec = _wcs().pixel_to_world_values(x, y)
    shares = list(enclosed(Form("point"), RADII))
    return {
        "name": name,
        "kind": "star" if density else "emitter",
        "ra_deg": float(ra),
        "dec_deg": float(dec),
        "footprint_spaxel": 5.0,
        "flux_density": {"7000": density * 1e-20} if density else None,
        "lines": [
            {
                "name": "LYALPHA",
                "wave_air_angstrom": wave,
                "flux_erg_s_cm2": flux * 1e-20,
            }
            for wave, flux in lines
        ],
        "enclosed": {
            "radius_arcsec": list(RADII),
            "continuum": shares,
            "lines": shares,
        },
    }


STARS = [
    _truth("A", 20.3, 17.6, 4000.0),
    _truth("B", 44.7, 18.2, 2000.0),
    _truth("C", 68.1, 16.9, 1000.0),
]
EMITTERS = [
    _truth("D", 90.4, 18.4, lines=[(7003.3, 4000.0)]),
    _truth("E", 105.2, 17.1, lines=[(6950.2, 3000.0)]),
]


def _add(data: np.ndarray, source: dict) -> None:
    x, y = _wcs().world_to_pixel_values(source["ra_deg"], source["dec_deg"])
    yy, xx = np.mgrid[:HEIGHT, :WIDTH]
    share = Point().share(xx - float(x), yy - float(y))
    spectrum = np.zeros(PLANES)
    if source["flux_density"]:
        spectrum += source["flux_density"]["7000"] * 1e20
    for line in source["lines"]:
        bell = np.exp(-0.5 * ((WAVE - line["wave_air_angstrom"]) / 1.6) ** 2)
        flux = line["flux_erg_s_cm2"] * 1e20
        spectrum += flux * bell / (1.6 * np.sqrt(2 * np.pi))
    data += spectrum[:, None, None] * share


def _cube(folder: Path, inside: list[dict], *, unit: str | None = None) -> Path:
    rng = np.random.default_rng(4)
    data = rng.normal(0, NOISE, (PLANES, HEIGHT, WIDTH))
    for source in inside:
        _add(data, source)
    header = _wcs().to_header()
    header["BUNIT"] = unit or "10**(-20)*erg/s/cm**2/Angstrom"
    rows = {"CRPIX3": 1.0, "CRVAL3": WAVE[0], "CD3_3": 1.25, "CTYPE3": "AWAV"}
    header.update(rows)
    stat = np.full(data.shape, NOISE**2, np.float32)
    path = folder / "DATACUBE_FINAL.fits"
    fits.HDUList(
        [
            fits.PrimaryHDU(),
            fits.ImageHDU(data.astype(np.float32), header, name="DATA"),
            fits.ImageHDU(stat, header, name="STAT"),
        ]
    ).writeto(path)
    return path


def _write(folder: Path, known: list[dict]) -> Path:
    path = folder / "truth.json"
    path.write_text(json.dumps({"sources": known}))
    return path


@pytest.fixture
def all_known(tmp_path):
    known = STARS + EMITTERS
    return compare(_cube(tmp_path, known), _write(tmp_path, known))


def _goal(comparison, name: str) -> bool:
    return next(goal.passed for goal in comparison.goals if goal.name == name)


def test_what_is_in_the_cube_is_found_at_its_place(all_known):
    assert {s.name: s.found for s in all_known.sources} == dict.fromkeys(
        "ABCDE", "found"
    )
    assert all(s.offset < 0.1 for s in all_known.sources)
    assert not all_known.false
    assert not all_known.unknown_lines


def test_lines_are_found_at_their_wavelength(all_known):
    lines = [line for s in all_known.sources for line in s.lines]
    assert [line.wave_true for line in lines] == [7003.3, 6950.2]
    assert all(abs(line.error) < 0.05 for line in lines)
    assert all(line.snr > 40 for line in lines)


def test_fluxes_of_a_calibrated_cube_agree_with_the_truth(all_known):
    assert all_known.calibrated
    ratios = [s.flux_ratio for s in all_known.sources]
    assert ratios == pytest.approx([1.0] * 5, abs=0.05)
    assert _goal(all_known, "fluxes within 10 %")


def test_a_cube_in_counts_has_no_flux_goal(tmp_path):
    cube = _cube(tmp_path, STARS, unit="count")
    comparison = compare(cube, _write(tmp_path, STARS))
    assert "fluxes within 10 %" not in [goal.name for goal in comparison.goals]
    assert all(s.flux_ratio is None for s in comparison.sources)


def test_a_wrong_truth_is_noticed(tmp_path):
    moved = [_truth("A", 21.2, 17.6, 8000.0), *STARS[1:]]
    comparison = compare(_cube(tmp_path, STARS), _write(tmp_path, moved))
    assert not _goal(comparison, "positions within 0.5 spaxel")
    assert not _goal(comparison, "fluxes within 10 %")


def test_a_line_off_by_a_fifth_of_an_angstrom_is_noticed(tmp_path):
    shifted = _truth("D", 90.4, 18.4, lines=[(7003.5, 4000.0)])
    cube = _cube(tmp_path, EMITTERS)
    comparison = compare(cube, _write(tmp_path, [shifted, EMITTERS[1]]))
    assert not _goal(comparison, "lines within 0.1 A")


def test_what_the_truth_does_not_know_is_counted_as_false(tmp_path):
    comparison = compare(_cube(tmp_path, STARS + EMITTERS), _write(tmp_path, STARS))
    assert [round(place["x"]) for place in comparison.false] == [90, 105]
    assert not _goal(comparison, "no false one of S/N 10")


def test_the_wing_of_a_star_beside_the_field_is_not_false(tmp_path):
    known = [*STARS, _truth("H", 60.0, -6.5, 400000.0)]
    cube = _cube(tmp_path, known)
    assert compare(cube, _write(tmp_path, STARS)).false
    assert not compare(cube, _write(tmp_path, known)).false


def test_a_bright_source_lost_beside_another_is_counted_as_missed(tmp_path):
    neighbour = _truth("F", 23.9, 17.6, 500.0)
    known = [*STARS, neighbour]
    comparison = compare(_cube(tmp_path, known), _write(tmp_path, known))
    assert {s.name for s in comparison.sources if s.found == "missed"} == {"F"}
    assert not _goal(comparison, "none of S/N 10 missed")


def test_a_source_too_faint_to_see_is_not_held_against_the_cube(tmp_path):
    faint = _truth("G", 105.0, 25.0, 0.5)
    comparison = compare(_cube(tmp_path, STARS), _write(tmp_path, [*STARS, faint]))
    assert {s.name: s.found for s in comparison.sources}["G"] == "faint"
    assert _goal(comparison, "none of S/N 10 missed")


def test_a_file_that_is_no_cube_is_refused(tmp_path):
    path = tmp_path / "notes.fits"
    path.write_text("not a cube")
    with pytest.raises(CubeUnreadable, match=r"notes\.fits holds no cube"):
        compare(path, _write(tmp_path, STARS))


def test_the_command_line_tells_and_ends_with_1_if_a_goal_is_missed(tmp_path):
    cube, truth = _cube(tmp_path, STARS), _write(tmp_path, STARS)
    shown = CliRunner().invoke(cli, ["compare", str(cube), str(truth)])
    assert shown.exit_code == 1
    assert "MISS at least ten sources: 3 found" in shown.output
    data = CliRunner().invoke(cli, ["compare", str(cube), str(truth), "--json"])
    result = json.loads(data.output)
    assert (result["passed"], len(result["sources"])) == (False, 3)


def test_the_command_line_refuses_a_mode_that_does_not_exist(tmp_path):
    arguments = ["night", str(tmp_path), "--mode", "WFM-XL", "--quiet"]
    refused = CliRunner().invoke(cli, arguments)
    assert refused.exit_code == 2
    assert "'WFM-XL' is no mode" in refused.output
