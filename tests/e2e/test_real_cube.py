"""The real cube of Abell 478 through every door: put, asked for, shown, fetched."""

import io
import json

import pytest
from astropy.io import fits

from musewise import connect
from musewise.classes import DATACUBE_FINAL as Cube
from musewise.results import Pending
from tests.catalog.frames import make_object
from tests.support.live import LiveServer
from tests.support.real_files import CUBE, need

pytestmark = pytest.mark.e2e

RAW = "MUSE.2014-12-08T02:48:56.798.fits"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    need(CUBE)
    one = LiveServer(tmp_path_factory.mktemp("real") / "data")
    one.start()
    try:
        done = one.run("put", str(CUBE))
        assert done.returncode == 0, done.stdout + done.stderr
        yield one
    finally:
        one.stop()


@pytest.fixture(scope="module")
def cube(server):
    [found] = server.ask("ls", "DATACUBE_FINAL")
    return found


def test_the_cube_is_taken_with_a_flag_for_its_stale_sums(server, cube):
    assert cube["quality_flags"] == ["CHECKSUM_DIFFERS"]
    assert cube["recipe"] == "muse_exp_combine"


def test_its_tree_goes_down_three_recipes_to_the_raw_frame(server, cube):
    tree = server.run("tree", cube["frame_id"]).stdout
    for words in ("by exp_combine", "pending  by scipost", "pending  by scibasic"):
        assert words in tree
    assert tree.count("pending") == 63
    assert tree.count("LSF_PROFILE-") == 24


def test_it_is_found_by_version_unit_and_wavelength(server, cube):
    asked = "processing.pipeline_version < '1.4b1' & wave_max > 9000 & bunit == '10**(-20)*erg/s/cm**2/Angstrom'"  # fmt: skip
    [found] = server.ask("ls", "DATACUBE_FINAL", asked)
    assert found["frame_id"] == cube["frame_id"]
    with connect(directory=server.data):
        version = Cube.processing.pipeline_version
        assert (version >= "1.0").one().frame_id == cube["frame_id"]
        assert (version > "muse/1.0").count() == 0
        table = Cube.all().select("bunit", "wave_min").to_table()
    assert str(table["wave_min"].unit) == "Angstrom"


def test_the_raw_frame_that_it_names_heals_it_and_comes_back_by_its_name(
    server, cube, tmp_path
):
    path = tmp_path / RAW
    path.write_bytes(make_object(ARCFILE=RAW))
    assert server.run("put", str(path)).returncode == 0
    with connect(directory=server.data) as muse:
        one, two, three = muse.frame(cube["frame_id"]).made_from()["PIXTABLE_REDUCED"]
        assert all(isinstance(one, Pending) for one in (one, two, three))
        [table, *others] = one.made_from()["PIXTABLE_OBJECT"]
        assert len(others) == 23
        [raw] = table.made_from()["OBJECT"]
        assert not isinstance(raw, Pending)
        [named] = {one.file_id for one in muse.frames(filename=RAW)}
        assert named == raw.file_id
        fetched = raw.retrieve(tmp_path / "again")
    assert fetched.read_bytes() == path.read_bytes()
    assert server.run("tree", cube["frame_id"]).stdout.count("pending") == 62


def test_two_foreign_products_are_compared(server, cube, tmp_path):
    with fits.open(CUBE) as hdus:
        hdus[0].header["HIERARCH ESO PRO REC3 PARAM7 VALUE"] = "20"
        hdus[0].header["HIERARCH ESO PRO REC3 PIPE ID"] = "muse/1.4b1"
        buffer = io.BytesIO()
        hdus.writeto(buffer, output_verify="ignore")
    (tmp_path / "later.fits").write_bytes(buffer.getvalue())
    done = server.run("put", str(tmp_path / "later.fits"))
    assert done.returncode == 0
    [later] = [one for one in server.ask("ls", "DATACUBE_FINAL") if one["filename"] == "later.fits"]  # fmt: skip
    diff = json.loads(server.run("diff", cube["frame_id"], later["frame_id"], "--json").stdout)  # fmt: skip
    assert [(one["name"], one["a"], one["b"]) for one in diff["parameters"]] == [("crsigma", 15.0, 20.0)]  # fmt: skip
    assert [(one["a"], one["b"]) for one in diff["versions"]] == [("muse/1.0", "muse/1.4b1")]  # fmt: skip
    assert diff["inputs"] == []
