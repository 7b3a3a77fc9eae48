"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .create import create as create
    from .delete import delete as delete
    from .get_count import get_count as get_count
    from .get_objects import get_objects as get_objects
    from .get_saved import get_saved as get_saved
    from .get_table import get_table as get_table
    from .list_saved import list_saved as list_saved
    from .replace import replace as replace

_CALLS = (
    "list_saved",
    "get_saved",
    "replace",
    "create",
    "delete",
    "get_count",
    "get_objects",
    "get_table",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
