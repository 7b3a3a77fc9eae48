"""Each service starts alone, refuses what is missing, and ends in order."""

import asyncio
import signal
import socket
import stat
import time

import httpx
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from muse_embedded.main import cli
from muse_embedded.services import KINDS, OWNERS
from musecore.identity import SigningKey
from tests.support.processes import Process, environment, run, wait_for

SCHEMAS = {owner.service: owner for owner in OWNERS}


@pytest_asyncio.fixture
async def world(databases, tmp_path):
    """What a service needs, as settings: a migrated database, a store, a key."""
    SigningKey.generate().save(tmp_path / "signing.pem")
    migrated = [(owner.schema, owner.package) for owner in OWNERS]
    async with databases.url(*migrated) as url:
        yield {
            "database_url": url,
            "broker_url": "local:",
            "blobs_url": f"file://{tmp_path / 'objects'}",
            "auth_url": "http://127.0.0.1:9",
            "client_id": "me",
            "client_secret": "s",
            "signing_key_path": str(tmp_path / "signing.pem"),
            "work_dir": str(tmp_path / "work"),
            "catalog_url": "http://127.0.0.1:9",
            "start_patience_s": "20",
        }


@pytest.fixture
def made(world, tmp_path):
    """Makes processes that are ended with the test."""
    processes = []

    def make(kind, **settings):
        process = Process(kind, kind, tmp_path, world | settings)
        processes.append(process)
        return process

    yield make
    for process in processes:
        process.kill()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "worker"])
def test_a_service_serves_alone_and_ends_when_told(made, tmp_path, kind):
    service = made(kind)
    service.start()
    assert httpx.get(f"{service.url}/healthz").json() == {"status": "ok"}
    assert f"{kind} serves at {service.url}" in service.log.read_text()
    assert stat.S_IMODE((tmp_path / f"{kind}.json").stat().st_mode) == 0o600
    assert service.stop() == 0
    assert not (tmp_path / f"{kind}.json").exists()
    assert "Traceback" not in service.log.read_text()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "worker"])
def test_a_service_runs_while_auth_is_away_and_says_what_it_lacks(made, kind):
    service = made(kind)
    service.start()
    answer = httpx.get(f"{service.url}/readyz")
    if kind in ("auth", "portal"):
        assert answer.status_code == 200
        return
    assert answer.status_code == 503
    assert "auth" in answer.json()["detail"]
    refused = httpx.get(f"{service.url}/{_path(kind)}", headers=_BEARER)
    assert refused.status_code == 503


_BEARER = {
    "Authorization": "Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ.e30.c2lnbmF0dXJl"
}


def _path(kind):
    return {"catalog": "frames", "scheduler": "jobs", "storage-gateway": "space"}[kind]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_missing_setting_ends_with_status_2_and_its_name(world, kind):
    needed = {
        "auth": ["database_url", "signing_key_path"],
        "worker": ["broker_url", "blobs_url", "client_id"],
        "portal": ["catalog_url"],
    }.get(kind, ["database_url", "broker_url", "auth_url"])
    if kind == "portal":
        world = world | {"auth_url": ""}
    for name in needed:
        rest = {key: value for key, value in world.items() if key != name}
        done = CliRunner().invoke(cli, [kind], env=environment(rest))
        assert done.exit_code == 2, done.stderr
        assert f"MUSEWISE_{name.upper()}" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", list(SCHEMAS))
async def test_a_missing_schema_ends_with_status_2_and_the_command_to_run(
    databases, world, kind
):
    async with databases.url() as empty:
        done = await asyncio.to_thread(
            run, "musewise-server", kind, settings=world | {"database_url": empty}
        )
    assert done.returncode == 2, done.stderr
    assert "musewise-server migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_away_is_waited_for_then_named(world, tmp_path):
    away = f"postgresql://nobody@/none?host={tmp_path}"
    done = run(
        "musewise-server",
        "catalog",
        settings=world | {"database_url": away, "start_patience_s": "1"},
    )
    assert done.returncode == 1, done.stderr
    assert "does not answer" in done.stderr
    assert "database_url" in done.stderr.splitlines()[-1]


def test_alive_before_it_has_started_and_not_ready(made, tmp_path):
    service = made("catalog", database_url=f"postgresql://n@/n?host={tmp_path}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    service.settings["port"] = str(port)
    service.begin()
    url = f"http://127.0.0.1:{port}"

    def alive():
        try:
            return httpx.get(f"{url}/healthz").json()
        except httpx.TransportError:
            return None

    assert wait_for(alive, "healthz", 30) == {"status": "ok"}
    assert httpx.get(f"{url}/readyz").status_code == 503
    assert httpx.get(f"{url}/frames").status_code == 503


def test_a_taken_port_is_said(made, world):
    service = made("auth")
    service.start()
    done = run(
        "musewise-server", "auth", "--port", service.url.rpartition(":")[2],
        settings=world,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Address already in use" in done.stderr


def test_a_request_under_way_ends_when_the_service_is_told_to_stop(made, world):
    """A token takes scrypt's time; the order to stop comes while it is computed."""
    service = made("auth")
    service.start()
    host, port = service.url.removeprefix("http://").split(":")
    body = b"grant_type=client_credentials&client_id=nobody&client_secret=x"
    head = (
        "POST /token HTTP/1.1\r\nHost: x\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + body[:10])
        time.sleep(0.3)
        service.signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(body[10:])
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 401")
    assert service.stop() == 0


@pytest.mark.esorex
def test_a_worker_has_an_app_for_its_health(made):
    worker = made("worker", name="w1")
    worker.start()
    assert httpx.get(f"{worker.url}/readyz").status_code == 200
    assert worker.stop() == 0


def test_a_worker_without_a_pipeline_says_so(made, tmp_path):
    worker = made("worker", name="w1", esorex=str(tmp_path / "none"))
    with pytest.raises(AssertionError, match="ended with 1") as caught:
        worker.start()
    assert "Engine missing" in str(caught.value)
    assert "Traceback" not in str(caught.value)
