"""Why a notice did not arrive."""

from __future__ import annotations


class Undelivered(Exception):
    """A notice did not arrive; the sentence holds no secret.

    Attributes
    ----------
    for_good
        Trying again does not help.
    """

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good
