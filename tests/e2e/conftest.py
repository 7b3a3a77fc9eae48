"""A simulated night of one IFU, reduced once for all tests by an embedded server."""

import shutil
import tempfile
from pathlib import Path

import pytest

from musecore.testing import PrivateSwift
from tests.support.night import CUBE, Night, contents


@pytest.fixture(scope="module")
def servers(rabbit):
    """A RabbitMQ and an S3 server for this fleet alone: folder, and their URLs."""
    folder = Path(tempfile.mkdtemp(prefix="mw-night-"))
    swift = PrivateSwift(folder / "swift")
    try:
        swift.start()
        yield folder, rabbit.vhost(), swift.url("musewise", create="true")
    finally:
        swift.remove()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def raw_night(tmp_path_factory):
    """Raw frames of one IFU."""
    one = Night(tmp_path_factory.mktemp("e2e"))
    one.simulate()
    yield one
    shutil.rmtree(one.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def night(raw_night):
    """One IFU, reduced by a server that is killed while muse_flat runs."""
    one = raw_night
    one.server.start()
    put = one.server.run("put", str(one.files / "raw"), str(one.files / "static"))
    assert put.returncode == 0, put.stdout + put.stderr
    one.job = one.server.ask("process", *CUBE, "--yes", "--no-wait")
    one.server.wait_for(
        lambda: one.tasks()["muse_flat"]["state"] == "RUNNING", "muse_flat", 120
    )
    one.server.kill()
    one.server.start()
    one.server.wait_for(
        lambda: (
            one.server.ask("job", str(one.job["job_id"]))["state"]
            not in {"PLANNED", "RUNNING"}
        ),
        "the end of the job",
        600,
    )
    one.products = contents(one.server.ask("ls", "--kind", "product", "--limit", "100"))
    yield one
    one.server.stop()
