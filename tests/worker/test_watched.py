"""A worker's logs, figures and traces."""

import asyncio
import json
from pathlib import Path

import pytest

from musecore.log import correlation
from musecore.telemetry import REGISTRY, carried, traced
from tests.support.collector import Collector
from tests.worker.conftest import MakeWorld

pytestmark = pytest.mark.asyncio


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_one_trace_and_one_correlation_go_from_the_request_to_the_report(
    make_world: MakeWorld, product: Path, log_lines
):
    attempts = {"recipe": "muse_bias", "outcome": "finished"}
    before = value("musewise_worker_attempts_total", **attempts)
    timed = "musewise_worker_recipe_duration_seconds_count"
    times = value(timed, recipe="muse_bias")
    world = await make_world(f"cp {product} ../out/")
    with Collector() as collector:
        with collector.traced_as("worker"):
            with correlation("night-7"), traced("task.requested") as asked:
                trace_id = asked.get_span_context().trace_id
                task_id = world.task([])
                await world.request(task_id)
                assert carried()["traceparent"].split("-")[1] == f"{trace_id:032x}"
            await world.report()
            while world.service.slots and world.service.slots.running:
                await asyncio.sleep(0.01)
        spans = collector.spans()
    of_trace = {s.name: s for s in spans if s.trace_id.hex() == f"{trace_id:032x}"}
    assert {
        "task.requested",
        "task.requested.v1.small handled",
        "recipe muse_bias",
        "task.finished.v1 handled",
    } <= set(of_trace)
    recipe = of_trace["recipe muse_bias"]
    said = {a.key: a.value for a in recipe.attributes}
    assert said["musewise.ifu"].int_value == 7
    assert said["musewise.attempt"].int_value == 1
    assert said["musewise.exit_code"].int_value == 0
    handled = of_trace["task.requested.v1.small handled"]
    assert recipe.parent_span_id == handled.span_id
    assert handled.end_time_unix_nano < recipe.end_time_unix_nano  # claimed, not held
    lines = [json.loads(line) for line in log_lines() if "attempt " in line]
    assert len(lines) == 2
    for line in lines:
        assert line["correlation_id"] == "night-7"
        assert line["trace_id"] == f"{trace_id:032x}"
        assert (line["task"], line["attempt"]) == (str(task_id), 1)
        assert line["worker"] == "w1"
    assert value("musewise_worker_attempts_total", **attempts) == before + 1
    assert value(timed, recipe="muse_bias") == times + 1
    assert value("musewise_worker_slots", worker="w1") == 2
    assert value("musewise_worker_running_attempts", worker="w1") == 0


async def test_a_failed_recipe_is_a_failed_span(make_world: MakeWorld):
    world = await make_world("exit 3")
    with Collector() as collector:
        with collector.traced_as("worker"):
            await world.request(world.task([]))
            report = await world.report()
            while world.service.slots and world.service.slots.running:
                await asyncio.sleep(0.01)
        [span] = [s for s in collector.spans() if s.name == "recipe muse_bias"]
    assert span.status.code == 2
    assert span.status.message == report.failure_class
