"""Instants as whole microseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.shared.instants import DAY, from_us, happened_us, iso, parse_us, to_us


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-02T00:00:00.000001Z", DAY + 1),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2026-03-02T06:00:00-06:00", 1_772_452_800_000_000),
        ("2026-03-02T12:00:00+00:00", 1_772_452_800_000_000),
        ("2026-03-02T17:45:00+05:45", 1_772_452_800_000_000),
    ],
)
def test_an_offset_is_read(text: str, at: int) -> None:
    assert parse_us(text) == at


@pytest.mark.parametrize("text", ["2026-03-02T12:00:00", "2026-03-02", "noon", "", None, 5])
def test_what_has_no_offset_or_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"offset|not a time"):
        parse_us(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["1970-01-01T00:00:07Z", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "0001-01-01T00:00:00Z"]
)
def test_a_fact_of_a_clock_that_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a clock is wrong"):
        happened_us(text)


def test_the_first_and_the_last_fact() -> None:
    assert happened_us("2000-01-01T00:00:00Z") == parse_us("2000-01-01T00:00:00Z")
    assert happened_us("2099-12-31T23:59:59.999999Z") == parse_us("2099-12-31T23:59:59.999999Z")


def test_iso_shows_decimals_only_where_there_are_some() -> None:
    assert iso(1_772_452_800_000_000) == "2026-03-02T12:00:00Z"
    assert iso(1_772_452_800_000_001) == "2026-03-02T12:00:00.000001Z"


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_there_and_back_loses_no_microsecond(moment: datetime) -> None:
    assert from_us(to_us(moment)) == moment
    assert parse_us(iso(to_us(moment))) == to_us(moment)
    assert to_us(moment.astimezone(timezone(timedelta(hours=5, minutes=45)))) == to_us(moment)
