"""The simulated field: who is where, with which spectrum.

Every IFU's strip (60 x 2.4 arcsec) holds at least ten well separated sources, among
them three galaxies with emission lines and four line emitters; a spiral (IFUs 5-11),
a planetary nebula (centred on IFU 12, the default of small demonstrations) and a big
elliptical (IFU 18) lie across several strips.
"""

from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from musesim.facts import sky_lines
from musesim.geometry import GRID
from musesim.light import ab_to_flux, blackbody, line_spectrum
from musesim.shapes import Form

__all__ = ["DEFAULT_IFU", "Line", "Source", "make_scene", "standard_star"]

DEFAULT_IFU = 12

_C = 299792.458
_SLOTS = 14
_SLOT_STEP = 20.5
_REST = {
    "HBETA": 4861.33,
    "OIII4959": 4958.91,
    "OIII5007": 5006.84,
    "NII6548": 6548.05,
    "HALPHA": 6562.80,
    "NII6583": 6583.45,
    "SII6716": 6716.44,
    "SII6731": 6730.82,
}
_STRENGTH = {
    "HBETA": 0.33,
    "OIII4959": 0.17,
    "OIII5007": 0.50,
    "NII6548": 0.073,
    "HALPHA": 1.0,
    "NII6583": 0.22,
    "SII6716": 0.18,
    "SII6731": 0.15,
}
_NEBULA = {
    "HBETA": (4861.33, 0.35),
    "OIII4959": (4958.91, 1.0),
    "OIII5007": (5006.84, 3.0),
    "HEI5876": (5875.62, 0.15),
    "HALPHA": (6562.80, 1.0),
    "NII6583": (6583.45, 0.4),
    "HEI7065": (7065.19, 0.10),
    "ARIII7136": (7135.80, 0.25),
    "SIII9069": (9068.60, 0.45),
}


@dataclass(frozen=True)
class Line:
    """An emission line: air wavelength (Angstrom), flux (erg/s/cm2), sigma."""

    name: str
    wave: float
    flux: float
    sigma: float


@dataclass(frozen=True)
class Source:
    """One source of the field.

    Parameters
    ----------
    name, kind
        Identifier; star, galaxy, passive, emitter, spiral, nebula, standard.
    x, y
        Place in the full field, spaxels.
    mag
        AB magnitude of the continuum at 7000 Angstrom; None if there is none.
    colour
        Temperature (K) of a black body, or, below 10, the exponent of a power law.
    lines
        Emission lines, at the systemic velocity.
    form, line_form
        Shape of the continuum and of the lines.
    rotation
        Asymptotic rotation speed along the major axis, km/s.
    footprint
        Radius (spaxels) within which light belongs to this source.
    """

    name: str
    kind: str
    x: float
    y: float
    mag: float | None
    colour: float
    lines: tuple[Line, ...] = ()
    form: Form = field(default_factory=lambda: Form("point"))
    line_form: Form | None = None
    rotation: float = 0.0
    redshift: float = 0.0
    footprint: float = 5.0

    @cached_property
    def continuum(self) -> NDArray[np.float64] | None:
        """Flux density over the grid, erg/s/cm2/Angstrom."""
        if self.mag is None:
            return None
        if self.colour > 10:
            shape = blackbody(self.colour) * (1 - self._absorption())
        else:
            shape = (GRID / 7000.0) ** self.colour
        return np.asarray(ab_to_flux(self.mag) * shape)

    def _absorption(self) -> NDArray[np.float64]:
        waves = [4861.33, 5183.6, 5889.95, 6562.8, 8542.09, 8662.14]
        widths = [3.5, 1.5, 1.2, 3.0, 1.8, 1.8]
        return line_spectrum(waves, [2.0] * 6, widths)

    @cached_property
    def emission(self) -> NDArray[np.float64] | None:
        """Flux density of the lines over the grid, erg/s/cm2/Angstrom."""
        if not self.lines:
            return None
        return line_spectrum(
            [line.wave for line in self.lines],
            [line.flux for line in self.lines],
            [line.sigma for line in self.lines],
        )

    def moved(self, dx: float, dy: float) -> "Source":
        """The same source elsewhere in the field."""
        return replace(self, x=self.x + dx, y=self.y + dy)


def _clearance(waves: list[float]) -> float:
    """Distance (Angstrom) to the nearest sky line or telluric band."""
    sky = np.array([line[2] for line in sky_lines()])
    here = np.array(waves)
    room = float(np.abs(here[:, None] - sky[None, :]).min())
    for low, high in ((7560.0, 7720.0), (9260.0, 9400.0)):
        if ((here > low) & (here < high)).any():
            return 0.0
    return room


def _redshift(rng: np.random.Generator, anchor: str | None) -> float:
    """A redshift that keeps the lines off the night sky.

    With an anchor, that line falls between 6820 and 7180 Angstrom.
    """
    best, kept = 0.1, -1.0
    for _ in range(60):
        if anchor is None:
            z = float(rng.uniform(0.02, 0.30))
        else:
            z = float(rng.uniform(6820, 7180)) / _REST[anchor] - 1
        waves = [wave * (1 + z) for wave in _REST.values()]
        room = _clearance([wave for wave in waves if 4750 < wave < 9350])
        if room > kept:
            best, kept = z, room
    return best


def _galaxy_lines(z: float, flux: float) -> tuple[Line, ...]:
    waves = {name: wave * (1 + z) for name, wave in _REST.items()}
    return tuple(
        Line(name, round(wave, 3), flux * _STRENGTH[name], wave * 35.0 / _C)
        for name, wave in waves.items()
        if 4760 < wave < 9330
    )


def _galaxy(rng: np.random.Generator, name: str, turn: int) -> Source:
    anchor = ("HALPHA", "OIII5007", None)[turn % 3]
    z = _redshift(rng, anchor)
    # Bright enough that the noise of its main lines is well below 0.1 Angstrom.
    strength = 1.9 if anchor == "OIII5007" else 1.2
    return Source(
        name,
        "galaxy",
        0,
        0,
        mag=float(rng.uniform(19.6, 20.8)),
        colour=float(rng.uniform(-1.0, 0.2)),
        lines=_galaxy_lines(z, strength * float(rng.uniform(6e-16, 1.1e-15))),
        form=Form(
            "disc",
            round(float(rng.uniform(1.0, 1.6)), 2),
            round(float(rng.uniform(0.5, 0.9)), 2),
            round(float(rng.uniform(-30, 30)), 1),
        ),
        rotation=float(rng.choice([-1, 1]) * rng.uniform(40, 80)),
        redshift=round(z, 6),
        footprint=8.0,
    )


def _emitter(rng: np.random.Generator, name: str, turn: int) -> Source:
    low, high = (6815.0, 7185.0) if turn % 2 == 0 else (4900.0, 9200.0)
    tries = [float(w) for w in rng.uniform(low, high, 40)]
    best = max(tries, key=lambda wave: _clearance([wave]))
    wave = round(best, 3)
    flux = float(10 ** rng.uniform(-16.1, -15.7))
    line = Line("LYALPHA", wave, flux, 1.0)
    z = round(wave / 1215.67 - 1, 5)
    return Source(name, "emitter", 0, 0, None, 0.0, (line,), redshift=z)


def _star(rng: np.random.Generator, name: str) -> Source:
    mag = float(rng.uniform(17.8, 20.8))
    return Source(name, "star", 0, 0, mag, float(rng.uniform(3600, 9500)))


def _passive(rng: np.random.Generator, name: str) -> Source:
    form = Form("disc", round(float(rng.uniform(0.9, 1.3)), 2), 0.8, 0.0)
    mag = float(rng.uniform(19.5, 20.5))
    return Source(name, "passive", 0, 0, mag, 1.0, form=form, footprint=8.0)


def _landmarks() -> list[Source]:
    z = 0.0523
    lines = _galaxy_lines(z, 1.1e-14)
    spiral = Source(
        *("SPIRAL", "spiral", -62.0, 54.0, 16.4, -0.4, lines),
        form=Form("spiral", 9.0, 0.72, 35.0),
        line_form=Form("arms", 9.0, 0.72, 35.0),
        rotation=160.0,
        redshift=z,
        footprint=34.0,
    )
    shift = 1 + 32.0 / _C
    glow = tuple(
        Line(name, round(wave * shift, 3), 1.5e-14 * share, wave * 12.0 / _C)
        for name, (wave, share) in _NEBULA.items()
    )
    shell = Form("shell", 14.0, 0.85, 20.0)
    nebula = Source(
        "NEBULA", "nebula", 104.0, 6.0, None, 0.0, glow, shell, footprint=26.0
    )
    core = Source("NEBULA-STAR", "star", 104.0, 6.0, 18.4, 45000.0)
    elliptical = Source(
        *("ELLIPTICAL", "passive", 61.0, -66.0, 16.8, 1.2),
        form=Form("disc", 4.2, 0.72, -35.0),
        footprint=30.0,
    )
    return [spiral, nebula, core, elliptical]


def _free(x: float, y: float, taken: list[Source], margin: float) -> bool:
    return all(
        np.hypot(x - other.x, y - other.y) > max(other.footprint, margin)
        for other in taken
    )


def _strip(seed: int, ifu: int, taken: list[Source]) -> list[Source]:
    rng = np.random.default_rng([seed, 771, ifu])
    kinds = ["star"] * 6 + ["galaxy"] * 3 + ["emitter"] * 4 + ["passive"]
    middle = 143.5 - 12.0 * (ifu - 1) - 5.5
    order = rng.permutation(_SLOTS)
    places: list[tuple[float, float]] = []
    for slot in range(_SLOTS):
        x = (slot - (_SLOTS - 1) / 2) * _SLOT_STEP + float(rng.uniform(-2, 2))
        places.append((x, middle + float(rng.uniform(-1.4, 1.4))))
    made: list[Source] = []
    count = {"galaxy": 0, "emitter": 0}
    # Landmarks take the places of stars first, so that every strip keeps its lines.
    free = [(x, y) for x, y in (places[i] for i in order) if _free(x, y, taken, 9.0)]
    kinds.sort(key=lambda kind: kind == "star")
    for number, ((x, y), kind) in enumerate(zip(free, kinds, strict=False)):
        name = f"S{ifu:02d}-{number + 1:02d}"
        source = _make(rng, name, kind, count.get(kind, 0))
        count[kind] = count.get(kind, 0) + 1
        made.append(replace(source, x=round(x, 3), y=round(y, 3)))
    return made


def _make(rng: np.random.Generator, name: str, kind: str, turn: int) -> Source:
    if kind == "galaxy":
        return _galaxy(rng, name, turn)
    if kind == "emitter":
        return _emitter(rng, name, turn)
    return _star(rng, name) if kind == "star" else _passive(rng, name)


def _between(seed: int, ifu: int, taken: list[Source]) -> list[Source]:
    """Two fainter stars on the border of this IFU's strip and the next."""
    rng = np.random.default_rng([seed, 772, ifu])
    border = 143.5 - 12.0 * ifu + 0.5
    made: list[Source] = []
    for number in range(2):
        x = float(rng.uniform(-140, 140))
        mag = float(rng.uniform(20.3, 21.8))
        y = border + float(rng.uniform(-2, 2))
        tries = [x + step for step in range(0, 60, 3)]
        good = [t for t in tries if t < 140 and _free(t, y, taken + made, 10.0)]
        if good:
            name = f"B{ifu:02d}-{number + 1}"
            place = round(good[0], 3), round(y, 3)
            made.append(Source(name, "star", *place, mag, 4800.0))
    return made


@cache
def make_scene(seed: int) -> tuple[Source, ...]:
    """All sources of the full field (24 IFUs) for a seed."""
    landmarks = _landmarks()
    sources = list(landmarks)
    for ifu in range(1, 25):
        sources += _strip(seed, ifu, landmarks)
    for ifu in range(1, 24):
        sources += _between(seed, ifu, sources)
    return tuple(sources)


def standard_star(mag: float, temperature: float, y: float) -> Source:
    """The standard star, in the middle of the field x and at field `y`."""
    return Source("STANDARD", "standard", 0.0, y, mag, temperature)
