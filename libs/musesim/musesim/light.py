"""Spectra on the fine grid: lamps, sky, throughput, extinction, line profiles.

All spectra are arrays over `musesim.geometry.GRID` (air wavelengths, Angstrom).
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from musesim.facts import arc_lines, instrument, sky_lines
from musesim.geometry import GRID, GRID_STEP, SPAXEL, dispersion

__all__ = [
    "ab_to_flux",
    "arc_spectrum",
    "blackbody",
    "efficiency",
    "electrons_per_flux",
    "extinction",
    "flat_spectrum",
    "line_spectrum",
    "lsf_sigma",
    "sky_spectrum",
    "telluric",
    "twilight_spectrum",
]

Spectrum = NDArray[np.float64]

_HC = 1.98645e-8  # erg Angstrom
_PIXEL = 1.25  # Angstrom


def lsf_sigma(wave: Spectrum) -> Spectrum:
    """Gaussian sigma (Angstrom) of the line spread function, pixel excluded."""
    fwhm = np.interp(wave, [4750.0, 9350.0], [2.85, 2.50])
    return fwhm / 2.3548


def line_spectrum(
    waves: Sequence[float], fluxes: Sequence[float], sigmas: Sequence[float]
) -> Spectrum:
    """Flux density of emission lines after line spread function and pixel.

    Parameters
    ----------
    waves, fluxes, sigmas
        Centre (Angstrom), integrated flux, intrinsic Gaussian sigma (Angstrom).

    Returns
    -------
    Spectrum
        Flux per Angstrom, averaged over a pixel of 1.25 Angstrom.
    """
    out = np.zeros_like(GRID)
    for wave, flux, sigma in zip(waves, fluxes, sigmas, strict=True):
        total = float(np.hypot(sigma, lsf_sigma(np.array([wave]))[0]))
        reach = 7 * total + _PIXEL
        i0 = max(int((wave - reach - GRID[0]) / GRID_STEP), 0)
        i1 = min(int((wave + reach - GRID[0]) / GRID_STEP), GRID.size)
        d = GRID[i0:i1] - wave
        scale = total * np.sqrt(2)
        box = erf((d + _PIXEL / 2) / scale) - erf((d - _PIXEL / 2) / scale)
        out[i0:i1] += flux * box / (2 * _PIXEL)
    return out


@cache
def efficiency() -> Spectrum:
    """Electrons per photon, telescope and blue cut-off included, no atmosphere."""
    facts = instrument()["throughput"]
    curve = np.interp(GRID, facts["wavelength_air_angstrom"], facts["fraction"])
    width = facts["blue_cutoff_width_angstrom"]
    cut = 0.5 * (1 + erf((GRID - facts["blue_cutoff_angstrom"]) / width))
    return np.asarray(curve * np.maximum(cut, 1e-6))


@cache
def extinction() -> Spectrum:
    """Atmospheric extinction in magnitudes per airmass."""
    facts = instrument()["extinction"]
    waves, curve = facts["wavelength_air_angstrom"], facts["mag_per_airmass"]
    return np.asarray(np.interp(GRID, waves, curve))


@cache
def telluric() -> Spectrum:
    """Transmission of the telluric bands at airmass 1."""
    out = np.ones_like(GRID)
    for band in instrument()["telluric"]:
        edge = band["edge"]
        d = np.abs(GRID - band["centre"]) - band["half_width"]
        out *= 1 - band["depth"] * 0.5 * (1 - erf(d / edge))
    return out


def electrons_per_flux(exptime: float, airmass: float) -> Spectrum:
    """Electrons per pixel for 1 erg/s/cm2/Angstrom falling on that pixel.

    Parameters
    ----------
    exptime
        Seconds.
    airmass
        Mean airmass of the exposure; extinction and telluric bands are applied.
    """
    area = instrument()["throughput"]["collecting_area_cm2"]
    photons = GRID / _HC * area * exptime
    air = 10 ** (-0.4 * extinction() * airmass) * telluric() ** airmass
    return np.asarray(photons * efficiency() * air * dispersion())


@cache
def sky_spectrum() -> Spectrum:
    """Night sky in erg/s/cm2/Angstrom per spaxel."""
    facts = instrument()["sky"]
    waves = [line[2] for line in sky_lines()]
    fluxes = [line[3] * facts["lines_scale"] for line in sky_lines()]
    lines = line_spectrum(waves, fluxes, [0.0] * len(waves))
    return np.asarray((facts["continuum"] + lines) * SPAXEL**2)


def blackbody(temperature: float) -> Spectrum:
    """Planck flux density, 1 at 7000 Angstrom; temperature in kelvin."""
    c2 = 1.4388e8 / temperature
    planck = GRID**-5.0 / np.expm1(c2 / GRID)
    at_7000 = 7000.0**-5.0 / np.expm1(c2 / 7000.0)
    return np.asarray(planck / at_7000)


def ab_to_flux(mag: float, wave: float = 7000.0) -> float:
    """Flux density (erg/s/cm2/Angstrom) of an AB magnitude at `wave` (Angstrom)."""
    return float(10 ** (-0.4 * (mag + 2.408)) / wave**2)


def _scaled(shape: Spectrum, peak: float) -> Spectrum:
    light = shape * efficiency() * dispersion()
    return np.asarray(light * peak / light.max())


@cache
def flat_spectrum() -> Spectrum:
    """Electrons per pixel of the continuum lamps."""
    return _scaled(blackbody(3200.0) * GRID, instrument()["flat_peak_electrons"])


@cache
def twilight_spectrum() -> Spectrum:
    """Electrons per pixel of the twilight sky, with a few solar lines."""
    lines = [4861.3, 5172.7, 5183.6, 5269.5, 5890.0, 5895.9, 6562.8, 8542.1, 8662.1]
    depth = line_spectrum(lines, [2.0] * len(lines), [1.0] * len(lines))
    shape = blackbody(6500.0) * GRID * np.exp(-depth)
    return _scaled(shape, instrument()["twilight_peak_electrons"])


@cache
def arc_spectrum(lamp: str) -> Spectrum:
    """Electrons per pixel of an arc lamp (Ne, Xe or HgCd)."""
    scale = instrument()["arc_electrons_per_strength"]
    chosen = [line for line in arc_lines() if line[0] == lamp]
    waves = [line[2] for line in chosen]
    electrons = [line[3] * scale for line in chosen]
    spectrum = line_spectrum(waves, electrons, [0.0] * len(waves))
    return np.asarray(spectrum * dispersion())
