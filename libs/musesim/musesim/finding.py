"""Blind finding of sources and emission lines in a cube. Knows nothing of any truth.

Continuum sources come from a white image made of block medians (free of lines and
cosmic rays), lines from the cube less its continuum; both through matched filters with
the cube's own variances. The pipeline's variances leave out what resampling spreads
over neighbouring voxels, so both signal-to-noise maps are scaled to the scatter that
is really there.
"""

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS, FITSFixedWarning
from numpy.typing import NDArray
from scipy.ndimage import correlate1d, distance_transform_edt, maximum_filter

from musecore.errors import Invalid
from musesim.fitting import Spot, fit_line, fit_spot

__all__ = ["Cube", "CubeUnreadable", "Detection", "FoundLine", "Search", "read_cube"]

Float = NDArray[np.float32]

_BLOCK = 80  # planes per continuum block
_FWHM = 3.7  # pixels, of the spatial filter
_SIGMA_Z = 1.5  # planes, of the spectral filter
_THRESHOLD = 6.0
_TRUSTED = 15.0  # signal to noise of a line that can be placed well
_CONTINUUM_ERROR = 0.015  # of the continuum, where lines are sought
_TELLURIC = ((7540.0, 7740.0), (9260.0, 9420.0))  # Angstrom, no lines sought


class CubeUnreadable(Invalid):
    """The file holds no cube with DATA and STAT."""

    code = "cube_unreadable"


@dataclass(frozen=True)
class Cube:
    """A data cube.

    Parameters
    ----------
    data, weight
        Values, and inverse variances (0 where there are no data), (nz, ny, nx).
    wave
        Air wavelengths of the planes, Angstrom.
    wcs
        Celestial coordinates of the pixels.
    unit
        Unit of the values.
    path
        The file.
    """

    data: Float
    weight: Float
    wave: NDArray[np.float64]
    wcs: WCS
    unit: str
    path: Path

    @property
    def calibrated(self) -> bool:
        """True for a cube in flux units."""
        return "erg" in self.unit

    @cached_property
    def valid(self) -> NDArray[np.bool_]:
        """Pixels (ny, nx) that have data in most planes."""
        return np.asarray((self.weight > 0).mean(axis=0) > 0.5)

    @cached_property
    def edge_distance(self) -> NDArray[np.float64]:
        """Distance (pixels) of every pixel from the edge of the data."""
        padded = np.pad(self.valid, 1)
        return np.asarray(distance_transform_edt(padded)[1:-1, 1:-1])


def read_cube(path: Path) -> Cube:
    """Read a cube written by the pipeline.

    Raises
    ------
    CubeUnreadable
        If there are no DATA and STAT extensions of equal, three-dimensional shape.
    """
    try:
        with fits.open(path) as hdus, warnings.catch_warnings():
            warnings.simplefilter("ignore", FITSFixedWarning)
            header = hdus["DATA"].header
            data = hdus["DATA"].data.astype(np.float32)
            stat = hdus["STAT"].data.astype(np.float32)
            wcs = WCS(header).celestial
    except (OSError, KeyError, AttributeError) as error:
        raise CubeUnreadable(f"{path} holds no cube with DATA and STAT.") from error
    if data.ndim != 3 or data.shape != stat.shape:
        raise CubeUnreadable(f"DATA and STAT of {path} are not cubes of one shape.")
    with np.errstate(divide="ignore", invalid="ignore"):
        good = np.isfinite(data) & np.isfinite(stat) & (stat > 0)
        weight = np.where(good, 1 / stat, 0).astype(np.float32)
    data[~good] = 0
    step = header.get("CD3_3", header.get("CDELT3", 1.25))
    planes = np.arange(data.shape[0]) + 1 - header.get("CRPIX3", 1.0)
    wave = header["CRVAL3"] + step * planes
    return Cube(data, weight, wave, wcs, str(header.get("BUNIT", "")), path)


@dataclass(frozen=True)
class FoundLine:
    """An emission line found blind.

    Parameters
    ----------
    wave, fwhm
        Angstrom.
    flux
        Flux of the Gaussian spot, units of the cube times Angstrom.
    snr
        Signal to noise of the matched filter, scaled to the real scatter.
    spot
        Place and size on the image of the line.
    """

    wave: float
    fwhm: float
    flux: float
    snr: float
    spot: Spot


@dataclass
class Detection:
    """A source found blind: continuum, lines, or both.

    Parameters
    ----------
    x, y
        Pixels, 0-based, of whichever has the higher signal to noise.
    continuum_snr
        0 if no continuum was found.
    """

    x: float
    y: float
    continuum_snr: float = 0.0
    fwhm: float = 0.0
    lines: list[FoundLine] = field(default_factory=list)

    @property
    def snr(self) -> float:
        """The highest signal to noise of continuum and lines."""
        return max([self.continuum_snr, *(line.snr for line in self.lines)])


def _kernel(sigma: float) -> NDArray[np.float64]:
    reach = int(np.ceil(3.5 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.asarray(kernel / kernel.sum())


def _filtered(cube: Float, kernels: list[NDArray[np.float64]]) -> Float:
    for axis, kernel in enumerate(kernels):
        cube = correlate1d(cube, kernel.astype(np.float32), axis, mode="constant")
    return cube


def _matched(data: Float, weight: Float, kernels: list[NDArray[np.float64]]) -> Float:
    """Signal to noise of a matched filter."""
    with ThreadPoolExecutor(2) as pool:  # scipy filters without the interpreter's lock
        weighted = pool.submit(_filtered, data * weight, kernels)
        squared = pool.submit(_filtered, weight, [kernel**2 for kernel in kernels])
        signal, noise = weighted.result(), squared.result()
    noise[noise <= 0] = np.inf
    return np.asarray(signal / np.sqrt(noise))


def _scatter(values: Float) -> tuple[float, float]:
    """Level and scatter of the background, from the side without sources."""
    if values.size == 0:
        return 0.0, 1.0
    ordered = np.sort(values, axis=None)
    level, sigma = _middle(ordered), 1.0
    for _ in range(8):
        low = ordered[: ordered.searchsorted(level, side="right")]
        sigma = 1.4826 * (level - _middle(low)) or 1.0
        level = _middle(ordered[: ordered.searchsorted(level + 2 * sigma)])
    return level, sigma


def _middle(ordered: Float) -> float:
    """Median of values in their order."""
    half = ordered.size // 2
    if ordered.size % 2:
        return float(ordered[half])
    return float((ordered[half - 1] + ordered[half]) / 2)


class Search:
    """The blind search of one cube.

    Parameters
    ----------
    cube
        The cube.
    """

    def __init__(self, cube: Cube) -> None:
        self.cube = cube
        sigma = _FWHM / 2.3548
        self._spatial = [_kernel(sigma), _kernel(sigma)]

    @cached_property
    def _blocks(self) -> tuple[Float, Float, NDArray[np.float64]]:
        """Medians, inverse variances and middles of the continuum blocks."""
        cube = self.cube
        number = max(1, round(cube.data.shape[0] / _BLOCK))
        parts = np.array_split(np.arange(cube.data.shape[0]), number)
        medians, weights = [], []
        for part in parts:
            use = slice(int(part[0]), int(part[-1]) + 1)
            values = np.where(cube.weight[use] > 0, cube.data[use], np.nan)
            empty = np.isnan(values).all(axis=0)
            values[:, empty] = 0
            medians.append(np.nanmedian(values, axis=0).astype(np.float32))
            weights.append(np.median(cube.weight[use], axis=0) * part.size / 1.571)
            weights[-1][empty] = 0
        middles = np.array([part.mean() for part in parts])
        return np.array(medians), np.array(weights, np.float32), middles

    @cached_property
    def white(self) -> tuple[Float, Float]:
        """White image without lines, background taken off, and its variances."""
        medians, weights, _ = self._blocks
        total = weights.sum(axis=0)
        good = total > 0
        image = np.zeros_like(total)
        image[good] = (medians * weights).sum(axis=0)[good] / total[good]
        image[good] -= _scatter(image[good])[0]
        variance = np.full_like(total, np.inf)
        variance[good] = 1 / total[good]
        return image, variance

    @cached_property
    def white_snr(self) -> Float:
        """Signal to noise of a source at every pixel of the white image."""
        image, variance = self.white
        snr = _matched(image, (1 / variance).astype(np.float32), self._spatial)
        inside = snr[self.cube.valid]
        _, sigma = _scatter(inside)
        return snr / max(sigma, 1.0)

    @cached_property
    def lines(self) -> Float:
        """The cube less its continuum."""
        medians, _, middles = self._blocks
        planes = np.arange(self.cube.data.shape[0])
        place = np.interp(planes, middles, np.arange(middles.size))
        low = np.clip(place.astype(int), 0, max(middles.size - 2, 0))
        high = np.minimum(low + 1, middles.size - 1)
        out = self.cube.data.copy()
        for z in planes:
            part = np.float32(place[z] - low[z])
            out[z] -= medians[low[z]] * (1 - part) + medians[high[z]] * part
        out[self.cube.weight == 0] = 0
        return out

    @cached_property
    def line_snr(self) -> Float:
        """Signal to noise of a line at every voxel."""
        continuum = np.abs(self.cube.data - self.lines)
        with np.errstate(divide="ignore"):
            variance = 1 / self.cube.weight + (_CONTINUUM_ERROR * continuum) ** 2
        weight = (1 / variance).astype(np.float32)
        kernels = [_kernel(_SIGMA_Z), *self._spatial]
        snr = _matched(self.lines, weight, kernels)
        scatter = np.array([_scatter(plane[self.cube.valid])[1] for plane in snr])
        # Of the noisiest of three planes: residuals of sky lines are that wide.
        snr /= np.maximum(maximum_filter(scatter, 3), 1.0)[:, None, None]
        snr[:8] = 0
        snr[-8:] = 0
        for low, high in _TELLURIC:
            snr[(self.cube.wave > low) & (self.cube.wave < high)] = 0
        return snr

    def find(self) -> list[Detection]:
        """All sources, brightest first."""
        found = self._continuum()
        for line in self._line_candidates():
            _attach(found, line)
        for detection in found:
            best = max(detection.lines, key=lambda line: line.snr, default=None)
            if best is not None and best.snr > detection.continuum_snr:
                detection.x, detection.y = best.spot.x, best.spot.y
                detection.fwhm = best.spot.fwhm
        return sorted(found, key=lambda detection: -detection.snr)

    def _continuum(self) -> list[Detection]:
        snr = self.white_snr
        image, variance = self.white
        peaks = (snr == maximum_filter(snr, size=7)) & (snr > _THRESHOLD)
        found = []
        for y, x in np.argwhere(peaks & self.cube.valid):
            spot = fit_spot(image, variance, int(x), int(y))
            found.append(Detection(spot.x, spot.y, float(snr[y, x]), spot.fwhm))
        return found

    def _line_candidates(self) -> list[FoundLine]:
        snr = self.line_snr
        bright = np.argwhere(snr > _THRESHOLD)
        if bright.size == 0:
            return []
        peaks = snr == maximum_filter(snr, size=(9, 7, 7))
        places = bright[peaks[tuple(bright.T)]]
        found = [self._measure(int(z), int(y), int(x)) for z, y, x in places]
        return [line for line in found if line is not None]

    def _measure(self, z: int, y: int, x: int) -> FoundLine | None:
        """Fit place, then wavelength; then the latter in the middle of the whole line.

        The image of a part of the line of a rotating galaxy leans to one side, and a
        spectrum taken there to other wavelengths.
        """
        snr = float(self.line_snr[z, y, x])
        line = self._fit(self._spot(z, 2, y, x), z, snr)
        if line is None or snr < _TRUSTED:
            return line
        middle = int(np.argmin(np.abs(self.cube.wave - line.wave)))
        spot = self._spot(middle, 4, round(line.spot.y), round(line.spot.x))
        better = self._fit(spot, middle, snr)
        return line if better is None else replace(better, spot=line.spot)

    def _spot(self, z: int, reach: int, y: int, x: int) -> Spot:
        """Fit the image of planes z - reach to z + reach."""
        use = slice(max(z - reach, 0), z + reach + 1)
        image = self.lines[use].sum(axis=0)
        with np.errstate(divide="ignore"):
            spread = (1 / self.cube.weight[use]).sum(axis=0)
        return fit_spot(image, spread, x, y)

    def _fit(self, spot: Spot, z: int, snr: float) -> FoundLine | None:
        spectrum, variance = self._extract(spot, z)
        fit = fit_line(self.cube.wave, spectrum, variance, float(self.cube.wave[z]))
        return None if fit is None else FoundLine(*fit, snr, spot)

    def _extract(
        self, spot: Spot, z: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Line spectrum around plane `z`, weighted with a Gaussian on the spot."""
        height, width = self.cube.valid.shape
        x, y = round(spot.x), round(spot.y)
        rows = slice(max(y - 5, 0), min(y + 6, height))
        columns = slice(max(x - 5, 0), min(x + 6, width))
        yy, xx = np.mgrid[rows, columns]
        sigma = float(np.clip(spot.fwhm, _FWHM, 2 * _FWHM)) / 2.3548
        r2 = (xx - spot.x) ** 2 + (yy - spot.y) ** 2
        shape = np.exp(-0.5 * r2 / sigma**2) / (2 * np.pi * sigma**2)
        planes = slice(max(z - 16, 0), z + 17)
        # One variance per plane: those of single voxels follow the noise, and would
        # pull the fit.
        weight = self.cube.weight[planes, rows, columns]
        level = np.median(weight, axis=(1, 2)).astype(float)
        mask = weight > 0
        norm = (mask * shape**2).sum(axis=(1, 2), dtype=float)
        good = (norm > 0) & (level > 0)
        flux = (self.lines[planes, rows, columns] * mask * shape).sum(axis=(1, 2))
        spectrum = np.zeros(self.cube.wave.size)
        variance = np.zeros(self.cube.wave.size)
        spectrum[planes][good] = flux[good] / norm[good]
        variance[planes][good] = 1 / (norm[good] * level[good])
        return spectrum, variance


def circle(
    shape: tuple[int, ...], x: float, y: float, radius: float
) -> NDArray[np.float64]:
    """Share of every pixel that lies within a circle, to a fifth of a pixel."""
    fine = (np.arange(5) - 2) / 5
    rows = (np.arange(shape[0])[:, None] + fine).ravel() - y
    columns = (np.arange(shape[1])[:, None] + fine).ravel() - x
    inside = rows[:, None] ** 2 + columns[None, :] ** 2 <= radius**2
    return np.asarray(inside.reshape(shape[0], 5, shape[1], 5).mean(axis=(1, 3)))


def _attach(found: list[Detection], line: FoundLine) -> None:
    """Give a line to the nearest source within 4 pixels, or make it a source."""
    near = [d for d in found if np.hypot(d.x - line.spot.x, d.y - line.spot.y) < 4.0]
    if near:
        home = min(near, key=lambda d: np.hypot(d.x - line.spot.x, d.y - line.spot.y))
        home.lines.append(line)
    else:
        found.append(Detection(line.spot.x, line.spot.y, lines=[line]))
