"""Messages of the past parse for ever, and readers bear what newer senders add."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from musecore.fits import expand_headers
from musecore.messages import MESSAGES, Envelope, Payload, parse
from musecore.testing import assert_golden

GOLDEN = Path(__file__).parents[1] / "data" / "messages"
FILES = sorted(GOLDEN.glob("*.json"))


def read(path: Path) -> Envelope:
    return Envelope.model_validate_json(path.read_bytes())


def golden(name: str) -> Envelope:
    return read(GOLDEN / f"{name}.json")


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """Give the model that a field holds, alone, in a list or beside None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(inner_model, get_args(annotation))), None)


def parts(
    model: type[BaseModel], content: dict[str, Any]
) -> Iterator[tuple[type[BaseModel], dict[str, Any]]]:
    """Give each mapping inside a payload (itself first) with its model."""
    yield model, content
    for name, field in model.model_fields.items():
        inner = inner_model(field.annotation)
        held = content.get(name)
        for item in held if isinstance(held, list) else [held]:
            if inner is not None and isinstance(item, dict):
                yield from parts(inner, item)


def held_parts(name: str) -> Iterator[tuple[type[BaseModel], dict[str, Any]]]:
    """Give the parts of all golden files of a message."""
    for path in GOLDEN.glob(f"{name}.*json"):
        yield from parts(MESSAGES[name], read(path).payload)


def fields_of(models: Iterable[type[BaseModel]]) -> set[tuple[type[BaseModel], str]]:
    return {(model, field) for model in models for field in model.model_fields}


def parsed(name: str, content: dict[str, Any]) -> Payload:
    return parse(golden(name).model_copy(update={"payload": content}))


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_has_a_golden_file(name: str) -> None:
    assert (GOLDEN / f"{name}.json").is_file(), f"Add tests/data/messages/{name}.json."


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_message_of_the_past_says_the_same_today(
    path: Path, update_golden: bool
) -> None:
    envelope = read(path)
    payload = parse(envelope).model_dump(mode="json", exclude_unset=True)
    again = envelope.model_copy(update={"payload": payload}).model_dump(mode="json")
    assert_golden(path, json.dumps(again, indent=2) + "\n", update=update_golden)


@pytest.mark.parametrize("name", MESSAGES)
def test_golden_files_fill_every_field_of_a_message(name: str) -> None:
    held = [*held_parts(name)]
    filled = {(model, field) for model, part in held for field in part}
    missing = fields_of(model for model, _ in held) - filled
    assert not missing, f"Leave {name}.json as it is; add {name}.2.json with {missing}."


def test_golden_files_also_leave_out_every_optional_field() -> None:
    held = [pair for name in MESSAGES for pair in held_parts(name)]
    optional = {
        (model, field)
        for model, field in fields_of(model for model, _ in held)
        if not model.model_fields[field].is_required()
    }
    left_out = {(m, f) for m, part in held for f in m.model_fields if f not in part}
    assert optional <= left_out, f"Add a NAME.least.json without {optional - left_out}."


@pytest.mark.parametrize("name", MESSAGES)
def test_a_reader_ignores_fields_that_a_newer_sender_adds(name: str) -> None:
    envelope = golden(name)
    known = parse(envelope)
    for _, content in parts(MESSAGES[name], envelope.payload):
        content["from_a_newer_sender"] = {"anything": [1, 2]}
    newer = envelope.model_dump(mode="json") | {"trace": "00-ab-01"}
    assert parse(Envelope.model_validate(newer)) == known


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_without_its_optional_fields_parses(name: str) -> None:
    content = golden(name).payload
    for model, part in list(parts(MESSAGES[name], content)):
        for field, facts in model.model_fields.items():
            if not facts.is_required():
                part.pop(field, None)
    parsed(name, content)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_that_lacks_a_required_field_is_refused(name: str) -> None:
    for field, facts in MESSAGES[name].model_fields.items():
        if facts.is_required():
            content = golden(name).payload
            del content[field]
            with pytest.raises(ValidationError, match=field):
                parsed(name, content)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_payload_cannot_be_changed(name: str) -> None:
    payload = parse(golden(name))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(payload, next(iter(type(payload).model_fields)), None)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_name_says_thing_event_and_version(name: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+\.v[1-9]\d*", name)


@pytest.mark.parametrize("name", ["file.stored.v1", "task.finished.v1"])
def test_headers_inside_a_message_of_the_past_can_be_read(name: str) -> None:
    held = parts(MESSAGES[name], golden(name).payload)
    [packed] = [part["headers"] for _, part in held if "headers" in part]
    [primary] = expand_headers(base64.b64decode(packed))
    assert "MUSE" in primary.cards_text


def test_a_message_of_an_unknown_name_is_not_guessed() -> None:
    stranger = golden("file.unwanted.v1").model_copy(update={"name": "file.lost.v1"})
    with pytest.raises(KeyError, match=r"file\.lost\.v1"):
        parse(stranger)


def test_a_checksum_that_is_no_sha256_is_refused() -> None:
    content = golden("file.stored.v1").payload
    with pytest.raises(ValidationError, match="sha256"):
        parsed("file.stored.v1", content | {"sha256": content["sha256"].upper()})


def test_a_failure_of_no_known_class_is_refused() -> None:
    content = golden("task.failed.v1").payload
    with pytest.raises(ValidationError, match="failure_class"):
        parsed("task.failed.v1", content | {"failure_class": "bad_luck"})
