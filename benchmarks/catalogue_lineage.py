"""A cube with a long history, told to the catalogue as a worker tells it."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from archive_headers import card

from musecore.fits import HduHeader, compress_headers
from musecore.messages import InputUsed, ProductMade, Resources, TaskFinished
from musecore.times import uuid7

if TYPE_CHECKING:
    from catalogue import Catalogue

__all__ = ["make_cube"]

_STARTED = datetime(2026, 1, 1, tzinfo=UTC)
_RAW = 12  # raw frames of a master


async def make_cube(catalogue: Catalogue, closure: int) -> str:
    """Tell of a cube with about so many ancestors, five generations; give its id.

    Each night's biases make a master bias, that and flats a master flat, these and
    science frames pixel tables, those one cube.
    """
    masters = closure // (2 * (_RAW + 1) + 2)
    raw = await _raw_frames(catalogue, masters * 2 * _RAW + masters)
    tables = []
    for _ in range(masters):
        biases = [next(raw) for _ in range(_RAW)]
        flats = [next(raw) for _ in range(_RAW)]
        bias = await _run(catalogue, "muse_bias", "MASTER_BIAS", biases)
        flat = await _run(catalogue, "muse_flat", "MASTER_FLAT", [bias, *flats])
        used = [bias, flat, next(raw)]
        tables.append(await _run(catalogue, "muse_scibasic", "PIXTABLE_OBJECT", used))
    parts = [
        await _run(catalogue, "muse_scipost", "PIXTABLE_REDUCED", tables[at : at + 50])
        for at in range(0, len(tables), 50)
    ]
    cube = await _run(catalogue, "muse_exp_combine", "DATACUBE_FINAL", parts)
    return str(cube["frame_id"])


async def _raw_frames(catalogue: Catalogue, count: int) -> Any:
    async with catalogue.database.begin() as tx:
        found = await tx.execute(
            "SELECT file_id, tag, filename, sha256, content_key FROM file "
            "WHERE kind = 'raw' ORDER BY file_id LIMIT :count",
            {"count": count},
        )
        rows = [dict(row) for row in found.mappings()]
    assert rows, "no raw frames"
    return iter(rows * (count // len(rows) + 1))


async def _run(
    catalogue: Catalogue, recipe: str, tag: str, used: list[dict[str, Any]]
) -> dict[str, Any]:
    file_id, frame_id = uuid7(), uuid7()
    digest = hashlib.sha256(file_id.bytes).hexdigest()
    cards = "".join(
        [
            card("SIMPLE", True),
            card("BITPIX", 8),
            card("NAXIS", 0),
            card("INSTRUME", "MUSE"),
            card("DATE-OBS", "2014-06-25T00:01:11.000"),
            card("MJD-OBS", 56833.0),
            card("ESO PRO CATG", tag),
        ]
    )
    packed = compress_headers([HduHeader(0, "", cards, 0, 0)])
    product = ProductMade(
        product_id=frame_id,
        file_id=file_id,
        tag=tag,
        ordinal=1,
        ifu=None,
        filename=f"{tag}.fits",
        object_key=f"objects/{file_id}",
        sha256=digest,
        content_key=digest,
        size=1,
        headers=base64.b64encode(packed).decode(),
    )
    inputs = [InputUsed(ifu=None, **_told(one)) for one in used]
    message = TaskFinished(
        task_id=uuid7(),
        attempt=1,
        worker="w1",
        key=digest,
        recipe=recipe,
        ifu=None,
        project="local",
        owner="ada",
        parameters={},
        inputs=inputs,
        products=[product],
        versions={"pipeline": "muse/2.8.7"},
        log_file_id=UUID(int=1),
        started=_STARTED,
        ended=_STARTED + timedelta(seconds=9),
        resources=Resources(wall_s=9, cpu_s=9, max_rss_mb=1),
    )
    await catalogue.products.on_finished(uuid7(), message)
    return {
        "file_id": file_id,
        "frame_id": frame_id,
        "tag": tag,
        "filename": f"{tag}.fits",
        "sha256": digest,
        "content_key": digest,
    }


def _told(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in one if name != "frame_id"}
