"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .get_refusals import get_refusals as get_refusals
    from .get_statuses import get_statuses as get_statuses
    from .register import register as register

_CALLS = (
    "get_statuses",
    "get_refusals",
    "register",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
