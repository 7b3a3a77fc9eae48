"""The tutorial notebook runs as it stands, on a simulated night, and shows what it says."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

SHELL = ("musewise ", "MUSEWISE_TOKEN", "cube-again")
DOCS = Path(__file__).parents[2] / "docs"


def read():
    return nbformat.read(DOCS / "tutorial.ipynb", as_version=4)


def test_each_line_of_python_in_the_tutorial_is_in_the_notebook():
    sections = (DOCS / "tutorial.md").read_text().split("\n## ")
    [text] = [one for one in sections if one.startswith("4 From Python")]
    code = "\n".join(cell.source for cell in read().cells if cell.cell_type == "code")
    told = [
        line.partition("  #")[0].strip()
        for line in text.splitlines()
        if line.startswith("    ") and not line.strip().startswith(SHELL)
    ]
    assert told
    assert [line for line in told if line not in code] == []


def test_the_notebook_is_kept_without_its_answers():
    for cell in read().cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)


@pytest.fixture(scope="module")
def notebook(night, tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebook")
    whole = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSEWISE_DIR", str(night.server.data))
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
            patch.setenv(name, str(folder / name))
        client = NotebookClient(
            whole, timeout=600, resources={"metadata": {"path": str(folder)}}
        )
        client.execute()
    return whole


def answer(notebook, beginning: str) -> str:
    """What a cell printed and gave, as text."""
    [cell] = [one for one in notebook.cells if one.source.startswith(beginning)]
    told = [one.get("text") or one["data"]["text/plain"] for one in cell.outputs]
    return "".join(told)


@pytest.mark.e2e
def test_the_first_example_prints_the_biases_of_that_day(night, notebook):
    printed = answer(notebook, "query = BIAS.DATE_OBS ==").split()
    of_the_day = [
        one["filename"]
        for one in night.server.ask("ls", "BIAS")
        if one["date_obs"].startswith("2018-12-09")
    ]
    assert sorted(printed) == sorted(of_the_day) != []


@pytest.mark.e2e
def test_the_second_example_makes_another_cube(night, notebook):
    assert "DONE" in answer(notebook, 'pars = {"crtype"')
    changed = answer(notebook, "made = (Cube.processing")
    assert "crsigma" in changed
    assert answer(notebook, "made.retrieve").strip().endswith(".fits'")


@pytest.mark.e2e
def test_its_mistakes_are_told_with_what_would_be_right(notebook):
    assert "Did you mean 'ron'" in answer(notebook, "try:\n    MASTER_BIAS.rno")
    assert "crtype" in answer(notebook, "try:\n    dpu.run")


@pytest.mark.e2e
def test_its_trial_is_in_the_space_of_its_maker(night, notebook):
    told = answer(notebook, 'pars = {"crsigma"')
    assert "This is a trial: only you see it" in told
    assert "'trial:" in told.splitlines()[-1]


@pytest.mark.e2e
def test_the_async_client_gives_the_same(notebook):
    assert int(answer(notebook, "import asyncio")) >= 2
    assert answer(notebook, "async with aio.connect()") == "True"


@pytest.mark.e2e
def test_each_answer_is_shown_once(notebook):
    shown = [
        [one.output_type for one in cell.outputs if one.output_type != "stream"]
        for cell in notebook.cells
        if cell.cell_type == "code" and "progress=True" not in cell.source
    ]
    assert [one for one in shown if len(one) > 1] == []
    assert float(answer(notebook, "MASTER_BIAS.all().first()")) > 0
