"""errors.md: codes of errors, refusals and warnings."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from musecore.errors import MuseError, codes
from musecore.muse.schema import MuseModel
from pages.markdown import Cell, Lines, code, first_paragraph, table, top

__all__ = ["all_codes", "errors_page"]

SERVERS = (
    "musecore",
    "musesim",
    "muse_catalog",
    "muse_scheduler",
    "muse_worker",
    "muse_storage",
    "muse_auth",
    "muse_portal",
    "muse_embedded",
)


def _modules(name: str) -> Iterator[ModuleType]:
    package = importlib.import_module(name)
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{name}."):
        if ".migrations" not in found.name and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def all_codes() -> dict[str, type[MuseError]]:
    """Give every error code of the fleet, having imported all of it.

    Raises
    ------
    AssertionError
        Two classes have the same code.
    """
    for name in SERVERS:
        list(_modules(name))
    return codes()


def _client_error(kind: type[MuseError], client: Any) -> str:
    by_status = client.BY_STATUS.get(kind.status, client.UnknownServerError)
    return str(client.BY_CODE.get(kind.code, by_status).__name__)


def errors_page(model: MuseModel) -> Lines:
    """Give errors.md."""
    client = importlib.import_module("musewise.errors")
    yield from top(
        "Errors",
        "the registry of `musecore.errors` and the YAML files of `musecore/muse`",
        "The code is the same in the answer of a service (`application/problem+json`), in a failed task, and in the exception of the Python client. "
        "*Again*: the same request may succeed later.",
    )
    yield from table(
        "code | status | again | from | exception of `musewise` | meaning",
        (
            (
                code(name),
                kind.status,
                kind.transient,
                kind.__module__.split(".")[0],
                code(_client_error(kind, client)),
                first_paragraph(kind),
            )
            for name, kind in all_codes().items()
        ),
    )
    yield from ("## Why a file is refused", "")
    yield from table(
        "code | of | sentence | what to do",
        (
            (code(r.code), (*r.kinds, *r.tags), r.message, r.hint)
            for r in model.frames.header_rules
        ),
    )
    yield from ("## Warnings of a plan", "", "The product is made all the same.", "")
    yield from table("code | of | sentence", _warnings(model))


def _warnings(model: MuseModel) -> Iterator[tuple[Cell, ...]]:
    for binding in model.plan.parameter_bindings:
        if binding.warning:
            yield code(binding.code), binding.recipe, binding.warning
    for rule in model.plan.rules:
        if rule.reject:
            yield code(rule.reject.code), rule.category, rule.reject.warning
    for caution in model.plan.cautions:
        yield code(caution.code), caution.of, caution.warning
