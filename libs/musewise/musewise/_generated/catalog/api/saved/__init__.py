"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .forget_query import forget_query as forget_query
    from .get_saved import get_saved as get_saved
    from .keep_query import keep_query as keep_query
    from .list_saved import list_saved as list_saved
    from .replace_query import replace_query as replace_query
    from .saved_count import saved_count as saved_count
    from .saved_objects import saved_objects as saved_objects
    from .saved_table import saved_table as saved_table

_CALLS = (
    "list_saved",
    "get_saved",
    "replace_query",
    "keep_query",
    "forget_query",
    "saved_count",
    "saved_objects",
    "saved_table",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
