"""The recipes of the model are those of the installed pipeline."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from musecore.muse.schema import load

MODEL = load()
RECIPES = [recipe.name for recipe in MODEL.recipes.recipes]


def esorex(tmp_path: Path, *arguments: str) -> str:
    program = shutil.which("esorex")
    assert program, "esorex is missing: apt-get install esorex cpl-plugin-muse"
    done = subprocess.run(
        [program, f"--log-dir={tmp_path}", *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=tmp_path,
    )
    return done.stdout


def parameters_of(text: str) -> dict[str, str]:
    _, _, told = text.partition("Recipe Parameters :")
    return dict(re.findall(r"^  (\w+) *: ?(.*?)\s*$", told, flags=re.MULTILINE))


def kind_of(text: str) -> str:
    if text in ("TRUE", "FALSE"):
        return "boolean"
    if re.fullmatch(r"-?\d+", text):
        return "int"
    if re.fullmatch(r"-?(\d+\.\d*|\d+(\.\d*)?e[+-]?\d+)", text):
        return "double"
    return "string"


@pytest.mark.esorex
def test_the_installed_pipeline_has_these_recipes_and_no_others(tmp_path: Path):
    told = re.findall(r"^  (muse_\w+)", esorex(tmp_path, "--recipes"), re.MULTILINE)
    assert sorted(told) == sorted(RECIPES)
    assert len(RECIPES) == 27


@pytest.mark.esorex
@pytest.mark.parametrize("name", RECIPES)
def test_parameters_are_those_of_the_installed_recipe(name: str, tmp_path: Path):
    told = parameters_of(esorex(tmp_path, "--params", name))
    recipe = MODEL.recipe(name)
    assert list(told) == [p.name for p in recipe.parameters]
    for parameter in recipe.parameters:
        text = told[parameter.name]
        assert kind_of(text) == parameter.type, parameter
        typed = MODEL.check_parameters(name, {parameter.name: text})
        assert typed[parameter.name] == parameter.default, parameter


@pytest.mark.esorex
@pytest.mark.parametrize("name", RECIPES)
def test_choices_and_version_are_those_of_the_installed_recipe(
    name: str, tmp_path: Path
):
    page = esorex(tmp_path, "--man-page", name)
    version = MODEL.recipes.pipeline.rsplit(" ", 1)[1]
    assert re.search(rf"{name} -- version {re.escape(version)}$", page, re.MULTILINE)
    # esorex wraps lines: a description ends with the default in brackets
    options = re.findall(
        r"^  --(\w+) +: (.*?)(?=^  --|^\s*$)", page, re.MULTILINE | re.DOTALL
    )
    for option, described in options:
        found = re.search(r"<([^<>]*\|[^<>]*)>", " ".join(described.split()))
        if found:
            parameter = MODEL.recipe(name).parameter(option)
            assert parameter is not None
            told = tuple(choice.strip() for choice in found[1].split("|"))
            assert parameter.choices == told, option


@pytest.mark.esorex
@pytest.mark.parametrize("name", RECIPES)
def test_frames_are_those_of_the_installed_recipe(name: str, tmp_path: Path):
    page = esorex(tmp_path, "--man-page", name)
    rows = re.findall(
        r"^   ([A-Z_]+) +(raw|calib) +([Y.]) +(\S+)", page, flags=re.MULTILINE
    )
    recipe = MODEL.recipe(name)
    declared = {i.tag for i in recipe.inputs if i.declared}
    assert {row[0] for row in rows} == declared
    required = {tag for tag, _, needed, _ in rows if needed == "Y"}
    optional_here = {"STD_RESPONSE"} if name == "muse_scipost" else set()
    assert required - optional_here == {
        i.tag for i in recipe.inputs if i.min > 0 and i.declared
    }
    products = re.findall(
        r"^   ([A-Z_0-9]+) +(?:final|intermediate) ", page, flags=re.MULTILINE
    )
    known = {o.tag for o in recipe.outputs}
    wrong_there = {"PIXTABLE_OBJECT"} if name.startswith("muse_scipost_") else set()
    assert set(products) - wrong_there <= known
