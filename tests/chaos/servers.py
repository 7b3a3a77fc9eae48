"""Private RabbitMQ and S3 servers that can be stopped and started in a test."""

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

RABBIT = Path("/usr/lib/rabbitmq/bin")  # not /usr/sbin: those change the user
SWIFT = Path(__file__).with_name("swift_site.py")


_next_port = itertools.count(21000 + os.getpid() % 9000, 4)


def free_ports(count: int) -> list[int]:
    """Give up to four ports in a row that nobody listens on; never the same twice."""
    for first in itertools.takewhile(lambda port: port < 32000, _next_port):
        ports = list(range(first, first + count))
        if all(map(_is_free, ports)):
            return ports
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def wait_for_port(port: int, what: str, seconds: float = 60.0) -> None:
    """Wait until something listens."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{what} does not listen on {port}")


class PrivateRabbit:
    """A RabbitMQ node in a folder, with a cookie and an epmd of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port, self._dist, self._epmd = free_ports(3)
        self._pid: int | None = None
        self._shell: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"amqp://musewise:musewise@127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start the node and wait until it listens."""
        folder = self._folder
        for name in ("mnesia", "log"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        cookie = folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(os.urandom(12).hex())
            cookie.chmod(0o400)
        (folder / "env.conf").touch()
        (folder / "advanced.config").write_text("[].")
        (folder / "enabled_plugins").write_text("[].")
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"distribution.listener.interface = 127.0.0.1\n"
            "loopback_users = none\n"
            "default_user = musewise\ndefault_pass = musewise\n"
            "disk_free_limit.absolute = 50MB\n"
            "log.console = false\nlog.file.level = warning\n"
        )
        with (folder / "out").open("ab") as out:
            self._shell = subprocess.Popen(
                [RABBIT / "rabbitmq-server"],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        wait_for_port(self.port, "RabbitMQ")
        self._pid = int((folder / "pid").read_text())

    def stop(self) -> None:
        """Stop the node in order, by its pid."""
        if self._pid is None:
            return
        os.kill(self._pid, signal.SIGTERM)
        _until_gone(self._pid, 60)
        self._pid = None
        if self._shell is not None:
            self._shell.wait(timeout=30)

    def remove(self) -> None:
        """Stop the node and its epmd, and remove the folder."""
        self.stop()
        subprocess.run(
            ["epmd", "-port", str(self._epmd), "-kill"],
            env=self._environment(),
            check=False,
            capture_output=True,
        )
        shutil.rmtree(self._folder, ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        folder = str(self._folder)
        quiet = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": folder,
            "ERL_EPMD_PORT": str(self._epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"m{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._dist),
            "RABBITMQ_BASE": folder,
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/env.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface "
            "{127,0,0,1} " + quiet,
        }


class PrivateSwift:
    """OpenStack Swift with its S3 face, in one process."""

    KEY, SECRET = "site1:svc", "secret"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_ports(4)[0]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, SWIFT, self._folder, str(self.port)]
                + [self.KEY, self.SECRET],
                stdout=out,
                stderr=out,
                env={"PATH": os.environ["PATH"], "SWIFT_FSYNC": "0"},
            )
        wait_for_port(self.port, "Swift")

    def stop(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None

    def remove(self) -> None:
        """Stop it and remove the folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _until_gone(pid: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
