"""Calls. Each is imported with its models when it is first used: that takes a while."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cancel_job import cancel_job as cancel_job
    from .list_jobs import list_jobs as list_jobs
    from .list_tasks import list_tasks as list_tasks
    from .make_job import make_job as make_job
    from .retry_job import retry_job as retry_job
    from .set_fan_in import set_fan_in as set_fan_in
    from .show_job import show_job as show_job

_CALLS = (
    "list_jobs",
    "make_job",
    "show_job",
    "cancel_job",
    "set_fan_in",
    "retry_job",
    "list_tasks",
)


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(name)
    call = getattr(import_module(f"{__name__}.{name}"), name)
    globals()[name] = call  # importing a module puts the module there
    return call
