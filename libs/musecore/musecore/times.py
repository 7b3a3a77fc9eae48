"""Times: aware UTC, MJD in integer microseconds, observing nights, UUIDv7.

This is the only module that reads the clock, so that a test can hold it.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from uuid import UUID

__all__ = [
    "DAY_US",
    "NIGHT_BEGINS",
    "from_mjd",
    "from_mjd_us",
    "hold_clock",
    "mjd",
    "mjd_us",
    "night_bounds",
    "observing_night",
    "parse_date_obs",
    "utcnow",
    "uuid7",
]

DAY_US = 86_400_000_000
"""Microseconds in a day of MJD (UTC days without leap seconds)."""

NIGHT_BEGINS = clock_time(20, 40, tzinfo=UTC)
"""UT at which a new observing night begins (MUSE-WISE's rule)."""

_MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)


def _system_clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  this is the one place


_clock: Callable[[], datetime] = _system_clock


def utcnow() -> datetime:
    """Give the present time, aware, in UTC."""
    return _clock()


@contextmanager
def hold_clock(clock: Callable[[], datetime]) -> Iterator[None]:
    """Let `utcnow` answer with `clock` inside a ``with`` block (for tests)."""
    global _clock
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before


def mjd_us(moment: datetime) -> int:
    """Give the Modified Julian Date in whole microseconds.

    Raises
    ------
    ValueError
        If `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give an aware one.")
    return (moment - _MJD_EPOCH) // timedelta(microseconds=1)


def mjd(moment: datetime) -> float:
    """Give the Modified Julian Date in days (about 1 us of precision)."""
    return mjd_us(moment) / DAY_US


def from_mjd_us(value: int) -> datetime:
    """Give the UTC time of an MJD in microseconds."""
    return _MJD_EPOCH + timedelta(microseconds=value)


def from_mjd(value: float) -> datetime:
    """Give the UTC time of an MJD in days, rounded to the microsecond."""
    return from_mjd_us(round(value * DAY_US))


def observing_night(moment: datetime) -> date:
    """Give the night: the UT date, minus one day before 20:40 UT."""
    moment = moment.astimezone(UTC)
    if moment.timetz() < NIGHT_BEGINS:
        return moment.date() - timedelta(days=1)
    return moment.date()


def night_bounds(night: date) -> tuple[datetime, datetime]:
    """Give first moment (included) and last moment (excluded) of a night, in UTC."""
    begin = datetime.combine(night, NIGHT_BEGINS)
    return begin, begin + timedelta(days=1)


def parse_date_obs(text: str) -> datetime:
    """Read a FITS date such as ``2017-06-16T01:34:56.867`` as UTC.

    Raises
    ------
    ValueError
        If the text is not an ISO 8601 date, or carries a zone other than UTC.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            f"{text!r} is not a FITS date; expected YYYY-MM-DDThh:mm:ss.sss."
        ) from None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    if moment.utcoffset() != timedelta(0):
        raise ValueError(f"{text!r} is not in UTC.")
    return moment.astimezone(UTC)


_uuid_lock = threading.Lock()
_uuid_last = 0


def uuid7() -> UUID:
    """Make a UUIDv7 (RFC 9562): sorts by time, and strictly within a process.

    The 12 bits after the milliseconds count fractions of a millisecond, or go on
    counting when two calls share one.
    """
    global _uuid_last
    with _uuid_lock:
        ms, ns = divmod(time.time_ns(), 1_000_000)
        stamp = max((ms << 12) | (ns * 4096 // 1_000_000), _uuid_last + 1)
        _uuid_last = stamp
    ms, fraction = stamp >> 12, stamp & 0xFFF
    value = (ms & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | fraction << 64
    return UUID(int=value | 0b10 << 62 | secrets.randbits(62))
