"""Odd questions and odd files: no 5xx, no hang, no frame lost.

MUSEWISE_FUZZ_CASES cases of each kind (`make bench` asks for thousands).
"""

import asyncio
import io
import json
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from musecore.errors import Refused
from musecore.fits import scan
from tests.catalog.catalog import Catalog, stored
from tests.catalog.frames import make_raw
from tests.catalog.odd import cursors, files, questions, rows, trees

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]

CASES = int(os.environ.get("MUSEWISE_FUZZ_CASES", "60"))
LONGEST_S = 20.0

Check = Callable[[Any], Coroutine[Any, Any, None]]


async def _for_all(cases: st.SearchStrategy[Any], check: Check) -> None:
    """Check many cases, each within `LONGEST_S`; hypothesis sits in a thread."""
    loop = asyncio.get_running_loop()
    seen = 0

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to shrink what fails takes minutes here
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def run(case: Any) -> None:
        nonlocal seen
        seen += 1
        future = asyncio.run_coroutine_threadsafe(check(case), loop)
        future.result(LONGEST_S)

    await asyncio.to_thread(run)
    sys.stdout.write(f"{seen} cases\n")


def _is_told(answer: httpx.Response) -> None:
    """An answer, or an error that says what was wrong."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["detail"], answer.text


_QUESTION = {
    "q": questions(),
    "class": st.sampled_from(["", "BIAS", "nope", "\x00"]),
    "order": st.sampled_from(["", "-ron", "ifu, -night", "header['X']", "-", ",", "id"])
    | st.text(max_size=10),
    "columns": st.sampled_from(["", "ifu, ron", "header['X']", "id"])
    | st.text(max_size=10),
    "projects": st.text(max_size=8),
    "limit": st.sampled_from(["1", "3", "0", "x", "99999999999999999999"]),
    "after": cursors(),
}
_PATHS = st.sampled_from(["", "/table", "/count", "/explain", "/forms"])


async def test_any_question_is_answered_or_refused(catalog: Catalog) -> None:
    await catalog.put(make_raw(1), "bias1.fits")
    async with catalog.client() as client:

        async def check(case: Any) -> None:
            path, asked = case
            _is_told(await client.get(f"/objects{path}", params=asked))

        one_of_each = st.fixed_dictionaries({}, optional=_QUESTION)
        texts = st.fixed_dictionaries({"q": questions()})
        await _for_all(st.tuples(_PATHS, one_of_each | texts), check)


async def test_any_url_is_answered_or_refused(catalog: Catalog) -> None:
    async with catalog.client() as client:

        async def check(case: str) -> None:
            _is_told(await client.get(f"/objects?{case}"))

        signs = st.text(max_size=40).map(
            lambda text: quote(text.encode("utf-8", "replace"), safe="=&%")
        )
        await _for_all(
            signs
            | questions().map(lambda q: f"q={quote(q.encode('utf-8', 'replace'))}"),
            check,
        )


async def test_any_tree_is_answered_or_refused(catalog: Catalog) -> None:
    await catalog.put(make_raw(1), "bias1.fits")
    asked = {
        "class": "BIAS",
        "q": "night == 2014-06-24 & (ron > 3 | target ~ 'H*') & ~(ifu in (1, 2)) & "
        "header['X'] is null & cone(1, 2, 3 deg) & DATE_OBS between 2014-01-01 and 2014-12-31",
        "order": "-ron, ifu",
        "columns": "ifu, qc['A']",
    }
    good = (await catalog.get("/objects/forms", **asked))["tree"]
    async with catalog.client() as client:

        async def check(case: Any) -> None:
            tree, after, limit, path = case
            body = tree if path else {"query": tree, "limit": limit, "after": after}
            sent = json.dumps(body).encode()
            headers = {"Content-Type": "application/json"}
            answer = await client.post(f"/objects{path}", content=sent, headers=headers)
            _is_told(answer)

        limits = st.sampled_from([1, 0, None, "x", 10**30])
        afters = st.none() | cursors()
        paths = st.sampled_from(["", "/forms"])
        await _for_all(st.tuples(trees(good), afters, limits, paths), check)


async def test_pages_from_any_place_are_given_or_refused(catalog: Catalog) -> None:
    await catalog.put(make_raw(1), "bias1.fits")
    orders = [
        "",
        "-DATE_OBS",
        "ifu, night",
        "created_at",
        "target",
        "-ron",
        "chip_live",
    ]
    async with catalog.client() as client:

        async def check(case: Any) -> None:
            order, after = case
            params = {"order": order, "after": after}
            _is_told(await client.get("/objects", params=params))

        await _for_all(st.tuples(st.sampled_from(orders), cursors()), check)


async def test_any_row_is_registered_or_refused_and_none_is_lost(
    catalog: Catalog,
) -> None:
    async with catalog.client() as client:

        async def check(case: list[Any]) -> None:
            before = await _count(catalog)
            body = json.dumps({"project": "local", "rows": case}).encode()
            headers = {"Content-Type": "application/json"}
            answer = await client.post("/register", content=body, headers=headers)
            _is_told(answer)
            done = answer.json() if answer.status_code == 200 else []
            for one in done:
                if one["state"] == "refused":
                    assert one["detail"]
                    continue
                frame = await client.get(f"/frames/{one['frame_id']}")
                assert frame.status_code == 200, one
                header = await client.get(f"/frames/{one['frame_id']}/header")
                assert header.status_code == 200, header.text
            new = {one["file_id"] for one in done if one["state"] == "registered"}
            assert await _count(catalog) == before + len(new)

        await _for_all(st.lists(rows(), min_size=1, max_size=3), check)


async def test_any_file_is_taken_in_or_refused_and_none_is_lost(
    catalog: Catalog,
) -> None:
    async def check(content: bytes) -> None:
        before = await _count(catalog)
        try:
            scan(io.BytesIO(content), content="")
            message = stored(content, "odd.fits")
        except Refused:
            return
        await catalog.tell(message)
        status = await catalog.status(message)
        assert status["state"] in ("registered", "refused"), status
        if status["state"] == "refused":
            assert status["detail"]
        else:
            async with catalog.client() as client:
                answer = await client.get(f"/frames/{status['frames'][0]}/header")
                assert answer.status_code == 200, answer.text
        twin = status["state"] == "registered" and not await _is_new(catalog, message)
        added = status["state"] == "registered" and not twin
        assert await _count(catalog) == before + added

    await _for_all(files(), check)


async def _count(catalog: Catalog) -> int:
    async with catalog.database.begin() as tx:
        found = await tx.execute(
            "SELECT count(*) FROM file f WHERE EXISTS "
            "(SELECT FROM frame o WHERE o.file_id = f.file_id)"
        )
        whole = int(found.scalar_one())
        files = (await tx.execute("SELECT count(*) FROM file")).scalar_one()
    assert whole == files, "a file without frames"
    return whole


async def _is_new(catalog: Catalog, message: Any) -> bool:
    async with catalog.database.begin() as tx:
        found = await tx.execute(
            "SELECT count(*) FROM file WHERE file_id = :id", {"id": message.file_id}
        )
        return bool(found.scalar_one())
