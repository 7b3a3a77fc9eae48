"""Errors have unique codes and one shape."""

import pytest

from musecore.errors import (
    InternalError,
    MuseError,
    NotFound,
    Refused,
    Unavailable,
    codes,
    error_class,
    problem_of,
)


def make_error_class(code: str) -> type[MuseError]:
    return type("ShutterJammed", (Refused,), {"code": code, "__module__": __name__})


def test_a_second_class_with_a_known_code_breaks_at_once() -> None:
    with pytest.raises(AssertionError, match="not_found"):
        make_error_class("not_found")
    assert error_class("not_found") is NotFound


def test_a_class_without_a_code_of_its_own_breaks_at_once() -> None:
    with pytest.raises(TypeError, match="code of its own"):
        type("Nameless", (NotFound,), {})


def test_status_and_transience_are_inherited_and_the_title_is_spoken() -> None:
    made = make_error_class("shutter_jammed_for_test")
    assert (made.status, made.transient) == (422, False)
    assert made.title == "Shutter jammed"
    assert (Unavailable.status, Unavailable.transient) == (503, True)


def test_a_problem_says_everything_and_leaves_nothing_to_defaults() -> None:
    error = NotFound("No frame 7.", hint="Try 8.", loc=("path", "frame_id"))
    assert problem_of(error, "night-1").model_dump() == {
        "type": "urn:musewise:error:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "No frame 7.",
        "code": "not_found",
        "hint": "Try 8.",
        "loc": ["path", "frame_id"],
        "correlation_id": "night-1",
    }


def test_an_unknown_code_is_an_internal_error() -> None:
    assert error_class("from_the_future") is InternalError


def test_text_of_an_error_has_the_hint() -> None:
    assert str(NotFound("No frame 7.", hint="Try 8.")) == "No frame 7. Try 8."


def test_codes_are_listed_in_order() -> None:
    assert list(codes()) == sorted(codes())
    assert codes()["conflict"].status == 409
