"""Where the light of a slice falls: traces, wavelength map, place on the sky.

Detector coordinates are those of the trimmed image, 1-based (x 1..4096, y 1..4112);
field coordinates are spaxels of 0.2 arcsec from the centre of the full field, x along
the slices (to the west) and y to the north. IFU 1 is on top.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from musesim.facts import slice_order

__all__ = [
    "GRID",
    "GRID_STEP",
    "NX",
    "NY",
    "SPAXEL",
    "SliceSet",
    "ifu_field_rows",
    "slice_places",
]

NX = 4096
NY = 4112
SPAXEL = 0.2
"""Arcsec per spaxel of the wide field."""

GRID_STEP = 0.02
GRID = np.arange(4440.0, 9760.0, GRID_STEP)
"""Fine wavelength grid (air, Angstrom) on which all spectra are made."""

_SLICES = 48
_PITCH = 84.6
_EDGE = 0.65  # Gaussian softness of the slice edges, pixels
_STACK_WIDTH = 75.0  # spaxels along a slice

Float = NDArray[np.float32]


def slice_places(ifu: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Field x and y (spaxels) of the centres of the 48 slices, in detector order."""
    sky = slice_order() - 1
    x = -112.5 + _STACK_WIDTH * (sky // 12)
    y = 143.5 - 12.0 * (ifu - 1) - (sky % 12)
    return x.astype(float), y.astype(float)


def ifu_field_rows(ifus: tuple[int, ...]) -> tuple[float, float]:
    """Lowest and highest field y (spaxels, row centres) that these IFUs cover."""
    return 143.5 - 12.0 * (max(ifus) - 1) - 11.0, 143.5 - 12.0 * (min(ifus) - 1)


@dataclass(frozen=True)
class SliceSet:
    """The 48 slices of one IFU on its detector.

    Parameters
    ----------
    ifu
        IFU number, 1..24.
    """

    ifu: int

    @cached_property
    def _jitter(self) -> NDArray[np.float64]:
        rng = np.random.default_rng([9021, self.ifu])
        return np.asarray(rng.uniform(-0.1, 0.1, (3, _SLICES)))

    @cached_property
    def widths(self) -> NDArray[np.float64]:
        """Widths of the slices in pixels."""
        k = np.arange(_SLICES)
        widths = 77.0 + 0.5 * np.cos(0.7 * k) + self._jitter[1]
        return np.asarray(widths, np.float64)

    @cached_property
    def _mid(self) -> NDArray[np.float64]:
        middle = 58.0 + _PITCH * np.arange(_SLICES) + 0.25 * self.ifu
        return np.asarray(middle, np.float64)

    def centres(self, k: int) -> NDArray[np.float64]:
        """Centre x (pixels, shape (4112,)) of slice `k` (0..47) in every row."""
        v = (np.arange(1, NY + 1) - 2056.5) / 2056.0
        tilt = 1.5 * (k - 23.5) / 23.5 + self._jitter[0, k]
        line: NDArray[np.float64] = self._mid[k] + tilt * v + 1.0 * v**2
        return line

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """First column (0-based) of each slice's window, and the end of the last."""
        edges = np.round(self._mid - _PITCH / 2).astype(np.int64)
        edges[0] = max(edges[0], 0)
        last = min(int(np.round(self._mid[-1] + _PITCH / 2)), NX)
        return np.append(edges, last)

    def columns(self, k: int) -> NDArray[np.float64]:
        """Columns (1-based x) of the window of slice `k`."""
        return np.arange(self.bounds[k], self.bounds[k + 1]) + 1.0

    def offsets(self, k: int) -> Float:
        """Distance from the slice centre in half widths, shape (4112, columns)."""
        d = self.columns(k)[None, :] - self.centres(k)[:, None]
        return np.asarray(d / (self.widths[k] / 2), np.float32)

    def field_x(self, k: int) -> Float:
        """Field x (spaxels) of every pixel in the window of slice `k`."""
        x0 = np.float32(slice_places(self.ifu)[0][k])
        return x0 - self.offsets(k) * np.float32(_STACK_WIDTH / 2)

    def central_wavelength(self, k: int) -> float:
        """Wavelength (Angstrom) of slice `k` at the middle of the detector."""
        return float(7085.0 + 18.0 * (k % 3 - 1) + 10.0 * self._jitter[2, k])

    def _grid_index(self, k: int, u: Float) -> NDArray[np.int32]:
        c1 = np.float32(1.8 * np.sin(0.9 * k + self.ifu))
        rows = (np.arange(1, NY + 1) - 2056.5).astype(np.float32)[:, None]
        y = rows - u * (c1 + np.float32(0.8) * u)
        wave = np.float32(2e-10) * y - np.float32(5e-6)
        wave = (wave * y + np.float32(1.25)) * y
        start = self.central_wavelength(k) - GRID[0]
        wave += np.float32(start)
        wave *= np.float32(1 / GRID_STEP)
        return np.asarray(np.rint(wave), np.int32)

    @cached_property
    def maps(self) -> tuple[NDArray[np.int32], Float]:
        """Index into `GRID` and transmission (0..1) of every pixel, (4112, 4096)."""
        index = np.zeros((NY, NX), np.int32)
        light = np.zeros((NY, NX), np.float32)
        for k in range(_SLICES):
            window = slice(int(self.bounds[k]), int(self.bounds[k + 1]))
            u = self.offsets(k)
            index[:, window] = self._grid_index(k, u)
            light[:, window] = self._profile(u, k)
        return index, light

    def _profile(self, u: Float, k: int) -> Float:
        """Share of a pixel that the slice lights: a box with soft edges."""
        half = np.float32(self.widths[k] / 2)
        distance = (half - np.abs(u) * half) / np.float32(_EDGE * np.sqrt(2))
        out: Float = np.float32(0.5) * (1 + erf(distance))
        out[np.abs(u) > 1.12] = 0
        return out


def dispersion() -> NDArray[np.float64]:
    """Angstrom per pixel at every wavelength of `GRID`."""
    y = (GRID - 7085.0) / 1.25
    for _ in range(6):
        wave = 7085.0 + 1.25 * y - 5e-6 * y**2 + 2e-10 * y**3
        y -= (wave - GRID) / 1.25
    slope: NDArray[np.float64] = 1.25 - 1e-5 * y + 6e-10 * y**2
    return slope
