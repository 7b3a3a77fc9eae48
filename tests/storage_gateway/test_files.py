"""Handing files out, and dropping their bytes."""

import asyncio
from uuid import UUID

import httpx
import pytest

from musecore.broker import Message
from musecore.identity import Principal
from musecore.messages import FileStored, FileUnwanted
from musecore.outbox import envelope_of
from tests.storage_gateway.gateway import ANNA, BORIS, WORKER, Gateway, make_fits

pytestmark = pytest.mark.asyncio


async def _stored(gateway: Gateway, name: str = "MUSE.2014-06-25T00:01:02.fits") -> str:
    return str((await gateway.put(make_fits(), name)).json()["file_id"])


async def _drop(gateway: Gateway, file_id: str) -> None:
    unwanted = FileUnwanted(file_id=UUID(file_id), reason="space ran short")
    message = Message.of(envelope_of(unwanted))
    await gateway.broker.publish(message)
    await gateway.broker.publish(message)
    while await gateway.broker.depth("storage"):
        await asyncio.sleep(0.005)


async def test_the_bytes_come_back_as_they_went_in(gateway: Gateway) -> None:
    file_id = await _stored(gateway)
    async with gateway.client() as client:
        answer = await client.get(f"/files/{file_id}/content")
        record = await client.get(f"/files/{file_id}")
    assert answer.content == make_fits()
    assert "MUSE.2014-06-25T00%3A01%3A02.fits" in answer.headers["content-disposition"]
    assert record.json()["state"] == "STORED"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=2880-", 2880, None), ("bytes=-100", -100, None)],
)
async def test_a_range_gives_these_bytes_only(
    gateway: Gateway, asked: str, start: int, end: int | None
) -> None:
    file_id = await _stored(gateway)
    async with gateway.client() as client:
        answer = await client.get(f"/files/{file_id}/content", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == make_fits()[start:end]
    assert answer.headers["content-range"].endswith(f"/{len(make_fits())}")


async def test_a_range_outside_the_file_is_refused(gateway: Gateway) -> None:
    file_id = await _stored(gateway)
    async with gateway.client() as client:
        answer = await client.get(
            f"/files/{file_id}/content", headers={"Range": "bytes=999999-"}
        )
    assert answer.status_code == 416


async def test_unknown_and_forbidden_look_the_same(gateway: Gateway) -> None:
    file_id = await _stored(gateway)
    unknown = "00000000-0000-7000-8000-000000000000"
    async with gateway.client(BORIS) as client:
        forbidden = await client.get(f"/files/{file_id}")
        absent = await client.get(f"/files/{unknown}")
    assert forbidden.status_code == absent.status_code == 404
    assert (
        forbidden.json()["detail"].replace(file_id, unknown)
        == (absent.json()["detail"])
    )
    async with gateway.client(WORKER) as client:
        assert (await client.get(f"/files/{file_id}")).status_code == 200


async def test_a_static_is_visible_to_everyone(gateway: Gateway) -> None:
    answer = await gateway.put(make_fits(), "MU_GEOT.fits", kind="static")
    file_id = answer.json()["file_id"]
    async with gateway.client(BORIS) as client:
        assert (await client.get(f"/files/{file_id}/content")).status_code == 200


async def test_nothing_is_given_without_a_token(gateway: Gateway) -> None:
    file_id = await _stored(gateway)
    transport = httpx.ASGITransport(gateway.service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://s") as client:
        assert (await client.get(f"/files/{file_id}")).status_code == 401


async def test_unwanted_bytes_go_and_the_record_stays(gateway: Gateway) -> None:
    file_id = await _stored(gateway)
    await _drop(gateway, file_id)
    assert await gateway.objects() == []
    async with gateway.client() as client:
        record = (await client.get(f"/files/{file_id}")).json()
        content = await client.get(f"/files/{file_id}/content")
    assert (record["state"], record["evict_reason"]) == ("EVICTED", "space ran short")
    assert (content.status_code, content.json()["code"]) == (410, "file_evicted")


async def test_a_dropped_file_that_is_put_again_keeps_its_id(gateway: Gateway) -> None:
    file_id = await _stored(gateway)
    await _drop(gateway, file_id)
    answer = await gateway.put(make_fits())
    assert answer.json()["file_id"] == file_id
    said = [one for one in await gateway.heard() if isinstance(one, FileStored)]
    assert [str(one.file_id) for one in said] == [file_id, file_id]
    async with gateway.client() as client:
        assert (await client.get(f"/files/{file_id}/content")).content == make_fits()


async def test_space_counts_the_bytes_that_are_there(gateway: Gateway) -> None:
    file_id = await _stored(gateway)
    async with gateway.client() as client:
        assert (await client.get("/space")).json()["used"] == len(make_fits())
        await _drop(gateway, file_id)
        space = (await client.get("/space")).json()
    assert space["used"] == 0
    assert space["total"] == space["free"] + space["used"]


async def test_the_bytes_of_a_trial_are_given_to_its_maker_only(
    gateway: Gateway,
) -> None:
    project = {"project": ANNA.trials}
    done = await gateway.put(make_fits(), caller=WORKER, kind="product", **project)
    file_id = done.json()["file_id"]
    cleo = Principal(subject="cleo", name="Anna", projects={"local": 5})
    for caller, status in ((ANNA, 200), (cleo, 404), (BORIS, 404), (WORKER, 200)):
        async with gateway.client(caller) as client:
            answer = await client.get(f"/files/{file_id}/content")
            assert answer.status_code == status, caller


async def test_nobody_puts_a_file_among_trials(gateway: Gateway) -> None:
    body = {"filename": "a.fits", "size": 2880, "project": ANNA.trials}
    async with gateway.client(ANNA) as client:
        answer = await client.post("/uploads", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "project_not_writable")
