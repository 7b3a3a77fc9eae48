"""Fluxes of the sources found, from the cube alone.

Continuum fluxes are those of Moffat profiles fitted to an image around 7000 Angstrom,
each with the light of all others taken off: the same measure by which the pipeline
integrates its standard star. Lines of point sources are weighed with a bell, others
summed in a circle; the share of the light that these hold is measured on the stars of
the cube.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musesim.finding import Cube, Detection, Search, circle
from musesim.fitting import Moffat, fit_line, fit_moffat
from musesim.geometry import SPAXEL
from musesim.shapes import Form, enclosed, shape_of

__all__ = ["Photometry"]

_RADIUS = 0.8  # arcsec
_SIGMA = 1.6  # pixels, of the bell that weighs point sources
_BAND = (6750.0, 7250.0)  # Angstrom, around the 7000 of the truth
_UNIT = 1e-20  # erg/s/cm2/Angstrom, the unit of the pipeline's cubes
_ROUNDS = 4

Image = NDArray[np.float64]


@dataclass(frozen=True)
class _Aperture:
    """Weights of the pixels around a source, and whether all have data."""

    weight: Image
    whole: bool

    @classmethod
    def disc(cls, x: float, y: float, cube: Cube) -> "_Aperture":
        """All light within 0.8 arcsec."""
        weight = circle(cube.valid.shape, x, y, _RADIUS / SPAXEL)
        return cls(weight, _covered(x, y, cube))

    @classmethod
    def bell(cls, x: float, y: float, cube: Cube) -> "_Aperture":
        """A Gaussian of the seeing: least noise for a point source."""
        yy, xx = np.indices(cube.valid.shape)
        r2 = (xx - x) ** 2 + (yy - y) ** 2
        weight = np.exp(-0.5 * r2 / _SIGMA**2) * (r2 < (4 * _SIGMA) ** 2) * cube.valid
        return cls(weight, _covered(x, y, cube))

    def spectrum(self, cube: NDArray[np.float32]) -> NDArray[np.float64]:
        """Weighted sum in every plane."""
        rows, columns = np.nonzero(self.weight)
        part = self.weight[rows, columns]
        return np.asarray((cube[:, rows, columns] * part).sum(axis=1, dtype=float))


def _covered(x: float, y: float, cube: Cube) -> bool:
    inner = circle(cube.valid.shape, x, y, _RADIUS / SPAXEL)
    full = np.pi * (_RADIUS / SPAXEL) ** 2
    return float(inner[cube.valid].sum()) > 0.99 * full


def _true_share(within: dict[str, Any], kind: str) -> float:
    """Share of the light within the circle, as the truth has it."""
    return float(np.interp(_RADIUS, within["radius_arcsec"], within[kind]))


def _star_beta(models: list[Moffat]) -> float:
    """Exponent of the bright point sources; models in order of brightness."""
    if not models:
        return 2.2
    bright = models[: max(len(models) // 2, 1)]
    size = np.percentile([model.fwhm for model in bright], 30)
    stars = [model.beta for model in bright if model.fwhm < 1.06 * size]
    return float(np.clip(np.median(stars), 2.2, 5.5))


class Photometry:
    """Fluxes in a cube.

    Parameters
    ----------
    search
        The blind search of a flux-calibrated cube.
    found
        Its detections.
    """

    def __init__(self, search: Search, found: list[Detection]) -> None:
        self._search, self._cube = search, search.cube
        self._found = [d for d in found if d.continuum_snr > 0]

    @cached_property
    def _image(self) -> tuple[Image, Image]:
        """Median image of the band, and its errors (infinite without data)."""
        cube = self._cube
        band = (cube.wave > _BAND[0]) & (cube.wave < _BAND[1])
        values = np.median(cube.data[band], axis=0).astype(float)
        steps = cube.data[band][5:] - cube.data[band][:-5]
        error = 1.4826 * np.median(np.abs(steps), axis=0) / np.sqrt(2)
        # 1.25 for the median; neighbouring planes share their noise.
        error = error.astype(float) * 1.25 / np.sqrt(max(band.sum(), 1) / 2)
        error[~cube.valid | (error == 0)] = np.inf
        return values, error

    @cached_property
    def _models(self) -> list[Moffat]:
        """A profile for every detection with continuum, fitted in turn."""
        image, error = self._image
        yy, xx = np.mgrid[: image.shape[0], : image.shape[1]].astype(float)
        models = [Moffat.start(d.x, d.y, d.fwhm) for d in self._found]
        total = np.zeros_like(image)
        order = sorted(range(len(models)), key=lambda i: -self._found[i].continuum_snr)
        betas = (2.2, 6.0)
        for turn in range(_ROUNDS):
            for i in order:
                total -= models[i].light(xx, yy)
                models[i] = fit_moffat(image - total, error, models[i], betas)
                total += models[i].light(xx, yy)
            if turn == 1:
                # Stars have the widest wings: nothing else may have wider ones.
                betas = (_star_beta([models[i] for i in order]), 6.0)
        return models

    @cached_property
    def _star_shares(self) -> tuple[float, float]:
        """Share of a star's light in disc and bell, as measured in this cube."""
        image, _ = self._image
        yy, xx = np.mgrid[: image.shape[0], : image.shape[1]].astype(float)
        sizes = [m.fwhm for m in self._models]
        small = np.percentile(sizes, 40) if sizes else 0.0
        shares = []
        for model in self._models[:40]:
            disc = _Aperture.disc(model.x, model.y, self._cube)
            if disc.whole and model.fwhm < 1.06 * small:
                bell = _Aperture.bell(model.x, model.y, self._cube)
                light = model.light(xx, yy) / model.flux
                both = (light * disc.weight).sum(), (light * bell.weight).sum()
                shares.append((float(both[0]), float(both[1])))
        if not shares:
            return _point_shares()
        disc_share, bell_share = np.median(shares, axis=0)
        return float(disc_share), float(bell_share)

    def continuum(
        self, detection: Detection, truth: dict[str, Any]
    ) -> tuple[float, float] | None:
        """Found over true flux at 7000 Angstrom, and its signal to noise.

        Returns
        -------
        tuple or None
            None if the detection is at the edge or has no continuum.
        """
        if detection not in self._found or truth["flux_density"] is None:
            return None
        if not _covered(detection.x, detection.y, self._cube):
            return None
        model = self._models[self._found.index(detection)]
        _, error = self._image
        inner = circle(error.shape, detection.x, detection.y, _RADIUS / SPAXEL) > 0.5
        noise = float(np.sqrt((error[inner] ** 2).sum()))
        # Resampling correlates neighbouring pixels: twice what they say alone.
        snr = model.flux / (2 * noise)
        return model.flux * _UNIT / truth["flux_density"]["7000"], snr

    def line(
        self, detection: Detection, wave: float, entry: dict[str, Any], share: Any
    ) -> float | None:
        """Found over true flux of a line.

        Parameters
        ----------
        wave
            Where it was found, Angstrom.
        entry
            The true line.
        share
            The truth's enclosed light of the source.
        """
        disc_share, bell_share = self._star_shares
        within = _true_share(share, "lines")
        point_share = _point_shares()[0]
        if within > 0.99 * point_share:
            aperture = _Aperture.bell(detection.x, detection.y, self._cube)
            expected = bell_share
        else:
            aperture = _Aperture.disc(detection.x, detection.y, self._cube)
            expected = within * disc_share / point_share
        spectrum = aperture.spectrum(self._search.lines)
        near = np.abs(self._cube.wave - wave) < 60
        noise = np.full(spectrum.size, np.var(spectrum[near]) + 1e-30)
        fit = fit_line(self._cube.wave, spectrum, noise, wave)
        expected *= entry["flux_erg_s_cm2"]
        if fit is None or not aperture.whole or expected <= 0:
            return None
        return float(fit[2] * _UNIT / expected)


@cache
def _point_shares() -> tuple[float, float]:
    """Share of a star's light in disc and bell, as simulated."""
    yy, xx = np.mgrid[-30:31, -30:31].astype(float)
    share = shape_of(Form("point")).share(xx, yy)
    bell = np.exp(-0.5 * (xx**2 + yy**2) / _SIGMA**2)
    return enclosed(Form("point"), (_RADIUS,))[0], float((share * bell).sum())
