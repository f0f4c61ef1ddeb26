"""The formulas and the empty cases of SEMANTICS.md §8, and the standards of Epicor, by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.oee.rules import Weighed, exact, figures, standard_cycle_s
from apps.oee.types import Figures, Sums
from apps.shared.instants import SECOND

F = Fraction


def of(cycle: float | None = None, *, good: int = 0, reject: int = 0, blind: int = 0, **seconds: int) -> Weighed:
    """The sums of one operation; `blind` of the good parts were made over no_signal."""
    sums = Sums(
        good=good, reject=reject, ideal_good=good - blind, ideal_total=good - blind + reject,
        **{name: span * SECOND for name, span in seconds.items()},
    )  # fmt: skip
    return Weighed(sums, None if cycle is None else F(str(cycle)))


def apqo(found: Figures) -> tuple[Fraction | None, ...]:
    return found.availability, found.performance, found.quality, found.oee


class TestFormulas:
    def test_one_operation_by_the_book(self) -> None:
        # RT 90 + 10, PPT 100 + 40 + 60 = 200, ideal 2 × 45 = 90 of which 80 good
        found = figures(
            [of(2, good=40, reject=5, running=90, micro_stop=10, setup=40, downtime=60, planned=30, unscheduled=500)]
        )
        assert apqo(found) == (F(1, 2), F(9, 10), F(8, 9), F(2, 5))
        assert F(1, 2) * F(9, 10) * F(8, 9) == F(2, 5)
        assert (found.total, found.good, found.reject, found.ideal_s, found.yield_) == (45, 40, 5, 90, F(8, 9))
        assert (found.coverage, found.performance_basis) == (1, 1)
        assert found.buckets == {
            "running": 90 * SECOND, "unscheduled": 500 * SECOND, "no_signal": 0, "planned": 30 * SECOND,
            "micro_stop": 10 * SECOND, "setup": 40 * SECOND, "downtime": 60 * SECOND,
        }  # fmt: skip

    def test_parts_of_several_operations_weigh_by_their_ideal_time(self) -> None:
        # 30 s × (1 of 2 good) and 10 s × (6 of 6 good)
        found = figures([of(30, good=1, reject=1, running=80), of(10, good=6, running=80)])
        assert apqo(found) == (1, F(120, 160), F(90, 120), F(90, 160))
        assert found.yield_ == F(7, 8)

    def test_ratios_are_not_averaged(self) -> None:
        found = figures([of(running=10, downtime=90), of(running=90, downtime=10)])
        assert found.availability == F(1, 2)
        assert figures([of(running=1), of(running=1, downtime=98)]).availability == F(2, 100)

    def test_nothing_is_capped(self) -> None:
        assert figures([of(30, good=6, running=90)]).performance == 2

    def test_coverage_is_what_we_saw_of_planned_time(self) -> None:
        assert figures([of(running=30, downtime=30, no_signal=20, planned=900)]).coverage == F(60, 80)
        assert figures([of(no_signal=20)]).coverage == 0

    def test_a_negative_third_counter_is_not_clamped(self) -> None:
        found = figures([of(1, good=-2, reject=5, running=10)])
        assert (found.total, found.yield_, found.quality, found.oee) == (3, F(-2, 3), F(-2, 3), F(-2, 10))


class TestBasis:
    def test_what_has_no_cycle_is_outside_performance_and_oee(self) -> None:
        # known: 60 s running, 1 part of 30 s; unknown: 40 s running, 100 s down, 4 good and 1 reject
        found = figures([of(30, good=1, running=60), of(good=4, reject=1, running=40, downtime=100)])
        assert apqo(found) == (F(1, 2), F(1, 2), 1, F(1, 2))
        assert (found.yield_, found.performance_basis, found.ideal_s) == (F(5, 6), F(3, 5), 30)

    def test_the_oee_of_the_known_part_is_over_its_own_planned_time(self) -> None:
        found = figures([of(30, good=1, running=60, downtime=60), of(good=4, running=40)])
        assert found.oee == F(30, 120)

    def test_with_no_known_cycle_quality_is_the_yield(self) -> None:
        found = figures([of(good=3, reject=1, running=90)])
        assert apqo(found) == (1, None, F(3, 4), None)
        assert found.performance_basis == 0


class TestEmpty:
    def test_no_planned_time_has_no_availability_and_no_oee(self) -> None:
        found = figures([of(5, unscheduled=90, planned=10)])
        assert (*apqo(found), found.coverage, found.performance_basis) == (None, None, None, None, None, None)

    def test_nothing_at_all(self) -> None:
        found = figures([])
        assert (*apqo(found), found.yield_, found.coverage) == (None,) * 6
        assert found.total == 0

    def test_planned_time_without_run_time(self) -> None:
        found = figures([of(5, downtime=90)])
        assert (*apqo(found), found.performance_basis) == (0, None, None, 0, None)

    def test_planned_time_without_run_time_but_with_parts(self) -> None:
        found = figures([of(5, good=3, reject=1, downtime=90)])
        assert (*apqo(found), found.yield_) == (0, None, F(3, 4), 0, F(3, 4))

    def test_run_time_without_parts(self) -> None:
        assert apqo(figures([of(5, running=90)])) == (1, 0, None, 0)

    def test_run_time_without_parts_and_without_a_cycle(self) -> None:
        found = figures([of(running=90)])
        assert (*apqo(found), found.performance_basis) == (1, None, None, None, 0)

    def test_parts_over_no_signal_alone_have_a_yield_but_no_quality(self) -> None:
        found = figures([of(5, good=3, blind=3, running=10, no_signal=200)])
        assert (*apqo(found), found.yield_, found.ideal_s) == (1, 0, None, 0, 1, 0)

    def test_planned_time_of_which_nothing_known_ran(self) -> None:
        # the known operation only stood; the other one ran
        found = figures([of(5, downtime=50), of(running=50)])
        assert (*apqo(found), found.performance_basis) == (F(1, 2), None, None, None, 0)


class TestStandard:
    # One standard of 4, by every format and basis: ideal seconds a piece.
    @pytest.mark.parametrize("basis", ["E", "C", "M", "T"])
    @pytest.mark.parametrize(
        ("std_format", "seconds"),
        [
            ("HP", {"E": F(14400), "C": F(144), "M": F(144, 10), "T": F(144, 100)}),
            ("MP", {"E": F(240), "C": F(24, 10), "M": F(24, 100), "T": F(24, 1000)}),
            ("PH", F(900)),
            ("PM", F(15)),
            ("OH", F(450)),  # 2 operations a part
            ("OM", F(15, 2)),
            ("CH", F(180)),  # 5 pieces a cycle
            ("CM", F(3)),
            ("HR", F(4 * 3600, 500)),  # for all of 500
        ],
    )
    def test_every_format_by_every_basis(
        self, std_format: str, seconds: Fraction | dict[str, Fraction], basis: str
    ) -> None:
        wanted = seconds[basis] if isinstance(seconds, dict) else seconds
        assert standard_cycle_s(4, std_format, basis=basis, ops_per_part=2, qty_per_cycle=5, run_qty=500) == wanted

    @pytest.mark.parametrize("std_format", ["HP", "MP", "PH", "PM", "OH", "OM", "CH", "CM", "HR"])
    def test_no_standard_is_no_rate(self, std_format: str) -> None:
        assert standard_cycle_s(0, std_format, basis="E", ops_per_part=1, qty_per_cycle=1, run_qty=9) is None

    @pytest.mark.parametrize("std_format", ["", "XX", "P", "PHX", "H", "PX", "CP"])
    def test_an_unknown_format_is_no_rate(self, std_format: str) -> None:
        assert standard_cycle_s(4, std_format, basis="E", ops_per_part=1, qty_per_cycle=1, run_qty=9) is None

    @pytest.mark.parametrize(
        ("std_format", "zero"), [("OH", "ops_per_part"), ("CM", "qty_per_cycle"), ("HR", "run_qty")]
    )
    def test_a_divisor_of_0_is_no_rate(self, std_format: str, zero: str) -> None:
        divisors = {"ops_per_part": 1.0, "qty_per_cycle": 1.0, "run_qty": 9.0} | {zero: 0.0}
        assert standard_cycle_s(4, std_format, basis="E", **divisors) is None

    def test_a_number_is_the_decimal_that_people_wrote(self) -> None:
        assert exact(0.1) == F(1, 10)
        assert standard_cycle_s(2.25, "PH", basis="E", ops_per_part=1, qty_per_cycle=1, run_qty=1) == 1600


cycles = st.fractions(F(1, 100), 500, max_denominator=1000)
spans = st.integers(0, 10**10)


@st.composite
def weighed(draw: st.DrawFn) -> Weighed:
    good, reject = draw(st.integers(0, 10**5)), draw(st.integers(0, 10**4))
    sums = Sums(
        running=draw(spans), micro_stop=draw(spans), setup=draw(spans), downtime=draw(spans), no_signal=draw(spans),
        good=good, reject=reject, ideal_good=good, ideal_total=good + reject,
    )  # fmt: skip
    return Weighed(sums, draw(cycles))


@given(st.lists(weighed(), min_size=1, max_size=5))
def test_availability_times_performance_times_quality_is_oee(operations: list[Weighed]) -> None:
    """Exactly, where every operation has a cycle."""
    found = figures(operations)

    if found.availability is None:
        assert found.oee is None
    elif None not in apqo(found):
        assert found.availability * found.performance * found.quality == found.oee  # type: ignore[operator]
        assert found.performance_basis == 1
    elif found.performance is None:
        assert (found.availability, found.oee) == (0, 0)
    else:
        assert (found.total, found.quality, found.oee) == (0, None, 0)


@given(st.lists(weighed(), min_size=1, max_size=5), st.randoms())
def test_figures_do_not_depend_on_order_or_on_how_sums_are_cut(operations: list[Weighed], dice: object) -> None:
    halves = []
    for one in operations:
        first = Sums(running=one.sums.running // 3, good=one.sums.good // 2, ideal_good=one.sums.good // 2)
        first.ideal_total = first.good
        rest = Sums(**{name: getattr(one.sums, name) - getattr(first, name) for name in Sums.__slots__})
        halves += [Weighed(first, one.cycle_s), Weighed(rest, one.cycle_s)]
    dice.shuffle(halves)  # type: ignore[attr-defined]

    assert figures(halves) == figures(operations)
