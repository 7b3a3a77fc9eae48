"""The outcome of a comparison, and the requirements it is held against."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

__all__ = ["Comparison", "Goal", "LineMatch", "SourceMatch", "judge"]


@dataclass
class LineMatch:
    """A found line and the true one.

    Parameters
    ----------
    error
        Found less true wavelength, Angstrom.
    snr
        Of the matched filter by which the line was found.
    flux_ratio
        Found over true flux in the same aperture; None if it was not measured.
    """

    name: str
    wave_true: float
    wave: float
    error: float
    snr: float
    flux_ratio: float | None = None


@dataclass
class SourceMatch:
    """A true source in the field of the cube, and what was found of it.

    Parameters
    ----------
    found
        ``found``, ``missed`` (it could have been seen), or ``faint``.
    snr
        Signal to noise of the detection, or at the true place if there is none.
    offset
        Distance from the true place, pixels; None if not found.
    inside
        At least one FWHM from the edge of the data.
    flux_ratio, flux_snr
        Found over true flux (continuum at 7000 Angstrom, or the brightest line), and
        the signal to noise of that flux.
    """

    name: str
    kind: str
    x_true: float
    y_true: float
    found: str
    snr: float
    inside: bool
    x: float | None = None
    y: float | None = None
    offset: float | None = None
    flux_ratio: float | None = None
    flux_snr: float | None = None
    lines: list[LineMatch] = field(default_factory=list)


@dataclass(frozen=True)
class Goal:
    """One requirement, and whether it is met."""

    name: str
    passed: bool
    detail: str


@dataclass
class Comparison:
    """What a cube shows of the truth.

    Parameters
    ----------
    fwhm_pixel
        Median size of the point sources found.
    false
        Detections that belong to no true source, with place and signal to noise.
    parts
        Number of further detections within extended sources, and of wings of sources
        just outside the data.
    unknown_lines
        Lines found at true sources that are in no line list.
    """

    cube: str
    truth: str
    calibrated: bool
    fwhm_pixel: float
    sources: list[SourceMatch]
    false: list[dict[str, float]]
    parts: int
    unknown_lines: list[dict[str, float]]
    goals: list[Goal]

    @property
    def passed(self) -> bool:
        """True if every goal is met."""
        return all(goal.passed for goal in self.goals)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, for JSON."""
        return {**asdict(self), "passed": self.passed}


def judge(
    sources: list[SourceMatch],
    false: list[dict[str, float]],
    unknown: list[dict[str, float]],
    calibrated: bool,
) -> list[Goal]:
    """The requirements, and whether they are met."""
    found = [s for s in sources if s.found == "found"]
    with_lines = [s for s in found if s.lines]
    missed = [s for s in sources if s.found == "missed"]
    goals = [
        Goal("at least ten sources", len(found) >= 10, f"{len(found)} found"),
        Goal("three with lines", len(with_lines) >= 3, f"{len(with_lines)} found"),
        Goal(
            "none of S/N 10 missed",
            not missed,
            ", ".join(s.name for s in missed) or "0 missed",
        ),
        Goal(
            "no false one of S/N 10",
            not [f for f in false + unknown if f["snr"] >= 10],
            f"{len(false)} false sources, {len(unknown)} unknown lines, any S/N",
        ),
        _position_goal(found),
        _line_goal(found),
    ]
    return [*goals, _flux_goal(found)] if calibrated else goals


def _position_goal(found: list[SourceMatch]) -> Goal:
    checked = [
        s.offset for s in found if s.offset is not None and s.inside and s.snr >= 10
    ]
    worst = max(checked, default=0.0)
    detail = f"{len(checked)} sources, worst {worst:.2f} spaxel"
    return Goal("positions within 0.5 spaxel", bool(checked) and worst <= 0.5, detail)


def _line_goal(found: list[SourceMatch]) -> Goal:
    checked = [abs(line.error) for s in found for line in s.lines if line.snr >= 40]
    worst = max(checked, default=0.0)
    detail = f"{len(checked)} lines of S/N 40, worst {worst:.3f} A"
    return Goal("lines within 0.1 A", worst <= 0.1, detail)


def _flux_goal(found: list[SourceMatch]) -> Goal:
    ratios = [
        s.flux_ratio
        for s in found
        if s.flux_ratio is not None and (s.flux_snr or 0) >= 50
    ]
    worst = max((abs(ratio - 1) for ratio in ratios), default=0.0)
    middle = float(np.median(ratios)) if ratios else 0.0
    detail = f"{len(ratios)} sources, median {middle:.3f}, worst {worst * 100:.1f} %"
    return Goal("fluxes within 10 %", bool(ratios) and worst <= 0.10, detail)
