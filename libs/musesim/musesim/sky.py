"""Where the telescope looks: sidereal time, airmass, parallactic angle, refraction."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pointing", "field_to_sky", "mjd", "pointing", "refraction_arcsec"]

_LATITUDE = -24.6253
_LONGITUDE = -70.4032
_TEMPERATURE = 11.5  # Celsius
_PRESSURE = 743.0  # hPa
_HUMIDITY = 14.5  # percent


@dataclass(frozen=True)
class Pointing:
    """Sidereal time (s), altitude, azimuth, parallactic angle (deg), airmass."""

    lst: float
    altitude: float
    azimuth: float
    parang: float
    airmass: float


def mjd(when: datetime) -> float:
    """Modified Julian date of an aware time."""
    return (when - datetime(1858, 11, 17, tzinfo=UTC)).total_seconds() / 86400.0


def sidereal_seconds(when: datetime) -> float:
    """Local mean sidereal time at Paranal in seconds."""
    days = mjd(when) - 51544.5
    degrees = 280.46061837 + 360.98564736629 * days + _LONGITUDE
    return (degrees % 360.0) / 360.0 * 86400.0


def pointing(ra: float, dec: float, when: datetime) -> Pointing:
    """Horizon coordinates of a position (deg) at an aware time."""
    lst = sidereal_seconds(when)
    hour = np.radians(lst / 240.0 - ra)
    lat, d = np.radians(_LATITUDE), np.radians(dec)
    sin_alt = np.sin(lat) * np.sin(d) + np.cos(lat) * np.cos(d) * np.cos(hour)
    altitude = float(np.degrees(np.arcsin(sin_alt)))
    east = -np.cos(d) * np.sin(hour)
    north = np.cos(lat) * np.sin(d) - np.sin(lat) * np.cos(d) * np.cos(hour)
    azimuth = float(np.degrees(np.arctan2(-east, -north)) % 360)
    cosine = np.sin(hour) * np.cos(lat)
    sine = np.sin(lat) * np.cos(d) - np.cos(lat) * np.sin(d) * np.cos(hour)
    parang = float(np.degrees(np.arctan2(cosine, sine)))
    airmass = float(1.0 / max(sin_alt, 0.1))
    return Pointing(lst, altitude, azimuth, parang, airmass)


def _index(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Refractive index of air minus 1, in 1e-6 (Filippenko 1982)."""
    s2 = (1e4 / wave) ** 2
    t, mmhg = _TEMPERATURE, _PRESSURE * 0.750062
    vapour = _HUMIDITY / 100 * 4.581 * np.exp(17.27 * t / (t + 237.3))
    dry = 64.328 + 29498.1 / (146 - s2) + 255.4 / (41 - s2)
    density = mmhg * (1 + (1.049 - 0.0157 * t) * 1e-6 * mmhg)
    dry *= density / (720.883 * (1 + 0.003661 * t))
    wet: NDArray[np.float64] = (0.0624 - 0.000680 * s2) / (1 + 0.003661 * t) * vapour
    return dry - wet


def refraction_arcsec(
    wave: NDArray[np.float64], airmass: float, parang: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Displacement of the image from where it is at 7000 Angstrom, position angle 0.

    Parameters
    ----------
    wave
        Air wavelengths, Angstrom.
    airmass, parang
        Airmass, and parallactic angle in degrees.

    Returns
    -------
    tuple
        Shifts in field x and field y, arcsec.
    """
    zenith = np.arccos(np.clip(1.0 / airmass, -1, 1))
    reference = _index(np.array([7000.0]))[0]
    dr = np.tan(zenith) * (reference - _index(wave)) * 1e-6 * 206264.8
    angle = np.radians(parang)
    return np.sin(angle) * dr, -np.cos(angle) * dr


def field_to_sky(
    x: NDArray[np.float64] | float,
    y: NDArray[np.float64] | float,
    ra0: float,
    dec0: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """RA and Dec (deg) of field coordinates (spaxels) about a centre, gnomonic."""
    xi = np.radians(-0.2 * np.asarray(x, float) / 3600.0)
    eta = np.radians(0.2 * np.asarray(y, float) / 3600.0)
    d0 = np.radians(dec0)
    denominator = np.cos(d0) - eta * np.sin(d0)
    ra = ra0 + np.degrees(np.arctan2(xi, denominator))
    dec = np.degrees(
        np.arctan(
            (np.sin(d0) + eta * np.cos(d0)) / denominator * np.cos(np.radians(ra - ra0))
        )
    )
    return np.asarray(ra), np.asarray(dec)
