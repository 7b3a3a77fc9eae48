"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .get_content import get_content as get_content
    from .get_file import get_file as get_file
    from .get_space import get_space as get_space

_CALLS = (
    "get_file",
    "get_content",
    "get_space",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
