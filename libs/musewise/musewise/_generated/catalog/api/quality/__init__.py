"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .add_remark import add_remark as add_remark
    from .change_validity import change_validity as change_validity
    from .edit_many import edit_many as edit_many
    from .get_remarks import get_remarks as get_remarks
    from .get_scores import get_scores as get_scores
    from .get_validity import get_validity as get_validity

_CALLS = (
    "change_validity",
    "get_remarks",
    "add_remark",
    "get_scores",
    "get_validity",
    "edit_many",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
