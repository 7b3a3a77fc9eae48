"""The async client against a running server: the same answers as the sync one."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from musewise import aio, connect
from musewise.classes import BIAS, MASTER_BIAS
from musewise.errors import (
    ConflictError,
    InvalidError,
    JobTimeoutError,
    NotFoundError,
    ServerUnreachableError,
)
from musewise.query import Query

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]


@asynccontextmanager
async def awaited(night):
    async with aio.connect(directory=night.server.data) as muse:
        yield muse


@pytest.fixture(scope="module")
def muse(night):
    with connect(directory=night.server.data) as session:
        yield session


async def test_questions_give_what_the_sync_client_gives(night, muse):
    query = BIAS.all().order_by("-ifu", "filename")
    async with awaited(night) as twin:
        asked = twin.query(query)
        assert [one.frame_id async for one in asked] == query.ids()
        assert await asked.ids() == query.ids()
        assert await asked.count() == query.count() > 1
        assert (await asked.first()).frame_id == query.first().frame_id
        assert await twin.query("BIAS", "nifu == 12").count() == query.count()
        frame = await twin.frame((await asked.first()).frame_id[:23])
        assert frame.tag == "BIAS"


async def test_pages_follow_each_other_and_a_limit_holds(night, muse, monkeypatch):
    monkeypatch.setattr(Query, "PAGE", 2)
    query = Query().order_by("class", "filename").bound_to(muse)
    async with awaited(night) as twin:
        assert await twin.query(query).ids() == query.ids()
        assert await twin.query(query).limit(3).ids() == query.limit(3).ids()
        columns, rows = await twin.query(query).limit(3).table_rows()
        assert len(rows) == 3
        assert columns[0]["name"] == "filename"


async def test_a_table_has_units_and_all_rows(night):
    async with awaited(night) as twin:
        table = await twin.query(MASTER_BIAS.all()).select("nifu", "ron").to_table()
    assert len(table) == 1
    assert table["ron"].unit is not None


async def test_mistakes_are_the_same_errors(night):
    async with awaited(night) as twin:
        with pytest.raises(InvalidError, match="Did you mean 'ron'"):
            await twin.query("MASTER_BIAS", "rno > 0").count()
        with pytest.raises(NotFoundError, match="No object fits"):
            await twin.query(BIAS.nifu == 3).first()


async def test_many_questions_are_asked_at_once(night):
    async with awaited(night) as twin:
        counts = await asyncio.gather(
            *(twin.query("BIAS", f"nifu == {n}").count() for n in range(1, 25))
        )
    assert sum(counts) == counts[11] > 0


async def test_a_file_is_fetched_and_checked(night, tmp_path):
    async with awaited(night) as twin:
        bias = await twin.query(BIAS.all()).first()
        path = await twin.get(bias.frame_id, tmp_path)
    assert path.stat().st_size == bias.size


async def test_an_object_tells_what_the_sync_client_tells(night, muse):
    cube = muse.query("DATACUBE_FINAL").first().frame_id
    bias = muse.query("BIAS").first().frame_id
    async with awaited(night) as twin:
        assert await twin.header(cube) == muse.header(cube)
        assert await twin.qc(cube) == muse.qc(cube)
        assert await twin.lineage(cube) == muse.lineage(cube)
        assert await twin.lineage_table(cube, 1) == muse.lineage_table(cube, 1)
        used = muse.lineage_table(bias, up=False)
        assert await twin.lineage_table(bias, up=False) == used != []
        assert await twin.diff(cube, cube) == muse.diff(cube, cube)
        assert await twin.why(cube[:23], "MASTER_BIAS") == muse.why(cube, "MASTER_BIAS")
        assert await twin.scores(cube) == muse.scores(cube)


async def test_verdicts_and_remarks_are_kept_and_a_conflict_is_told(night, muse):
    async with awaited(night) as twin:
        bias = await twin.query(BIAS.all()).first()
        judged = await twin.flag(bias, is_valid="yes", reason="looked at")
        with pytest.raises(ConflictError):
            await twin.flag(bias, is_valid="no", reason="too late")
        await twin.flag(judged, is_valid=None, reason="taken back")
        said = await twin.history(bias.frame_id)
        assert [one["reason"] for one in said[-2:]] == ["looked at", "taken back"]
        assert said == muse.history(bias.frame_id)
        await twin.remark(bias.frame_id, "quiet", grade="A")
        assert (await twin.remarks(bias.frame_id))[-1]["grade"] == "A"


async def test_files_are_put(night, tmp_path):
    async with awaited(night) as twin:
        bias = await twin.query(BIAS.all()).first()
        path = await twin.get(bias.frame_id, tmp_path)
        [again] = await twin.put(path, copy=True)
    assert (again.state, again.file_id) == ("known", bias.file_id)


async def test_a_job_is_planned_run_and_waited_for(night):
    before = (await_now(night)).job_id
    async with awaited(night) as twin:
        job = await twin.process(
            "DATACUBE_FINAL",
            target="SIMFIELD",
            parameters={
                "scipost.crsigma": 9,
                "scipost.lambdamin": 6900,
                "scipost.lambdamax": 7000,
            },
        )
        assert job.job_id != before
        with pytest.raises(JobTimeoutError, match="It goes on"):
            await job.wait(timeout=0, poll_s=0.1)
        assert (await job.wait(timeout="10 min")).state == "DONE"
        assert [one.recipe for one in await job.tasks() if one.worker]
        assert (await twin.jobs(1, mine=True, since="1 h"))[0].job_id == job.job_id
        again = await twin.job(job.job_id[:13])
        assert again.state == "DONE"


def await_now(night):
    with connect(directory=night.server.data) as session:
        return session.jobs(1)[0]


async def test_a_server_that_is_not_there_is_told_as_such():
    async with aio.connect("http://127.0.0.1:1", "token") as twin:
        with pytest.raises(ServerUnreachableError, match=r"127\.0\.0\.1:1"):
            await twin.query("BIAS").count()
