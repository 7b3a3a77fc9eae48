# ruff: noqa: ASYNC240  it looks at files
"""Taking files in: what is kept, what is refused, what a crash leaves."""

import asyncio
import base64
import os
from pathlib import Path
from uuid import UUID

import pytest

from musecore.fits import content_key, expand_headers, scan
from musecore.messages import FileRefused, FileStored
from tests.storage_gateway.gateway import (
    BORIS,
    WORKER,
    Gateway,
    make_fits,
    sha256,
)

pytestmark = pytest.mark.asyncio


async def test_a_file_put_over_http_is_committed_and_told_of(
    gateway: Gateway, fits_file: Path
) -> None:
    content = fits_file.read_bytes()
    answer = await gateway.put(content, fits_file.name)
    assert answer.status_code == 200
    committed = answer.json()
    assert committed["sha256"] == sha256(content)
    assert committed["content_key"] == content_key(fits_file)
    assert committed["duplicate_of"] is None
    [stored] = await gateway.heard()
    assert isinstance(stored, FileStored)
    assert stored.filename == fits_file.name
    assert (stored.sha256, stored.size) == (sha256(content), len(content))
    assert (stored.project, stored.owner, stored.kind) == ("local", "anna", None)
    told = expand_headers(base64.b64decode(stored.headers))
    assert [hdu.cards_text for hdu in told] == [
        hdu.cards_text for hdu in scan(fits_file).hdus
    ]


async def test_a_file_named_by_its_path_is_linked_not_copied(
    gateway: Gateway, fits_file: Path
) -> None:
    async with gateway.client() as client:
        body = {
            "filename": fits_file.name,
            "size": fits_file.stat().st_size,
            "project": "local",
            "source_path": str(fits_file),
        }
        opened = (await client.post("/uploads", json=body)).json()
        assert opened["upload"] == "link"
        answer = await client.post(f"/uploads/{opened['file_id']}/commit")
    assert answer.status_code == 200
    kept = gateway.blobs.local_path(opened["object_key"])
    assert kept is not None
    assert os.stat(kept).st_ino == fits_file.stat().st_ino


async def test_a_path_is_refused_where_paths_are_not_allowed(
    gateway: Gateway, fits_file: Path
) -> None:
    await gateway.restart(allow_local_paths=False)
    async with gateway.client() as client:
        body = {
            "filename": "a.fits",
            "size": 1,
            "project": "local",
            "source_path": str(fits_file),
        }
        answer = await client.post("/uploads", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "path_not_allowed")


async def test_a_path_that_is_no_file_is_refused(gateway: Gateway) -> None:
    async with gateway.client() as client:
        body = {
            "filename": "a.fits",
            "size": 1,
            "project": "local",
            "source_path": str(gateway.root / "none.fits"),
        }
        answer = await client.post("/uploads", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "source_unreadable")
    assert await gateway.objects() == []


async def test_the_same_bytes_again_are_dropped_and_not_told_again(
    gateway: Gateway,
) -> None:
    first = (await gateway.put(make_fits())).json()
    again = (await gateway.put(make_fits(), "other-name.fits")).json()
    assert again["file_id"] == again["duplicate_of"] == first["file_id"]
    assert await gateway.objects() == [f"objects/{first['file_id']}"]
    assert len(await gateway.heard()) == 1


async def test_the_same_bytes_in_another_project_are_a_file_of_its_own(
    gateway: Gateway,
) -> None:
    first = (await gateway.put(make_fits())).json()
    other = (await gateway.put(make_fits(), caller=BORIS, project="udf")).json()
    assert other["duplicate_of"] is None
    assert other["file_id"] != first["file_id"]
    assert len(await gateway.heard()) == 2


async def test_the_same_bytes_put_five_times_at_once_make_one_file(
    gateway: Gateway,
) -> None:
    answers = await asyncio.gather(*(gateway.put(make_fits()) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["file_id"] for answer in answers}) == 1
    assert len(await gateway.objects()) == 1
    assert len(await gateway.heard()) == 1


async def test_a_commit_may_be_repeated(gateway: Gateway) -> None:
    first = (await gateway.put(make_fits())).json()
    async with gateway.client() as client:
        again = await client.post(f"/uploads/{first['file_id']}/commit")
    assert again.json() == first
    assert len(await gateway.heard()) == 1


async def test_what_is_no_fits_is_refused_and_removed(gateway: Gateway) -> None:
    answer = await gateway.put(b"GIF89a, and more", "picture.fits")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_fits")
    assert "picture.fits" in answer.json()["detail"]
    [refused] = await gateway.heard()
    assert isinstance(refused, FileRefused)
    assert (refused.code, refused.filename) == ("not_fits", "picture.fits")
    assert await gateway.objects() == []
    async with gateway.client() as client:
        again = await client.post(f"/uploads/{refused.file_id}/commit")
    assert (again.status_code, again.json()["code"]) == (422, "not_fits")


async def test_a_truncated_file_is_refused(gateway: Gateway) -> None:
    answer = await gateway.put(make_fits()[:-2880])
    assert (answer.status_code, answer.json()["code"]) == (422, "truncated_fits")
    assert await gateway.objects() == []


async def test_another_checksum_than_announced_is_refused(gateway: Gateway) -> None:
    answer = await gateway.put(make_fits(), sha256="0" * 64)
    assert (answer.status_code, answer.json()["code"]) == (422, "checksum_differs")
    assert "0" * 64 in answer.json()["detail"]


async def test_fewer_bytes_than_announced_are_refused(gateway: Gateway) -> None:
    answer = await gateway.put(make_fits(), size=10_000_000)
    assert (answer.status_code, answer.json()["code"]) == (422, "size_differs")


async def test_a_commit_without_bytes_says_what_to_do(gateway: Gateway) -> None:
    async with gateway.client() as client:
        body = {"filename": "a.fits", "size": 1, "project": "local"}
        opened = (await client.post("/uploads", json=body)).json()
        answer = await client.post(f"/uploads/{opened['file_id']}/commit")
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_incomplete")
    assert "PUT" in answer.json()["hint"]


async def test_a_file_that_does_not_fit_is_refused_before_it_is_sent(
    gateway: Gateway,
) -> None:
    async with gateway.client() as client:
        body = {"filename": "huge.fits", "size": 1 << 60, "project": "local"}
        answer = await client.post("/uploads", json=body)
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")


async def test_a_disk_that_is_full_on_the_way_leaves_nothing(gateway: Gateway) -> None:
    async with gateway.client() as client:
        body = {"filename": "a.fits", "size": 5760, "project": "local"}
        opened = (await client.post("/uploads", json=body)).json()
        gateway.blobs._reserve = 1 << 60  # from now on nothing fits
        answer = await client.put(opened["url"], content=make_fits())
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
        assert await gateway.objects() == []
        gateway.blobs._reserve = 0
        again = await client.put(opened["url"], content=make_fits())
        assert again.status_code == 204


async def test_a_stranger_neither_stores_nor_sees_uploads(gateway: Gateway) -> None:
    first = (await gateway.put(make_fits())).json()
    async with gateway.client(BORIS) as client:
        body = {"filename": "a.fits", "size": 1, "project": "local"}
        answer = await client.post("/uploads", json=body)
        assert answer.json()["code"] == "project_not_writable"
        answer = await client.post(f"/uploads/{first['file_id']}/commit")
    assert (answer.status_code, answer.json()["code"]) == (404, "upload_not_found")


async def test_a_worker_names_its_product_and_no_message_is_sent(
    gateway: Gateway, tmp_path: Path
) -> None:
    product = tmp_path / "MASTER_BIAS-01.fits"
    product.write_bytes(make_fits())
    scanned = scan(product, content="MASTER_BIAS")
    file_id = UUID(int=7)
    async with gateway.client(WORKER) as client:
        body = {
            "file_id": str(file_id),
            "filename": product.name,
            "size": scanned.size,
            "kind": "product",
            "project": "local",
        }
        opened = (await client.post("/uploads", json=body)).json()
        assert opened["file_id"] == str(file_id)
        again = await client.post("/uploads", json=body)
        assert again.json() == opened
        await gateway.blobs.put_file(opened["object_key"], product, move=True)
        facts = {
            "sha256": scanned.sha256,
            "content_key": scanned.content_key,
            "size": scanned.size,
        }
        answer = await client.post(f"/uploads/{file_id}/commit", json=facts)
    assert answer.status_code == 200
    assert answer.json()["duplicate_of"] is None
    assert await gateway.heard() == []


async def test_a_product_equal_to_another_keeps_its_own_record(
    gateway: Gateway,
) -> None:
    first = await gateway.put(make_fits(), caller=WORKER, kind="product")
    again = await gateway.put(make_fits(), caller=WORKER, kind="product")
    assert again.json()["duplicate_of"] is None
    assert again.json()["file_id"] != first.json()["file_id"]


async def test_a_log_need_not_be_fits_and_comes_from_services_only(
    gateway: Gateway,
) -> None:
    text = b"muse_bias: done\n"
    answer = await gateway.put(text, "muse_bias.log", caller=WORKER, kind="log")
    assert answer.json()["sha256"] == sha256(text)
    async with gateway.client() as client:
        body = {"filename": "my.log", "size": 1, "project": "local", "kind": "log"}
        refused = await client.post("/uploads", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "kind_not_allowed")


async def test_a_simulated_file_is_refused_unless_the_gateway_is_for_simulation(
    gateway: Gateway,
) -> None:
    content = make_fits(5.0, simulated=True)
    answer = await gateway.put(content, "sim.fits")
    assert answer.status_code == 422
    assert answer.json()["code"] == "simulated_refused"
    assert "sim.fits is simulated" in answer.json()["detail"]
    assert await gateway.objects() == []
    [refused] = await gateway.heard()
    assert isinstance(refused, FileRefused)
    await gateway.restart(simulation=True)
    assert (await gateway.put(content, "sim.fits")).status_code == 200


async def test_an_hdu_that_is_not_what_its_sum_says_is_kept_and_told_of(
    gateway: Gateway,
) -> None:
    content = bytearray(make_fits(2.0, checksum=True))
    content[-2880] ^= 1  # in the data of CHAN01
    answer = await gateway.put(bytes(content), "a.fits")
    assert answer.status_code == 200
    [stored] = await gateway.heard()
    assert isinstance(stored, FileStored)
    assert stored.wrong_sums == ["CHAN01"]
