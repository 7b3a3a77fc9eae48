"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .get_graph import get_graph as get_graph
    from .get_lineage import get_lineage as get_lineage
    from .get_lineage_table import get_lineage_table as get_lineage_table
    from .get_text import get_text as get_text

_CALLS = (
    "get_lineage",
    "get_graph",
    "get_lineage_table",
    "get_text",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
