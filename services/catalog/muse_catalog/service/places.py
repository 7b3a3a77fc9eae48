"""Places that a query gives by the name of what was pointed at."""

import difflib
from math import atan2, degrees, hypot, sqrt

from muse_catalog.rules import NoSuchPlace
from muse_catalog.store import PlaceStore

__all__ = ["find_place"]

TOGETHER = 0.99996
"""Length of the mean of unit vectors that lie within about half a degree."""


async def find_place(places: PlaceStore, name: str) -> tuple[float, float]:
    """Give right ascension and declination (deg) of the pointings of a name.

    Raises
    ------
    NoSuchPlace
        Nothing of this name was pointed at (the nearest names are told), or its
        pointings are too far apart to be one place.
    """
    found = await places.direction(name)
    if found is None:
        names = await places.names()
        same = [one for one in names if one.lower() == name.lower()]
        found = await places.direction(same[0]) if same else None
        if found is None:
            raise _unknown(name, names)
    x, y, z = found
    if sqrt(x * x + y * y + z * z) < TOGETHER:
        raise NoSuchPlace(
            f"The pointings called {name!r} are more than half a degree apart.",
            hint="Give the place itself: cone(338.2, -60.5, 1 arcmin)",
        )
    return degrees(atan2(y, x)) % 360, degrees(atan2(z, hypot(x, y)))


def _unknown(name: str, names: list[str]) -> NoSuchPlace:
    by_lower = {one.lower(): one for one in names}
    near = difflib.get_close_matches(name.lower(), by_lower, 3, 0.5)
    listed = " or ".join(repr(by_lower[one]) for one in near)
    meant = f" Did you mean {listed}?" if near else ""
    return NoSuchPlace(
        f"Nothing called {name!r} was pointed at.{meant}",
        hint="Names are those of targets and objects in the catalogue; a place itself "
        "is asked as cone(338.2, -60.5, 1 arcmin).",
    )
