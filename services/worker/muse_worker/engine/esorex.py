"""ESO's recipe runner: which versions are here, and one recipe run from start to end."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typing_extensions import override

from muse_worker.engine.contract import Engine, RecipeCall, RecipeRun, Started
from muse_worker.engine.diagnosis import diagnose
from muse_worker.engine.log import LogFollower, parse_lines
from muse_worker.engine.process import Ended, ProcessGroup
from muse_worker.models import EngineMissing
from musecore.log import get_logger

__all__ = ["EsorexEngine", "Installation", "option"]

log = get_logger(__name__)

PROBE_RECIPE = "muse_bias"
INSTALL_HINT = "Install the ESO pipeline: apt-get install esorex cpl-plugin-muse"

MIB = 1024**2
_BASE_MB = 512
"""Address space in MiB that a recipe has before it does anything: libraries,
buffers of OpenMP; measured 36 MiB for esorex itself, and room for the rest."""
_PER_THREAD_MB = 192
"""Stack and malloc arena that each thread reserves, in MiB of address space."""

FOLLOW_S = 1.0
"""Interval of the looks at the log, in seconds."""


@dataclass(frozen=True)
class Installation:
    """How to call esorex: the program, and where its plug-ins and libraries are."""

    esorex: str = "esorex"
    plugin_dir: Path | None = None
    library_path: str | None = None


@dataclass
class EsorexEngine(Engine):
    """Runs recipes with ``esorex``, one process group each.

    Parameters
    ----------
    installation
        Where the pipeline is.
    memory_factor
        Limit of the address space in units of what the task asks for.
    grace_s
        Seconds between SIGTERM and SIGKILL.
    """

    installation: Installation = field(default_factory=Installation)
    memory_factor: float = 2.0
    grace_s: float = 5.0

    @override
    async def versions(self) -> dict[str, str]:
        """Give the versions of ``esorex``, ``cpl`` and ``pipeline``.

        Raises
        ------
        EngineMissing
            There is no esorex, or it has no MUSE recipes.
        """
        said = await self._ask("--version")
        release = await self._ask("--man-page", PROBE_RECIPE)
        found = {
            "esorex": _found(r"Execution Tool, version (\S+)", said),
            "cpl": _found(r"CPL = ([^\s,]+)", said),
            "pipeline": _found(rf"{PROBE_RECIPE} -- version (\S+)", release),
        }
        if missing := [name for name, version in found.items() if version is None]:
            raise EngineMissing(
                f"{self._program()} does not tell its version of {missing[0]}"
                f" (no recipe {PROBE_RECIPE}?).",
                hint=INSTALL_HINT,
            )
        pipeline = f"muse/{found['pipeline']}"
        return {k: v for k, v in found.items() if v} | {"pipeline": pipeline}

    @override
    async def run(self, call: RecipeCall, *, started: Started) -> RecipeRun:
        """Run a recipe and wait for its end; cancelling this stops the recipe.

        Parameters
        ----------
        started
            Is told the process id, while the recipe runs.
        """
        work = call.folder / "run"
        for name in ("run", "out", "log"):
            (call.folder / name).mkdir()
        limit_mb = self.memory_limit_mb(call)
        process = ProcessGroup.start(
            self.command(call),
            cwd=work,
            environment=self._environment(work, call.threads),
            memory_bytes=int(limit_mb * MIB),
            terminal=call.folder / "terminal.txt",
        )
        following = asyncio.create_task(_follow(work / ".logfile", call.spoken))
        telling = asyncio.ensure_future(started(process.pid))
        try:
            ended = await process.wait(call.timeout_s, self.grace_s)
        except asyncio.CancelledError:
            keep_log(self.command(call), call)
            raise
        finally:
            following.cancel()
            telling.cancel()
        return self._outcome(call, ended, limit_mb)

    def command(self, call: RecipeCall) -> list[str]:
        """Give the command line; what it names is relative to ``folder/run``."""
        options = [option(name, value) for name, value in call.options.items()]
        return [
            self._program(),
            "--suppress-prefix=true",
            "--output-dir=../out",
            "--log-dir=../log",
            f"--log-file={call.recipe}.log",
            call.recipe,
            *options,
            str(call.sof),
        ]

    def memory_limit_mb(self, call: RecipeCall) -> float:
        """Give the limit of the address space in MiB."""
        asked = call.memory_mb * self.memory_factor
        return asked + _BASE_MB + _PER_THREAD_MB * call.threads

    def _program(self) -> str:
        name = self.installation.esorex
        if (path := shutil.which(name)) is None:
            raise EngineMissing(
                f"There is no program {name!r} on this machine.", hint=INSTALL_HINT
            )
        return str(Path(path).absolute())

    def _environment(self, home: Path, threads: int = 1) -> dict[str, str]:
        """Give the whole environment of a recipe.

        The home is the work folder, so that an ``esorex.rc`` of a person cannot
        change a result.
        """
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C",
            "HOME": str(home),
            "TMPDIR": str(home),
            "OMP_NUM_THREADS": str(threads),
        }
        if self.installation.plugin_dir is not None:
            environment["ESOREX_PLUGIN_DIR"] = str(self.installation.plugin_dir)
        if self.installation.library_path is not None:
            environment["LD_LIBRARY_PATH"] = self.installation.library_path
        return environment

    async def _ask(self, *arguments: str) -> str:
        with tempfile.TemporaryDirectory(prefix="musewise-ask-") as here:
            asked = await asyncio.create_subprocess_exec(
                self._program(),
                *arguments,
                cwd=here,  # esorex leaves a log where it is asked
                env=self._environment(Path("/nonexistent")),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            said, _ = await asked.communicate()
        return said.decode("utf-8", "replace")

    def _outcome(self, call: RecipeCall, ended: Ended, limit_mb: float) -> RecipeRun:
        kept, text = keep_log(self.command(call), call)
        lines = parse_lines(text)
        diagnosis = diagnose(
            call.spoken,
            ended,
            lines,
            memory_limit_mb=limit_mb,
            free_bytes=shutil.disk_usage(call.folder).free,
        )
        products = sorted((call.folder / "out").glob("*.fits"))
        return RecipeRun(ended, lines, kept, products, diagnosis)


def option(name: str, value: Any) -> str:
    """Give a parameter as esorex reads it: ``--merge=true``."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"--{name}={text}"


def _found(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return match[1] if match else None


def keep_log(command: Sequence[str], call: RecipeCall) -> tuple[Path, str]:
    """Write the log that is worth keeping; give its path, and what the recipe said."""
    text = _whole_log(call)
    kept = call.log
    kept.write_text(_log_with_call(command, call, text))
    return kept, text


async def _follow(path: Path, spoken: str) -> None:
    """Hand the recipe's messages on to our own log while it runs."""
    follower = LogFollower(path)
    while True:
        for line in follower.look():
            log.debug("recipe", of=spoken, line=str(line))
        await asyncio.sleep(FOLLOW_S)


def _whole_log(call: RecipeCall) -> str:
    """Give the log file, or what there is of it, and then the terminal's part.

    esorex writes ``.logfile`` and moves it to its place at its regular end. What
    libraries say before they abort is on the terminal only.
    """
    finished = call.folder / "log" / f"{call.recipe}.log"
    unfinished = call.folder / "run" / ".logfile"
    text = _text(finished) or _text(unfinished)
    unheard = [
        line
        for line in _text(call.folder / "terminal.txt").splitlines()
        if line.strip() and not re.match(r"\d\d:\d\d:\d\d \[", line)
    ]
    return text + "\n".join(["", "TERMINAL:", *unheard, ""])


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _log_with_call(command: Sequence[str], call: RecipeCall, text: str) -> str:
    """Put the set of frames and the call before the log, as ESO's own system does."""
    frames = _text(call.folder / "run" / call.sof).splitlines()
    head = ["SOF:", *(f"SOF_CONTENT\t{line}" for line in frames)]
    head += ["RECIPE CALL:", " ".join(command), "LOG:", ""]
    return "\n".join(head) + text
