"""Waiting for a store that is away for a moment."""

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from musecore.errors import Unavailable
from musecore.log import get_logger

__all__ = ["patiently"]

log = get_logger(__name__)


def patiently(patience_s: float) -> AsyncRetrying:
    """Give what repeats a call while its service is away: ``await it(call, …)``.

    The attempt keeps its lease meanwhile; what a recipe took an hour to make is not
    thrown away because the store is being restarted.
    """

    def note(state: RetryCallState) -> None:
        assert state.outcome is not None
        log.warning("waiting for the store", detail=str(state.outcome.exception()))

    return AsyncRetrying(
        retry=retry_if_exception_type(Unavailable),
        stop=stop_after_delay(patience_s),
        wait=wait_random_exponential(multiplier=0.1, max=5.0),
        before_sleep=note,
        reraise=True,
    )
