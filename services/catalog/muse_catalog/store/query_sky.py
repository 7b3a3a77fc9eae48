"""Conditions on where an object points at, as SQL. Degrees, ICRS."""

from math import asin, cos, degrees, radians, sin

from sqlalchemy import ColumnElement, and_, func, or_, true

from muse_catalog.models.query import Box, Cone
from muse_catalog.tables import FileRow

__all__ = ["in_box", "in_cone"]

_FILE = FileRow.__table__.c

_MARGIN = 1e-9
"""What the box around a cone is larger, for the rounding of its edges."""


def in_cone(cone: Cone) -> ColumnElement[bool]:
    """Give the condition of the haversine formula, within a box around the cone.

    The box is read from an index.
    """
    half_ra = func.sin(func.radians(_FILE.ra - cone.ra) / 2)
    half_dec = func.sin(func.radians(_FILE.dec - cone.dec) / 2)
    distance = (
        half_dec * half_dec
        + cos(radians(cone.dec)) * func.cos(func.radians(_FILE.dec)) * half_ra * half_ra
    )
    low, high = cone.dec - cone.radius - _MARGIN, cone.dec + cone.radius + _MARGIN
    return and_(
        _FILE.dec.between(low, high),
        _near_in_ra(cone, has_pole=low <= -90 or high >= 90),
        distance <= sin(radians(cone.radius) / 2) ** 2,
    )


def _near_in_ra(cone: Cone, *, has_pole: bool) -> ColumnElement[bool]:
    """Give the range of right ascension that a cone has: all where a pole is in it."""
    if has_pole:
        return true()
    half = degrees(asin(sin(radians(cone.radius)) / cos(radians(cone.dec)))) + _MARGIN
    return _in_ra((cone.ra - half) % 360, (cone.ra + half) % 360)


def in_box(box: Box) -> ColumnElement[bool]:
    """Give the condition of a box; ``ra_low`` > ``ra_high`` goes over 0."""
    in_dec = _FILE.dec.between(box.dec_low, box.dec_high)
    return and_(in_dec, _in_ra(box.ra_low, box.ra_high))


def _in_ra(low: float, high: float) -> ColumnElement[bool]:
    if low <= high:
        return _FILE.ra.between(low, high)
    return or_(_FILE.ra >= low, _FILE.ra <= high)
