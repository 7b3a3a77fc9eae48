"""Compare the offsets that muse_exp_align found with the simulated pointing errors."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.table import Table

from musesim.truth import read_truth

__all__ = ["LIMIT_ARCSEC", "Offset", "compare_offsets"]

LIMIT_ARCSEC = 0.05
"""A quarter of a spaxel of the wide field."""


@dataclass(frozen=True)
class Offset:
    """Found and true pointing error of one exposure, arcsec, relative to the first.

    Parameters
    ----------
    found, true
        (east, north).
    """

    exposure: str
    found: tuple[float, float]
    true: tuple[float, float]

    @property
    def error_arcsec(self) -> float:
        """Distance between the found and the true one."""
        return float(np.hypot(*np.subtract(self.found, self.true)))

    @property
    def passed(self) -> bool:
        """True within the limit."""
        return self.error_arcsec <= LIMIT_ARCSEC


def compare_offsets(offset_list: Path, truth_path: Path) -> list[Offset]:
    """Compare an OFFSET_LIST with the truth.

    RA_OFFSET is a difference of coordinates, so it is shortened by cos(declination).
    DATE_OBS of the list is cut to whole seconds, the names of exposures are not.
    """
    truth = read_truth(truth_path)
    shrink = float(np.cos(np.radians(truth["field"]["dec_deg"])))
    errors = {
        name.removeprefix("MUSE.")[:19]: (name, exposure["error_east_north_arcsec"])
        for name, exposure in truth["exposures"].items()
    }
    offsets = []
    first: tuple[float, float] | None = None
    for row in Table.read(offset_list):
        name, (east, north) = errors[str(row["DATE_OBS"])[:19]]
        first = first or (east, north)
        found = (row["RA_OFFSET"] * 3600 * shrink, row["DEC_OFFSET"] * 3600)
        offsets.append(
            Offset(
                exposure=name,
                found=(float(found[0]), float(found[1])),
                true=(east - first[0], north - first[1]),
            )
        )
    return offsets
