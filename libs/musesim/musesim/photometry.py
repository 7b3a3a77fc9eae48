"""Fluxes in a circle, and the share of a source's light that belongs there."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musesim.finding import Cube, Detection, Search, circle
from musesim.fitting import fit_line
from musesim.geometry import SPAXEL

__all__ = ["Aperture", "aperture_flux"]

_RADIUS = 1.0  # arcsec
_RING = (1.6, 2.5)  # arcsec, of the local background
_BAND = (6750.0, 7250.0)  # Angstrom, around the 7000 of the truth
_UNIT = 1e-20  # erg/s/cm2/Angstrom, the unit of the pipeline's cubes


@dataclass(frozen=True)
class Aperture:
    """A circle of 1 arcsec with a ring for the background.

    Parameters
    ----------
    x, y
        Centre, pixels.
    inner
        Share of every pixel within the circle.
    ring
        Pixels of the background.
    whole
        True if there are data in all of the circle and enough of the ring.
    """

    x: float
    y: float
    inner: NDArray[np.float64]
    ring: NDArray[np.bool_]
    whole: bool

    @classmethod
    def around(cls, x: float, y: float, cube: Cube) -> "Aperture":
        """The aperture at a place (pixels) of a cube."""
        shape = cube.valid.shape
        inner = circle(shape, x, y, _RADIUS / SPAXEL)
        wide = circle(shape, x, y, _RING[1] / SPAXEL)
        ring = (wide > 0.5) & (circle(shape, x, y, _RING[0] / SPAXEL) == 0) & cube.valid
        full = np.pi * (_RADIUS / SPAXEL) ** 2
        covered = float(inner[cube.valid].sum()) > 0.99 * full
        return cls(x, y, inner, ring, bool(covered and ring.sum() >= 20))

    def share(self, enclosed: dict[str, Any], kind: str) -> float:
        """Share of the light that circle less ring measures, from the truth."""
        radii, within = enclosed["radius_arcsec"], enclosed[kind]
        inner, near, far = np.interp([_RADIUS, *_RING], radii, within)
        area = _RADIUS**2 / (_RING[1] ** 2 - _RING[0] ** 2)
        return float(inner - (far - near) * area)

    def spectrum(self, cube: NDArray[np.float32]) -> NDArray[np.float64]:
        """Sum over the circle in every plane, less the background of the ring."""
        rows, columns = np.nonzero(self.inner)
        part = self.inner[rows, columns]
        total = (cube[:, rows, columns] * part).sum(axis=1, dtype=float)
        background = np.median(cube[:, self.ring], axis=1)
        return np.asarray(total - background * part.sum())

    def line_flux(self, search: Search, wave: float) -> float | None:
        """Flux (erg/s/cm2) of a line near `wave` (Angstrom) in this aperture."""
        spectrum = self.spectrum(search.lines)
        near = np.abs(search.cube.wave - wave) < 60
        noise = np.full(spectrum.size, np.var(spectrum[near]) + 1e-30)
        fit = fit_line(search.cube.wave, spectrum, noise, wave)
        return None if fit is None else fit[2] * _UNIT


def aperture_flux(
    search: Search, detection: Detection, truth: dict[str, Any]
) -> tuple[float, float] | None:
    """Found over true flux of a source, and its signal to noise.

    The flux is that of the continuum at 7000 Angstrom, or of the brightest line of a
    source without continuum.

    Returns
    -------
    tuple or None
        None if the aperture is not whole or the cube does not reach there.
    """
    aperture = Aperture.around(detection.x, detection.y, search.cube)
    if not aperture.whole:
        return None
    if truth["flux_density"] is None:
        return _line_source(search, detection, truth, aperture)
    wave = search.cube.wave
    band = (wave > _BAND[0]) & (wave < _BAND[1])
    if band.sum() < 100:
        return None
    spectrum = aperture.spectrum(search.cube.data)[band]
    flux = float(np.median(spectrum)) * _UNIT
    # Differences of distant planes: neighbours share their noise after resampling.
    steps = spectrum[5:] - spectrum[:-5]
    error = 1.4826 * float(np.median(np.abs(steps))) / np.sqrt(2)
    error *= 1.25 * _UNIT / np.sqrt(band.sum() / 2)
    expected = truth["flux_density"]["7000"]
    expected *= aperture.share(truth["enclosed"], "continuum")
    return flux / expected, flux / max(error, 1e-30)


def _line_source(
    search: Search, detection: Detection, truth: dict[str, Any], aperture: Aperture
) -> tuple[float, float] | None:
    best = max(detection.lines, key=lambda line: line.snr, default=None)
    if best is None:
        return None
    true = [
        line
        for line in truth["lines"]
        if abs(line["wave_air_angstrom"] - best.wave) < 5.0
    ]
    flux = aperture.line_flux(search, best.wave)
    if not true or flux is None:
        return None
    expected = true[0]["flux_erg_s_cm2"] * aperture.share(truth["enclosed"], "lines")
    return flux / expected, best.snr
