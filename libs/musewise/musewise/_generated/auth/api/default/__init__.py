"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .grant import grant as grant
    from .keys import keys as keys
    from .make_project import make_project as make_project
    from .me import me as me
    from .projects import projects as projects
    from .token import token as token

_CALLS = (
    "keys",
    "me",
    "projects",
    "make_project",
    "grant",
    "token",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
