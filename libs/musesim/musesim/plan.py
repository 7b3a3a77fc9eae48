"""What a simulated night consists of: templates, frames, times, pointings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zlib import crc32

import numpy as np
import yaml

from musecore.errors import Invalid
from musesim.facts import instrument

__all__ = [
    "FRAME_TYPES",
    "Fault",
    "Frame",
    "NightInvalid",
    "NightSpec",
    "parse_ifus",
    "plan_night",
]


class NightInvalid(Invalid):
    """A simulated night was asked for that cannot be made."""

    code = "simulation_invalid"


@cache
def frame_facts() -> dict[str, Any]:
    """Frame types and chains: `frames.yaml`."""
    text = resources.files("musesim").joinpath("data", "frames.yaml").read_text("utf-8")
    facts: dict[str, Any] = yaml.safe_load(text)
    return facts


FRAME_TYPES = tuple(frame_facts()["frames"])

_FAULTS = ("bad-flat", "saturated-flat", "bad-ifu", "missing-arc-lamp")


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong on purpose.

    Parameters
    ----------
    name
        bad-flat, saturated-flat, bad-ifu (each with an IFU), missing-arc-lamp.
    target
        The IFU number or the lamp.
    """

    name: str
    target: str

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Read ``name:target``.

        Raises
        ------
        NightInvalid
            If the fault is not known, or its target is not an IFU or a lamp.
        """
        name, _, target = text.partition(":")
        if name not in _FAULTS:
            raise NightInvalid(
                f"{text!r} is no fault the simulator can inject.",
                hint=f"Known are {', '.join(_FAULTS)}, as in bad-flat:3.",
            )
        lamps = [lamp["name"] for lamp in instrument()["arc_lamps"]]
        allowed = (
            lamps if name == "missing-arc-lamp" else [str(n) for n in range(1, 25)]
        )
        if target not in allowed:
            raise NightInvalid(
                f"The target {target!r} of the fault {name} is not known.",
                hint=f"It must be one of {', '.join(allowed)}.",
            )
        return cls(name, target)


def parse_ifus(text: str) -> tuple[int, ...]:
    """Read ``1,2,3`` or ``1-24``.

    Raises
    ------
    NightInvalid
        If it is not a list of numbers between 1 and 24.
    """
    numbers: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            raise NightInvalid(
                f"{text!r} is no list of IFUs.", hint="Write 12, 1,2,3 or 1-24."
            )
        numbers.update(range(int(first), int(last or first) + 1))
    if not numbers or min(numbers) < 1 or max(numbers) > 24:
        raise NightInvalid(f"IFUs {text!r} are not within 1..24.")
    return tuple(sorted(numbers))


@dataclass(frozen=True)
class NightSpec:
    """What to simulate.

    Parameters
    ----------
    ifus
        IFU numbers.
    chain
        ``quick`` (one exposure, no standard) or ``full``.
    exposures
        OBJECT exposures per night; None for the chain's own number.
    nights, first
        Number of nights, and the date of the first.
    seed
        Seed of field, instrument and noise.
    types
        Frame types to write; empty for all of the chain but darks.
    faults
        Faults to inject.
    mode
        Instrument mode; only WFM-NOAO-N has pixels.
    offset_minutes
        Shift of all times, to put a replacement set beside another.
    compress
        ``none`` or ``rice``.
    headers_only
        Write no pixels: a night for load and scale tests, whose files say that they
        are simulated, so that only a server for simulation takes them.
    """

    ifus: tuple[int, ...] = (12,)
    chain: str = "quick"
    exposures: int | None = None
    nights: int = 1
    first: date = date(2018, 12, 9)
    seed: int = 1
    types: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    mode: str = "WFM-NOAO-N"
    offset_minutes: float = 0.0
    compress: str = "none"
    headers_only: bool = False

    def check(self) -> None:
        """Refuse what cannot be made.

        Raises
        ------
        NightInvalid
            With what is wrong and what would be right.
        """
        _among("chain", self.chain, tuple(frame_facts()["chains"]))
        _among("mode", self.mode, tuple(instrument()["modes"]))
        _among("compression", self.compress, ("none", "rice"))
        for kind in self.types:
            _among("frame type", kind, FRAME_TYPES)
        if self.nights < 1 or (self.exposures is not None and self.exposures < 0):
            raise NightInvalid("A simulation needs at least one night.")
        if self.seed < 0:
            raise NightInvalid(
                f"The seed {self.seed} is negative.", hint="Use 0 or more."
            )


def _among(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise NightInvalid(
            f"{value!r} is no {what} of the simulator.",
            hint=f"Known are {', '.join(known)}.",
        )


@dataclass(frozen=True)
class Frame:
    """One raw exposure to come.

    Parameters
    ----------
    tag
        BIAS, DARK, FLAT, ARC, ILLUM, SKYFLAT, STD, SKY or OBJECT.
    start, template_start, ob_start
        Start of exposure, template and observation block, aware UTC.
    expno, nexp
        Number within the template, and the template's length.
    serial
        Running number of this tag within the night.
    lamp
        Arc lamp, or empty.
    dither, error
        Offset of the telescope, and error of the header pointing; east and north,
        arcsec.
    """

    tag: str
    night: date
    start: datetime
    template_start: datetime
    ob_start: datetime
    expno: int
    nexp: int
    serial: int
    mode: str
    lamp: str = ""
    dither: tuple[float, float] = (0.0, 0.0)
    error: tuple[float, float] = (0.0, 0.0)
    facts: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def arcfile(self) -> str:
        """Name in the archive, with the start of exposure to the millisecond."""
        stamp = self.start.isoformat(timespec="milliseconds").replace("+00:00", "")
        return f"MUSE.{stamp}.fits"

    @property
    def exptime(self) -> float:
        """Exposure time in seconds."""
        return float(self.facts["exptime"])

    def seed(self, seed: int, ifu: int) -> list[int]:
        """Entropy of the noise of one IFU of this frame."""
        return [seed, ifu, crc32(f"{self.tag}{self.arcfile}{self.mode}".encode())]


def _science(count: int, with_sky: bool) -> list[tuple[str, str]]:
    frames = [("OBJECT", "")] * count
    if with_sky:
        frames.insert(min(1, count), ("SKY", ""))
    return frames


def _members(template: dict[str, Any], count: int) -> list[tuple[str, str]]:
    names = template["frames"]
    if "science" in names:
        return _science(count, "SKY" in names)
    if names == ["ARC"]:
        return [("ARC", lamp["name"]) for lamp in instrument()["arc_lamps"]]
    return [(name, "") for name in names]


def _wanted(spec: NightSpec, template: dict[str, Any], tag: str) -> bool:
    if spec.types:
        return tag in spec.types
    return not template.get("on_request", False)


def _milliseconds(*parts: object) -> int:
    return crc32("/".join(map(str, parts)).encode()) % 1000


def _template_frames(
    spec: NightSpec, night: date, template: dict[str, Any], counters: dict[str, int]
) -> Iterator[Frame]:
    chain = frame_facts()["chains"][spec.chain]
    count = chain["exposures"] if spec.exposures is None else spec.exposures
    members = _members(template, count)
    midnight = datetime(night.year, night.month, night.day, tzinfo=UTC)
    minutes = 21 * 60 + template["minute"] + spec.offset_minutes
    begin = (midnight + timedelta(minutes=minutes)).replace(microsecond=0)
    moment = begin + timedelta(seconds=19)
    for expno, (tag, lamp) in enumerate(members, 1):
        facts = frame_facts()["frames"][tag]
        number = counters[tag] = counters.get(tag, 0) + 1
        start = moment + timedelta(milliseconds=_milliseconds(spec.seed, moment, tag))
        moment += timedelta(seconds=facts["exptime"] + frame_facts()["readout_s"])
        moment = moment.replace(microsecond=0)
        missing = Fault("missing-arc-lamp", lamp) in spec.faults
        if missing or not _wanted(spec, template, tag):
            continue
        yield Frame(
            *(tag, night, start, begin, begin - timedelta(seconds=11)),
            *(expno, len(members), number, spec.mode, lamp),
            *_offsets(tag, number),
            facts,
        )


def _offsets(tag: str, number: int) -> tuple[tuple[float, float], tuple[float, float]]:
    if tag != "OBJECT":
        return (0.0, 0.0), (0.0, 0.0)
    dithers = frame_facts()["dithers"]
    east, north = dithers[(number - 1) % len(dithers)]
    error = frame_facts()["pointing_error"] if number == 2 else (0.0, 0.0)
    return (east, north), (error[0], error[1])


def plan_night(spec: NightSpec) -> list[Frame]:
    """All frames of a specification, in order of time.

    Raises
    ------
    NightInvalid
        If the specification cannot be made.
    """
    spec.check()
    frames: list[Frame] = []
    for number in range(spec.nights):
        night = spec.first + timedelta(days=number)
        counters: dict[str, int] = {}
        for template in frame_facts()["chains"][spec.chain]["templates"]:
            frames += _template_frames(spec, night, template, counters)
    if len(frames) != len({frame.arcfile for frame in frames}):
        raise NightInvalid("Two frames of the night would start at the same time.")
    return sorted(frames, key=lambda frame: frame.start)


def noise(frame: Frame, seed: int, ifu: int) -> np.random.Generator:
    """The noise of one IFU of a frame, whatever else is simulated."""
    return np.random.default_rng(frame.seed(seed, ifu))
