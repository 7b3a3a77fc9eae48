"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .list_attempts import list_attempts as list_attempts
    from .list_events import list_events as list_events
    from .retry_task import retry_task as retry_task
    from .show_task import show_task as show_task

_CALLS = (
    "show_task",
    "list_attempts",
    "list_events",
    "retry_task",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
