"""Verdicts, batches, remarks, lineage and saved questions, on the real catalogue."""

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from musecore.identity import Principal
from musecore.testing import TemplateDatabases
from musecore.testing.logs import logging_restored
from musewise.classes import BIAS, MASTER_BIAS
from musewise.errors import ConflictError, Exit, InvalidError, NotFoundError, UsageError
from musewise.session import Session
from tests.catalog.catalog import ANNA, Catalog
from tests.catalog.made import Made, make_night
from tests.musewise.real import Real

pytestmark = pytest.mark.asyncio

CARLA = Principal(subject="carla", name="Carla", projects={"local": 1})


@pytest_asyncio.fixture
async def catalog(databases: TemplateDatabases) -> AsyncIterator[Catalog]:
    async with databases.database("catalog", "muse_catalog") as database:
        made = Catalog(database)
        await made.start()
        yield made
        await made.stop()


@pytest_asyncio.fixture
async def night(catalog: Catalog) -> Made:
    return await make_night(catalog)


@pytest_asyncio.fixture
async def real(catalog: Catalog) -> AsyncIterator[Real]:
    with logging_restored():
        yield Real(catalog)


# ------------------------------------------------------------------ batches
async def test_a_batch_says_what_follows_and_is_made_at_the_end(
    real: Real, night: Made
) -> None:
    def work(client: Session) -> None:
        client.frame(night.cube).assess("A", "deepest so far")
        q6 = (BIAS.ifu == 2).bound_to(client)
        with client.batch(reason="noise rises since the cable change") as b:
            for one in q6:
                b.set(one, is_valid="no", flags={"RON_HIGH"})
            said = str(b.consequences())
            before = [one.is_valid for one in q6]
        assert said == "4 products made of these, 1 assessed A"
        assert before == ["unknown"] * 3
        assert [one.is_valid for one in q6] == ["no"] * 3
        assert b.done is not None
        assert (str(b.done), b.done.dry_run) == (said, False)
        [entry] = client.frame(night.raw[0]).history()
        assert entry["flags"] == ["RON_HIGH"]

    await real.do(ANNA, work)


async def test_a_batch_that_breaks_off_changes_nothing(real: Real, night: Made) -> None:
    def broken(client: Session) -> None:
        with client.batch(reason="noise") as b:
            b.set(night.master, is_valid="no")
            raise ZeroDivisionError

    def work(client: Session) -> None:
        with pytest.raises(ZeroDivisionError):
            broken(client)
        assert client.frame(night.master).is_valid == "unknown"

    await real.do(ANNA, work)


async def test_an_edit_of_what_somebody_changed_meanwhile_is_a_conflict(
    real: Real, night: Made
) -> None:
    seen = await real.do(ANNA, lambda client: client.frame(night.master))
    await real.do(
        CARLA,
        lambda client: client.flag(night.master, is_valid="no", reason="too noisy"),
    )

    def work(client: Session) -> None:
        said = r"is_valid of .*… was set by someone else less than a minute ago\. "
        said += r"Look at it and pass expect=2\."
        with pytest.raises(ConflictError, match=said):
            client.flag(seen, is_valid="yes", reason="fine")
        with pytest.raises(ConflictError), client.batch(reason="fine") as b:
            b.set(seen, is_valid="yes")
        assert client.frame(night.master).is_valid == "no"
        done = client.flag(seen, is_valid="yes", reason="looked at it", expect=2)
        assert (done.is_valid, done.version) == ("yes", 3)

    await real.do(ANNA, work)


async def test_what_cannot_be_said_is_refused_with_what_can(
    real: Real, night: Made
) -> None:
    def work(client: Session) -> None:
        batch = client.batch(reason="noise")
        with pytest.raises(UsageError, match="yes, no, unknown, proposed"):
            batch.set(night.cube, is_valid="maybe")
        with pytest.raises(UsageError, match="Nothing is said"):
            batch.set(night.cube)
        batch.set(night.cube, flags="RON_HIHG")
        with pytest.raises(InvalidError, match="Did you mean 'RON_HIGH'"):
            batch.consequences()

    await real.do(ANNA, work)


# ------------------------------------------------------------------ flag
async def test_flag_shows_what_follows_and_asks(real: Real, night: Made) -> None:
    said = ("flag", "BIAS", "ifu == 2", "--valid", "no", "--reason", "noise rises")
    done = await real.run(ANNA, *said, stdin="n\n")
    assert done.exit_code == 1
    assert "3 objects would change" in done.stderr
    assert "BIAS bias1.fits IFU 2: unknown -> no" in done.stderr
    assert "4 products made of these: DATACUBE_FINAL 1" in done.stderr
    assert "Do it?" in done.stderr
    found = await real.run(ANNA, "count", "BIAS", "is_valid == 'no'", "--json")
    assert json.loads(found.stdout)["count"] == 0
    done = await real.run(ANNA, *said, stdin="y\n")
    assert (done.exit_code, "3 objects changed" in done.stdout) == (0, True)
    found = await real.run(ANNA, "count", "BIAS", "is_valid == 'no'", "--json")
    assert json.loads(found.stdout)["count"] == 3


async def test_flag_can_be_told_not_to_ask_or_not_to_do_it(
    real: Real, night: Made
) -> None:
    said = ("flag", "MASTER_BIAS", "ron < 3", "--flag", "RON_HIGH", "--reason", "test")
    refused = await real.run(ANNA, *said, "--json")
    assert refused.exit_code == Exit.USER
    assert "--yes or --dry-run" in refused.stderr
    dry = json.loads((await real.run(ANNA, *said, "--dry-run", "--json")).stdout)
    assert (dry["products"], dry["dry_run"]) == (3, True)
    done = json.loads((await real.run(ANNA, *said, "--yes", "--json")).stdout)
    assert (done["products"], done["dry_run"]) == (3, False)
    shown = await real.run(ANNA, "ls", "MASTER_BIAS", "quality_flags == 'RON_HIGH'")
    assert "RON_HIGH" in shown.stdout


async def test_flag_of_one_frame_needs_no_condition_and_of_a_class_does(
    real: Real, night: Made
) -> None:
    one = await real.run(ANNA, "flag", night.cube, "--valid", "proposed",
                         "--reason", "please look")  # fmt: skip
    assert "unknown -> proposed" in one.stdout, one.stderr
    history = await real.run(ANNA, "history", night.cube)
    assert "please look" in history.stdout
    many = await real.run(ANNA, "flag", "BIAS", "--valid", "no", "--reason", "all")
    assert many.exit_code == Exit.USER
    assert "Add a condition" in many.stderr


# ------------------------------------------------------------------ remarks, scores
async def test_comments_and_assessments_are_kept_listed_and_found(
    real: Real, night: Made
) -> None:
    await real.run(ANNA, "comment", night.cube, "edges are fine")
    await real.run(CARLA, "assess", night.cube, "a", "PSF is stable", "--view", "x=173")
    listed = (await real.run(ANNA, "remarks", night.cube)).stdout
    assert listed.index("edges are fine") < listed.index("PSF is stable")
    assert "x=173" in listed
    found = await real.run(ANNA, "ls", "DATACUBE_FINAL", "grade == 'A'", "--json")
    assert [one["frame_id"] for one in json.loads(found.stdout)] == [night.cube]
    refused = await real.run(ANNA, "assess", night.cube, "E", "bad")
    assert (refused.exit_code, "'E' is no grade" in refused.stderr) == (Exit.USER, True)


async def test_scores_tell_value_and_limits(real: Real, night: Made) -> None:
    shown = (await real.run(ANNA, "scores", night.master)).stdout
    assert "QC BIAS MASTER1 RON" in shown
    assert "READ_NOISE_HIGH" in shown
    [score] = await real.do(ANNA, lambda client: client.frame(night.master).scores())
    assert (score["score"], score["limits"]["above"]) == (0, 4.0)


# ------------------------------------------------------------------ lineage
async def test_lineage_is_walked_in_both_directions(real: Real, night: Made) -> None:
    def work(client: Session) -> None:
        cube = client.frame(night.cube)
        up = [(depth, role) for depth, role, _ in cube.walk(up=True)]
        assert up == [
            (1, "PIXTABLE_OBJECT"),
            (1, "PIXTABLE_OBJECT"),
            (2, "MASTER_BIAS"),
            (3, "BIAS"),
            (3, "BIAS"),
            (3, "BIAS"),
        ]
        bias = client.frame(night.raw[0])
        down = [(depth, one.frame_id) for depth, _, one in bias.walk(up=False)]
        wanted = [(2, one) for one in night.tables]
        assert down == [(1, night.master), *wanted, (3, night.cube)]
        direct = cube.made_from()
        ids = [one.frame_id for one in direct["PIXTABLE_OBJECT"]]
        assert ids == night.tables
        assert [one.ifu for one in direct["PIXTABLE_OBJECT"]] == [1, 2]

    await real.do(ANNA, work)


async def test_what_is_called_bad_is_no_user_unless_it_is_asked_for(
    real: Real, night: Made
) -> None:
    def work(client: Session) -> None:
        client.flag(night.cube, is_valid="no", reason="trailed")
        master = client.frame(night.master)
        assert set(master.used_by().ids()) == set(night.tables)
        assert set(master.used_by(valid_only=False).ids()) == {
            night.cube,
            *night.tables,
        }
        assert master.used_by("DATACUBE_FINAL").count() == 0
        assert master.used_by(depth=1, valid_only=False).count() == 2

    await real.do(ANNA, work)
    for options, number in (((), 2), (("--all",), 3)):
        done = await real.run(ANNA, "used-by", night.master, *options, "--json")
        assert len(json.loads(done.stdout)) == number


async def test_the_tree_goes_down_and_is_given_as_table_and_drawing(
    real: Real, night: Made
) -> None:
    tree = (await real.run(ANNA, "tree", night.raw[0], "--down")).stdout
    assert "PIXTABLE_OBJECT" in tree
    assert "CUBE.fits" in tree
    table = (await real.run(ANNA, "tree", night.cube, "--as", "table")).stdout
    assert table.count("BIAS") >= 4
    for language, begin in (("dot", "digraph"), ("mermaid", "flowchart")):
        drawn = await real.run(ANNA, "tree", night.cube, "--as", language)
        assert drawn.stdout.startswith(begin)
    rows = await real.run(ANNA, "tree", night.cube, "--as", "table", "--json")
    assert [one["depth"] for one in json.loads(rows.stdout)] == [1, 1, 2, 3, 3, 3]
    wrong = await real.run(ANNA, "tree", night.cube, "--as", "svg")
    assert (wrong.exit_code, "tree, table, dot, mermaid" in wrong.stderr) == (
        Exit.USER,
        True,
    )


async def test_two_products_are_compared(real: Real, night: Made) -> None:
    def work(client: Session) -> None:
        one, other = map(client.frame, night.tables)
        found = one.diff(other)
        assert [row["name"] for row in found["parameters"]] == ["nifu"]

    await real.do(ANNA, work)
    shown = await real.run(ANNA, "diff", *night.tables, "--json")
    assert json.loads(shown.stdout)["parameters"][0]["name"] == "nifu"


# ------------------------------------------------------------------ saved questions
async def test_a_saved_question_is_asked_by_all_members(
    real: Real, night: Made
) -> None:
    def keep(client: Session) -> None:
        quiet = (MASTER_BIAS.ron < 3).order_by("-ron").select("ifu", "ron")
        kept = client.save("quiet", quiet, doc="usual ones")
        assert (kept["version"], kept["q"]) == (1, "ron < 3")

    def use(client: Session) -> None:
        assert client.saved("quiet").ids() == [night.master]
        assert client.saved("local/quiet").columns == ("ifu", "ron")
        narrower = client.saved("quiet") & (MASTER_BIAS.ifu == 6)
        assert narrower.count() == 0
        with pytest.raises(NotFoundError, match="keeps no query 'loud'"):
            client.saved("loud")

    await real.do(ANNA, keep)
    await real.do(CARLA, use)
    rows = json.loads((await real.run(CARLA, "ls", "@local/quiet", "--json")).stdout)
    assert rows == [{"ifu": 2, "ron": 2.46}]
    asked = ("@local/quiet", "ifu == 6", "--json")
    assert json.loads((await real.run(CARLA, "ls", *asked)).stdout) == []
    assert json.loads((await real.run(CARLA, "count", *asked)).stdout)["count"] == 0
    said = ("--valid", "no", "--reason", "test", "--dry-run", "--json")
    dry = json.loads((await real.run(CARLA, "flag", "@local/quiet", *said)).stdout)
    assert [one["frame_id"] for one in dry["edits"]] == [night.master]
    address = (await real.run(CARLA, "url", "@local/quiet")).stdout
    assert "class=MASTER_BIAS" in address


async def test_questions_are_kept_replaced_and_forgotten_in_the_shell(
    real: Real, night: Made
) -> None:
    save = ("save", "local/quiet", "MASTER_BIAS", "ron < 3", "--order=-ron")
    assert (await real.run(ANNA, *save)).exit_code == 0
    taken = await real.run(CARLA, *save)
    assert (taken.exit_code, "already" in taken.stderr) == (1, True)
    done = await real.run(CARLA, *save, "--doc", "quieter", "--replace", "1")
    assert "version 2" in done.stdout, done.stderr
    late = await real.run(ANNA, *save, "--replace", "1")
    assert "pass expect=2" in late.stderr
    assert "quieter" in (await real.run(ANNA, "saved")).stdout
    assert (
        await real.run(CARLA, "unsave", "local/quiet")
    ).exit_code == Exit.NOT_ALLOWED
    assert (await real.run(ANNA, "unsave", "local/quiet")).exit_code == 0
    assert "No question is kept" in (await real.run(ANNA, "saved")).stdout
