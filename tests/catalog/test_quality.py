"""What people and limits say of objects: verdicts, flags, batches, remarks, scores."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

import muse_catalog.rules
from muse_catalog.rules import QcDictionary, QualityLimits
from muse_catalog.service import Scoring
from musecore.errors import MuseError
from musecore.messages import FrameChanged
from musecore.muse.schema import load
from musecore.testing import TemplateDatabases
from tests.catalog.catalog import BORIS, Catalog
from tests.catalog.frames import make_raw
from tests.catalog.made import make_master, make_night

pytestmark = pytest.mark.asyncio


async def _say(catalog: Catalog, frame_id: str, is_valid: Any, **more: Any) -> Any:
    body = {"is_valid": is_valid, "reason": "I looked at it", **more}
    async with catalog.client() as client:
        answer = await client.patch(f"/frames/{frame_id}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _told(catalog: Catalog) -> list[FrameChanged]:
    """Give what was told of changes, but for templates that became complete."""
    said = [one for one in await catalog.heard() if isinstance(one, FrameChanged)]
    return [one for one in said if "template" not in one.reason]


def _batch(*frames: str, dry_run: bool = False, **edit: Any) -> dict[str, Any]:
    return {
        "reason": "noise rises since the cable change",
        "edits": [{"frame_id": one, **edit} for one in frames],
        "dry_run": dry_run,
    }


# ------------------------------------------------------------------ verdicts
@pytest.mark.parametrize("word", ["yes", "no", "unknown", "proposed"])
async def test_each_of_the_four_states_is_kept_told_and_found(
    catalog: Catalog, word: str
) -> None:
    await catalog.put(make_raw(ifus=(1, 2)), "a.fits")
    frame, _ = (await catalog.get("/frames"))["items"]
    said = await _say(catalog, frame["frame_id"], word)
    assert (said["is_valid"], said["version"]) == (word, frame["version"] + 1)
    [entry] = await catalog.get(f"/frames/{frame['frame_id']}/validity")
    assert (entry["is_valid"], entry["version"], entry["by"]) == (word, 2, "anna")
    found = await catalog.get("/objects", q=f"is_valid == '{word}'")
    assert frame["frame_id"] in {one["frame_id"] for one in found["items"]}
    found = await catalog.get("/frames", is_valid=word)
    assert frame["frame_id"] in {one["frame_id"] for one in found["items"]}
    table = await catalog.get("/objects/table", columns="is_valid", q="ifu == 1")
    assert table["rows"] == [[word]]


async def test_a_proposal_changes_nothing_for_the_choice_of_calibrations(
    catalog: Catalog,
) -> None:
    await catalog.put(make_raw(), "a.fits")
    frame_id = (await catalog.get("/frames"))["items"][0]["frame_id"]
    await _say(catalog, frame_id, "no")
    said = await _say(catalog, frame_id, "proposed")
    assert (said["is_valid"], said["verdict"]) == ("proposed", False)
    assert [one.is_valid for one in await _told(catalog)] == [False]
    flagged = await _say(catalog, frame_id, "proposed", flags=["RON_HIGH"])
    assert flagged["quality_flags"] == ["INCOMPLETE_TEMPLATE", "RON_HIGH"]
    assert [one.is_valid for one in await _told(catalog)] == [False, False]
    await _say(catalog, frame_id, "yes")
    assert [one.is_valid for one in await _told(catalog)] == [False, False, True]


async def test_an_edit_of_what_somebody_changed_meanwhile_is_refused(
    catalog: Catalog,
) -> None:
    await catalog.put(make_raw(), "a.fits")
    frame_id = (await catalog.get("/frames"))["items"][0]["frame_id"]
    await _say(catalog, frame_id, "no", expect=1)
    async with catalog.database.begin() as tx:
        ago = "now() - interval '200 s'"
        await tx.execute(f"UPDATE validity SET by = 'carla', at = {ago}")
    body = {"is_valid": "yes", "reason": "fine to me", "expect": 1}
    status, said = await catalog.refused("PATCH", f"/frames/{frame_id}", body)
    assert status == 409
    assert said == (
        f"is_valid of {frame_id[:13]}… was set by someone else 3 min ago. "
        "Look at it and pass expect=2."
    )
    frame = await catalog.get(f"/frames/{frame_id}")
    assert (frame["is_valid"], frame["version"]) == ("no", 2)


async def test_of_two_edits_at_the_same_time_one_is_refused(catalog: Catalog) -> None:
    await catalog.put(make_raw(), "a.fits")
    frame_id = (await catalog.get("/frames"))["items"][0]["frame_id"]
    async with catalog.client() as client:
        answers = await asyncio.gather(
            *(
                client.patch(
                    f"/frames/{frame_id}",
                    json={"is_valid": word, "reason": "at once", "expect": 1},
                )
                for word in ("yes", "no")
            )
        )
    assert sorted(one.status_code for one in answers) == [200, 409]


async def test_flags_of_people_stand_beside_those_of_the_system(
    catalog: Catalog,
) -> None:
    _, made = await make_master(catalog, ron=4.5)
    path = str(made.product_id)
    said = await _say(catalog, path, "no", flags=["RON_HIGH"])
    assert said["quality_flags"] == ["READ_NOISE_HIGH", "RON_HIGH"]
    for flag in said["quality_flags"]:
        found = await catalog.get("/objects", q=f"quality_flags == '{flag}'")
        assert [one["frame_id"] for one in found["items"]] == [path]
    assert (await _told(catalog))[-1].quality_flags == said["quality_flags"]
    said = await _say(catalog, path, "no", flags=[])
    assert said["quality_flags"] == ["READ_NOISE_HIGH"]


async def test_an_unknown_flag_names_the_nearest(catalog: Catalog) -> None:
    made = await make_night(catalog)
    body = _batch(made.cube, flags=["RON_HIHG"])
    status, said = await catalog.refused("POST", "/quality/batch", body)
    assert status == 422
    assert "no quality flag 'RON_HIHG'. Did you mean 'RON_HIGH'?" in said


# ------------------------------------------------------------------ batches
async def test_a_batch_tells_what_was_made_of_it_before_anything_changes(
    catalog: Catalog,
) -> None:
    made = await make_night(catalog)
    for frame_id, grade in ((made.cube, "A"), (made.tables[0], "A")):
        body = {"text": "fine", "grade": grade}
        async with catalog.client() as client:
            await client.post(f"/frames/{frame_id}/remarks", json=body)
    body = _batch(*made.raw, is_valid="no", flags=["RON_HIGH"], dry_run=True)
    said = await catalog.post("/quality/batch", body)
    assert said["text"] == "4 products made of these, 2 assessed A"
    assert said["by_class"] == {
        "DATACUBE_FINAL": 1,
        "MASTER_BIAS": 1,
        "PIXTABLE_OBJECT": 2,
    }
    assert len(said["edits"]) == 3
    frame = await catalog.get(f"/frames/{made.raw[0]}")
    assert (frame["is_valid"], frame["version"]) == ("unknown", 1)
    assert await _told(catalog) == []
    done = await catalog.post("/quality/batch", {**body, "dry_run": False})
    assert done["text"] == said["text"]
    found = await catalog.get("/objects", q="is_valid == 'no'")
    assert {one["frame_id"] for one in found["items"]} == set(made.raw)
    assert {one.is_valid for one in await _told(catalog)} == {False}


async def test_what_another_ifu_made_is_no_consequence(catalog: Catalog) -> None:
    made = await make_night(catalog)
    body = _batch(made.other_ifu, is_valid="no", dry_run=True)
    said = await catalog.post("/quality/batch", body)
    assert said["text"] == "no products made of these"


async def test_products_that_are_called_bad_are_no_consequence(
    catalog: Catalog,
) -> None:
    made = await make_night(catalog)
    await _say(catalog, made.cube, "no")
    body = _batch(made.master, is_valid="no", dry_run=True)
    said = await catalog.post("/quality/batch", body)
    assert said["text"] == "2 products made of these"


async def test_edits_of_a_batch_are_made_together_or_not_at_all(
    catalog: Catalog,
) -> None:
    made = await make_night(catalog)
    await _say(catalog, made.raw[2], "yes")
    body = _batch(*made.raw, is_valid="no", expect=1)
    status, _ = await catalog.refused("POST", "/quality/batch", body)
    assert status == 409
    found = await catalog.get("/objects", q="is_valid == 'no'")
    assert found["items"] == []


async def test_the_ifus_of_one_file_are_told_in_one_message(catalog: Catalog) -> None:
    await catalog.put(make_raw(ifus=(1, 2)), "a.fits")
    frames = [one["frame_id"] for one in (await catalog.get("/frames"))["items"]]
    await catalog.post("/quality/batch", _batch(*frames, is_valid="no"))
    [said] = await _told(catalog)
    assert {str(one) for one in said.frame_ids} == set(frames)


async def test_a_batch_is_for_members_who_see_all_of_it(catalog: Catalog) -> None:
    made = await make_night(catalog)
    body = _batch(made.raw[0], is_valid="no")
    assert (await catalog.refused("POST", "/quality/batch", body, BORIS))[0] == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"edits": []}, "edits"),
        ({"reason": "x"}, "reason"),
        ({"reason": "noise \x00"}, "cannot be kept"),
        ({"edits": [{"frame_id": "no id", "is_valid": "no"}]}, "frame_id"),
        ({"edits": [{"frame_id": "0" * 32}]}, "neither is_valid nor flags"),
        ({"edits": [{"frame_id": "0" * 32, "is_valid": "no"}] * 2}, "comes twice"),
        ({"edits": [{"frame_id": "0" * 32, "is_valid": "maybe"}]}, "proposed"),
    ],
)
async def test_a_batch_that_cannot_be_says_where(
    catalog: Catalog, change: dict[str, Any], said: str
) -> None:
    body = {**_batch("0" * 32, is_valid="no"), **change}
    status, told = await catalog.refused("POST", "/quality/batch", body)
    assert status == 422
    assert said in str(told)


# ------------------------------------------------------------------ remarks
async def test_comments_and_assessments_are_kept_and_the_newest_grade_is_found(
    catalog: Catalog,
) -> None:
    made = await make_night(catalog)
    path = f"/frames/{made.cube}/remarks"
    remarks = [
        {"text": "deepest so far", "grade": "B"},
        {"text": "edges are trimmed well"},
        {"text": "PSF is stable", "grade": "A", "view": "white&x=173&y=73"},
    ]
    async with catalog.client() as client:
        for one in remarks:
            answer = await client.post(path, json=one)
            assert answer.status_code == 201, answer.text
        refused = await client.post(path, json={"text": "bad", "grade": "E"})
    assert refused.status_code == 422
    kept = await catalog.get(path)
    assert [(one["text"], one["grade"], one["view"]) for one in kept] == [
        (one["text"], one.get("grade"), one.get("view")) for one in remarks
    ]
    assert {one["by"] for one in kept} == {"anna"}
    for grade, found in (("A", [made.cube]), ("B", [])):
        answer = await catalog.get("/objects", q=f"grade == '{grade}'")
        assert [one["frame_id"] for one in answer["items"]] == found


# ------------------------------------------------------------------ scores
def _limits(folder: Path, version: int, **ron: Any) -> Path:
    """Write limits of another version: with other ones for the read-out noise."""
    ours = Path(muse_catalog.rules.__file__).with_name("flags.yaml")
    facts = yaml.safe_load(ours.read_text())
    limit = {
        "flag": "READ_NOISE_HIGH",
        "key": "ESO QC BIAS MASTERn RON",
        "unit": "count",
        "doc": "test",
        "source": "test",
    }
    facts |= {"version": version, "limits": [limit | ron]}
    path = folder / f"limits-{version}.yaml"
    path.write_text(yaml.safe_dump(facts))
    return path


def _scoring(catalog: Catalog, path: Path) -> Scoring:
    limits = QualityLimits(QcDictionary(load(None)), path)
    return Scoring(catalog.database, limits)


@pytest.mark.parametrize(("ron", "score"), [(2.5, 0), (3.5, 1), (4.5, 2)])
async def test_a_qc_value_is_scored_by_its_limits_and_flagged_when_bad(
    catalog: Catalog, ron: float, score: int
) -> None:
    _, made = await make_master(catalog, ron=ron)
    [found] = await catalog.get(f"/frames/{made.product_id}/scores")
    assert (found["score"], found["value"]) == (score, ron)
    assert found["limits"]["warn_above"] == 3.3
    assert found["limits"]["unit"] == "count"
    frame = await catalog.get(f"/frames/{made.product_id}")
    assert frame["quality_flags"] == (["READ_NOISE_HIGH"] if score == 2 else [])


async def test_new_limits_add_scores_and_the_old_ones_stay(
    catalog: Catalog, tmp_path: Path
) -> None:
    _, made = await make_master(catalog, ron=3.5, caveats=["without STD_RESPONSE"])
    path = f"/frames/{made.product_id}"
    await _say(catalog, str(made.product_id), "no")
    done = await _scoring(catalog, _limits(tmp_path, 7, above=3.0)).rescore()
    assert (done.products, done.scores, done.changed) == (1, 1, 1)
    scores = await catalog.get(f"{path}/scores")
    assert [(one["limits_version"], one["score"]) for one in scores] == [(7, 2), (2, 1)]
    frame = await catalog.get(path)
    assert frame["quality_flags"] == ["READ_NOISE_HIGH", "WITHOUT_STD_RESPONSE"]
    said = (await _told(catalog))[-1]
    assert (said.is_valid, said.quality_flags) == (False, frame["quality_flags"])
    looser = _scoring(catalog, _limits(tmp_path, 8, above=5.0))
    for changed in (1, 0):
        assert (await looser.rescore()).changed == changed
    frame = await catalog.get(path)
    assert frame["quality_flags"] == ["WITHOUT_STD_RESPONSE"]
    scores = await catalog.get(f"{path}/scores")
    assert [one["limits_version"] for one in scores] == [8, 7, 2]


async def test_a_flag_that_limits_set_no_more_goes(
    catalog: Catalog, tmp_path: Path
) -> None:
    _, made = await make_master(catalog, ron=4.5)
    other = _limits(tmp_path, 7, above=9.0, flag="NOISY")
    assert (await _scoring(catalog, other).rescore()).changed == 1
    frame = await catalog.get(f"/frames/{made.product_id}")
    assert frame["quality_flags"] == []


@pytest.mark.parametrize(
    ("nights", "scored"),
    [
        ({"since": "2014-06-24", "until": "2014-06-24"}, 1),
        ({"since": "2014-06-25"}, 0),
        ({"until": "2014-06-23"}, 0),
    ],
)
async def test_limits_are_for_frames_of_their_nights(
    catalog: Catalog, tmp_path: Path, nights: dict[str, str], scored: int
) -> None:
    await make_master(catalog)
    path = _limits(tmp_path, 7, above=1.0, **nights)
    done = await _scoring(catalog, path).rescore(tag="MASTER_BIAS", project="local")
    assert (done.scores, done.changed) == (scored, scored)


async def test_a_catalogue_uses_the_limits_of_its_settings(
    databases: TemplateDatabases, tmp_path: Path
) -> None:
    path = _limits(tmp_path, 9, above=1.0)
    async with databases.database("catalog", "muse_catalog") as database:
        catalog = Catalog(database, quality_limits=path)
        await catalog.start()
        _, made = await make_master(catalog)
        [score] = await catalog.get(f"/frames/{made.product_id}/scores")
        await catalog.stop()
    assert (score["limits_version"], score["score"]) == (9, 2)


async def test_limits_that_cannot_be_read_say_what_is_wrong(tmp_path: Path) -> None:
    path = _limits(tmp_path, 7, abvoe=1.0)
    with pytest.raises(MuseError, match="abvoe"):
        QualityLimits(QcDictionary(load(None)), path)
