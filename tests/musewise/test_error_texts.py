"""Every error text that the design promises, from a client against a running server.

The conflict of two people who judge the same object is tested where it is built, with
optimistic locking.
"""

import hashlib
import warnings
from datetime import timedelta

import pytest

import musewise
from musecore.times import parse_date_obs
from musewise import Query, dpu
from musewise.classes import BIAS, MASTER_BIAS, object_class
from musewise.errors import (
    BadCopyWarning,
    ChecksumError,
    Error,
    FileAway,
    NotAllowed,
    NotFoundError,
    ParameterError,
    QueryError,
    TooMany,
    UnknownClassError,
    VersionWarning,
)
from tests.catalog.catalog import finished, product, used
from tests.catalog.frames import make_object, make_product, make_raw
from tests.support.house import House

_T0 = parse_date_obs("2026-01-01T00:00:00")
NO_TRUTH = (
    "A query has no truth value. Use & | ~ instead of and/or/not, put brackets round "
    "each comparison, and write a.between(x, y) instead of x < a < y."
)


@pytest.fixture(scope="module")
def house(databases, tmp_path_factory):
    with House(databases, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(scope="module")
def muse(house):
    """Anna's session, to a server with one bias and one exposure."""
    with house.person("anna", local=5) as session:
        house.put(session, house.folder / "first", bias=make_raw(1), sky=make_object(9))
        yield session


@pytest.fixture
def exposure(house, muse, tmp_path, request):
    """An exposure of its own for the test, and its bytes."""
    number = 10 + int(hashlib.sha256(request.node.name.encode()).hexdigest(), 16) % 49
    content = make_object(number, seed=hash(request.node.name) % 60_000)
    [upload] = house.put(muse, tmp_path / "own", **{f"own{number}": content})
    frame = muse.query("OBJECT", f"filename == 'own{number}.fits'").first()
    assert frame.file_id == upload.file_id
    return frame, content


# -- questions that are none
@pytest.mark.parametrize(
    "wrong",
    [
        lambda: (BIAS.nifu == 1) and (BIAS.nifu == 2),
        lambda: 1 < BIAS.nifu < 3,
        lambda: not BIAS.nifu > 1,
    ],
)
def test_a_query_has_no_truth_value(wrong):
    with pytest.raises(QueryError) as caught:
        wrong()
    assert str(caught.value) == NO_TRUTH


def test_a_misspelt_attribute_names_the_nearest(muse):
    with pytest.raises(AttributeError) as caught:
        _ = MASTER_BIAS.rno
    assert str(caught.value) == (
        "MASTER_BIAS has no attribute 'rno'. Did you mean 'ron'? "
        "See MASTER_BIAS.attributes()"
    )
    assert isinstance(caught.value, Error)
    with pytest.raises(
        Error, match=r"There is no attribute 'rno'\. Did you mean 'ron'"
    ) as said:
        muse.query("MASTER_BIAS", "rno > 3").count()
    assert said.value.request_id


def test_a_wrong_type_says_what_it_takes(muse):
    with pytest.raises(QueryError) as caught:
        _ = BIAS.nifu == "six"
    assert str(caught.value) == "BIAS.nifu takes int, got str 'six'"
    with pytest.raises(Error, match="ifu takes int, got str 'six'"):
        muse.query("BIAS", "nifu == 'six'").count()


def test_forgotten_brackets_are_guessed():
    with pytest.raises(QueryError) as caught:
        _ = (BIAS.nifu == 1) & True
    assert str(caught.value) == (
        "True is not a condition. Did you forget brackets?  (A == 1) & (B == 2)"
    )
    with pytest.raises(QueryError) as caught:
        _ = BIAS.nifu == 1 & BIAS.nifu == 2  # Python reads 1 & BIAS.nifu first
    assert str(caught.value) == (
        "BIAS.nifu is no condition. Did you forget brackets?  (A == 1) & (B == 2)"
    )
    with pytest.raises(QueryError, match="Did you forget brackets"):
        _ = BIAS.nifu & 1


def test_a_misspelt_class_names_the_nearest_and_where_to_see_all(muse):
    with pytest.raises(UnknownClassError) as caught:
        object_class("MASTER_BAIS")
    assert str(caught.value) == (
        "There is no class 'MASTER_BAIS'. Did you mean MASTER_BIAS? "
        "musewise attributes, or dir(musewise.classes), lists them."
    )
    with pytest.raises(Error) as said:
        muse.query("MASTER_BAIS").count()
    assert "MASTER_BIAS" in said.value.detail
    assert "musewise attributes lists the classes" in said.value.hint
    assert len(str(said.value)) < 250


# -- rights
def test_a_closed_project_says_whom_to_ask_and_the_request_is_seen(house, muse):
    with house.person("carla", mxdf=5) as carla:
        with pytest.raises(NotAllowed) as caught:
            BIAS.all().in_project("mxdf").bound_to(muse).count()
        assert str(caught.value) == (
            "'mxdf' is closed to you. Needs role member; owners: Carla. "
            'Ask with client.request_access("mxdf").'
        )
        assert caught.value.request_id
        with pytest.raises(NotAllowed, match="owners: Carla"):
            BIAS.all().in_project("mxdf").bound_to(muse).to_csv(house.folder / "no.csv")
        assert not (house.folder / "no.csv").exists()
        muse.request_access("mxdf", "for the HDFS paper")
        [request] = carla.access_requests("mxdf")
        assert (request.subject, request.reason) == ("anna", "for the HDFS paper")
        with pytest.raises(NotFoundError, match="There is no project 'mxdg'"):
            BIAS.all().in_project("mxdg").bound_to(muse).count()


# -- files
def _later(monkeypatch, minutes):
    from muse_storage.service import silence

    moment = silence.utcnow() + timedelta(minutes=minutes)
    monkeypatch.setattr(silence, "utcnow", lambda: moment)


def test_a_file_whose_site_is_silent_says_so_and_can_be_waited_for(
    house, muse, exposure, tmp_path, monkeypatch
):
    exposure, content = exposure
    away = house.folder / "away"
    house.blobs.rename(away)
    with pytest.raises(FileAway):
        exposure.retrieve(tmp_path)
    _later(monkeypatch, 26)
    with pytest.raises(FileAway) as caught:
        exposure.retrieve(tmp_path)
    assert str(caught.value) == (
        f"{exposure.filename} is only at local, silent for 26 min. "
        "retrieve(wait=True) waits for it, or put it again."
    )
    assert caught.value.request_id
    with pytest.raises(FileAway):
        exposure.retrieve(tmp_path, wait=0.2)
    import threading

    back = threading.Timer(0.5, lambda: away.rename(house.blobs))
    back.start()
    place = exposure.retrieve(tmp_path, wait=True)
    back.join()
    assert place.read_bytes() == content


def test_a_product_that_is_away_says_how_long_making_it_again_takes(
    house, muse, exposure, tmp_path
):
    exposure, _ = exposure
    content = make_product("DATACUBE_FINAL", value=7.0)
    made = product(content, "HDFS-1.34.fits", "DATACUBE_FINAL")
    read = used(_as_stored(exposure), "OBJECT")
    hours = timedelta(hours=6, minutes=30)
    house.tell(finished("muse_scipost", [read], [made], started=_T0, ended=_T0 + hours))
    _register(house, made, content)
    cube = muse.frame(str(made.product_id))
    assert cube.retrieve(tmp_path / "whole").read_bytes() == content
    (house.blobs / made.object_key).unlink()
    with pytest.raises(FileAway) as caught:
        cube.retrieve(tmp_path)
    assert str(caught.value) == (
        "HDFS-1.34.fits is only at local, where its copy is missing for 1 s. "
        "retrieve(wait=True), or process again here (about 6 h 30 min)."
    )


def _as_stored(frame):
    from musecore.messages import FileStored

    return FileStored.model_construct(
        file_id=frame.file_id,
        filename=frame.filename,
        sha256=frame.sha256,
        content_key=frame.content_key,
    )


def _register(house, made, content):
    """Let the gateway hold the bytes of a product, as a worker puts them there."""
    from muse_storage.tables import FileRow

    async def add():
        async with house.database["storage"].begin() as tx:
            tx.session.add(
                FileRow(
                    file_id=made.file_id,
                    kind="product",
                    filename=made.filename,
                    object_key=made.object_key,
                    project="local",
                    owner="anna",
                    sha256=made.sha256,
                    content_key=made.content_key,
                    size=made.size,
                    state="STORED",
                )
            )

    house.do(add())
    path = house.blobs / made.object_key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _damage(house, frame):
    path = house.blobs / "objects" / frame.file_id
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def test_a_damaged_copy_is_reported_and_said(house, muse, exposure, tmp_path):
    exposure, _ = exposure
    found = _damage(house, exposure)
    with pytest.raises(ChecksumError) as caught:
        exposure.retrieve(tmp_path / "x.fits")
    assert caught.value.detail == (
        f"local copy of {exposure.file_id[:8]} has sha256 {found[:8]}…, catalogue says "
        f"{exposure.sha256[:8]}…. Bad copy reported. There is no other copy."
    )
    assert list(tmp_path.glob("x.fits*")) == []


def test_a_damaged_copy_is_fetched_from_another(house, muse, exposure, tmp_path):
    exposure, content = exposure
    with house.person("boris", cral=5) as boris:
        name = "same"
        house.put(boris, tmp_path / "b", project="cral", **{name: content})
    found = _damage(house, exposure)
    with pytest.warns(BadCopyWarning) as caught:
        place = exposure.retrieve(tmp_path / "y.fits")
    assert str(caught[0].message) == (
        f"local copy of {exposure.file_id[:8]} has sha256 {found[:8]}…, catalogue says "
        f"{exposure.sha256[:8]}…. Bad copy reported. Fetched from cral/same.fits instead."
    )
    assert place.read_bytes() == content


# -- processing
def test_a_misspelt_parameter_is_refused_before_anything_is_sent():
    with pytest.raises(ParameterError) as caught:
        dpu.run("scipost", date="2014-12-08", p={"crtpye": "median"}, session=_nobody())
    assert str(caught.value) == (
        "muse_scipost has no parameter 'crtpye'. Did you mean 'crtype'? "
        "(iraf, mean, median)"
    )
    with pytest.raises(ParameterError) as caught:
        dpu.run("scipost", date="2014-12-08", p={"crtype": "meen"}, session=_nobody())
    assert "crtype is one of iraf, mean, median, not 'meen'" in str(caught.value)


def _nobody():
    """Give a session to a server that is not there: whoever asks it fails."""
    from musewise.session import Session
    from musewise.settings import Server

    return Session(Server(url="http://127.0.0.1:9"))


# -- large answers
ROWS = """
WITH new AS (
    INSERT INTO file (file_id, kind, tag, filename, arcfile, project, owner, sha256,
        content_key, size, state, keywords, quality_flags)
    SELECT gen_random_uuid(), 'raw', 'DARK', 'd' || n, 'd' || n, 'many', 'dora',
        md5(n::text), md5(n::text), 1, 'STORED', '{}', '{}'
    FROM generate_series(1, 120000) n RETURNING file_id, tag, kind, project
)
INSERT INTO frame (frame_id, file_id, chip_live, tag, kind, project)
SELECT gen_random_uuid(), file_id, true, tag, kind, project FROM new
"""


async def _many(house):
    async with house.database["catalog"].begin() as tx:
        await tx.execute(ROWS)
        await tx.execute("ANALYZE file")
        await tx.execute("ANALYZE frame")


def test_a_table_of_too_many_says_where_it_stops(house, tmp_path):
    house.do(_many(house))
    with house.person("dora", many=5) as dora:
        asked = Query("DARK").bound_to(dora)
        spoken = f"{asked.count():,}".replace(",", "\u202f")
        with pytest.raises(TooMany) as caught:
            asked.to_table()
        assert len(asked.limit(3).to_table()) == 3
        assert asked.select("filename").to_csv(tmp_path / "all.csv").is_file()
    assert str(caught.value) == (
        f"{spoken} objects; to_table() stops at 100\u202f000. "
        "Add .limit(), .select() or use .to_parquet(path)."
    )
    lines = (tmp_path / "all.csv").read_text().splitlines()
    assert len(set(lines)) == 1 + 120_000


# -- versions
def test_a_newer_server_is_warned_of_once(house, muse):
    objects = house.catalog._objects
    facts = objects._attributes.facts
    new = facts[0].model_copy(update={"name": "ao_strehl", "doc": "Strehl ratio"})
    mine = objects._attributes.number
    with house.person("anna") as fresh:
        try:
            objects._attributes.number = mine + 1
            facts.append(new)
            with pytest.warns(VersionWarning) as caught:
                BIAS.all().bound_to(fresh).count()
        finally:
            objects._attributes.number = mine
            facts.remove(new)
        assert [str(one.message) for one in caught] == [
            f"server speaks model {mine + 1}, this client {mine}: attribute 'ao_strehl' "
            "is not known here; pip install -U musewise."
        ]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            BIAS.all().bound_to(fresh).count()


def test_all_errors_are_of_one_family():
    from musewise import errors

    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ]
    warned = [kind for kind in kinds if issubclass(kind, Warning)]
    assert {kind.__name__ for kind in warned} == {"BadCopyWarning", "VersionWarning"}
    assert all(issubclass(kind, musewise.Error) for kind in kinds if kind not in warned)
    told = Error("no", hint="yes")
    assert (told.request_id, told.hint, str(told)) == (None, "yes", "no yes")
