"""What crashes leave is found and removed; what somebody still wants stays."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from musecore.broker import Message
from musecore.messages import FileUnwanted, envelope_of
from musecore.times import utcnow
from tests.storage_gateway.gateway import Gateway, make_fits

pytestmark = pytest.mark.asyncio

HOUR = 3600


async def opened(gateway: Gateway, *, hours_ago: float = 0) -> str:
    """Open an upload, send its bytes, and never commit it; give its id."""
    async with gateway.client() as client:
        body = {"filename": "a.fits", "size": len(make_fits()), "project": "local"}
        upload = (await client.post("/uploads", json=body)).json()
        await client.put(upload["url"], content=make_fits())
    async with gateway.database.begin() as tx:
        await tx.execute(
            "UPDATE upload SET created_at = :at WHERE file_id = :id",
            {"at": utcnow() - timedelta(hours=hours_ago), "id": upload["file_id"]},
        )
    return str(upload["file_id"])


async def commit(gateway: Gateway, file_id: str) -> tuple[int, str | None]:
    async with gateway.client() as client:
        answer = await client.post(f"/uploads/{file_id}/commit")
    return answer.status_code, answer.json().get("code")


async def test_an_upload_outlives_a_restart_of_the_gateway(gateway: Gateway) -> None:
    file_id = await opened(gateway, hours_ago=23)
    await gateway.restart()
    await gateway.service._garbage.tidy()
    assert await commit(gateway, file_id) == (200, None)


async def test_an_upload_that_nobody_commits_is_broken_off_after_a_day(
    gateway: Gateway,
) -> None:
    file_id = await opened(gateway, hours_ago=25)
    kept = (await gateway.put(make_fits(2.0))).json()
    await gateway.service._garbage.tidy()
    assert await gateway.objects() == [f"objects/{kept['file_id']}"]
    assert await commit(gateway, file_id) == (409, "upload_gone")


async def test_an_upload_that_nobody_wants_any_more_is_broken_off(
    gateway: Gateway,
) -> None:
    file_id = await opened(gateway)
    unwanted = FileUnwanted(file_id=UUID(file_id), reason="the task was cancelled")
    for _ in range(2):
        await gateway.broker.publish(Message.of(envelope_of(unwanted)))
    async with asyncio.timeout(10):
        while await gateway.objects():
            await asyncio.sleep(0.01)
    assert await commit(gateway, file_id) == (409, "upload_gone")


async def test_an_embedded_server_breaks_all_uploads_off_as_it_starts(
    gateway: Gateway,
) -> None:
    file_id = await opened(gateway)
    await gateway.restart(sweep_at_start=True)
    assert await gateway.objects() == []
    assert await commit(gateway, file_id) == (409, "upload_gone")


async def test_an_object_that_nobody_names_goes_when_it_is_old_and_no_other_does(
    gateway: Gateway,
) -> None:
    source = gateway.root / "lost.fits"
    source.write_bytes(make_fits(3.0))
    kept = f"objects/{(await gateway.put(make_fits(2.0))).json()['file_id']}"
    coming = f"objects/{await opened(gateway)}"
    for key in ("objects/lost-and-old", "manifests/t/1.json"):
        await gateway.blobs.put_file(key, source, link=False)
    await asyncio.sleep(2.5)
    await gateway.restart(orphan_age_h=2 / HOUR)
    await gateway.blobs.put_file("objects/lost", source, link=False)
    await gateway.service._garbage.tidy()
    left = {kept, coming, "objects/lost", "manifests/t/1.json"}
    assert set(await gateway.objects()) == left
