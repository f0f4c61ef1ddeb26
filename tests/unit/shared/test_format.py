"""Figures as text: DESIGN.md's rules on numbers and times."""

from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from apps.shared import format as fmt
from apps.shared.instants import HOUR, MINUTE, SECOND, parse_us

CHICAGO = ZoneInfo("America/Chicago")


def at(text: str) -> int:
    return parse_us(text)


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "text"),
        [(0, "0"), (1240, "1 240"), (1_204_000, "1 204 000"), (-94, "−94"), (None, "–")],
    )
    def test_thousands_are_set_apart_by_a_narrow_space(self, value: int | None, text: str) -> None:
        assert fmt.whole(value) == text

    @pytest.mark.parametrize(("value", "text"), [(24, "+24"), (-94, "−94"), (0, "0"), (-1500, "−1 500"), (0.3, "0")])
    def test_a_difference_carries_its_sign_and_zero_is_plain(self, value: float, text: str) -> None:
        assert fmt.signed(value) == text

    @pytest.mark.parametrize(("value", "text"), [(9.4, "9.4"), (-26.4, "−26.4"), (-0.04, "0.0"), (1204.06, "1 204.1")])
    def test_decimals_are_fixed(self, value: float, text: str) -> None:
        assert fmt.decimal(value) == text


class TestPercent:
    def test_whole_on_boards(self) -> None:
        assert fmt.percent(0.6878) == "69"
        assert fmt.percent_sign(0.6878) == "69 %"

    @pytest.mark.parametrize(
        ("ratio", "text"),
        [(Fraction(1, 8), "12"), (Fraction(3, 8), "38"), (Fraction(135, 1000), "14"), (Fraction(125, 1000), "12")],
    )
    def test_halves_go_to_the_even_neighbour(self, ratio: Fraction, text: str) -> None:
        assert fmt.percent(ratio) == text

    def test_the_exact_value_decides_and_not_its_print(self) -> None:
        # As floats 0.7345 lies a little above the half and 0.1235 a little below: neither is a tie.
        assert fmt.percent(0.7345, 1) == "73.5"
        assert fmt.percent(0.1235, 1) == "12.3"
        assert fmt.percent(Fraction("0.7345"), 1) == "73.4"

    def test_more_than_a_hundred_is_shown_as_it_is(self) -> None:
        assert fmt.percent_sign(1.042, 1) == "104.2 %"

    def test_unknown_is_a_dash_and_not_zero(self) -> None:
        assert fmt.percent_sign(None) == "–"


class TestSpans:
    @pytest.mark.parametrize(
        ("span", "ticking", "text"),
        [
            (38 * SECOND, False, "38 s"),
            (14 * MINUTE + 32 * SECOND, True, "14 min 32 s"),
            (14 * MINUTE + 32 * SECOND, False, "14 min"),
            (6 * MINUTE + 5 * SECOND, True, "6 min 05 s"),
            (HOUR + 5 * MINUTE + 59 * SECOND, True, "1 h 05 min"),
            (51 * HOUR, False, "2 d 3 h"),
            (59 * SECOND + 999_999, True, "59 s"),
            (-5, True, "0 s"),
        ],
    )
    def test_a_duration_has_units_and_no_colon(self, span: int, ticking: bool, text: str) -> None:
        assert fmt.span(span, ticking=ticking) == text

    def test_a_sum_is_rounded_and_never_shows_sixty_minutes(self) -> None:
        assert fmt.summed(30 * MINUTE + 32 * SECOND) == "31 min"
        assert fmt.summed(59 * MINUTE + 31 * SECOND) == "1 h 00 min"
        assert fmt.summed(8 * HOUR + 6 * MINUTE) == "8 h 06 min"

    def test_the_machine_readable_form(self) -> None:
        assert fmt.iso_span(14 * MINUTE + 32 * SECOND) == "PT14M32S"
        assert fmt.iso_span(0) == "PT0S"
        assert fmt.iso_span(51 * HOUR) == "PT51H"

    def test_hours_for_charts(self) -> None:
        assert fmt.hours(312 * HOUR) == "312.0"


class TestTimes:
    NOW = "2026-05-12T15:42:00Z"

    def test_a_clock_is_of_the_plant(self) -> None:
        assert fmt.clock(at(self.NOW), CHICAGO) == "10:42"

    def test_a_range_has_an_en_dash(self) -> None:
        assert fmt.clock_range(at("2026-05-12T14:41:00Z"), at("2026-05-12T14:53:00Z"), CHICAGO) == "09:41–09:53"

    @pytest.mark.parametrize(
        ("then", "text"),
        [
            ("2026-05-12T15:27:00Z", "10:27"),
            ("2026-05-11T12:00:00Z", "Mon 07:00"),
            ("2026-05-22T12:00:00Z", "Fri 22 May"),
            ("2025-05-16T12:00:00Z", "Fri 16 May 2025"),
        ],
    )
    def test_the_farther_away_the_more_of_the_date(self, then: str, text: str) -> None:
        assert fmt.moment(at(then), at(self.NOW), CHICAGO) == text

    def test_the_hour_that_comes_twice_is_told_by_the_offset_of_its_instant(self) -> None:
        first, second = at("2026-11-01T06:30:00Z"), at("2026-11-01T07:30:00Z")
        assert fmt.clock(first, CHICAGO) == fmt.clock(second, CHICAGO) == "01:30"
