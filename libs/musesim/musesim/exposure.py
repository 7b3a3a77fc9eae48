"""Electrons on the detector of one IFU: lamps, sky, and the sources of the field."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musesim.geometry import GRID, GRID_STEP, NY, SPAXEL, SliceSet, slice_places
from musesim.light import electrons_per_flux, sky_spectrum
from musesim.scene import Source
from musesim.shapes import Form, shape_of
from musesim.sky import refraction_arcsec

__all__ = ["Ifu", "Look"]

Float = NDArray[np.float32]

_NODES = np.unique(np.append(np.arange(0, NY, 64), NY - 1))
_FAINT = 3.0e-21  # erg/s/cm2/Angstrom per spaxel below which a wing is left out
_FAR = 70.0  # spaxels beyond which no source reaches into an IFU
_C = 299792.458


@dataclass(frozen=True)
class Look:
    """What an exposure on the sky sees.

    Parameters
    ----------
    exptime, airmass, parang
        Seconds, mean airmass, mean parallactic angle (deg).
    sources
        Sources with their field coordinates of this exposure.
    """

    exptime: float
    airmass: float
    parang: float
    sources: tuple[Source, ...]


class Ifu:
    """Light of one IFU on its detector.

    Parameters
    ----------
    number
        IFU, 1..24.
    """

    def __init__(self, number: int) -> None:
        self.slices = SliceSet(number)
        self._index, self._light = self.slices.maps
        self._rows = slice_places(number)[1]
        self._columns = slice_places(number)[0]
        # The share of a spaxel's width that falls on one detector pixel.
        self._pixel = (75.0 / self.slices.widths).astype(np.float32)
        rng = np.random.default_rng([9022, number])
        self._day = 1 + 0.006 * rng.standard_normal(48).astype(np.float32)
        self._night = self._day * (1 + 0.004 * rng.standard_normal(48)).astype(
            np.float32
        )
        self._lamp_tilt = np.float32(0.02 * np.sin(0.7 * number))

    def lamp(self, spectrum: NDArray[np.float64], *, at_night: bool = False) -> Float:
        """Electrons (4112, 4096) of an evenly lit calibration source.

        Parameters
        ----------
        spectrum
            Electrons per pixel over the grid.
        at_night
            True for illumination frames: the slices as they are at night.
        """
        image = self._flood(spectrum)
        for k in range(48):
            tilt = self._lamp_tilt * self.slices.offsets(k)
            image[:, self._window(k)] *= (1 + tilt) * self._share(k, at_night)
        return image

    def twilight(self, spectrum: NDArray[np.float64]) -> Float:
        """Electrons (4112, 4096) of the twilight sky, with a gentle gradient."""
        image = self._flood(spectrum)
        for k in range(48):
            slope = 1 + 1e-4 * self.slices.field_x(k) + np.float32(1e-4 * self._rows[k])
            image[:, self._window(k)] *= slope * self._share(k, at_night=True)
        return image

    def look(self, look: Look) -> Float:
        """Electrons (4112, 4096) of an exposure on the sky."""
        factor = electrons_per_flux(look.exptime, look.airmass)
        table = (sky_spectrum() * factor).astype(np.float32)
        image = table[self._index]
        top, bottom = self._rows.max() + _FAR, self._rows.min() - _FAR
        near = [s for s in look.sources if bottom < s.y < top]
        tables = [(s, *_tables(s, factor)) for s in near]
        for k in range(48):
            block = image[:, self._window(k)]
            self._add_sources(block, k, tables, look)
            block *= self._share(k, at_night=True)
        image *= self._light
        return image

    def _window(self, k: int) -> slice:
        return slice(int(self.slices.bounds[k]), int(self.slices.bounds[k + 1]))

    def _share(self, k: int, at_night: bool) -> np.float32:
        night = self._night[k] if at_night else self._day[k]
        return np.float32(self._pixel[k] * night)

    def _flood(self, spectrum: NDArray[np.float64]) -> Float:
        image: Float = spectrum.astype(np.float32)[self._index]
        image *= self._light
        return image

    def _add_sources(
        self,
        block: Float,
        k: int,
        tables: Sequence[tuple[Source, float, Float | None, Float | None]],
        look: Look,
    ) -> None:
        x_mid, y = self._columns[k], self._rows[k]
        near = [
            item
            for item in tables
            if abs(item[0].y - y) < item[1] and abs(item[0].x - x_mid) < item[1] + 40
        ]
        if not near:
            return
        index = self._index[:, self._window(k)]
        nodes = self.slices.field_x(k)[_NODES].astype(float)
        waves = GRID[index[_NODES, nodes.shape[1] // 2]]
        shift = refraction_arcsec(waves, look.airmass, look.parang)
        stamp = _Stamp(block, index, nodes, y, waves, shift)
        for source, reach, continuum, emission in near:
            stamp.add(source, reach, continuum, emission)


def _tables(
    source: Source, factor: NDArray[np.float64]
) -> tuple[float, Float | None, Float | None]:
    """Reach (spaxels) of a source, and its continuum and lines in electrons."""
    peak = 0.0
    out: list[Float | None] = []
    for spectrum in (source.continuum, source.emission):
        if spectrum is None:
            out.append(None)
            continue
        peak = max(peak, float(spectrum.max()))
        out.append((spectrum * factor).astype(np.float32))
    return _reach(source.form, peak), out[0], out[1]


def _reach(form: Form, peak: float) -> float:
    if form.name not in ("point", "disc"):
        return 7 * form.radius
    radii = np.arange(3.0, 30.0)
    share = shape_of(form).share(radii, np.zeros_like(radii)) * peak
    bright = np.flatnonzero(share > _FAINT)
    return float(radii[bright[-1]] + 1) if bright.size else 3.0


class _Stamp:
    """Puts sources into the window of one slice."""

    def __init__(
        self,
        block: Float,
        index: NDArray[np.int32],
        nodes: NDArray[np.float64],
        y: float,
        waves: NDArray[np.float64],
        shift: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> None:
        self._block, self._index, self._nodes, self._y = block, index, nodes, y
        self._size = ((waves / 7000.0) ** -0.2)[:, None]
        self._dx = (shift[0] / SPAXEL)[:, None]
        self._dy = (shift[1] / SPAXEL)[:, None]
        place = np.interp(np.arange(NY), _NODES, np.arange(_NODES.size))
        self._low = np.minimum(place.astype(int), _NODES.size - 2)
        self._part = (place - self._low).astype(np.float32)[:, None]

    def add(
        self,
        source: Source,
        reach: float,
        continuum: Float | None,
        emission: Float | None,
    ) -> None:
        """Add one source; spectra are electrons over the grid."""
        middle = np.abs(self._nodes[len(self._nodes) // 2] - source.x)
        columns = np.flatnonzero(middle < reach + 1)
        if columns.size == 0:
            return
        chosen = slice(int(columns[0]), int(columns[-1]) + 1)
        index = self._index[:, chosen]
        if continuum is not None:
            self._block[:, chosen] += (
                self._share(source, source.form, chosen) * (continuum[index])
            )
        if emission is not None:
            form = source.line_form or source.form
            moved = index - self._doppler(source, chosen)
            np.clip(moved, 0, GRID.size - 1, out=moved)
            self._block[:, chosen] += (
                self._share(source, form, chosen) * (emission[moved])
            )

    def _offsets(
        self, source: Source, chosen: slice
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        dx = (self._nodes[:, chosen] - source.x - self._dx) / self._size
        dy = (self._y - source.y - self._dy) / self._size
        return dx, np.broadcast_to(dy, dx.shape)

    def _share(self, source: Source, form: Form, chosen: slice) -> Float:
        dx, dy = self._offsets(source, chosen)
        share = shape_of(form).share(dx, dy) / self._size**2
        return self._in_every_row(share)

    def _in_every_row(self, at_nodes: NDArray[np.float64]) -> Float:
        nodes = at_nodes.astype(np.float32)
        low: Float = nodes[self._low]
        return np.asarray(low + (nodes[self._low + 1] - low) * self._part)

    def _doppler(self, source: Source, chosen: slice) -> NDArray[np.int32]:
        """Shift in grid steps from the rotation of the source."""
        if source.rotation == 0:
            return np.zeros((1, 1), np.int32)
        dx, dy = self._offsets(source, chosen)
        a = np.radians(source.form.angle)
        along = (dx * np.cos(a) + dy * np.sin(a)) / source.form.radius
        across = (dy * np.cos(a) - dx * np.sin(a)) / source.form.radius
        turn = along / (1 + across**2 / source.form.ratio**2) ** 0.5
        speed = self._in_every_row(source.rotation * 2 / np.pi * np.arctan(turn))
        steps = GRID[self._index[:, chosen]] * (speed / (_C * GRID_STEP))
        return np.asarray(np.rint(steps), np.int32)
