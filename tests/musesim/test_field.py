"""The simulated field: enough sources everywhere, lines where the demos look."""

import numpy as np
import pytest

from musesim.geometry import GRID, SliceSet
from musesim.light import electrons_per_flux, line_spectrum, sky_spectrum
from musesim.scene import make_scene
from musesim.shapes import Form, enclosed, shape_of
from musesim.sky import field_to_sky, refraction_arcsec


def _strip(ifu: int, margin: float = 3.5):
    low, high = 144.0 - 12.0 * ifu + margin, 144.0 - 12.0 * (ifu - 1) - margin
    return [s for s in make_scene(1) if low < s.y < high]


@pytest.mark.parametrize("ifu", range(1, 25))
def test_every_ifu_sees_ten_sources_three_of_them_with_lines(ifu):
    strip = _strip(ifu)
    assert len(strip) >= 10
    window = [s for s in strip if any(6810 < line.wave < 7190 for line in s.lines)]
    assert len(window) >= 3


def test_point_sources_keep_their_distance():
    sources = [s for s in make_scene(1) if s.footprint < 20]
    places = np.array([(s.x, s.y) for s in sources])
    gaps = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    assert gaps.min() > 9.0


def test_the_field_depends_on_the_seed_only():
    assert make_scene(5) == make_scene(5)
    assert make_scene(5) != make_scene(6)


@pytest.mark.parametrize(
    "form", [Form("point"), Form("disc", 1.4, 0.7, 20.0), Form("shell", 10.0, 0.8)]
)
def test_a_shape_holds_all_its_light(form):
    axis = np.arange(-120.0, 121.0)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    assert shape_of(form).share(x, y).sum() == pytest.approx(1.0, abs=0.01)


def test_the_enclosed_light_grows_with_the_radius():
    shares = enclosed(Form("point"), (0.2, 0.6, 1.0, 3.0))
    assert list(shares) == sorted(shares)
    assert 0.9 < shares[-1] <= 1.0


def test_a_line_keeps_its_flux_and_its_wavelength():
    spectrum = line_spectrum([7012.35], [3e-17], [1.0])
    step = GRID[1] - GRID[0]
    assert spectrum.sum() * step == pytest.approx(3e-17, rel=1e-3)
    assert (spectrum * GRID).sum() / spectrum.sum() == pytest.approx(7012.35, abs=2e-3)


def test_sky_lines_stand_where_the_pipeline_looks_for_them():
    spectrum = sky_spectrum()
    for wave in (5577.339, 6300.304):
        near = np.abs(GRID - wave) < 5
        assert GRID[near][spectrum[near].argmax()] == pytest.approx(wave, abs=0.05)


def test_more_air_takes_more_light_and_blue_more_than_red():
    ratio = electrons_per_flux(600, 1.5) / electrons_per_flux(600, 1.0)
    blue, red = np.interp([5000, 8600], GRID, ratio)
    assert blue < red < 1


def test_refraction_lifts_blue_light_towards_the_zenith():
    waves = np.array([5000.0, 7000.0, 9000.0])
    _, north = refraction_arcsec(waves, 1.3, 0.0)
    assert north[0] > north[1] == 0 > north[2]
    assert north[0] == pytest.approx(0.40, abs=0.05)


def test_field_coordinates_grow_to_the_west_and_north():
    ra, dec = field_to_sky(10.0, 20.0, 53.16, -27.78)
    assert (53.16 - ra) * 3600 * np.cos(np.radians(27.78)) == pytest.approx(
        2.0, abs=1e-3
    )
    assert (dec + 27.78) * 3600 == pytest.approx(4.0, abs=1e-3)


def test_slices_lie_side_by_side_within_the_pipelines_limits():
    slices = SliceSet(24)
    assert (slices.widths > 72.2).all()
    assert (slices.widths < 82.2).all()
    middle = [slices.centres(k)[2056] for k in range(48)]
    assert np.diff(middle).min() > 82
    assert middle[-1] + slices.widths[-1] / 2 < 4096
    index, light = slices.maps
    assert (index.min(), light.max()) >= (0, 0.99)
    assert index.max() < GRID.size
