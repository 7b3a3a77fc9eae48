"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .announce_worker import announce_worker as announce_worker
    from .beat import beat as beat
    from .beat_many import beat_many as beat_many
    from .claim_task import claim_task as claim_task
    from .claim_tasks import claim_tasks as claim_tasks
    from .take_results import take_results as take_results

_CALLS = (
    "claim_tasks",
    "beat_many",
    "take_results",
    "claim_task",
    "beat",
    "announce_worker",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
