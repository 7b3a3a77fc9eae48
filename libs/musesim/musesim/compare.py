"""Compare a cube with the truth of the simulation it was made from.

The search is blind (`musesim.finding`); only then are the detections matched with the
truth, and what was missed or is false is counted.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from musesim.finding import Cube, Detection, FoundLine, Search, read_cube
from musesim.photometry import Aperture, aperture_flux
from musesim.truth import read_truth

__all__ = ["Comparison", "Goal", "LineMatch", "SourceMatch", "compare"]

_NEAR = 3.0  # pixels within which a detection and a source are the same
_LINE_NEAR = 5.0  # Angstrom
_EXTENDED = 20.0  # footprints (spaxels) from which light, not a point, is expected


@dataclass
class LineMatch:
    """A found line and the true one.

    Parameters
    ----------
    error
        Found less true wavelength, Angstrom.
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
        Number of detections within extended sources, besides the source itself.
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


@dataclass
class _Known:
    """A true source with its place in the cube."""

    truth: dict[str, Any]
    x: float
    y: float
    edge: float

    @property
    def footprint(self) -> float:
        """Radius (spaxels) that its light may be found in."""
        return float(self.truth["footprint_spaxel"])

    @property
    def extended(self) -> bool:
        """True for a landmark that covers more than a seeing disc."""
        return self.footprint >= _EXTENDED

    def distance(self, detection: Detection) -> float:
        """Pixels between the true place and a detection."""
        return float(np.hypot(self.x - detection.x, self.y - detection.y))


def _within(cube: Cube, truth: dict[str, Any]) -> list[_Known]:
    sources = truth["sources"]
    ra = [source["ra_deg"] for source in sources]
    dec = [source["dec_deg"] for source in sources]
    x, y = cube.wcs.world_to_pixel_values(ra, dec)
    height, width = cube.valid.shape
    known = []
    for source, px, py in zip(sources, x, y, strict=True):
        column, row = round(float(px)), round(float(py))
        inside = 0 <= column < width and 0 <= row < height
        near = _nearly(cube, column, row)
        if near or source["footprint_spaxel"] >= _EXTENDED:
            edge = float(cube.edge_distance[row, column]) if inside else 0.0
            known.append(_Known(source, float(px), float(py), edge))
    return known


def _nearly(cube: Cube, column: int, row: int) -> bool:
    """Within 3 pixels of the data: such a source still throws light into them."""
    rows = slice(max(row - 3, 0), max(row + 4, 0))
    columns = slice(max(column - 3, 0), max(column + 4, 0))
    return bool(cube.valid[rows, columns].any())


def _pair(
    known: list[_Known], found: list[Detection]
) -> tuple[dict[int, int], list[int]]:
    """Detection by source (nearest pairs first), and the detections left over."""
    pairs = [
        (source.distance(detection), i, j)
        for i, source in enumerate(known)
        for j, detection in enumerate(found)
        if source.distance(detection) < _NEAR
    ]
    # Two sources on one spot: the one with a continuum owns the continuum.
    pairs.sort(key=lambda p: (known[p[1]].extended, p[0]))
    matched: dict[int, int] = {}
    for _, i, j in pairs:
        if i not in matched and j not in matched.values():
            matched[i] = j
    left = [j for j in range(len(found)) if j not in matched.values()]
    return matched, left


def _match_lines(
    detection: Detection, known: list[_Known], search: Search
) -> tuple[list[LineMatch], list[FoundLine]]:
    """Lines of a detection with the truth of all sources it may belong to."""
    owners = [k for k in known if k.distance(detection) < max(k.footprint, 4.0)]
    owners.sort(key=lambda k: k.distance(detection))
    matches, unknown = [], []
    for line in detection.lines:
        true = _true_line(line, owners)
        if true is None:
            unknown.append(line)
            continue
        owner, entry = true
        error = line.wave - entry["wave_air_angstrom"]
        ratio = _line_ratio(search, detection, line, owner, entry)
        matches.append(
            LineMatch(
                entry["name"],
                entry["wave_air_angstrom"],
                *(round(line.wave, 3), round(error, 4), round(line.snr, 1), ratio),
            )
        )
    return matches, unknown


def _true_line(
    line: FoundLine, owners: list[_Known]
) -> tuple[_Known, dict[str, Any]] | None:
    for owner in owners:
        for entry in owner.truth["lines"]:
            if abs(entry["wave_air_angstrom"] - line.wave) < _LINE_NEAR:
                return owner, entry
    return None


def _line_ratio(
    search: Search,
    detection: Detection,
    line: FoundLine,
    owner: _Known,
    entry: dict[str, Any],
) -> float | None:
    if owner.extended or not search.cube.calibrated:
        return None
    aperture = Aperture.around(detection.x, detection.y, search.cube)
    flux = aperture.line_flux(search, line.wave)
    expected = entry["flux_erg_s_cm2"] * aperture.share(
        owner.truth["enclosed"], "lines"
    )
    if flux is None or not aperture.whole or expected <= 0:
        return None
    return round(float(flux / expected), 4)


def _match(
    source: _Known, detection: Detection | None, search: Search, fwhm: float
) -> SourceMatch:
    inside = source.edge >= fwhm
    match = SourceMatch(
        name=source.truth["name"],
        kind=source.truth["kind"],
        x_true=round(source.x, 3),
        y_true=round(source.y, 3),
        found="found",
        snr=0.0,
        inside=inside,
    )
    if detection is None:
        match.snr = round(_forced(source, search), 1)
        match.found = "missed" if match.snr >= 10 and inside else "faint"
        return match
    match.x, match.y = round(detection.x, 3), round(detection.y, 3)
    match.offset = round(source.distance(detection), 3)
    match.snr = round(detection.snr, 1)
    if search.cube.calibrated and not source.extended:
        flux = aperture_flux(search, detection, source.truth)
        if flux is not None:
            match.flux_ratio, match.flux_snr = round(flux[0], 4), round(flux[1], 1)
    return match


def _forced(source: _Known, search: Search) -> float:
    """Signal to noise of the matched filters at the true place."""
    column, row = round(source.x), round(source.y)
    height, width = search.cube.valid.shape
    if not (0 <= column < width and 0 <= row < height):
        return 0.0
    best = 0.0
    if source.truth["flux_density"] is not None:
        best = float(search.white_snr[row, column])
    for line in source.truth["lines"]:
        plane = int(np.argmin(np.abs(search.cube.wave - line["wave_air_angstrom"])))
        if 8 <= plane < search.cube.wave.size - 8:
            best = max(best, float(search.line_snr[plane, row, column]))
    return best


def compare(cube_path: Path, truth_path: Path) -> Comparison:
    """Search a cube blind, then compare with the truth.

    Parameters
    ----------
    cube_path
        A DATACUBE_FINAL, in counts or flux units; made with ``rvcorr=none``.
    truth_path
        The `truth.json` of the simulation.

    Returns
    -------
    Comparison
        Found, missed and false sources, positions, lines, fluxes and the goals.

    Raises
    ------
    CubeUnreadable
        If the file holds no cube.
    """
    search = Search(read_cube(cube_path))
    found = search.find()
    sizes = [d.fwhm for d in found if d.continuum_snr > 10 and d.fwhm > 1]
    fwhm = float(np.percentile(sizes, 30)) if sizes else 3.7
    known = _within(search.cube, read_truth(truth_path))
    matched, left = _pair(known, found)
    sources, unknown = [], []
    for i, source in enumerate(known):
        detection = found[matched[i]] if i in matched else None
        match = _match(source, detection, search, fwhm)
        if detection is not None:
            match.lines, strange = _match_lines(detection, known, search)
            unknown += [{"wave": ln.wave, "snr": ln.snr} for ln in strange]
        sources.append(match)
    false, parts = _left_over(found, left, known, sources, search)
    sources = [s for s in sources if s.found != "faint" or s.snr > 3 or s.inside]
    return Comparison(
        *(str(cube_path), str(truth_path), search.cube.calibrated, round(fwhm, 2)),
        *(sources, false, parts, unknown),
        _goals(sources, false, unknown, search.cube.calibrated),
    )


def _left_over(
    found: list[Detection],
    left: list[int],
    known: list[_Known],
    sources: list[SourceMatch],
    search: Search,
) -> tuple[list[dict[str, float]], int]:
    """Detections without a source of their own: false, or part of something big."""
    false, parts = [], 0
    for j in left:
        detection = found[j]
        homes = [
            i
            for i, k in enumerate(known)
            if k.extended and k.distance(detection) < k.footprint
        ]
        if not homes:
            place = {"x": round(detection.x, 2), "y": round(detection.y, 2)}
            false.append({**place, "snr": round(detection.snr, 1)})
            continue
        parts += 1
        home = sources[homes[0]]
        home.lines += _match_lines(detection, known, search)[0]
        if home.offset is None:
            home.found, home.snr = "found", max(home.snr, round(detection.snr, 1))
    return false, parts


def _goals(
    sources: list[SourceMatch],
    false: list[dict[str, float]],
    unknown: list[dict[str, float]],
    calibrated: bool,
) -> list[Goal]:
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
