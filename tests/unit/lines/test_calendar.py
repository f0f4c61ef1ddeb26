"""Shifts, breaks and production days as instants (SEMANTICS.md §2), by hand, on the days on which clocks change too."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.lines.rules import production_day, segments, shift_at, shift_spans
from apps.lines.types import BreakTime, Calendar, ShiftPattern
from apps.shared.instants import DAY, HOUR, MINUTE, iso, parse_us

CHICAGO = "America/Chicago"
EVERY_DAY = frozenset(range(7))


def clock(text: str) -> time:
    return time.fromisoformat(text)


def shift(name: str, start: str, end: str, *breaks: tuple[str, str], days: frozenset[int] = EVERY_DAY) -> ShiftPattern:
    return ShiftPattern(
        name, days, clock(start), clock(end), tuple(BreakTime("b", clock(a), clock(b)) for a, b in breaks)
    )


def calendar(
    *shifts: ShiftPattern, zone: str = "UTC", day_start: str = "00:00", closed: dict[str, set[str]] | None = None
) -> Calendar:
    exceptions = tuple((date.fromisoformat(day), frozenset(names)) for day, names in (closed or {}).items())
    return Calendar(zone, clock(day_start), shifts, exceptions)


def on(plan: Calendar, day: str) -> list[tuple[str, str, str]]:
    """(name, start, end) of the shifts that start on a date."""
    return [(s.name, iso(s.start)[5:16], iso(s.end)[5:16]) for s in shift_spans(plan, date.fromisoformat(day))]


class TestShifts:
    @pytest.mark.parametrize(
        ("day", "start", "end"),
        [
            ("2026-03-02", "03-03T04:00", "03-03T12:00"),  # UTC−6: 8 h
            ("2026-03-07", "03-08T04:00", "03-08T11:00"),  # the clock skips 02:00 to 03:00: 7 h
            ("2026-10-31", "11-01T03:00", "11-01T12:00"),  # 01:00 to 02:00 comes twice: 9 h
            ("2026-06-01", "06-02T03:00", "06-02T11:00"),  # UTC−5
        ],
    )
    def test_a_night_shift_lasts_as_long_as_it_really_does(self, day: str, start: str, end: str) -> None:
        assert on(calendar(shift("Night", "22:00", "06:00"), zone=CHICAGO), day) == [("Night", start, end)]

    def test_a_time_that_comes_twice_is_the_first(self) -> None:
        plan = calendar(shift("S", "01:30", "03:00"), zone=CHICAGO)
        assert on(plan, "2026-11-01") == [("S", "11-01T06:30", "11-01T09:00")]  # 01:30 CDT to 03:00 CST: 2 h 30

    def test_a_time_that_is_skipped_is_as_much_later(self) -> None:
        plan = calendar(shift("S", "02:30", "05:00"), zone=CHICAGO)
        assert on(plan, "2026-03-08") == [("S", "03-08T08:30", "03-08T10:00")]  # 03:30 CDT to 05:00 CDT: 1 h 30

    def test_the_same_end_as_start_is_a_whole_day(self) -> None:
        plan = calendar(shift("Round", "06:00", "06:00"), zone=CHICAGO)
        assert on(plan, "2026-03-02") == [("Round", "03-02T12:00", "03-03T12:00")]
        assert on(plan, "2026-03-07") == [("Round", "03-07T12:00", "03-08T11:00")]

    def test_weekdays_are_those_on_which_it_starts(self) -> None:
        plan = calendar(shift("Night", "22:00", "06:00", days=frozenset({4})))
        assert on(plan, "2026-03-06") == [("Night", "03-06T22:00", "03-07T06:00")]  # a Friday
        assert on(plan, "2026-03-07") == []

    def test_an_exception_names_the_shifts_that_start_on_its_date_whatever_the_weekday(self) -> None:
        plan = calendar(
            shift("Day", "08:00", "16:00", days=frozenset({5})), shift("Night", "22:00", "06:00"),
            closed={"2026-03-02": {"Day"}, "2026-03-03": set()},
        )  # fmt: skip
        assert [name for name, *_ in on(plan, "2026-03-02")] == ["Day"]
        assert on(plan, "2026-03-03") == []
        # the night that began on the 1st still runs into the 2nd
        assert shift_at(plan, parse_us("2026-03-02T05:00:00Z")).name == "Night"  # type: ignore[union-attr]
        assert shift_at(plan, parse_us("2026-03-03T05:00:00Z")) is None


class TestForce:
    def test_where_shifts_overlap_the_last_started_is_in_force_then_the_greater_name(self) -> None:
        plan = calendar(shift("A", "06:00", "18:00"), shift("B", "06:00", "16:00"), shift("C", "10:00", "12:00"))
        found = [
            shift_at(plan, parse_us(f"2026-03-02T{at}:00Z")) for at in ("06:00", "10:00", "12:00", "16:00", "18:00")
        ]
        assert [one and one.name for one in found] == ["B", "C", "B", "A", None]

    def test_breaks_of_a_shift_that_is_not_in_force_do_not_count(self) -> None:
        plan = calendar(shift("A", "06:00", "18:00", ("10:00", "12:00")), shift("C", "11:00", "13:00"))
        found = segments(plan, parse_us("2026-03-02T09:00:00Z"), parse_us("2026-03-02T14:00:00Z"))
        assert [(iso(s.start)[11:16], s.shift, s.is_break) for s in found] == [
            ("09:00", "A", False), ("10:00", "A", True), ("11:00", "C", False), ("13:00", "A", False),
        ]  # fmt: skip


class TestBreaks:
    def spans(self, plan: Calendar, day: str) -> list[tuple[str, str]]:
        (span,) = shift_spans(plan, date.fromisoformat(day))
        return [(iso(a)[5:16], iso(b)[5:16]) for a, b in span.breaks]

    def test_before_the_start_means_on_the_next_day_and_over_midnight_is_one(self) -> None:
        plan = calendar(shift("Night", "22:00", "06:00", ("23:45", "00:15"), ("02:00", "02:30")))
        assert self.spans(plan, "2026-03-02") == [("03-02T23:45", "03-03T00:15"), ("03-03T02:00", "03-03T02:30")]

    def test_is_cut_to_the_shift(self) -> None:
        plan = calendar(shift("Late", "14:00", "22:00", ("21:45", "22:15"), ("13:00", "14:30")))
        # 13:00 is before the start, so it is tomorrow's 13:00, outside
        assert self.spans(plan, "2026-03-02") == [("03-02T21:45", "03-02T22:00")]

    def test_a_break_that_the_clock_skips_is_as_much_later(self) -> None:
        plan = calendar(shift("Night", "22:00", "06:00", ("02:15", "02:45")), zone=CHICAGO)
        assert self.spans(plan, "2026-03-07") == [("03-08T08:15", "03-08T08:45")]  # 03:15 to 03:45 CDT


class TestSegments:
    def test_two_turns_of_one_shift_are_two(self) -> None:
        found = segments(
            calendar(shift("Round", "06:00", "06:00")),
            parse_us("2026-03-02T00:00:00Z"),
            parse_us("2026-03-03T00:00:00Z"),
        )
        assert [(iso(s.start)[11:16], s.shift_date) for s in found] == [
            ("00:00", date(2026, 3, 1)), ("06:00", date(2026, 3, 2)),
        ]  # fmt: skip

    def test_no_time_has_no_segments(self) -> None:
        assert segments(calendar(), 5, 5) == []
        assert segments(calendar(), 0, DAY) == [(0, DAY, None, "", False)]

    @given(
        st.sampled_from([CHICAGO, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]),
        st.integers(parse_us("2026-01-01T00:00:00Z"), parse_us("2026-12-30T00:00:00Z")), st.integers(1, 3 * DAY),
        st.integers(0, 3 * DAY), st.sampled_from(["00:00", "06:00", "02:30"]),
    )  # fmt: skip
    def test_tile_any_window_and_are_the_same_when_it_is_cut(
        self, zone: str, start: int, first: int, second: int, day_start: str
    ) -> None:
        plan = calendar(
            shift("Early", "06:00", "14:00", ("10:00", "10:30")), shift("Owl", "02:30", "09:00", ("03:15", "03:45")),
            shift("Night", "22:00", "06:00", ("23:45", "00:15")), zone=zone, day_start=day_start,
            closed={"2026-03-08": {"Owl"}},
        )  # fmt: skip
        middle, end = start + first, start + first + second
        whole = segments(plan, start, end)

        assert whole[0].start == start
        assert whole[-1].end == end
        assert all(a.end == b.start for a, b in pairwise(whole))
        pieces = [*segments(plan, start, middle), *segments(plan, middle, end)]
        for piece in pieces:
            holding = next(one for one in whole if one.start <= piece.start < one.end)
            assert piece[2:] == holding[2:]
            assert piece.end <= holding.end
            in_force = shift_at(plan, piece.start)
            assert (in_force.name if in_force else "") == piece.shift


class TestProductionDay:
    def test_a_shift_belongs_to_the_day_in_which_it_starts(self) -> None:
        plan = calendar(shift("Dawn", "05:00", "07:00"), shift("Night", "22:00", "06:00"), day_start="06:00")
        assert [(s.name, s.date.day) for s in shift_spans(plan, date(2026, 3, 2))] == [("Dawn", 1), ("Night", 2)]

    def test_holds_what_lies_between_two_starts(self) -> None:
        plan = calendar(zone=CHICAGO, day_start="06:00")
        noon = parse_us("2026-03-02T12:00:00Z")  # 06:00 in Chicago
        assert production_day(plan, noon) == (date(2026, 3, 2), noon, noon + DAY)
        assert production_day(plan, noon - 1) == (date(2026, 3, 1), noon - DAY, noon)

    @pytest.mark.parametrize(("day", "hours"), [("2026-03-07", 23), ("2026-10-31", 25), ("2026-03-02", 24)])
    def test_lasts_as_long_as_it_really_does(self, day: str, hours: int) -> None:
        plan = calendar(zone=CHICAGO, day_start="06:00")
        found, start, end = production_day(plan, parse_us(f"{day}T20:00:00Z"))
        assert (found.isoformat(), end - start) == (day, hours * HOUR)

    @given(
        st.sampled_from([CHICAGO, "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"]),
        st.integers(parse_us("2025-12-01T00:00:00Z"), parse_us("2027-02-01T00:00:00Z")),
        st.sampled_from(["00:00", "02:30", "22:00"]),
    )
    def test_days_tile_time(self, zone: str, at: int, day_start: str) -> None:
        plan = calendar(zone=zone, day_start=day_start)
        day, start, end = production_day(plan, at)

        assert start <= at < end
        assert production_day(plan, end)[:2] == (day + timedelta(days=1), end)
        assert production_day(plan, start - 1)[2] == start
        assert 22 * HOUR < end - start < 26 * HOUR + MINUTE
