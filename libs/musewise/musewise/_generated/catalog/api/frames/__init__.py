"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .get_frame import get_frame as get_frame
    from .get_header import get_header as get_header
    from .get_nights import get_nights as get_nights
    from .get_sets import get_sets as get_sets
    from .list_frames import list_frames as list_frames

_CALLS = (
    "list_frames",
    "get_frame",
    "get_header",
    "get_nights",
    "get_sets",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
