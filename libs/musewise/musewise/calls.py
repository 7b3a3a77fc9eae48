"""A request to a service, as a value: nothing is sent here.

The generated SDK (``musewise._generated``) makes them; a connection sends them, the
sync one and the async one alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from inspect import signature
from typing import Any, Generic, TypeVar

from musewise.errors import UsageError

__all__ = ["Call", "require_known"]

_PAGING = ("limit", "after")

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call of one endpoint.

    Attributes
    ----------
    path
        The service first: ``/catalog/objects``.
    parse
        Reads the JSON of a good answer into the model of the OpenAPI document.
    """

    method: str
    path: str
    parse: Callable[[Any], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    content: Any = None
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def require_known(filters: Mapping[str, Any], call: Callable[..., Any]) -> None:
    """Refuse a filter that an endpoint does not have.

    Raises
    ------
    UsageError
        With the nearest right name, and all of them.
    """
    known = [name for name in signature(call).parameters if name not in _PAGING]
    for name in filters:
        if name not in known:
            near = get_close_matches(name, known, 1, 0.6)
            meant = f"Did you mean {near[0]!r}? " if near else ""
            raise UsageError(
                f"There is no filter {name!r}.", hint=f"{meant}{', '.join(known)}."
            )
