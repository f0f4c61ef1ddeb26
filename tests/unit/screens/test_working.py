"""The page of a working without a database: sums that can be done again by hand, and words."""

from datetime import time
from fractions import Fraction
from typing import Any

import pytest

from apps.jobs.types import OperView
from apps.lines.types import Calendar, LinePolicy
from apps.oee.explain import Counted, Ledger, OperLine
from apps.oee.rules import Weighed, figures
from apps.oee.types import Sums
from apps.screens.working.address import LONGEST_DAYS, window_of
from apps.screens.working.presenter import present
from apps.screens.working.ratios import places_of, ratios_of, seconds, times_of
from apps.shared.format import NOTHING, THIN
from apps.shared.instants import DAY, HOUR, SECOND, iso, parse_us
from apps.states.types import Alert

START = parse_us("2026-05-12T06:00:00+02:00")
NOW = START + 2 * HOUR
POLICY = LinePolicy(
    1, "mill-1", "Mill 1", "NRVK", "NORTH", Calendar("Europe/Oslo", time(6)),
    micro_stop_us=120 * SECOND, debounce_us=0, stale_after_us=30 * SECOND, max_rate_per_s=Fraction(10),
)  # fmt: skip
OPER = OperView(7, "NRVK", "NORTH", "004512-1", 0, 20, "CNC Mill", "BRKT", "", 100, 100, 120, "PH", "E", 1, 1)
RAN = Sums(
    running=3000 * SECOND, micro_stop=300 * SECOND, setup=600 * SECOND, downtime=900 * SECOND,
    planned=300 * SECOND, unscheduled=1500 * SECOND, no_signal=600 * SECOND,
    good=100, reject=4, ideal_good=96, ideal_total=100,
)  # fmt: skip


def ledger(*rows: OperLine, **changed: Any) -> Ledger:
    """The working of two hours with these operations."""
    usual: dict[str, Any] = {
        "policy": POLICY, "start": START, "end": NOW, "opers": rows,
        "figures": figures(Weighed(row.sums, row.cycle_s) for row in rows),
        "counted": Counted(("good", "reject"), 104, 0, 0, 0),
        "alerts": (), "late": (),
    }  # fmt: skip
    return Ledger(**(usual | changed))


def line(cycle: Fraction | None = Fraction(30), sums: Sums = RAN) -> OperLine:
    """An operation that ran for the two hours."""
    return OperLine(OPER, sums, cycle, "Epicor's standard 120 PH")


class TestRatios:
    def test_each_says_what_it_divides(self) -> None:
        assert [(row.name, row.numbers.replace(THIN, " "), row.value.replace(THIN, " ")) for row in
                ratios_of(ledger(line()))] == [
            ("Availability", "3 300 s ÷ 4 800 s", "68.8 %"),
            ("Performance", "3 000 s ÷ 3 300 s", "90.9 %"),
            ("Quality", "2 880 s ÷ 3 000 s", "96.0 %"),
            ("OEE", "2 880 s ÷ 4 800 s", "60.0 %"),
            ("Coverage", "4 800 s ÷ 5 400 s", "88.9 %"),
        ]  # fmt: skip

    @pytest.mark.parametrize("cycles", [(Fraction(30), Fraction(7, 3)), (Fraction(30), None)])
    def test_the_sums_give_the_figures(self, cycles: tuple[Fraction, Fraction | None]) -> None:
        made = ledger(*(line(cycle) for cycle in cycles))
        times = times_of(made.opers)

        assert made.figures.availability == Fraction(times.run, times.planned)
        assert made.figures.performance == times.ideal_total / times.known_run
        assert made.figures.quality == times.ideal_good / times.ideal_total
        assert made.figures.oee == times.ideal_good / times.known_planned

    def test_without_a_cycle_they_say_so(self) -> None:
        made = ratios_of(ledger(line(None)))

        assert [row.value for row in made][1::2] == [NOTHING, NOTHING]
        assert made[1].numbers == made[3].numbers == "No operation with an ideal cycle ran."
        assert made[2].numbers == "100 ÷ 104 parts"

    def test_without_planned_time_they_say_so(self) -> None:
        made = ratios_of(ledger(line(sums=Sums(unscheduled=2 * HOUR))))

        assert (made[3].numbers, made[3].value) == ("No planned time.", NOTHING)

    def test_a_line_that_stood_has_an_oee_of_zero(self) -> None:
        made = ratios_of(ledger(line(sums=Sums(downtime=2 * HOUR))))

        assert (made[3].numbers, made[3].value) == ("The line did not run in its planned time.", f"0.0{THIN}%")


class TestSeconds:
    @pytest.mark.parametrize(
        ("us", "text"),
        [(0, "0"), (90 * SECOND, "90"), (1_500_000, "1.5"), (1, "0.000001"), (Fraction(SECOND, 3), "0.333333")],
    )
    def test_have_the_decimals_that_they_need(self, us: int | Fraction, text: str) -> None:
        assert seconds(us) == text

    def test_in_one_column_all_have_as_many(self) -> None:
        assert places_of([SECOND, 1_250_000]) == 2
        assert places_of([]) == 0


class TestPage:
    def test_time_is_said_in_the_plant(self) -> None:
        page = present(ledger(line()), NOW)

        assert page.window == "06:00–08:00, Europe/Oslo"
        assert page.iso_window == (iso(START), iso(NOW))
        assert page.sum == f"7{THIN}200"

    def test_days_are_named_where_they_are_others(self) -> None:
        assert present(ledger(line()), NOW + DAY).window == "Tue 06:00–08:00, Europe/Oslo"
        assert present(ledger(line(), start=NOW - 2 * DAY), NOW).window == "Sun 08:00 to 08:00, Europe/Oslo"

    def test_what_has_no_operation_comes_last(self) -> None:
        page = present(ledger(OperLine(None, RAN, None, "unknown: no standard"), line()), NOW)

        assert [(row.job, row.suffix, row.name) for row in page.opers] == [
            ("004512", "-1", "Op 20 CNC Mill"),
            ("", "", "No operation"),
        ]
        assert page.opers[1].source == "Unknown: no standard"
        assert page.basis.startswith(f"An ideal cycle is known for 50.0{THIN}%")

    def test_counts_say_where_they_are_from(self) -> None:
        plain = present(ledger(line()), NOW).counts
        rich = present(ledger(line(), counted=Counted(("total",), 1, 12, 3, 1)), NOW).counts
        none = present(ledger(line(), counted=Counted((), 0, 0, 0, 0)), NOW).counts

        assert plain[0] == "104 counts from the line’s good and reject counters."
        assert [text.split(" ", 2)[0] for text in rich] == ["1", "12", "3", "1"]
        assert none == ("Nothing was counted in this window.",)

    def test_what_was_not_counted_is_said_with_its_time(self) -> None:
        alerts = (
            Alert(NOW - 60 * SECOND, "jump", "total", 9000),
            Alert(NOW, "reset_lost", "reject", 1),
            Alert(NOW, "scrap_not_found", "scrap", 3),
        )
        said = present(ledger(line(), alerts=alerts), NOW).counts[-3:]

        assert [text.split(": ", 1)[1] for text in said] == [
            "the total counter jumped by 9000 parts: more than the line can make, so none were counted.",
            "the reject counter began anew at 1: more than the line can make, so none were counted.",
            "3 parts reported as scrap found no good parts to move, so they were not counted.",
        ]
        assert [text.split(": ", 1)[0] for text in said] == ["07:59", "08:00", "08:00"]


class TestWindow:
    def test_is_the_other_one_where_none_is_said(self) -> None:
        assert window_of({}, (1, 2)) == (1, 2)

    def test_any_offset_will_do(self) -> None:
        assert window_of({"from": "2026-05-12T06:00:00+02:00", "to": "2026-05-12T06:00:00Z"}, (1, 2)) == (START, NOW)

    def test_has_a_longest(self) -> None:
        most = {"from": iso(START), "to": iso(START + LONGEST_DAYS * DAY)}

        assert window_of(most, (1, 2))[0] == START
        with pytest.raises(ValueError, match="longer than"):
            window_of(most | {"from": iso(START - 1)}, (1, 2))
