"""Copies that are away or damaged: what is said of them, and what is done."""

from datetime import timedelta

import pytest

from muse_storage.tables import metadata
from musecore.db import model_differences
from musecore.identity import Principal
from tests.storage_gateway.gateway import ANNA, BORIS, Gateway, make_fits, sha256

pytestmark = pytest.mark.asyncio

CAROL = Principal(
    subject="carol", name="Carol", projects={"udf": 2}, scopes=frozenset({"admin"})
)


async def _file(gateway: Gateway, content: bytes, **more) -> str:
    answer = await gateway.put(content, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()["file_id"]


def _damage(gateway: Gateway, file_id: str) -> None:
    path = gateway.root / "objects" / "objects" / file_id
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    path.write_bytes(content)


async def test_a_store_that_is_silent_is_said_with_since_when(gateway, monkeypatch):
    file_id = await _file(gateway, make_fits(1))
    (gateway.root / "objects").rename(gateway.root / "away")
    async with gateway.client() as client:
        path = f"/files/{file_id}/content"
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "file_away")
        assert answer.headers["Retry-After"]
        from muse_storage.service import silence

        later = silence.utcnow() + timedelta(minutes=26)
        monkeypatch.setattr(silence, "utcnow", lambda: later)
        answer = await client.get(path)
        assert answer.json()["detail"] == "a.fits is only at local, silent for 26 min."
        assert "retrieve(wait=True)" in answer.json()["hint"]
        (gateway.root / "away").rename(gateway.root / "objects")
        assert (await client.get(path)).status_code == 200
        (gateway.root / "objects").rename(gateway.root / "away")
        assert "silent for 1 s" in (await client.get(path)).json()["detail"]
        (gateway.root / "away").rename(gateway.root / "objects")


async def test_a_copy_that_is_missing_is_no_half_answer(gateway):
    file_id = await _file(gateway, make_fits(1))
    (gateway.root / "objects" / "objects" / file_id).unlink()
    async with gateway.client() as client:
        answer = await client.get(f"/files/{file_id}/content")
    assert (answer.status_code, answer.json()["code"]) == (503, "file_away")
    assert "where its copy is missing for 1 s" in answer.json()["detail"]


async def test_a_damaged_copy_is_replaced_by_another_of_the_same_bytes(gateway):
    content = make_fits(1)
    mine = await _file(gateway, content)
    theirs = await _file(
        gateway, content, caller=BORIS, project="udf", filename="b.fits"
    )
    assert mine != theirs
    _damage(gateway, mine)
    async with gateway.client() as client:
        broken = (await client.get(f"/files/{mine}/content")).content
        heard = {"sha256": sha256(broken)}
        answer = await client.post(f"/files/{mine}/bad-copy", json=heard)
        assert answer.json() == {
            "site": "local",
            "state": "replaced",
            "sha256": sha256(broken),
            "source": "udf/b.fits",
        }
        assert (await client.get(f"/files/{mine}/content")).content == content
        again = await client.post(f"/files/{mine}/bad-copy", json=heard)
        assert again.json()["state"] == "good"


async def test_a_damaged_copy_without_another_is_written_down(gateway):
    file_id = await _file(gateway, make_fits(1))
    _damage(gateway, file_id)
    async with gateway.client() as client:
        heard = {"sha256": "0" * 64}
        answer = await client.post(f"/files/{file_id}/bad-copy", json=heard)
        assert (answer.json()["state"], answer.json()["source"]) == ("bad", None)
        assert (await client.get("/bad-copies")).status_code == 403
    async with gateway.client(CAROL) as client:
        [seen] = (await client.get("/bad-copies")).json()
    assert (seen["file_id"], seen["reported_by"]) == (file_id, ANNA.subject)


async def test_nobody_reports_what_is_closed_to_them(gateway):
    file_id = await _file(gateway, make_fits(1))
    async with gateway.client(BORIS) as client:
        path = f"/files/{file_id}/bad-copy"
        assert (await client.post(path, json={"sha256": "0" * 64})).status_code == 404


async def test_the_tables_are_those_of_the_migrations(gateway):
    assert await model_differences(gateway.database, metadata) == []
