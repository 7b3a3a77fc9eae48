"""Fixtures: a private PostgreSQL for the whole run, golden files."""

import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from musecore.db import EmbeddedPostgres
from musecore.log import configure
from musecore.testing.databases import TemplateDatabases
from musecore.testing.logs import logging_restored
from musecore.testing.rabbit import PrivateRabbit, RabbitNotInstalled
from musecore.testing.swift import PrivateSwift

__all__ = [
    "databases",
    "log_lines",
    "postgres",
    "pytest_addoption",
    "rabbit",
    "rabbit_url",
    "s3",
    "update_golden",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update``."""
    parser.addoption(
        "--update", action="store_true", help="rewrite golden files, then look at them"
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True when golden files are to be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture
def log_lines() -> Iterator[Callable[[], list[str]]]:
    """Log to memory; gives what gives the lines, each one JSON object."""
    stream = io.StringIO()
    with logging_restored():
        configure("INFO", stream=stream)
        yield lambda: stream.getvalue().splitlines()


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A private PostgreSQL, started once per run when a test asks for it."""
    folder = Path(tempfile.mkdtemp(prefix="musewise-test-", dir=_quick_folder()))
    folder.chmod(0o755)  # its server runs as another user when we are root
    with EmbeddedPostgres(folder / "pg", run_dir=folder, fsync=False) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> TemplateDatabases:
    """Makes databases: ``async with databases.database("catalog", "muse_catalog")``."""
    return TemplateDatabases(postgres)


@pytest.fixture(scope="session")
def rabbit() -> Iterator[PrivateRabbit]:
    """A private RabbitMQ, started once per run when a test asks for it."""
    folder = Path(tempfile.mkdtemp(prefix="musewise-rabbit-"))
    try:
        server = PrivateRabbit(folder)
    except RabbitNotInstalled as error:
        pytest.fail(str(error), pytrace=False)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def rabbit_url(rabbit: PrivateRabbit) -> str:
    """Give the URL of a virtual host that only this test uses."""
    return rabbit.vhost()


@pytest.fixture(scope="session")
def s3() -> Iterator[PrivateSwift]:
    """A private S3 server, started once per run when a test asks for it."""
    site = PrivateSwift(
        Path(tempfile.mkdtemp(prefix="musewise-s3-", dir=_quick_folder()))
    )
    try:
        yield site.start()
    finally:
        site.remove()


def _quick_folder() -> Path | None:
    """Give a file system in memory if there is one with 2 GB free."""
    memory = Path("/dev/shm")  # noqa: S108  a private folder is made in it
    if not os.access(memory, os.W_OK | os.X_OK):
        return None
    return memory if shutil.disk_usage(memory).free > 2 << 30 else None
