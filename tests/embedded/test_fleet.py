"""Separate processes find each other: accounts, tokens, addresses, kill and restart.

The broker here is inside each process, so nothing is planned: that is for the night.
"""

import shutil
import tempfile
from pathlib import Path

import httpx
import pytest

from tests.support.fleet import Fleet


@pytest.fixture(scope="module")
def fleet():
    folder = Path(tempfile.mkdtemp(prefix="mw-fleet-"))
    with Fleet(
        folder,
        broker_url="local:",
        blobs_url=f"file://{folder / 'objects'}",
        workers=0,
    ) as made:
        yield made
    shutil.rmtree(folder)


def test_a_person_signs_in_and_asks_every_service(fleet):
    assert fleet.ask("ls") == []
    assert fleet.ask("jobs") == []


def test_the_portal_shows_where_services_are_and_that_they_are_ready(fleet):
    states = httpx.get(f"{fleet.url('portal')}/services").json()
    assert {one["name"]: one["url"] for one in states} == {
        name: fleet.url(name) for name in ("catalog", "scheduler", "storage", "auth")
    }
    assert all(one["ready"] for one in states)
    page = httpx.get(f"{fleet.url('portal')}/").text
    assert page.count('class="ready"') == 4


def test_a_killed_service_is_shown_and_comes_back_at_its_place(fleet):
    before = fleet.url("catalog")
    fleet.kill("catalog")
    states = httpx.get(f"{fleet.url('portal')}/services").json()
    [catalog] = [one for one in states if one["name"] == "catalog"]
    assert not catalog["ready"]
    assert "does not answer" in catalog["detail"]
    fleet.restart("catalog")
    assert fleet.url("catalog") == before
    assert fleet.ask("ls") == []


def test_the_database_may_be_restarted_under_the_services(fleet):
    fleet.postgres.stop()
    assert httpx.get(f"{fleet.url('catalog')}/readyz").status_code == 503
    fleet.postgres.start()
    fleet.until_ready()
    assert fleet.ask("ls") == []
