"""The OpenAPI documents say what the services offer; the SDK and the client follow."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from musewise import dpu, records, results
from musewise.calls import Call

ROOT = Path(__file__).parents[2]
OPENAPI = ROOT / "docs" / "openapi"
SERVICES = ["auth", "catalog", "scheduler", "storage"]
UUID_TEXT = "0199a1b2-c3d4-7fff-8000-000000000001"

ANSWERS = {
    results.Frame: "catalog.models.frame.Frame",
    records.PlanRecord: "scheduler.models.plan.Plan",
    records.RecipeSummary: "scheduler.models.recipe_summary.RecipeSummary",
    records.Choice: "scheduler.models.choice.Choice",
    records.Missing: "scheduler.models.missing.Missing",
    records.JobRecord: "scheduler.models.job.Job",
    records.RecipeProgress: "scheduler.models.recipe_progress.RecipeProgress",
    records.JobProduct: "scheduler.models.job_product.JobProduct",
    records.Attempt: "scheduler.models.attempt.Attempt",
    records.Task: "scheduler.models.task.Task",
    dpu.PlanRequest: "scheduler.models.plan_request.PlanRequest",
    dpu.FanIn: "scheduler.models.fan_in.FanIn",
}


def operations(service: str) -> list[tuple[str, str, str, str]]:
    document = json.loads((OPENAPI / f"{service}.json").read_text())
    return [
        (path, method, one["operationId"], one.get("tags", ["default"])[0])
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]


def generated(name: str):
    module, _, what = name.rpartition(".")
    return getattr(importlib.import_module(f"musewise._generated.{module}"), what)


@pytest.mark.parametrize("service", SERVICES)
def test_each_operation_of_a_document_is_a_call_of_the_sdk(service: str) -> None:
    for path, method, name, tag in operations(service):
        module = importlib.import_module(f"musewise._generated.{service}.api.{tag}")
        call = getattr(module, name)
        assert callable(call), f"{method} {path}"


@pytest.mark.parametrize("service", [*SERVICES, "portal", "worker"])
def test_a_document_names_each_operation_once(service: str) -> None:
    names = [name for _, _, name, _ in operations(service)]
    assert len(names) == len(set(names))


def test_a_call_is_a_value_that_says_what_is_sent_and_reads_the_answer() -> None:
    count = generated("catalog.api.objects.get_count")
    call = count(class_="BIAS", q="nifu == 6")
    assert isinstance(call, Call)
    assert (call.method, call.path) == ("GET", "/catalog/objects/count")
    assert call.params["class"] == "BIAS"
    assert call.params["q"] == "nifu == 6"
    assert call.parse({"count": 3, "exact": True}).count == 3


def test_a_call_writes_values_into_its_path_so_that_they_stay_values() -> None:
    call = generated("catalog.api.frames.get_frame")("a/b?c")
    assert call.path == "/catalog/frames/a%2Fb%3Fc"


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda model: model.__name__)
def test_the_client_reads_only_fields_that_the_service_has(answer: type) -> None:
    theirs = {
        field.name.rstrip("_") for field in attrs.fields(generated(ANSWERS[answer]))
    }
    ours = {name.rstrip("_") for name in answer.model_fields}
    assert ours <= theirs, f"{answer.__name__}: {sorted(ours - theirs)}"


def test_importing_musewise_makes_no_model_of_the_sdk() -> None:
    code = "import sys, musewise; print([n for n in sys.modules if '.models.' in n])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "musewise._generated" not in done.stdout
