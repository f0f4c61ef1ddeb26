"""How a window is read: whole days, whole hours, ragged ends. What is read must tile the window, and must be there."""

from datetime import time
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apps.lines.rules import production_day
from apps.lines.types import Calendar, LinePolicy
from apps.oee.cells import Plan, plan_of
from apps.oee.partition import Facts, Partition
from apps.oee.tails import Tail
from apps.shared.instants import DAY, HOUR, MINUTE, parse_us
from apps.states.types import LineNow

NEW_YEAR = parse_us("2026-01-01T00:00:00Z")


def policy(zone: str, day_start: str) -> LinePolicy:
    return LinePolicy(
        1, "l", "L", "C", "P", Calendar(zone, time.fromisoformat(day_start)), micro_stop_us=1, debounce_us=0,
        stale_after_us=1, max_rate_per_s=Fraction(1),
    )  # fmt: skip


def tail(rolled: int, days: int) -> Tail:
    return Tail(LineNow(), 0, 0, rolled, days, Partition([], [], []), Facts([], [], [], [], {}))


def plan(zone: str, day_start: str, start: int, end: int) -> Plan:
    here = policy(zone, day_start)
    rolled = NEW_YEAR + 366 * DAY
    return plan_of(here, tail(rolled, production_day(here.calendar, rolled)[1]), start, end)


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
    assert plan("UTC", "06:00", NEW_YEAR + 1, NEW_YEAR + HOUR - 1) == Plan(
        [], [], [(NEW_YEAR + 1, NEW_YEAR + HOUR - 1)]
    )
    assert plan("UTC", "06:00", NEW_YEAR, NEW_YEAR) == Plan([], [], [])


def test_a_year_where_the_clock_changes_by_half_an_hour_has_no_hole() -> None:
    """Summer days there begin on a full UTC hour and are rolled up; winter days begin half past, and are not."""
    first, last = parse_us("2026-03-01T13:00:00Z"), parse_us("2026-11-01T13:00:00Z")
    assert plan("Australia/Lord_Howe", "00:00", first, last).days == []
    summer = plan("Australia/Lord_Howe", "00:00", first, first + 5 * DAY)
    assert summer.days == [(first, first + 5 * DAY)]


@given(
    st.sampled_from(["UTC", "America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.sampled_from(["00:00", "06:00", "05:30"]), st.integers(0, 366 * DAY), st.integers(1, 250 * DAY),
)  # fmt: skip
def test_a_plan_tiles_its_window_with_days_that_are_rolled_up(zone: str, day_start: str, at: int, length: int) -> None:
    start, end = NEW_YEAR + at, NEW_YEAR + at + length
    found = plan(zone, day_start, start, end)

    tiles = sorted([*found.days, *found.hours, *found.rows])
    assert [start, *(tile[1] for tile in tiles)] == [*(tile[0] for tile in tiles), end]
    assert all(a % HOUR == 0 and b % HOUR == 0 for a, b in [*found.days, *found.hours])
    for first, last in found.days:
        day = first
        while day < last:
            assert day % HOUR == 0
            day = production_day(policy(zone, day_start).calendar, day)[2]
