"""Log lines are JSON, and carry what is bound around them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from musecore.log import bound, configure, correlation, get_logger
from musecore.testing.logs import logging_restored


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    with logging_restored():
        configure("INFO", stream=stream)
        yield stream


def test_a_line_carries_correlation_id_and_bound_fields(stream: io.StringIO) -> None:
    with correlation("night-1"), bound(task="t7", attempt=2):
        get_logger("muse_worker.engine").info("recipe started", recipe="muse_bias")
    line = json.loads(stream.getvalue())
    assert line["event"] == "recipe started"
    assert line["correlation_id"] == "night-1"
    assert (line["task"], line["attempt"], line["recipe"]) == ("t7", 2, "muse_bias")
    assert line["logger"] == "muse_worker.engine"


def test_lines_of_the_standard_library_go_the_same_way(stream: io.StringIO) -> None:
    with correlation("night-2"):
        logging.getLogger("uvicorn").warning("port %d", 8642)
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"]) == ("port 8642", "warning")
    assert line["correlation_id"] == "night-2"


def test_lines_below_the_level_are_not_written(stream: io.StringIO) -> None:
    get_logger("quiet").debug("nothing")
    assert stream.getvalue() == ""


def test_a_failure_is_logged_with_its_traceback(stream: io.StringIO) -> None:
    try:
        int("seventeen")
    except ValueError:
        get_logger("loud").exception("it failed")
    assert "ValueError: invalid literal" in json.loads(stream.getvalue())["exception"]
