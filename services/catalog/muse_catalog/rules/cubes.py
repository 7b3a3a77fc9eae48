"""Unit and wavelengths of a product, in whatever spelling its header has them."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from musecore.fits import Value

__all__ = ["data_hdu", "one_spelling", "wavelength"]

Keywords = Mapping[str, Value]

_IN_ANGSTROM = {"angstrom": 1.0, "nm": 10.0, "um": 1e4, "mm": 1e7, "m": 1e10}


@cache
def one_spelling(unit: str) -> str:
    """Give a unit as ``10**-20 Angstrom-1 cm-2 erg s-1``: power of ten, then a to z.

    ``10**(-20)*erg/s/cm**2/Angstrom`` is the same and becomes the same. What is no
    unit of the FITS standard stays as it is.
    """
    # Loaded when the first unit is met: a catalogue of raw files needs none of it.
    from astropy import units

    try:
        # A number that the FITS form does not allow (1e-20) is one of the generic form.
        found = _parsed(units, unit)
    except (ValueError, TypeError):
        return unit.strip()
    scale = 1.0
    parts = dict(zip((str(one) for one in found.bases), found.powers, strict=True))
    words = [
        name
        + ("" if power == 1 else f"{power:g}" if _is_whole(power) else f"({power})")
        for name, power in sorted(parts.items())
    ]
    scale = float(found.scale)
    if scale == 1.0:
        return " ".join(words)
    return " ".join([_power_of_ten(scale), *words])


def _parsed(units: Any, text: str) -> Any:
    try:
        return units.Unit(text, format="fits")
    except ValueError:
        return units.Unit(text)


def _is_whole(power: Any) -> bool:
    return float(power).is_integer()


def _power_of_ten(scale: float) -> str:
    mantissa, exponent = f"{scale:.12e}".split("e")
    ten = f"10**{int(exponent)}"
    return ten if float(mantissa) == 1.0 else f"{float(mantissa):g} {ten}"


def data_hdu(
    primary: Keywords,
    extensions: Iterable[tuple[str, Keywords]],
    wanted: Iterable[str],
) -> Keywords:
    """Give the keywords of the HDU with the data: DATA, else the first that says it.

    Parameters
    ----------
    wanted
        Keywords of which it has one.
    """
    asked = list(wanted)
    listed = list(extensions)
    first = [keywords for extname, keywords in listed if extname == "DATA"]
    for keywords in (*first, primary, *(one for _, one in listed)):
        if any(keywords.get(keyword) not in (None, "") for keyword in asked):
            return keywords
    return {}


def wavelength(keywords: Keywords, what: str) -> float | None:
    """Give first, last or step of the wavelengths of a cube in Angstrom.

    Parameters
    ----------
    keywords
        Of the HDU with the cube. CTYPE3 is AWAV or LINEAR; the step is CD3_3, or
        CDELT3 times PC3_3.
    what
        ``first_wavelength``, ``last_wavelength`` or ``wavelength_step``.
    """
    at, step = _number(keywords, "CRVAL3"), _step(keywords)
    pixels = _number(keywords, "NAXIS3")
    factor = _IN_ANGSTROM.get(str(keywords.get("CUNIT3") or "Angstrom").lower())
    if at is None or step is None or not pixels or factor is None:
        return None
    if what == "wavelength_step":
        return step * factor
    pixel = 1.0 if what == "first_wavelength" else pixels
    reference = _number(keywords, "CRPIX3") or 0.0  # FITS: 0 where the card is missing
    return (at + (pixel - reference) * step) * factor


def _step(keywords: Keywords) -> float | None:
    matrix = _number(keywords, "CD3_3")
    if matrix is not None:
        return matrix
    step = _number(keywords, "CDELT3")
    scale = _number(keywords, "PC3_3")
    return step if step is None or scale is None else step * scale


def _number(keywords: Keywords, name: str) -> float | None:
    value = keywords.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
