"""How sources look on the sky after seeing: points, discs, arms, shells.

A shape gives the share of the flux in one spaxel at an offset (spaxels) from the
centre; the shares sum to 1.
"""

from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, spline_filter

from musesim.facts import instrument
from musesim.geometry import SPAXEL

__all__ = ["Form", "Point", "Shape", "Spread", "enclosed", "shape_of"]

Float = NDArray[np.float64]

_STEP = 0.5  # spaxels between the samples of a template


def _moffat(r2: Float) -> Float:
    beta = float(instrument()["moffat_beta"])
    fwhm = float(instrument()["seeing_fwhm_arcsec"]) / SPAXEL
    alpha2 = (fwhm / 2) ** 2 / (2 ** (1 / beta) - 1)
    return np.asarray((beta - 1) / (np.pi * alpha2) * (1 + r2 / alpha2) ** -beta)


class Shape(Protocol):
    """Share of the flux per spaxel at an offset."""

    def share(self, dx: Float, dy: Float) -> Float:
        """Evaluate at offsets in spaxels."""
        ...


class Point:
    """A star: the Moffat profile of the seeing."""

    def share(self, dx: Float, dy: Float) -> Float:
        """Evaluate at offsets in spaxels."""
        return _moffat(dx**2 + dy**2)


@dataclass(frozen=True)
class Form:
    """Which template a source has, before seeing.

    Parameters
    ----------
    name
        ``point``, ``disc``, ``spiral``, ``arms``, or ``shell``.
    radius
        Scale length of the disc, or radius of the shell, spaxels.
    ratio
        Minor over major axis.
    angle
        Position of the major axis, degrees from field x towards field y.
    """

    name: str
    radius: float = 0.0
    ratio: float = 1.0
    angle: float = 0.0


class Spread:
    """An extended source, sampled after convolution with the seeing."""

    def __init__(self, form: Form) -> None:
        reach = int(np.ceil((7 * form.radius + 14) / _STEP))
        if form.name == "shell":
            reach = int(np.ceil((2.2 * form.radius + 14) / _STEP))
        axis = np.arange(-reach, reach + 1) * _STEP
        y, x = np.meshgrid(axis, axis, indexing="ij")
        from scipy.signal import fftconvolve  # takes a third of a second to import

        image = fftconvolve(_TEMPLATES[form.name](form, x, y), _moffat(x**2 + y**2))
        image = image[reach:-reach, reach:-reach]
        image = np.clip(image, 0, None)
        self._image = spline_filter(image / (image.sum() * _STEP**2))
        self._middle = reach

    def share(self, dx: Float, dy: Float) -> Float:
        """Evaluate at offsets in spaxels; 0 outside the template."""
        place = [dy / _STEP + self._middle, dx / _STEP + self._middle]
        share = map_coordinates(self._image, place, order=3, prefilter=False)
        return np.asarray(np.maximum(share, 0))


def _turned(form: Form, x: Float, y: Float) -> tuple[Float, Float]:
    a = np.radians(form.angle)
    along = x * np.cos(a) + y * np.sin(a)
    across = (-x * np.sin(a) + y * np.cos(a)) / form.ratio
    return along, across


def _disc(form: Form, x: Float, y: Float) -> Float:
    return np.exp(-np.hypot(*_turned(form, x, y)) / form.radius)


def _arms(form: Form, x: Float, y: Float) -> Float:
    along, across = _turned(form, x, y)
    r = np.hypot(along, across)
    phase = 2 * np.arctan2(across, along) - 3.6 * np.log(r / form.radius + 0.25)
    knots = 1 + 0.35 * np.cos(9 * np.arctan2(across, along) + r)
    arms = np.exp(2.2 * (np.cos(phase) - 1)) * knots
    return np.asarray(np.exp(-r / form.radius) * arms * (1 - np.exp(-((r / 4) ** 2))))


def _spiral(form: Form, x: Float, y: Float) -> Float:
    bulge = 2.5 * np.exp(-np.hypot(x, y) / (0.25 * form.radius))
    return 0.35 * _disc(form, x, y) + 1.6 * _arms(form, x, y) + bulge


def _shell(form: Form, x: Float, y: Float) -> Float:
    along, across = _turned(form, x, y)
    r = np.hypot(along, across)
    ring = np.exp(-0.5 * ((r - form.radius) / (0.16 * form.radius)) ** 2)
    ring *= 1 + 0.45 * np.cos(2 * np.arctan2(across, along))
    return np.asarray(ring + 0.18 * np.exp(-0.5 * (r / (0.7 * form.radius)) ** 2))


_TEMPLATES = {"disc": _disc, "arms": _arms, "spiral": _spiral, "shell": _shell}


@cache
def shape_of(form: Form) -> Shape:
    """The shape of a form, made once."""
    return Point() if form.name == "point" else Spread(form)


@cache
def enclosed(form: Form, radii: tuple[float, ...]) -> tuple[float, ...]:
    """Share of the flux within circles of these radii (arcsec)."""
    reach = max(radii) / SPAXEL + 1
    axis = np.arange(-reach, reach, 0.25) + 0.125
    y, x = np.meshgrid(axis, axis, indexing="ij")
    share = shape_of(form).share(x, y) * 0.25**2
    r = np.hypot(x, y) * SPAXEL
    return tuple(round(float(share[r <= radius].sum()), 5) for radius in radii)
