"""What this client knows of MUSE, against what the server knows."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from musewise.classes import all_classes, model_number
from musewise.errors import VersionWarning

__all__ = ["warn_of_newer"]

NAMED = 3


def warn_of_newer(number: int, classes: Callable[[], list[dict[str, Any]]]) -> None:
    """Warn (`VersionWarning`) where the server's model is newer, and of what is new.

    Parameters
    ----------
    number
        Version of the server's model.
    classes
        Gives the server's classes; asked only where it is newer.
    """
    if number <= model_number():
        return
    new = _new_attributes(classes())
    known = f": {_spoken(new)} not known here" if new else ""
    warnings.warn(
        f"server speaks model {number}, this client {model_number()}{known}; "
        "pip install -U musewise.",
        VersionWarning,
        stacklevel=2,
    )


def _new_attributes(classes: list[dict[str, Any]]) -> list[str]:
    mine = {one.name for each in all_classes().values() for one in each.attributes()}
    theirs = {one["name"] for each in classes for one in each["attributes"]}
    return sorted(theirs - mine)


def _spoken(names: list[str]) -> str:
    if len(names) == 1:
        return f"attribute {names[0]!r} is"
    listed = ", ".join(repr(name) for name in names[:NAMED])
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"attributes {listed}{more} are"
