"""Simulate nights: raw frames, static calibrations, truth."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from musecore.fits import simulated_card
from musesim.detector import RAW_NX, RAW_NY, SATURATION, Detector
from musesim.exposure import Ifu, Look
from musesim.facts import instrument
from musesim.geometry import SPAXEL
from musesim.headers import channel_header, header_bytes, primary_header
from musesim.light import arc_spectrum, flat_spectrum, twilight_spectrum
from musesim.plan import Frame, NightSpec, noise, plan_night
from musesim.scene import Source, make_scene
from musesim.sky import pointing
from musesim.statics import the_standard, write_statics
from musesim.truth import aim_of, field_middle, update_truth

__all__ = ["NightReport", "Progress", "simulate_night"]

Progress = Callable[[int, int, str], None]
"""Called with (steps done, steps in all, what was done)."""

_BLOCK = 2880
_DATA = RAW_NX * RAW_NY * 2
_PADDED = -(-_DATA // _BLOCK) * _BLOCK


@dataclass(frozen=True)
class NightReport:
    """What was written.

    Parameters
    ----------
    raw
        All raw files of the specification.
    written, skipped
        How many of them were made now, and how many were there.
    statics
        Static calibration by class.
    truth
        The truth file.
    seconds
        Wall time.
    """

    raw: tuple[Path, ...]
    written: int
    skipped: int
    statics: dict[str, Path]
    truth: Path
    seconds: float


@dataclass(frozen=True)
class _Slot:
    """Where the pixels of one IFU of a frame go; None for an extension without."""

    header: bytes
    offset: int
    pixels: bool


@dataclass(frozen=True)
class _Target:
    """A raw file in the making."""

    frame: Frame
    part: Path
    final: Path
    primary: bytes
    slots: dict[int, _Slot]
    size: int


def _pixels(spec: NightSpec, ifu: int) -> bool:
    live = not any(f.name == "bad-ifu" and f.target == str(ifu) for f in spec.faults)
    return live and not spec.headers_only and _has_pixels(spec)


def _has_pixels(spec: NightSpec) -> bool:
    return bool(instrument()["modes"][spec.mode]["pixels"])


def _target(spec: NightSpec, frame: Frame, folder: Path) -> _Target:
    final = folder / frame.arcfile
    header = primary_header(frame, aim_of(frame, spec.ifus))
    if spec.headers_only:
        header.append(fits.Card.fromstring(simulated_card()), end=True)
    primary = header_bytes(header)
    offset = len(primary)
    slots = {}
    for ifu in spec.ifus:
        pixels = _pixels(spec, ifu)
        live = pixels or spec.headers_only or not _has_pixels(spec)
        detector = Detector(spec.seed, ifu)
        channel = header_bytes(channel_header(detector, pixels=pixels, live=live))
        slots[ifu] = _Slot(channel, offset, pixels)
        offset += len(channel) + (_PADDED if pixels else 0)
    part = final.with_suffix(".part")
    return _Target(frame, part, final, primary, slots, offset)


def _begin(target: _Target) -> None:
    with target.part.open("wb") as stream:
        stream.write(target.primary)
        for slot in target.slots.values():
            stream.seek(slot.offset)
            stream.write(slot.header)
        stream.truncate(target.size)


def _store(target: _Target, ifu: int, raw: NDArray[np.uint16]) -> None:
    slot = target.slots[ifu]
    big_endian = (raw ^ np.uint16(0x8000)).byteswap()
    with target.part.open("r+b") as stream:
        stream.seek(slot.offset + len(slot.header))
        stream.write(big_endian.tobytes())


class _Channel:
    """One IFU while its frames are made; light that does not change is kept."""

    def __init__(self, spec: NightSpec, ifu: int) -> None:
        self._spec, self._number = spec, ifu
        self._ifu = Ifu(ifu)
        self._detector = Detector(spec.seed, ifu)
        self._lit: tuple[str, str] = ("", "")
        self._light: NDArray[np.float32] | None = None
        self._sources = make_scene(spec.seed)

    def expose(self, frame: Frame) -> NDArray[np.uint16]:
        """Raw pixels (4240, 4224) of a frame."""
        rng = noise(frame, self._spec.seed, self._number)
        light = self._electrons(frame)
        raw = self._detector.read_out(self._spoilt(frame, light), rng, frame.exptime)
        if self._has(frame, "saturated-flat"):
            raw[raw > 3000] = SATURATION
        return raw

    def _has(self, frame: Frame, fault: str) -> bool:
        target = str(self._number)
        named = any(f.name == fault and f.target == target for f in self._spec.faults)
        return named and frame.tag == "FLAT"

    def _spoilt(
        self, frame: Frame, light: NDArray[np.float32] | None
    ) -> NDArray[np.float32] | None:
        return None if self._has(frame, "bad-flat") else light

    def _electrons(self, frame: Frame) -> NDArray[np.float32] | None:
        if frame.tag in ("OBJECT", "STD", "SKY"):
            self._lit, self._light = ("", ""), None
            return self._ifu.look(self._look(frame))
        if self._lit != (frame.tag, frame.lamp):
            self._light = self._calibration(frame)
            self._lit = (frame.tag, frame.lamp)
        return self._light

    def _calibration(self, frame: Frame) -> NDArray[np.float32] | None:
        match frame.tag:
            case "FLAT":
                return self._ifu.lamp(flat_spectrum())
            case "ILLUM":
                return self._ifu.lamp(flat_spectrum(), at_night=True)
            case "ARC":
                return self._ifu.lamp(arc_spectrum(frame.lamp))
            case "SKYFLAT":
                return self._ifu.twilight(twilight_spectrum())
            case _:
                return None

    def _look(self, frame: Frame) -> Look:
        aim = aim_of(frame, self._spec.ifus, honest=True)
        assert aim is not None, "frames on the sky have a pointing"
        middle = frame.start + timedelta(seconds=frame.exptime / 2)
        look = pointing(aim.ra, aim.dec, middle)
        sources: tuple[Source, ...] = ()
        if frame.tag == "OBJECT":
            east, north = (offset / SPAXEL for offset in frame.dither)
            sources = tuple(s.moved(east, -north) for s in self._sources)
        if frame.tag == "STD":
            _, y = field_middle(self._spec.ifus)
            sources = (the_standard().moved(0.0, y),)
        return Look(frame.exptime, look.airmass, look.parang, sources)


def _expose_ifu(spec: NightSpec, ifu: int, targets: list[_Target]) -> Iterator[str]:
    if not _pixels(spec, ifu):
        return
    channel = _Channel(spec, ifu)
    for target in sorted(targets, key=lambda t: (t.frame.tag, t.frame.lamp)):
        _store(target, ifu, channel.expose(target.frame))
        yield f"IFU {ifu:02d} {target.frame.tag} {target.frame.lamp}".rstrip()


def _whole_ifu(spec: NightSpec, ifu: int, targets: list[_Target]) -> int:
    return len(list(_expose_ifu(spec, ifu, targets)))


def _expose(spec: NightSpec, targets: list[_Target], jobs: int, tell: Progress) -> None:
    if not targets:
        return
    total = len(targets) * sum(_pixels(spec, ifu) for ifu in spec.ifus)
    done = 0
    if jobs == 1 or len(spec.ifus) == 1:
        for ifu in spec.ifus:
            for what in _expose_ifu(spec, ifu, targets):
                done += 1
                tell(done, total, what)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {
            pool.submit(_whole_ifu, spec, ifu, targets): ifu for ifu in spec.ifus
        }
        for future in as_completed(waiting):
            done += future.result()
            tell(done, total, f"IFU {waiting[future]:02d}")


def _finish(spec: NightSpec, target: _Target, path: Path) -> None:
    if spec.compress == "rice":
        _compress(target.part, path)
        target.part.unlink()
    else:
        target.part.replace(path)


def _compress(plain: Path, path: Path) -> None:
    packed = path.with_suffix(".part2")
    with fits.open(plain, memmap=False) as hdus:
        out = fits.HDUList([hdus[0].copy()])
        for hdu in hdus[1:]:
            if hdu.header["NAXIS"] == 0:
                out.append(hdu.copy())
            else:
                out.append(fits.CompImageHDU(hdu.data, hdu.header))
        out.writeto(packed, overwrite=True)
    packed.replace(path)


def _file_name(spec: NightSpec, frame: Frame) -> str:
    return frame.arcfile + (".fz" if spec.compress == "rice" else "")


def simulate_night(
    spec: NightSpec, out: Path, progress: Progress | None = None, *, jobs: int = 1
) -> NightReport:
    """Write raw frames, static calibrations and the truth of a specification.

    Files that are there already are left alone, so a run that was cut off goes on
    when it is repeated.

    Parameters
    ----------
    spec
        What to simulate.
    out
        Folder; gets ``raw/``, ``static/`` and ``truth.json``.
    progress
        Called as the work goes on.
    jobs
        Number of processes that share the IFUs.

    Returns
    -------
    NightReport
        What was written.

    Raises
    ------
    NightInvalid
        If the specification cannot be made.
    NightConflict
        If the folder holds another simulation.
    """
    started = time.monotonic()
    tell = progress or (lambda *_: None)
    frames = plan_night(spec)
    folder = out / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    named = {_file_name(spec, frame): frame for frame in frames}
    truth = out / "truth.json"
    update_truth(truth, spec, named)
    statics = write_statics(out / "static", spec.seed, spec.mode)
    missing = [n for n in named if not (folder / n).exists()]
    targets = [_target(spec, named[name], folder) for name in missing]
    for target in targets:
        _begin(target)
    _expose(spec, targets, jobs, tell)
    for name, target in zip(missing, targets, strict=True):
        _finish(spec, target, folder / name)
    return NightReport(
        raw=tuple(folder / name for name in named),
        written=len(missing),
        skipped=len(named) - len(missing),
        statics=statics,
        truth=truth,
        seconds=time.monotonic() - started,
    )
