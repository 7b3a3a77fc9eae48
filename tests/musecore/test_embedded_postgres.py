"""The private PostgreSQL starts, stops, and outlives no owner."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from musecore.db import EmbeddedPostgres
from musecore.db.embedded import DataDirectoryInUse, postgres_binaries
from musecore.db.osuser import account_for


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="musewise-pg-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder under one that only we can reach, as a checkout in /root is."""
    folder = Path(tempfile.mkdtemp(prefix="musewise-pg-"))
    folder.chmod(0o700)
    inner = folder / "checkout"
    inner.mkdir()
    yield inner
    shutil.rmtree(folder)


def ask(server: EmbeddedPostgres, question: str) -> str:
    done = subprocess.run(
        [
            *(str(postgres_binaries() / "psql"), "-X", "-q", "-A", "-t"),
            *("-h", str(server.socket_dir), "-U", "musewise", "-d", "musewise"),
            *("-c", question),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def wait_for_end(pid: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if not psutil.pid_exists(pid):
            return True
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("kind", ["open_folder", "closed_folder"])
def test_it_starts_keeps_its_data_and_stops(
    kind: str, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(kind)
    server = EmbeddedPostgres(folder / "pg", fsync=False)
    begin = time.monotonic()
    server.start()
    assert time.monotonic() - begin < 20
    first_pid = server.pid
    assert first_pid is not None
    ask(server, "CREATE TABLE lamp (name text); INSERT INTO lamp VALUES ('Ne')")
    server.stop()
    assert wait_for_end(first_pid)
    assert not server.socket_dir.exists()

    with server:
        assert ask(server, "SELECT name FROM lamp") == "Ne"
        assert server.pid != first_pid


def test_as_root_an_open_folder_is_served_by_nobody_and_a_closed_one_by_a_namespace(
    open_folder: Path, closed_folder: Path
) -> None:
    binary = postgres_binaries() / "postgres"
    for folder in (open_folder, closed_folder):
        (folder / "cluster").mkdir()
    words = [
        account_for(folder / "cluster", binary).prefix[:1]
        for folder in (open_folder, closed_folder)
    ]
    as_root = [("setpriv",), ("unshare",)]
    assert words == (as_root if os.geteuid() == 0 else [(), ()])


def test_it_listens_on_a_private_socket_only(open_folder: Path) -> None:
    with EmbeddedPostgres(open_folder / "pg") as server:
        assert ask(server, "SHOW listen_addresses") == ""
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
        assert ask(server, "SHOW fsync") == "on"


def test_tests_may_do_without_fsync(open_folder: Path) -> None:
    with EmbeddedPostgres(open_folder / "pg", fsync=False) as server:
        assert ask(server, "SHOW fsync") == "off"
    with EmbeddedPostgres(open_folder / "pg", fsync=True) as server:
        assert ask(server, "SHOW fsync") == "on"


def test_a_second_owner_is_refused(open_folder: Path) -> None:
    with EmbeddedPostgres(open_folder / "pg", fsync=False) as server:
        with pytest.raises(DataDirectoryInUse, match="in use"):
            EmbeddedPostgres(open_folder / "pg", fsync=False).start()
        assert ask(server, "SELECT 1") == "1"


_OWNER = textwrap.dedent(
    """
    import pathlib, sys, time
    from musecore.db import EmbeddedPostgres

    server = EmbeddedPostgres(pathlib.Path(sys.argv[1]), fsync=False)
    server.start()
    if "orphan" in sys.argv:
        server._watchdog.kill()
    print(server.pid, flush=True)
    time.sleep(600)
    """
)


def killed_owner(folder: Path, *arguments: str) -> int:
    """Start a server in another process, kill that with -9, give the server's pid."""
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(folder), *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.send_signal(signal.SIGKILL)
    return pid


def test_it_ends_when_its_owner_is_killed(open_folder: Path) -> None:
    pid = killed_owner(open_folder / "pg")
    assert wait_for_end(pid)
    with EmbeddedPostgres(open_folder / "pg", fsync=False) as server:
        assert ask(server, "SELECT 1") == "1"


@pytest.mark.parametrize("kind", ["open_folder", "closed_folder"])
def test_a_server_left_over_from_a_killed_owner_is_replaced(
    kind: str, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(kind)
    leftover = killed_owner(folder / "pg", "orphan")
    assert psutil.pid_exists(leftover)
    with EmbeddedPostgres(folder / "pg", fsync=False) as server:
        assert server.pid != leftover
        assert ask(server, "SELECT 1") == "1"
    assert wait_for_end(leftover)


def test_a_postmaster_pid_of_another_program_does_no_harm(open_folder: Path) -> None:
    server = EmbeddedPostgres(open_folder / "pg", fsync=False)
    with server:
        pass
    pid_file = server.cluster / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"]) as bystander:
        try:
            pid_file.write_text(f"{bystander.pid}\n{server.cluster}\n")
            with server:
                assert ask(server, "SELECT 1") == "1"
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_a_broken_cluster_is_told_with_the_servers_own_words(open_folder: Path) -> None:
    server = EmbeddedPostgres(open_folder / "pg", fsync=False)
    with server:
        pass
    (server.cluster / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(Exception, match="incompatible") as caught:
        server.start()
    assert getattr(caught.value, "code", "") == "postgres_not_startable"
    (server.cluster / "PG_VERSION").write_text("18\n")
    with server:
        assert ask(server, "SELECT 1") == "1"
