"""Times, nights and time-ordered ids."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from musecore.testing import frozen_clock
from musecore.times import (
    from_mjd,
    from_mjd_us,
    mjd,
    mjd_us,
    night_bounds,
    observing_night,
    parse_date_obs,
    utcnow,
    uuid7,
)


def test_mjd_in_microseconds_is_exact() -> None:
    moment = datetime(2017, 6, 16, 1, 34, 56, 867001, tzinfo=UTC)
    assert mjd_us(moment) == 57920 * 86_400_000_000 + 5_696_867_001
    assert from_mjd_us(mjd_us(moment)) == moment


def test_mjd_in_days_agrees_with_the_header() -> None:
    moment = datetime(2017, 6, 16, 12, 32, 22, 866000, tzinfo=UTC)
    assert mjd(moment) == pytest.approx(57920.52248688, abs=2e-8)
    assert abs(from_mjd(mjd(moment)) - moment) <= timedelta(microseconds=1)


def test_a_time_without_zone_has_no_mjd() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        mjd_us(datetime(2017, 6, 16))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        ("2017-06-16T20:39:59.999", date(2017, 6, 15)),
        ("2017-06-16T20:40:00", date(2017, 6, 16)),
        ("2017-06-17T01:34:56", date(2017, 6, 16)),
        ("2017-06-17T12:32:22", date(2017, 6, 16)),
    ],
)
def test_a_night_begins_at_20_40_ut(moment: str, night: date) -> None:
    assert observing_night(parse_date_obs(moment)) == night


def test_the_night_of_a_time_in_another_zone_is_that_of_its_utc() -> None:
    chile = timezone(timedelta(hours=-4))
    assert observing_night(datetime(2017, 6, 16, 17, tzinfo=chile)) == date(2017, 6, 16)


def test_the_bounds_of_a_night_are_its_first_and_last_moment() -> None:
    begin, end = night_bounds(date(2017, 6, 16))
    assert observing_night(begin) == date(2017, 6, 16)
    assert observing_night(end - timedelta(microseconds=1)) == date(2017, 6, 16)
    assert observing_night(end) == date(2017, 6, 17)


@pytest.mark.parametrize("text", ["16/06/17", "", "2017-06-16T01:00:00+02:00"])
def test_what_is_no_fits_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        parse_date_obs(text)


def test_a_fits_date_may_be_a_day_or_end_in_z() -> None:
    assert parse_date_obs("2017-06-16") == datetime(2017, 6, 16, tzinfo=UTC)
    assert parse_date_obs("2017-06-16T01:00:00Z").hour == 1


def test_a_frozen_clock_stands_still_until_it_is_advanced() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with frozen_clock(at) as clock:
        assert utcnow() == utcnow() == at
        clock.advance(timedelta(hours=1))
        assert utcnow() == at + timedelta(hours=1)
    assert utcnow() > at


def test_ids_grow_also_within_a_millisecond() -> None:
    ids = [uuid7() for _ in range(20_000)]
    assert ids == sorted(ids)
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}


def test_ids_made_by_several_threads_are_all_different() -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _n: uuid7(), range(8_000)))
    assert len(set(ids)) == 8_000


def test_an_id_tells_the_time_of_its_making() -> None:
    made = (uuid7().int >> 80) / 1000
    assert made == pytest.approx(utcnow().timestamp(), abs=1)
