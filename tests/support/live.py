"""A real server in a process of its own, and the command line that talks to it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from musewise.errors import Exit

BIN = Path(sys.executable).parent


class LiveServer:
    """``musewise-server up`` on a folder, started and killed as in real life."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it says where it is."""
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / "server.json").unlink(missing_ok=True)
        log = (self.data / "server.log").open("ab")
        self._process = subprocess.Popen(
            [BIN / "musewise-server", "up", "--dir", self.data, "--port", "0"]
            + list(self._options),
            stdout=log,
            stderr=log,
        )
        log.close()
        self.wait_for(lambda: (self.data / "server.json").exists(), "the server", 60)

    def kill(self) -> None:
        """Kill -9."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(timeout=10)
        self._process = None

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=60)
            self._process = None

    def wait_for(self, ready: Any, what: str, seconds: float) -> Any:
        """Wait until `ready` gives something true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            if value := ready():
                return value
            time.sleep(0.2)
        tail = (self.data / "server.log").read_text()[-3000:]
        message = f"waited {seconds:.0f} s in vain for {what}; the server said:\n{tail}"
        raise AssertionError(message)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``musewise`` against this server."""
        environment = {**os.environ, "MUSEWISE_DIR": str(self.data), "COLUMNS": "120"}
        return subprocess.run(
            [BIN / "musewise", *arguments],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=900,
        )

    def ask(self, *arguments: str) -> Any:
        """Run ``musewise ... --json`` and give its answer, which may be an empty list."""
        done = self.run(*arguments, "--json")
        empty = done.returncode == Exit.NOTHING and done.stdout
        assert done.returncode == 0 or empty, done.stdout + done.stderr
        return json.loads(done.stdout)
