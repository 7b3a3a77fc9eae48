"""Gaussian fits of spots on an image and of lines in a spectrum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

__all__ = ["Moffat", "Spot", "fit_line", "fit_moffat", "fit_spot"]

_REACH = 5  # pixels around the peak that a spot is fitted in
_FWHM = 2.3548


@dataclass(frozen=True)
class Spot:
    """Place (pixels, 0-based) and mean full width at half maximum of a spot."""

    x: float
    y: float
    fwhm: float


def fit_spot(
    image: NDArray[np.float32], variance: NDArray[np.float32], x0: int, y0: int
) -> Spot:
    """Fit an upright elliptical Gaussian on a flat background.

    Parameters
    ----------
    image, variance
        Values and variances; infinite variance where there are no data.
    x0, y0
        Peak, pixels.

    Returns
    -------
    Spot
        The fit, or the peak itself if the fit ran away.
    """
    rows = slice(max(y0 - _REACH, 0), y0 + _REACH + 1)
    columns = slice(max(x0 - _REACH, 0), x0 + _REACH + 1)
    y, x = np.mgrid[rows, columns].astype(float)[:, : image.shape[0], : image.shape[1]]
    values = image[rows, columns].astype(float)
    y, x = (
        y[: values.shape[0], : values.shape[1]],
        x[: values.shape[0], : values.shape[1]],
    )
    near = np.hypot(x - x0, y - y0) <= _REACH
    spread = variance[rows, columns].astype(float)
    good = near & np.isfinite(spread) & (spread > 0)
    peak = max(float(image[y0, x0]), 1e-30)
    x, y, values = x[good], y[good], values[good]
    scale = np.sqrt(spread[good] + (0.03 * peak) ** 2)

    def miss(p: NDArray[np.float64]) -> NDArray[np.float64]:
        shape = ((x - p[1]) / p[3]) ** 2 + ((y - p[2]) / p[4]) ** 2
        model = peak * (p[0] * np.exp(-0.5 * shape) + p[5])
        return np.asarray((model - values) / scale)

    if values.size < 12:
        return Spot(float(x0), float(y0), 0.0)
    start = [1.0, x0, y0, 1.6, 1.6, 0.0]
    low = [0.2, x0 - 2.5, y0 - 2.5, 0.7, 0.7, -0.5]
    high = [3.0, x0 + 2.5, y0 + 2.5, 6.0, 6.0, 0.8]
    fit = least_squares(miss, start, bounds=(low, high)).x
    return Spot(float(fit[1]), float(fit[2]), float(_FWHM * np.sqrt(fit[3] * fit[4])))


def fit_line(
    wave: NDArray[np.float64],
    spectrum: NDArray[np.float64],
    variance: NDArray[np.float64],
    centre: float,
) -> tuple[float, float, float] | None:
    """Fit a Gaussian on a flat background within 9 Angstrom of `centre`.

    Returns
    -------
    tuple or None
        Wavelength and FWHM (Angstrom), flux (spectrum times Angstrom); None if the fit
        is no emission line.
    """
    near = (np.abs(wave - centre) < 9.0) & (variance > 0)
    if near.sum() < 8:
        return None
    d, values = wave[near] - centre, spectrum[near]
    scale = np.sqrt(variance[near])
    peak = float(values.max())
    if peak <= 0:
        return None

    def miss(p: NDArray[np.float64]) -> NDArray[np.float64]:
        model = peak * (p[0] * np.exp(-0.5 * ((d - p[1]) / p[2]) ** 2) + p[3])
        return np.asarray((model - values) / scale)

    start, low = [1.0, 0.0, 1.5, 0.0], [0.0, -4.0, 0.6, -1.0]
    fit = least_squares(miss, start, bounds=(low, [3.0, 4.0, 5.0, 1.0])).x
    flux = float(fit[0] * peak * fit[2] * np.sqrt(2 * np.pi))
    return float(centre + fit[1]), float(_FWHM * fit[2]), flux


@dataclass(frozen=True)
class Moffat:
    """An elliptical Moffat profile.

    Parameters
    ----------
    peak
        Value in the middle.
    x, y
        Middle, pixels.
    along, across
        Core radii, pixels.
    angle
        Of the first core radius from x towards y, radians.
    beta
        Exponent.
    """

    peak: float
    x: float
    y: float
    along: float
    across: float
    angle: float
    beta: float

    @classmethod
    def start(cls, x: float, y: float, fwhm: float) -> "Moffat":
        """A profile without light to begin a fit with."""
        core = max(fwhm, 2.0)
        return cls(0.0, x, y, core, core, 0.0, 3.2)

    @property
    def flux(self) -> float:
        """Integral over the plane."""
        area = np.pi * self.along * self.across / (self.beta - 1)
        return float(self.peak * area)

    @property
    def fwhm(self) -> float:
        """Mean full width at half maximum, pixels."""
        width = 2 * np.sqrt(2 ** (1 / self.beta) - 1)
        return float(width * np.sqrt(self.along * self.across))

    def light(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Value at places in pixels."""
        dx, dy = x - self.x, y - self.y
        c, s = np.cos(self.angle), np.sin(self.angle)
        r2 = ((dx * c + dy * s) / self.along) ** 2
        r2 = r2 + ((dy * c - dx * s) / self.across) ** 2
        return np.asarray(self.peak * (1 + r2) ** -self.beta)


_WIDE = 8.5  # pixels around a source that its profile is fitted in


def fit_moffat(
    image: NDArray[np.float64],
    error: NDArray[np.float64],
    begin: Moffat,
    betas: tuple[float, float] = (2.2, 6.0),
) -> Moffat:
    """Fit a Moffat profile on a flat background.

    Parameters
    ----------
    image, error
        Values without the light of other sources, and errors (infinite: no data).
    begin
        Where to begin.
    betas
        Lowest and highest exponent.

    Returns
    -------
    Moffat
        The fit, or `begin` if there are too few pixels.
    """
    rows = slice(max(int(begin.y - _WIDE), 0), max(int(begin.y + _WIDE) + 2, 0))
    columns = slice(max(int(begin.x - _WIDE), 0), max(int(begin.x + _WIDE) + 2, 0))
    y, x = (part.astype(float) for part in np.indices(image.shape)[:, rows, columns])
    spread = error[rows, columns]
    good = (np.hypot(x - begin.x, y - begin.y) < _WIDE) & np.isfinite(spread)
    x, y, values = x[good], y[good], image[rows, columns][good]
    core = np.hypot(x - begin.x, y - begin.y) < 2.5
    if good.sum() < 40 or not core.any():
        return begin
    peak = max(float(values[core].max()), 1e-30)
    scale = np.sqrt(spread[good] ** 2 + (0.01 * peak) ** 2)

    def profile(p: NDArray[np.float64]) -> Moffat:
        return Moffat(
            *(float(p[0] * peak), float(begin.x + p[1]), float(begin.y + p[2])),
            *(float(p[3]), float(p[4]), float(p[5]), float(p[6])),
        )

    def miss(p: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((profile(p).light(x, y) + peak * p[7] - values) / scale)

    start = [1.0, 0, 0, begin.along, begin.across, begin.angle, begin.beta, 0.0]
    low = [0.1, -2, -2, 1.0, 1.0, -4.0, betas[0], -0.3]
    high = [3.0, 2, 2, 12.0, 12.0, 4.0, betas[1], 0.3]
    return profile(least_squares(miss, np.clip(start, low, high), bounds=(low, high)).x)
