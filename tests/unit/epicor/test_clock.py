"""From local labour times to instants, over midnight and over the changes of the clock."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.epicor import clock
from apps.epicor.dto import LaborRow
from apps.epicor.errors import EpicorSurprise
from apps.shared.instants import HOUR, MINUTE, SECOND, parse_us
from apps.simulators.epicor.tables import Clock

CHICAGO = ZoneInfo("America/Chicago")
ROW = LaborRow(
    hed_seq=1, dtl_seq=1, labor_type="P", job_num="1", assembly_seq=0, opr_seq=10, resource_grp_id="", resource_id="",
    employee="", clock_in_date=date(2026, 3, 2), clock_in_hours=6.25, clock_out_hours=24.0, clock_in_minute=0,
    clock_out_minute=0, is_active=True, op_complete=False, sys_rev_id=1,
)  # fmt: skip


class TestStarted:
    def test_is_the_plants_clock_and_not_the_servers(self) -> None:
        assert clock.started(ROW, CHICAGO).at == parse_us("2026-03-02T06:15:00-06:00")

    def test_without_a_date_is_a_surprise(self) -> None:
        with pytest.raises(EpicorSurprise, match="ClockInDate"):
            clock.started(replace(ROW, clock_in_date=None), CHICAGO)

    def test_a_time_that_comes_twice_means_the_first_and_agrees_with_both(self) -> None:
        row = replace(ROW, clock_in_date=date(2026, 11, 1), clock_in_hours=1.5)

        moment = clock.started(row, CHICAGO)

        assert moment.at == parse_us("2026-11-01T01:30:00-05:00")
        assert moment.agrees_with(parse_us("2026-11-01T01:30:00-05:00"))
        assert moment.agrees_with(parse_us("2026-11-01T01:30:20-06:00"))
        assert not moment.agrees_with(parse_us("2026-11-01T02:30:00-06:00"))

    def test_a_time_that_the_clock_skips_means_as_much_later(self) -> None:
        row = replace(ROW, clock_in_date=date(2026, 3, 8), clock_in_hours=2.5)

        assert clock.started(row, CHICAGO).at == parse_us("2026-03-08T03:30:00-05:00")

    @given(st.integers(parse_us("2026-01-01T00:00:00Z") // 1000, parse_us("2027-01-01T00:00:00Z") // 1000))
    def test_finds_the_millisecond_that_was_written(self, at_ms: int) -> None:
        at = at_ms * 1000
        written = Clock(at, CHICAGO)

        moment = clock.started(replace(ROW, clock_in_date=written.day, clock_in_hours=written.hours), CHICAGO)

        assert moment.agrees_with(at)
        assert at in {moment.at, moment.again}


class TestAgreesWith:
    def test_a_rounded_time_confirms_what_lies_within_its_minute(self) -> None:
        moment = clock.started(ROW, CHICAGO)

        assert moment.agrees_with(moment.at + 59 * SECOND)
        assert not moment.agrees_with(moment.at + MINUTE)

    def test_an_exact_time_confirms_only_its_second(self) -> None:
        moment = clock.started(replace(ROW, clock_in_hours=6.25123456), CHICAGO)

        assert moment.agrees_with(moment.at + 900_000)
        assert not moment.agrees_with(moment.at + 2 * SECOND)


class TestEnded:
    def test_on_the_same_day(self) -> None:
        assert clock.ended(replace(ROW, clock_out_hours=14.0), CHICAGO).at == parse_us("2026-03-02T14:00:00-06:00")

    def test_earlier_on_the_clock_is_after_midnight(self) -> None:
        row = replace(ROW, clock_in_hours=22.0, clock_out_hours=6.0)

        assert clock.ended(row, CHICAGO).at == parse_us("2026-03-03T06:00:00-06:00")

    def test_equal_is_no_time(self) -> None:
        row = replace(ROW, clock_out_hours=6.25)

        assert clock.ended(row, CHICAGO).at == clock.started(row, CHICAGO).at

    def test_a_night_on_which_the_clock_changes_is_an_hour_shorter(self) -> None:
        row = replace(ROW, clock_in_date=date(2026, 3, 7), clock_in_hours=22.0, clock_out_hours=6.0)

        assert clock.ended(row, CHICAGO).at - clock.started(row, CHICAGO).at == 7 * HOUR

    def test_the_minutes_tell_of_a_second_midnight(self) -> None:
        # 06:15 to 08:00 two days later.
        row = replace(ROW, clock_out_hours=8.0, clock_in_minute=1_000_375, clock_out_minute=1_000_375 + 2 * 1440 + 105)

        assert clock.ended(row, CHICAGO).at == parse_us("2026-03-04T08:00:00-06:00")

    def test_minutes_that_contradict_the_hours_are_not_believed(self) -> None:
        # What an active row leaves behind: out is preset to in + 1440.
        row = replace(ROW, clock_out_hours=8.0, clock_in_minute=1_000_375, clock_out_minute=1_000_375 + 1440)

        assert clock.ended(row, CHICAGO).at == parse_us("2026-03-02T08:00:00-06:00")
