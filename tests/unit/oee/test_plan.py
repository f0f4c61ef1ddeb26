"""How a window is read: whole days, whole hours, ragged ends. What is read must tile the window, and must be there."""

from dataclasses import replace
from datetime import time
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apps.lines.rules import production_day, production_month
from apps.lines.types import Calendar, LinePolicy
from apps.oee.partition import Facts, Partition
from apps.oee.plan import Plan, plan_of
from apps.oee.tails import Tail
from apps.shared.instants import DAY, HOUR, MINUTE, parse_us
from apps.states.types import LineNow

NEW_YEAR = parse_us("2026-01-01T00:00:00Z")


def policy(zone: str, day_start: str) -> LinePolicy:
    return LinePolicy(
        1, "l", "L", "C", "P", Calendar(zone, time.fromisoformat(day_start)), micro_stop_us=1, debounce_us=0,
        stale_after_us=1, max_rate_per_s=Fraction(1),
    )  # fmt: skip


def tail(rolled: int, days: int, months: int | None) -> Tail:
    return Tail(LineNow(), 0, 0, rolled, days, Partition([], [], []), Facts([], [], [], [], {}), months_until=months)


def plan(zone: str, day_start: str, start: int, end: int) -> Plan:
    here = policy(zone, day_start)
    rolled = NEW_YEAR + 366 * DAY
    known = tail(rolled, production_day(here.calendar, rolled)[1], production_month(here.calendar, rolled)[0])
    return plan_of(here, known, start, end)


def test_whole_days_between_whole_hours_between_ragged_ends() -> None:
    found = plan("UTC", "06:00", NEW_YEAR + 90 * MINUTE, NEW_YEAR + 3 * DAY + 7 * HOUR + 1)
    assert found.days == [(NEW_YEAR + 6 * HOUR, NEW_YEAR + 3 * DAY + 6 * HOUR)]
    assert found.hours == [
        (NEW_YEAR + 2 * HOUR, NEW_YEAR + 6 * HOUR), (NEW_YEAR + 3 * DAY + 6 * HOUR, NEW_YEAR + 3 * DAY + 7 * HOUR),
    ]  # fmt: skip
    assert found.rows == [
        (NEW_YEAR + 90 * MINUTE, NEW_YEAR + 2 * HOUR),
        (NEW_YEAR + 3 * DAY + 7 * HOUR, NEW_YEAR + 3 * DAY + 7 * HOUR + 1),
    ]


def test_a_window_within_an_hour_is_ragged() -> None:
    assert plan("UTC", "06:00", NEW_YEAR + 1, NEW_YEAR + HOUR - 1) == Plan(rows=[(NEW_YEAR + 1, NEW_YEAR + HOUR - 1)])
    assert plan("UTC", "06:00", NEW_YEAR, NEW_YEAR) == Plan()


def test_a_year_where_the_clock_changes_by_half_an_hour_has_no_hole() -> None:
    """Summer days there begin on a full UTC hour and are rolled up; winter days begin half past, and are not."""
    first, last = parse_us("2026-03-01T13:00:00Z"), parse_us("2026-11-01T13:00:00Z")
    assert plan("Australia/Lord_Howe", "00:00", first, last).whole is None
    summer = plan("Australia/Lord_Howe", "00:00", first, first + 5 * DAY)
    assert summer.days == [(first, first + 5 * DAY)]


def test_whole_months_between_whole_days() -> None:
    found = plan("America/Chicago", "06:00", NEW_YEAR + 20 * DAY, NEW_YEAR + 120 * DAY)
    first, last = parse_us("2026-02-01T12:00:00Z"), parse_us("2026-04-01T11:00:00Z")
    end = parse_us("2026-04-30T11:00:00Z")
    assert found.months == [(first, last)]
    assert found.days == [(NEW_YEAR + 20 * DAY + 12 * HOUR, first), (last, end)]
    assert found.whole == (NEW_YEAR + 20 * DAY + 12 * HOUR, end)


def test_a_window_from_before_the_line_began_reads_its_first_pieces_whole() -> None:
    here = policy("UTC", "06:00")
    began, rolled = NEW_YEAR + 9 * DAY + 7 * MINUTE, NEW_YEAR + 366 * DAY
    known = replace(tail(rolled, rolled + 6 * HOUR, parse_us("2026-05-01T06:00:00Z")), commissioned=began)
    month = (parse_us("2026-01-01T06:00:00Z"), parse_us("2026-02-01T06:00:00Z"))
    assert plan_of(here, known, NEW_YEAR, month[1]) == Plan(months=[month], days=[], hours=[], rows=[])
    assert plan_of(here, known, began + 1, month[1]).months == ()
    assert plan_of(here, known, NEW_YEAR, began) == Plan()
    assert plan_of(here, known, NEW_YEAR, began + 1).rows == [(began, began + 1)]


@given(
    st.sampled_from(["UTC", "America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.sampled_from(["00:00", "06:00", "05:30"]), st.integers(0, 366 * DAY), st.integers(1, 250 * DAY),
)  # fmt: skip
def test_a_plan_tiles_its_window_with_days_that_are_rolled_up(zone: str, day_start: str, at: int, length: int) -> None:
    start, end = NEW_YEAR + at, NEW_YEAR + at + length
    found = plan(zone, day_start, start, end)

    tiles = sorted([*found.months, *found.days, *found.hours, *found.rows])
    assert [start, *(tile[1] for tile in tiles)] == [*(tile[0] for tile in tiles), end]
    assert all(a % HOUR == 0 and b % HOUR == 0 for a, b in [*found.months, *found.days, *found.hours])
    here = policy(zone, day_start).calendar
    assert all(production_month(here, edge)[0] == edge for month in found.months for edge in month)
    for first, last in [*found.months, *found.days]:
        day = first
        while day < last:
            assert day % HOUR == 0
            day = production_day(policy(zone, day_start).calendar, day)[2]
