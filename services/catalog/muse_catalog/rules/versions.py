"""Versions: kept as the text of the header, compared as versions."""

import re

__all__ = ["VERSION_PATTERN", "VERSION_STAGES", "version_key"]

VERSION_PATTERN = (
    r"^\s*(?:[a-z_]+[/-])?v?(\d{1,15}(?:\.\d{1,15})*)"
    r"(?:[-_.]?(a|b|rc|dev)[-_.]?(\d{0,15}))?(?![a-z0-9.])"
)
"""Numbers, stage and number of the stage; read alike by Python and PostgreSQL."""

VERSION_STAGES = {"dev": -4, "a": -3, "b": -2, "rc": -1}
"""Stages before a release, in their order."""

_VERSION = re.compile(VERSION_PATTERN, re.IGNORECASE | re.ASCII)


def version_key(text: str) -> list[int] | None:
    """Give what a version is compared by; None for a text that is none.

    ``muse/1.4b1`` < ``muse/1.4`` < ``muse/2.5.0`` = ``muse/2.5`` < ``muse/2.10``. The
    name of the program before it does not count. `muse_catalog.store.versions` says the
    same in SQL.
    """
    found = _VERSION.match(text)
    if found is None:
        return None
    numbers = [int(one) for one in found[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    stage = (found[2] or "").lower()
    if stage:
        numbers += [VERSION_STAGES[stage], int(found[3] or 0)]
    # The end counts as 0: more than a stage before the release, less than a number.
    return [*numbers, 0]
