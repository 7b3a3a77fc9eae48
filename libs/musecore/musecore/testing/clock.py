"""A clock that stands still until it is told to go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from musecore.times import hold_clock

__all__ = ["FrozenClock", "frozen_clock"]


class FrozenClock:
    """What `musecore.times.utcnow` answers inside `frozen_clock`."""

    def __init__(self, at: datetime) -> None:
        self.now = at

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@contextmanager
def frozen_clock(at: datetime) -> Iterator[FrozenClock]:
    """Hold the clock at an aware time."""
    clock = FrozenClock(at)
    with hold_clock(lambda: clock.now):
        yield clock
