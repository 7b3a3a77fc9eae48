"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .list_gates import list_gates as list_gates
    from .list_pools import list_pools as list_pools
    from .list_workers import list_workers as list_workers
    from .order_worker import order_worker as order_worker
    from .pause_gate import pause_gate as pause_gate
    from .resume_gate import resume_gate as resume_gate
    from .set_share import set_share as set_share
    from .worker_events import worker_events as worker_events

_CALLS = (
    "list_gates",
    "list_pools",
    "set_share",
    "list_workers",
    "worker_events",
    "order_worker",
    "pause_gate",
    "resume_gate",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
