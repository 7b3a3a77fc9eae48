"""Units as formats of tables have them."""

from typing import Literal

from muse_catalog.models.objects import AttributeInfo

__all__ = ["unit_of"]

_NONE = {None, "1", "UTC"}
_STANDARDS: dict[str, dict[str, str]] = {
    "votable": {"deg_C": "'deg_C'"},  # VOUnits 1.1: a unit of one's own, in quotes
    "fits": {"deg_C": "Celsius"},
}


def unit_of(
    column: AttributeInfo, standard: Literal["votable", "fits"] | None = None
) -> str | None:
    """Give the unit of a column; none of numbers without one, and of times."""
    if column.unit is None or column.unit in _NONE:
        return None
    own = _STANDARDS.get(standard or "", {})
    return own.get(column.unit, column.unit)
