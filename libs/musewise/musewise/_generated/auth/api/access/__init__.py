"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .ask import ask as ask
    from .decline import decline as decline
    from .open_requests import open_requests as open_requests
    from .owners import owners as owners

_CALLS = (
    "owners",
    "open_requests",
    "ask",
    "decline",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
