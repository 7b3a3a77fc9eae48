"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .ask_export import ask_export as ask_export
    from .ask_objects import ask_objects as ask_objects
    from .ask_stream import ask_stream as ask_stream
    from .ask_table import ask_table as ask_table
    from .get_classes import get_classes as get_classes
    from .get_count import get_count as get_count
    from .get_explanation import get_explanation as get_explanation
    from .get_export import get_export as get_export
    from .get_facets import get_facets as get_facets
    from .get_forms import get_forms as get_forms
    from .get_objects import get_objects as get_objects
    from .get_stream import get_stream as get_stream
    from .get_table import get_table as get_table
    from .make_forms import make_forms as make_forms

_CALLS = (
    "get_objects",
    "ask_objects",
    "get_classes",
    "get_count",
    "get_explanation",
    "get_export",
    "ask_export",
    "get_facets",
    "get_forms",
    "make_forms",
    "get_stream",
    "ask_stream",
    "get_table",
    "ask_table",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
