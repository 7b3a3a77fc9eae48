"""One process group with limits: started, watched, stopped, and its use measured.

Start it from the thread of the event loop: the kernel ties the death signal
(`confine`) to the *thread* that forked, and a thread of a pool may end early.
"""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from muse_worker.engine import confine

__all__ = ["Ended", "ProcessGroup", "StoppedBy"]

StoppedBy = Literal["time_limit", "order"]

SAMPLE_S = 0.5
"""Interval of the memory samples, in seconds."""


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it used.

    ``exit_code`` is None when a signal ended it, and ``signal`` then says which.
    ``max_rss_mb`` is the peak resident memory in MiB.
    """

    exit_code: int | None
    signal: int | None
    stopped_by: StoppedBy | None
    wall_s: float
    cpu_s: float
    max_rss_mb: float


class ProcessGroup:
    """A running command in a session of its own; whoever starts it awaits `wait`."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.pid = popen.pid
        self._popen = popen
        self._begun = time.monotonic()
        self._peak_mb = 0.0
        self._stopped_by: StoppedBy | None = None
        loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Ended] = loop.create_future()
        threading.Thread(target=self._await_exit, args=(loop,), daemon=True).start()

    @classmethod
    def start(
        cls,
        command: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        memory_bytes: int,
        terminal: Path,
    ) -> Self:
        """Start the command; what it says on the terminal goes to a file.

        Parameters
        ----------
        command
            Executable (whole path) and arguments.
        environment
            The whole environment: nothing is inherited.
        memory_bytes
            Limit of the address space.
        terminal
            File that receives standard output and standard error.
        """
        confined = [sys.executable, "-I", "-S", confine.__file__]
        confined += [str(os.getpid()), str(memory_bytes), *command]
        with terminal.open("wb") as output:
            popen = subprocess.Popen(
                confined,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(popen)

    @property
    def running(self) -> bool:
        """Whether the process has not ended yet."""
        return not self._ended.done()

    async def wait(self, timeout_s: float, grace_s: float) -> Ended:
        """Wait for the end; beyond `timeout_s` seconds the group is stopped.

        When the waiting itself is cancelled the group is stopped first, so that no
        orphan stays.
        """
        try:
            while self.running:
                left = timeout_s - (time.monotonic() - self._begun)
                if left <= 0:
                    await self.stop("time_limit", grace_s)
                    break
                self._sample()
                await asyncio.wait([self._ended], timeout=min(SAMPLE_S, left))
        finally:
            if self.running:
                await self.stop("order", grace_s)
        return self._ended.result()

    async def stop(self, reason: StoppedBy, grace_s: float) -> None:
        """Send SIGTERM to the group, and SIGKILL after `grace_s` seconds."""
        self._stopped_by = self._stopped_by or reason
        self._signal(signal.SIGTERM)
        await asyncio.wait([self._ended], timeout=grace_s)
        self._signal(signal.SIGKILL)
        await asyncio.wait([self._ended])

    def _signal(self, number: signal.Signals) -> None:
        if self.running:
            os.killpg(self.pid, number)

    def _sample(self) -> None:
        """Keep the high-water mark of the process that now has this id."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:  # it ended, or this system has no /proc
            return
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                self._peak_mb = max(self._peak_mb, int(line.split()[1]) / 1024)

    def _await_exit(self, loop: asyncio.AbstractEventLoop) -> None:
        """Block (in a thread) until it ended, and leave it unreaped.

        Signals and the reaping both happen in the loop's thread: so a signal can
        never hit another process that got the same id.
        """
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        loop.call_soon_threadsafe(self._reap)

    def _reap(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)  # what the leader left behind
        _, status, used = os.wait4(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        self._popen.returncode = code
        self._ended.set_result(
            Ended(
                exit_code=code if code >= 0 else None,
                signal=-code if code < 0 else None,
                stopped_by=self._stopped_by,
                wall_s=time.monotonic() - self._begun,
                cpu_s=used.ru_utime + used.ru_stime,
                max_rss_mb=self._peak_of(used),
            )
        )

    def _peak_of(self, used: resource.struct_rusage) -> float:
        """Give the peak in MiB: the kernel's figure, where it is the recipe's own.

        Linux hands the worker's own peak down over fork and exec; a figure below
        or at that says nothing about the recipe, and the samples count.
        """
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if used.ru_maxrss > own:
            return used.ru_maxrss / 1024
        return self._peak_mb
