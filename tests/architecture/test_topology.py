"""topology.yaml describes the queues: all messages are heard, by those who handle them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from musecore import broker
from musecore.broker import FleetQueues, fleet_queues, fleet_topology, queue_of
from musecore.messages import MESSAGES
from musecore.muse.pools import load_pools

ROOT = Path(__file__).parents[2]
FILE = Path(broker.__file__).parent / "topology.yaml"


@pytest.fixture
def content() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text()))


@pytest.fixture
def conversation(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Who says and hears what, as the services' code has it."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    from pages.messages import conversation

    yield conversation()
    for name in [one for one in sys.modules if one.partition(".")[0] == "pages"]:
        del sys.modules[name]


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_heard_or_left_unheard_on_purpose(name: str) -> None:
    described = fleet_queues()
    assert described.hearing(name) or name in described.unheard, (
        f"Nobody hears {name}: give it to a queue in topology.yaml, or list it there "
        "as unheard."
    )


def test_a_message_is_heard_by_the_services_whose_consumers_handle_it(
    conversation: dict[str, Any],
) -> None:
    by_code = {
        MESSAGES[name].name: set(conversation[MESSAGES[name].__name__][1])
        for name in MESSAGES
    }
    by_file = {
        name: {queue.served_by for queue in fleet_queues().hearing(name)}
        for name in MESSAGES
    }
    assert by_file == by_code


def test_every_pool_has_its_queue_from_the_start_and_workers_have_their_own() -> None:
    at_start = fleet_topology()
    assert {f"worker.{name}" for name in load_pools().names} <= set(at_start.queues)
    assert not [name for name in at_start.queues if "{" in name]
    assert queue_of("worker.at.{worker}", worker="w-1.eso").hears == (
        "task.requested.v1.at.w-1.eso",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hears": ["task.sung.v1"]}, "name of no message"),
        ({"served_by": "nobody"}, "served_by"),
        ({"hears": []}, "hears"),
        ({"name": "storage"}, "described twice"),
    ],
)
def test_a_queue_that_cannot_be_is_refused(
    content: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    first, *others = content["queues"]
    with pytest.raises(ValidationError, match=said):
        FleetQueues.model_validate({**content, "queues": (first | change, *others)})


def test_a_message_that_is_heard_cannot_be_listed_as_unheard(
    content: dict[str, Any],
) -> None:
    with pytest.raises(ValidationError, match="heard after all"):
        FleetQueues.model_validate(
            {
                **content,
                "queues": tuple(content["queues"]),
                "unheard": ["task.started.v1"],
            }
        )


def test_a_queue_that_is_not_described_cannot_be_had() -> None:
    with pytest.raises(KeyError, match=r"topology\.yaml has no queue 'sideshow'"):
        queue_of("sideshow")
