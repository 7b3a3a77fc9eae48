"""Fixtures: a private PostgreSQL for the whole run, golden files."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from musecore.db import EmbeddedPostgres
from musecore.testing.databases import TemplateDatabases

__all__ = ["databases", "postgres", "pytest_addoption", "update_golden"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update``."""
    parser.addoption(
        "--update", action="store_true", help="rewrite golden files, then look at them"
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True when golden files are to be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A private PostgreSQL, started once per run when a test asks for it."""
    folder = Path(tempfile.mkdtemp(prefix="musewise-test-"))
    folder.chmod(0o755)  # its server runs as another user when we are root
    with EmbeddedPostgres(folder / "pg", run_dir=folder, fsync=False) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> TemplateDatabases:
    """Makes databases: ``async with databases.database("catalog", "muse_catalog")``."""
    return TemplateDatabases(postgres)
