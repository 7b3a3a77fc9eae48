"""A request to a service, as a value: nothing is sent here.

The generated SDK (``musewise._generated``) makes them; a connection sends them, the
sync one and the async one alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

__all__ = ["Call"]

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
