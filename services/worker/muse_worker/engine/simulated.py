"""An engine that needs no ESO software: for load, chaos and scale tests only.

Its products are small, whole FITS files with the right category, quality control
keywords and list of inputs, and they say in their header that they are simulated:
only a server that was started for simulation takes them. Their content follows from
the content of the inputs and from the parameters, so it repeats.
"""

import asyncio
import hashlib
import os
import random
import shutil
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from typing_extensions import override

from muse_worker.engine.contract import Engine, RecipeCall, RecipeRun, Started
from muse_worker.engine.diagnosis import diagnose
from muse_worker.engine.log import parse_lines
from muse_worker.engine.process import Ended, StoppedBy
from muse_worker.models import Fate, SimulatedRuns
from musecore.fits import SIMULATED_PIPELINE, scan_headers, simulated_card
from musecore.muse.schema import MuseModel, QcKey, Recipe, RecipeOutput, load

__all__ = ["SimulatedEngine"]

BLOCK = 2880
CARD = 80
SIDE = 4
"""Pixels on a side of a product's only image."""

FEW_QC = 12
"""Quality control values that a product gets at most."""

_FIRST_ONLY: frozenset[Fate] = frozenset({"out_of_memory", "time_limit"})
"""With more memory or time the next attempt succeeds, as a real one would."""

_NOT_COPIED = ("ESO PRO ", "ESO QC ", "MUSEWISE ")
_STRUCTURE = {"SIMPLE", "XTENSION", "BITPIX", "NAXIS", "EXTEND", "PCOUNT", "GCOUNT"}
_OF_THE_FILE = {"EXTNAME", "CHECKSUM", "DATASUM", "END", "PIPEFILE", "DATE", "DATAMD5"}

_ERRORS: dict[Fate, str] = {
    "recipe_error": "The simulation lets this recipe fail.",
    "out_of_memory": "failed to allocate memory (simulated)",
}


@dataclass(frozen=True)
class _Frame:
    path: Path
    tag: str


@dataclass
class SimulatedEngine(Engine):
    """Makes products without pixels to speak of, and fails as often as it is told.

    Parameters
    ----------
    runs
        How long runs take, and which of them fail.
    """

    runs: SimulatedRuns = field(default_factory=SimulatedRuns)
    model: MuseModel = field(default_factory=load)

    @override
    async def versions(self) -> dict[str, str]:
        """Give versions that no real pipeline has: keys of tasks never meet."""
        return {
            "esorex": "simulated",
            "cpl": "simulated",
            "pipeline": SIMULATED_PIPELINE,
        }

    @override
    async def run(self, call: RecipeCall, *, started: Started) -> RecipeRun:
        """Wait, then leave the products or what the chosen failure leaves."""
        begun = time.monotonic()
        frames = await asyncio.to_thread(_prepare, call)
        digest = await asyncio.to_thread(_digest, call, frames)
        fate, seconds = self.choose(digest, call.attempt)
        await started(os.getpid())
        late = fate == "time_limit" or seconds > call.timeout_s
        await asyncio.sleep(min(seconds, call.timeout_s))
        ended = _ended("time_limit" if late else fate, time.monotonic() - begun)
        if ended.exit_code == 0 and fate != "no_product":
            await asyncio.to_thread(self._write_products, call, frames, digest)
        return await asyncio.to_thread(_outcome, call, ended, fate)

    def choose(self, digest: str, attempt: int) -> tuple[Fate, float]:
        """Give what becomes of an attempt, and its duration in seconds.

        The same seed, inputs, parameters and attempt give the same answer.
        """
        dice = random.Random(f"{self.runs.seed}/{digest}/{attempt}")  # noqa: S311
        low, high = self.runs.seconds
        seconds = dice.uniform(low, high)
        fate = _drawn(dice.random(), self.runs)
        if fate in _FIRST_ONLY and attempt > 1:
            fate = "well"
        return fate, seconds * (self.runs.slow_factor if fate == "slow" else 1.0)

    def _write_products(
        self, call: RecipeCall, frames: Sequence[_Frame], digest: str
    ) -> None:
        recipe = self.model.recipe(call.recipe)
        told = scan_headers(frames[0].path)[0].cards_text if frames else ""
        common = [*_copied(told), *_made_by(call, frames)]
        for output, name, number in _files(recipe, call, frames):
            own = f"{digest}/{output.tag}/{number}"
            cards = [*common, *_own_cards(recipe, output, call, own)]
            (call.folder / "out" / name).write_bytes(_fits(cards, own))


def _prepare(call: RecipeCall) -> list[_Frame]:
    """Make the folders, read the set of frames."""
    for name in ("run", "out", "log"):
        (call.folder / name).mkdir()
    work = call.folder / "run"
    lines = (work / call.sof).read_text().splitlines()
    pairs = (line.rsplit(maxsplit=1) for line in lines)
    return [_Frame(work / path, tag) for path, tag in pairs]


def _digest(call: RecipeCall, frames: Sequence[_Frame]) -> str:
    """Give what the content of the products follows from."""
    total = hashlib.sha256(f"{call.recipe} {sorted(call.options.items())}".encode())
    for frame in frames:
        with frame.path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{frame.tag} {content}".encode())
    return total.hexdigest()


def _drawn(draw: float, runs: SimulatedRuns) -> Fate:
    for fate, share in runs.shares.items():
        if draw < share:
            return fate
        draw -= share
    return "well"


def _ended(fate: Fate, wall_s: float) -> Ended:
    stopped: StoppedBy | None = "time_limit" if fate == "time_limit" else None
    return Ended(
        exit_code=None if stopped else 255 if fate in _ERRORS else 0,
        signal=15 if stopped else None,
        stopped_by=stopped,
        wall_s=wall_s,
        cpu_s=0.0,
        max_rss_mb=0.0,
    )


def _outcome(call: RecipeCall, ended: Ended, fate: Fate) -> RecipeRun:
    said = [f"00:00:00 [  INFO ] {call.recipe}: simulated"]
    if fate in _ERRORS:
        said.append(f"00:00:00 [ ERROR ] {call.recipe}: {_ERRORS[fate]}")
    text = "\n".join([*said, ""])
    call.log.write_text(text)
    lines = parse_lines(text)
    diagnosis = diagnose(
        call.spoken,
        ended,
        lines,
        memory_limit_mb=call.memory_mb,
        free_bytes=shutil.disk_usage(call.folder).free,
    )
    products = sorted((call.folder / "out").glob("*.fits"))
    return RecipeRun(ended, lines, call.log, products, diagnosis)


# -- products


def _files(
    recipe: Recipe, call: RecipeCall, frames: Sequence[_Frame]
) -> Iterator[tuple[RecipeOutput, str, int]]:
    """Give the files of a run: what it is, its name as the pipeline forms it, number."""
    tags = [frame.tag for frame in frames]
    nifu = call.options.get("nifu")
    for output in recipe.outputs_with(recipe.defaults() | dict(call.options), tags):
        count = 1
        if output.one_per == "exposure":
            count = max(1, tags.count(output.tag.removeprefix("PIXTABLE_")))
        of_ifu = f"-{nifu:02d}" if output.per_ifu and nifu else ""
        for number in range(1, count + 1):
            running = "" if output.naming == "master" else f"_{number:04d}"
            yield output, f"{output.tag}{running}{of_ifu}.fits", number


def _copied(cards_text: str) -> Iterator[str]:
    """Give the cards that a product takes over from its first input."""
    for at in range(0, len(cards_text), CARD):
        card = cards_text[at : at + CARD]
        name = card.partition("=")[0].removeprefix("HIERARCH").strip()
        if "=" not in card or name in _STRUCTURE | _OF_THE_FILE:
            continue
        if not name.startswith(_NOT_COPIED):
            yield card


def _made_by(call: RecipeCall, frames: Sequence[_Frame]) -> Iterator[str]:
    first = "ESO PRO REC1"
    yield simulated_card()
    yield _card(f"{first} ID", call.recipe)
    yield _card(f"{first} PIPE ID", SIMULATED_PIPELINE)
    yield _card(f"{first} DRS ID", "simulated")
    for number, frame in enumerate(frames, 1):
        yield _card(f"{first} RAW{number} NAME", frame.path.name)
        yield _card(f"{first} RAW{number} CATG", frame.tag)
    for number, (name, value) in enumerate(sorted(call.options.items()), 1):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield _card(f"{first} PARAM{number} NAME", name)
        yield _card(f"{first} PARAM{number} VALUE", text)


def _own_cards(
    recipe: Recipe, output: RecipeOutput, call: RecipeCall, own: str
) -> Iterator[str]:
    nifu = call.options.get("nifu")
    yield _card("ESO PRO CATG", output.tag)
    yield _card("ESO PRO TYPE", "REDUCED")
    if output.per_ifu and nifu:
        yield _card("EXTNAME", f"CHAN{nifu:02d}")
    dice = random.Random(own)  # noqa: S311
    keys = [key for key in recipe.qc if output.tag in key.products]
    for key in keys[:FEW_QC]:
        yield _card(_first_of(key), _value(key, dice))


def _first_of(key: QcKey) -> str:
    """Give the first keyword of a numbered family: ``ESO QC BIAS MASTER1 MEDIAN``."""
    parts = key.pattern.pattern.removesuffix("$").split("(\\d+)")
    return "1".join(part.replace("\\", "") for part in parts)


def _value(key: QcKey, dice: random.Random) -> str | int | float:
    if key.type == "string":
        return "simulated"
    return dice.randrange(3) if key.type == "int" else round(dice.random(), 6)


def _card(name: str, value: str | float) -> str:
    head = f"{name:8}= " if len(name) <= 8 else f"HIERARCH {name} = "
    if isinstance(value, str):
        room = CARD - len(head) - 2
        return f"{head}'{value.replace(chr(39), '')[:room]:8}'".ljust(CARD)
    return f"{head}{value}".ljust(CARD)


def _fits(cards: Sequence[str], own: str) -> bytes:
    """Give a whole file: a primary header, and one image that follows from `own`."""
    primary = ["SIMPLE  =                    T", "BITPIX  =                    8"]
    primary += ["NAXIS   =                    0", "EXTEND  =                    T"]
    image = ["XTENSION= 'IMAGE   '", "BITPIX  =                  -32"]
    image += ["NAXIS   =                    2", f"NAXIS1  = {SIDE:20d}"]
    image += [f"NAXIS2  = {SIDE:20d}", "PCOUNT  =                    0"]
    image += ["GCOUNT  =                    1", "EXTNAME = 'DATA    '"]
    dice = random.Random(own)  # noqa: S311
    pixels = struct.pack(f">{SIDE * SIDE}f", *(dice.random() for _ in range(SIDE**2)))
    data = pixels.ljust(BLOCK, b"\0")
    return _header([*primary, *cards]) + _header(image) + data


def _header(cards: Sequence[str]) -> bytes:
    text = "".join(card.ljust(CARD) for card in [*cards, "END"])
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("ascii", "replace")
