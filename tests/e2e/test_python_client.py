"""The two examples of MUSE-WISE's own Python interface, and the same in the shell."""

import subprocess
from datetime import date, datetime

import pytest

from musecore.fits import scan
from musewise import connect, dpu
from musewise.classes import BIAS, MASTER_BIAS
from musewise.classes import DATACUBE_FINAL as Cube

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def muse(night):
    """The default connection, to the night's embedded server."""
    with connect(directory=night.server.data) as session:
        yield session


def test_the_first_example_finds_the_biases_of_a_day(night, muse):
    [first, *_] = night.server.ask("ls", "BIAS")
    day = datetime.fromisoformat(first["date_obs"][:10])
    query = BIAS.DATE_OBS == day
    names = []
    for bias in query:
        names.append(bias.filename)  # noqa: PERF401  the example as it stands
    of_the_day = [
        one["filename"]
        for one in night.server.ask("ls", "BIAS")
        if one["date_obs"].startswith(f"{day:%Y-%m-%d}")
    ]
    assert sorted(names) == sorted(of_the_day) != []


def test_the_second_example_makes_a_cube_of_each_exposure_of_the_day(night, muse):
    before = Cube.all().count()
    [science] = night.server.ask("ls", "OBJECT")
    pars = {"crtype": "median", "crsigma": 17, "lambdamin": 6900, "lambdamax": 7000}
    day = date.fromisoformat(science["date_obs"][:10])
    job = dpu.run("scipost", date=day, commit=True, p=pars)
    assert job.wait(timeout_s=300).state == "DONE"
    asked = Cube.processing.parameters.crsigma == 17
    made = asked.made_from(science["frame_id"]).one()
    assert Cube.all().count() == before + 1
    assert made.frame_id in {one.frame_id for one in job.products}


def test_a_table_of_quality_values_has_units(night, muse):
    table = MASTER_BIAS.all().select("nifu", "ron", "DATE_OBS").to_table()
    assert len(table) == 1
    assert float(table["ron"][0].value) > 0
    assert table["ron"].unit is not None


def test_a_bundle_makes_the_same_cube_again_with_plain_esorex(night, muse, tmp_path):
    cube = night.server.ask("ls", "DATACUBE_FINAL")[-1]
    told = night.server.ask("export", cube["frame_id"], "-o", str(tmp_path / "bundle"))
    done = subprocess.run(
        ["sh", str(tmp_path / "bundle" / "run.sh")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    with (tmp_path / "bundle" / told["product"]).open("rb") as file:
        made = scan(file, content="DATACUBE_FINAL")
    assert made.content_key == told["content_key"] == cube["content_key"]
    assert told["tasks"] == 5


def test_the_shell_asks_in_the_same_words(night, muse):
    rows = night.server.ask("ls", "MASTER_BIAS", "ron > 0", "--cols", "nifu,ron")
    assert [row["nifu"] for row in rows] == [12]
    assert night.server.ask("count", "BIAS", "kind == 'raw'")["count"] == 3
    shown = night.server.run("ls", "MASTER_BIAS", "rno > 0")
    assert shown.returncode == 1
    assert "Did you mean 'ron'" in shown.stderr
    [bias, *_] = night.server.ask("ls", "BIAS")
    made = night.server.ask("used-by", bias["frame_id"], "--class", "MASTER_FLAT")
    assert [frame["tag"] for frame in made] == ["MASTER_FLAT"]
    address = night.server.run("url", "BIAS", "nifu == 12").stdout
    assert "class=BIAS&q=nifu" in address
