"""A private RabbitMQ for tests: own ports, own epmd, own cookie, stopped by pid.

The server's own start script is called, not Debian's wrapper: that one switches to
another user and uses the machine's folders. Runs as root and as anyone.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx

from musecore.times import uuid7

__all__ = ["PrivateRabbit", "RabbitNotInstalled"]

_BIN = Path("/usr/lib/rabbitmq/bin")
_USER = "test"
_START_S = 60.0
_STOP_S = 40.0


class RabbitNotInstalled(RuntimeError):
    """The machine has no RabbitMQ."""


def _free_ports(n: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class PrivateRabbit:
    """One RabbitMQ node under a folder.

    Parameters
    ----------
    folder
        Everything it writes; the ports are kept, so that it comes back on the same.
    """

    def __init__(self, folder: Path) -> None:
        if not (_BIN / "rabbitmq-server").exists():
            raise RabbitNotInstalled(
                f"No RabbitMQ in {_BIN}. Install it with: make servers"
            )
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        ports = _free_ports(5)
        self.port, self._management, self._dist, self._epmd, self._metrics = ports
        self._write_configuration()

    def _write_configuration(self) -> None:
        folder = self._folder
        for name in ("log", "mnesia", "gen"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        cookie = folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(10).upper())
        cookie.chmod(0o400)
        (folder / "env.conf").touch()  # else the machine's own is read
        (folder / "advanced.config").write_text("[].\n")
        (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "management.tcp.ip = 127.0.0.1\n"
            f"management.tcp.port = {self._management}\n"
            "distribution.listener.interface = 127.0.0.1\n"
            f"distribution.listener.port_range.min = {self._dist}\n"
            f"distribution.listener.port_range.max = {self._dist}\n"
            "loopback_users = none\n"
            f"default_user = {_USER}\n"
            f"default_pass = {_USER}\n"
            "disk_free_limit.absolute = 50MB\n"
            "vm_memory_high_watermark.absolute = 1GB\n"
            "log.console = false\n"
            "log.file.level = info\n"
        )

    @property
    def _environment(self) -> dict[str, str]:
        folder = self._folder
        return {
            "PATH": os.defpath,
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self._epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"musewise{self.port}@localhost",
            "RABBITMQ_BASE": str(folder),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "gen"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_DIST_PORT": str(self._dist),
            # without sbwt the schedulers wait by burning the processor
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} "
                "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
            ),
        }

    def url(self, vhost: str = "%2F") -> str:
        """Give the URL of a virtual host."""
        return f"amqp://{_USER}:{_USER}@127.0.0.1:{self.port}/{vhost}"

    def start(self) -> None:
        """Start the node; returns when it takes connections."""
        (self._folder / "pid").unlink(missing_ok=True)
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603
                [str(_BIN / "rabbitmq-server")],
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        end = time.monotonic() + _START_S
        while not (_listens(self.port) and _listens(self._management)):
            if time.monotonic() > end:
                raise TimeoutError(f"RabbitMQ did not start:\n{self._last_lines()}")
            time.sleep(0.05)

    def _last_lines(self) -> str:
        texts = [self._folder / "out", *sorted((self._folder / "log").glob("*.log"))]
        return "\n".join(one.read_text(errors="replace")[-2000:] for one in texts)

    def stop(self) -> None:
        """Stop the node in order; harmless when it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the node as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        pid = self._pid()
        if pid is None:
            return
        os.kill(pid, how)
        end = time.monotonic() + _STOP_S
        while _runs(pid):
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        if self._process is not None:  # the script that started it ends with it
            self._process.wait(timeout=_STOP_S)

    def _pid(self) -> int | None:
        try:
            pid = int((self._folder / "pid").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if _runs(pid) else None

    def remove(self) -> None:
        """Stop the node and its epmd, and remove the folder."""
        self.kill()
        epmd = shutil.which("epmd")
        if epmd is not None:
            subprocess.run(  # noqa: S603
                [epmd, "-port", str(self._epmd), "-kill"],
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                timeout=20,
            )
        shutil.rmtree(self._folder, ignore_errors=True)

    def vhost(self) -> str:
        """Make a virtual host of its own: queues of one test, seen by no other.

        It goes with the node. Deleted soon after a restart, before its queues have
        a leader, it takes the dead-letter supervisor of RabbitMQ 3.10 with it, and
        that ends everybody's connections.
        """
        name = f"t{uuid7().hex}"
        self.ask("PUT", f"vhosts/{name}")
        return self.url(name)

    def close_connections(self, name: str) -> int:
        """Cut the connections with this name off; give their number."""
        cut = 0
        for connection in self.ask("GET", "connections"):
            said = connection.get("client_properties", {}).get("connection_name")
            if said == name:
                self.ask("DELETE", f"connections/{connection['name']}")
                cut += 1
        return cut

    def ask(self, method: str, path: str) -> list[dict[str, Any]]:
        """Speak to the management API."""
        answer = httpx.request(
            method,
            f"http://127.0.0.1:{self._management}/api/{path}",
            auth=(_USER, _USER),
            timeout=30,
        )
        answer.raise_for_status()
        return list(answer.json()) if method == "GET" else []


def _runs(pid: int) -> bool:
    """Tell whether a process runs; a zombie that nobody has reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
