"""Programs of ours as processes: started, watched, killed by their pid."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

BIN = Path(sys.executable).parent
_Answer = TypeVar("_Answer")

OURS = "MUSEWISE_"
_SLOW = "PYTHONDONTWRITEBYTECODE"  # each start would compile everything anew


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Give our environment without the caller's own settings, and with these."""
    others = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OURS) and name != _SLOW
    }
    return {**others, **{f"{OURS}{k.upper()}": v for k, v in settings.items()}}


def run(
    *arguments: str | Path,
    settings: Mapping[str, str] | None = None,
    patience: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Run a program of ours to its end."""
    program, *rest = map(str, arguments)
    return subprocess.run(
        [BIN / program, *rest],
        env=environment(settings or {}),
        check=False,
        capture_output=True,
        text=True,
        timeout=patience,
    )


def wait_for(ready: Callable[[], _Answer], what: str, seconds: float) -> _Answer:
    """Wait until `ready` gives something true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := ready():
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")


class Process:
    """One service of ours as a process, with a card and a log in `folder`."""

    def __init__(
        self, name: str, kind: str, folder: Path, settings: Mapping[str, str]
    ) -> None:
        self.name = name
        self._kind = kind
        self._card = folder / f"{name}.json"
        self.log = folder / f"{name}.log"
        self.settings = dict(settings)
        self._running: subprocess.Popen[bytes] | None = None
        self.url = ""

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return None if self._running is None else self._running.pid

    def start(self, patience: float = 60.0) -> None:
        """Start it and wait until it serves; keeps its port over a restart."""
        self.begin()
        self.wait_until_served(patience)

    def begin(self) -> None:
        """Start it, without waiting."""
        self._card.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                [BIN / "musewise-server", self._kind, "--card", self._card],
                env=environment({"port": "0", "host": "127.0.0.1"} | self.settings),
                stdout=log,
                stderr=log,
            )

    def wait_until_served(self, patience: float = 60.0) -> None:
        """Wait until it says where it serves."""

        def served() -> dict[str, Any] | None:
            assert self._running is not None
            if self._running.poll() is not None:
                raise AssertionError(
                    f"{self.name} ended with {self._running.returncode}:\n{self.tail()}"
                )
            return json.loads(self._card.read_text()) if self._card.exists() else None

        try:
            card = wait_for(served, f"{self.name} to serve", patience)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tail()}") from error
        self.url = str(card["url"])
        self.settings["port"] = self.url.rpartition(":")[2]

    def tail(self) -> str:
        """Give the end of its log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"--- the end of {self.log.name}:\n{text[-3000:]}"

    def signal(self, number: int) -> None:
        """Send it a signal, by its pid."""
        if self._running is not None:
            self._running.send_signal(number)

    def kill(self) -> None:
        """Kill -9."""
        self.signal(signal.SIGKILL)
        self._wait(10)

    def stop(self, patience: float = 60.0) -> int | None:
        """End it in order, with SIGTERM; gives the exit status."""
        self.signal(signal.SIGTERM)
        return self._wait(patience)

    def _wait(self, seconds: float) -> int | None:
        if self._running is None:
            return None
        try:
            status = self._running.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait(timeout=10)
            raise AssertionError(f"{self.name} did not end: {self.tail()}") from None
        self._running = None
        return status
