"""The detector of one IFU: ports, gains, noise, bad pixels, cosmic rays."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from musesim.facts import instrument
from musesim.geometry import NX, NY

__all__ = ["RAW_NX", "RAW_NY", "SATURATION", "Detector"]

RAW_NX = 4224
RAW_NY = 4240
SATURATION = 65535
_SCAN = 32  # pixels of pre- and overscan of a port, on both axes
_HALF_X = NX // 2
_HALF_Y = NY // 2

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Detector:
    """Properties of a detector, fixed by seed and IFU.

    Parameters
    ----------
    seed
        Seed of the simulated instrument.
    ifu
        IFU number, 1..24.
    """

    seed: int
    ifu: int

    @cached_property
    def _draw(self) -> dict[str, NDArray[np.float64]]:
        rng = np.random.default_rng([self.seed, 551, self.ifu])
        return {
            "gain": np.round(rng.uniform(1.05, 1.17, 4), 4),
            "ron": np.round(rng.uniform(2.2, 2.9, 4), 3),
            "bias": np.round(rng.uniform(1150.0, 1250.0, 4), 1),
        }

    @property
    def gain(self) -> NDArray[np.float64]:
        """Electrons per adu of the four ports."""
        return self._draw["gain"]

    @property
    def ron(self) -> NDArray[np.float64]:
        """Read-out noise of the four ports in electrons."""
        return self._draw["ron"]

    @property
    def bias(self) -> NDArray[np.float64]:
        """Bias level of the four ports in adu."""
        return self._draw["bias"]

    @cached_property
    def bad_pixels(self) -> NDArray[np.int64]:
        """200 dead pixels as rows of (x, y), raw coordinates, 1-based."""
        rng = np.random.default_rng([self.seed, 552, self.ifu])
        x = rng.integers(0, NX, 200)
        y = rng.integers(0, NY, 200)
        raw_x = x + _SCAN + np.where(x >= _HALF_X, 2 * _SCAN, 0) + 1
        raw_y = y + _SCAN + np.where(y >= _HALF_Y, 2 * _SCAN, 0) + 1
        order = np.lexsort((raw_x, raw_y))
        return np.column_stack([raw_x, raw_y])[order]

    @cached_property
    def _response(self) -> Float:
        rng = np.random.default_rng([self.seed, 553, self.ifu])
        response = rng.standard_normal((NY, NX), dtype=np.float32)
        response *= np.float32(0.006)
        response += np.float32(1)
        return response

    @property
    def _ports(self) -> list[tuple[slice, slice, slice, slice]]:
        """Per port 1..4: raw rows and columns, trimmed rows and columns."""
        low_x, high_x = slice(0, RAW_NX // 2), slice(RAW_NX // 2, RAW_NX)
        low_y, high_y = slice(0, RAW_NY // 2), slice(RAW_NY // 2, RAW_NY)
        left, right = slice(0, _HALF_X), slice(_HALF_X, NX)
        bottom, top = slice(0, _HALF_Y), slice(_HALF_Y, NY)
        return [
            (low_y, low_x, bottom, left),
            (low_y, high_x, bottom, right),
            (high_y, high_x, top, right),
            (high_y, low_x, top, left),
        ]

    def read_out(
        self, electrons: Float | None, rng: np.random.Generator, exptime: float = 0.0
    ) -> NDArray[np.uint16]:
        """Read a frame out.

        Parameters
        ----------
        electrons
            Light on the trimmed image (4112, 4096), noise-free; None for no light.
        rng
            Source of the noise.
        exptime
            Seconds, for dark current and cosmic rays.

        Returns
        -------
        NDArray
            Raw frame in adu, shape (4240, 4224).
        """
        noise = rng.standard_normal((RAW_NY, RAW_NX), dtype=np.float32)
        raw = np.empty((RAW_NY, RAW_NX), np.uint16)
        dark = np.float32(instrument()["dark_electrons_per_hour"] * exptime / 3600)
        tracks = self._cosmic_rays(rng, exptime)
        drift = rng.normal(0, 0.3, 4)
        for port, (rows, columns, sky_rows, sky_columns) in enumerate(self._ports):
            quadrant = noise[rows, columns]
            lit = _lit()
            variance = np.full(quadrant.shape, self.ron[port] ** 2, np.float32)
            signal = np.zeros((_HALF_Y, _HALF_X), np.float32) + dark
            if electrons is not None:
                response = self._response[sky_rows, sky_columns]
                signal += electrons[sky_rows, sky_columns] * response
            signal += tracks[sky_rows, sky_columns]
            variance[lit] += signal
            quadrant *= np.sqrt(variance, out=variance)
            quadrant[lit] += signal
            quadrant *= np.float32(1 / self.gain[port])
            quadrant += np.float32(self.bias[port] + drift[port] + 0.5)
            np.clip(quadrant, 0, SATURATION, out=quadrant)
            raw[rows, columns] = quadrant
        self._kill(raw)
        return raw

    def _kill(self, raw: NDArray[np.uint16]) -> None:
        x, y = self.bad_pixels.T - 1
        raw[y, x] = 0

    def _cosmic_rays(self, rng: np.random.Generator, exptime: float) -> Float:
        image = np.zeros((NY, NX), np.float32)
        rate = instrument()["cosmic_tracks_per_hour"] * exptime / 3600
        number = int(rng.poisson(rate))
        if number == 0:
            return image
        x0, y0 = rng.uniform(0, NX, number), rng.uniform(0, NY, number)
        length = rng.exponential(4.0, number) + 1
        angle = rng.uniform(0, 2 * np.pi, number)
        charge = 10 ** rng.uniform(2.3, 3.7, number)
        for step in range(24):
            on = length > step
            x = (x0 + step * np.cos(angle)).astype(int)[on] % NX
            y = (y0 + step * np.sin(angle)).astype(int)[on] % NY
            image[y, x] += charge[on].astype(np.float32)
        return image


def _lit() -> tuple[slice, slice]:
    """Where the light-sensitive pixels lie inside the raw quadrant of any port."""
    x = slice(_SCAN, _SCAN + _HALF_X)
    y = slice(_SCAN, _SCAN + _HALF_Y)
    return y, x


PORT_PLACES = ((1, 1), (NX, 1), (NX, NY), (1, NY))
