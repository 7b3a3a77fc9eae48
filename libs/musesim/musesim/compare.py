"""Compare a cube with the truth of the simulation it was made from.

The search is blind (`musesim.finding`); only then are the detections matched with the
truth, and what was missed or is false is counted.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from musesim.finding import Cube, Detection, FoundLine, Search, read_cube
from musesim.photometry import Photometry
from musesim.truth import read_truth
from musesim.verdict import Comparison, LineMatch, SourceMatch, judge

__all__ = ["Comparison", "compare"]

_NEAR = 3.0  # pixels within which a detection and a source are the same
_LINE_NEAR = 5.0  # Angstrom
_EXTENDED = 20.0  # footprints (spaxels) from which light, not a point, is expected


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

    @property
    def outside(self) -> bool:
        """True for a source beside the data, of which only the wing is seen."""
        return self.edge == 0

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
    """Within 8 pixels of the data: such a source still throws light into them."""
    rows = slice(max(row - 8, 0), max(row + 9, 0))
    columns = slice(max(column - 8, 0), max(column + 9, 0))
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
    detection: Detection, known: list[_Known], photometry: Photometry | None
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
        ratio = None
        if photometry is not None and not owner.extended:
            share = owner.truth["enclosed"]
            ratio = photometry.line(detection, line.wave, entry, share)
        matches.append(
            LineMatch(
                entry["name"],
                entry["wave_air_angstrom"],
                *(round(line.wave, 3), round(error, 4), round(line.snr, 1)),
                None if ratio is None else round(ratio, 4),
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
    return match


def _flux(
    match: SourceMatch, source: _Known, detection: Detection, photometry: Photometry
) -> None:
    """Compare the flux of the continuum, or else of the brightest line."""
    if source.extended:
        return
    flux = photometry.continuum(detection, source.truth)
    if flux is not None:
        match.flux_ratio, match.flux_snr = round(flux[0], 4), round(flux[1], 1)
    elif source.truth["flux_density"] is None and match.lines:
        best = max(match.lines, key=lambda line: line.snr)
        match.flux_ratio, match.flux_snr = best.flux_ratio, best.snr


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


def compare(cube: Path | Cube, truth_path: Path) -> Comparison:
    """Search a cube blind, then compare with the truth.

    Parameters
    ----------
    cube
        A DATACUBE_FINAL or its path, in counts or flux units; made with ``rvcorr=none``.
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
    search = Search(cube if isinstance(cube, Cube) else read_cube(cube))
    found = search.find()
    sizes = [d.fwhm for d in found if d.continuum_snr > 10 and d.fwhm > 1]
    fwhm = float(np.percentile(sizes, 30)) if sizes else 3.7
    known = _within(search.cube, read_truth(truth_path))
    matched, left = _pair(known, found)
    photometry = Photometry(search, found) if search.cube.calibrated else None
    sources, unknown = [], []
    for i, source in enumerate(known):
        detection = found[matched[i]] if i in matched else None
        match = _match(source, detection, search, fwhm)
        sources.append(match)
        if detection is None:
            continue
        match.lines, strange = _match_lines(detection, known, photometry)
        unknown += [{"wave": line.wave, "snr": line.snr} for line in strange]
        if photometry is not None:
            _flux(match, source, detection, photometry)
    false, parts = _left_over([found[j] for j in left], known, sources)
    sources = [s for s in sources if s.found != "faint" or s.snr > 3 or s.inside]
    return Comparison(
        *(
            str(search.cube.path),
            str(truth_path),
            search.cube.calibrated,
            round(fwhm, 2),
        ),
        *(sources, false, parts, unknown),
        judge(sources, false, unknown, search.cube.calibrated),
    )


def _left_over(
    left: list[Detection], known: list[_Known], sources: list[SourceMatch]
) -> tuple[list[dict[str, float]], int]:
    """Detections without a source of their own: false, or parts and wings of one."""
    false, parts = [], 0
    for detection in left:
        homes = [
            i
            for i, k in enumerate(known)
            if k.extended and k.distance(detection) < k.footprint
        ]
        if not homes and any(k.outside and k.distance(detection) < 7 for k in known):
            parts += 1
            continue
        if not homes:
            place = {"x": round(detection.x, 2), "y": round(detection.y, 2)}
            false.append({**place, "snr": round(detection.snr, 1)})
            continue
        parts += 1
        home = sources[homes[0]]
        if not known[homes[0]].truth.get("rotation_km_s"):
            # else off its middle a line is at another wavelength, and rightly so
            home.lines += _match_lines(detection, known, None)[0]
        if home.offset is None:
            home.found, home.snr = "found", max(home.snr, round(detection.snr, 1))
    return false, parts
