"""A simulated night of one IFU, reduced once for all tests by an embedded server."""

import shutil

import pytest

from tests.support.night import CUBE, Night, contents


@pytest.fixture(scope="session")
def night(tmp_path_factory):
    """One IFU, reduced by a server that is killed while muse_flat runs."""
    one = Night(tmp_path_factory.mktemp("e2e"))
    one.simulate()
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
    shutil.rmtree(one.folder, ignore_errors=True)
