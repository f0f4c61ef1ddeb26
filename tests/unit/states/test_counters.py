"""The counter rules of SEMANTICS.md §7, each by hand."""

from fractions import Fraction

import pytest

from apps.shared.instants import SECOND
from apps.states.rules import step
from apps.states.types import Alert, CounterNow, Delta, Limits, LineNow, Sample

TWO_A_SECOND = Limits(stale_after_us=1000 * SECOND, max_rate_per_s=Fraction(2))


class Machine:
    """Folds samples; keeps what came of them, in seconds."""

    def __init__(self, limits: Limits = TWO_A_SECOND) -> None:
        self.limits, self.now = limits, LineNow()
        self.deltas: list[Delta] = []
        self.alerts: list[Alert] = []

    def say(
        self, at: float, total: int | None = None, *, good: int | None = None, reject: int | None = None,
        restarted: bool = False,
    ) -> "Machine":  # fmt: skip
        done = step(
            self.now,
            Sample(round(at * SECOND), running=True, total=total, good_count=good, reject=reject, restarted=restarted),
            self.limits,
        )
        self.now = done.now
        self.deltas += done.deltas
        self.alerts += done.alerts
        return self

    @property
    def counted(self) -> list[tuple[float, float, int, int]]:
        """(start, end, good, reject) of all deltas."""
        return [(d.start / SECOND, d.end / SECOND, d.good, d.reject) for d in self.deltas]

    @property
    def told(self) -> list[tuple[float, str, str, int]]:
        """(at, what, counter, parts) of all alerts."""
        return [(a.at / SECOND, a.what, a.counter, a.parts) for a in self.alerts]


def told(*rows: tuple[float, int], limits: Limits = TWO_A_SECOND) -> Machine:
    machine = Machine(limits)
    for at, total in rows:
        machine.say(at, total)
    return machine


class TestLimit:
    def test_the_first_sample_ever_gives_nothing(self) -> None:
        assert told((0, 777)).counted == []
        assert Machine().say(0, 777, restarted=True).counted == []

    def test_what_the_rate_allows_counts_and_one_more_is_held(self) -> None:
        assert told((0, 100), (10, 120)).counted == [(0, 10, 20, 0)]
        assert told((0, 100), (10, 121)).counted == []

    def test_a_short_span_has_the_limit_of_a_second(self) -> None:
        assert told((0, 100), (0.25, 102)).counted == [(0, 0.25, 2, 0)]
        assert told((0, 100), (0.25, 103)).counted == []

    def test_the_limit_is_exact_to_the_microsecond(self) -> None:
        assert told((0, 0), (10, 20)).counted == [(0, 10, 20, 0)]
        assert told((0, 0), (9.999999, 20)).counted == []

    def test_a_rate_below_one_a_second_is_exact_too(self) -> None:
        slow = Limits(stale_after_us=1000 * SECOND, max_rate_per_s=Fraction("0.3"))
        assert told((0, 0), (10, 3), limits=slow).counted == [(0, 10, 3, 0)]
        assert told((0, 0), (9.999999, 3), limits=slow).counted == []

    def test_the_limit_of_the_baseline_grows_while_a_value_is_held(self) -> None:
        # 8 above the baseline: too much for 3 s, not for 4
        assert told((0, 100), (3, 108), (4, 108)).counted == [(0, 4, 8, 0)]


class TestWrap:
    def test_sixteen_bits_wrap_where_the_signal_says_so(self) -> None:
        narrow = Limits(stale_after_us=1000 * SECOND, max_rate_per_s=Fraction(2), bits={"total": 16})
        assert told((0, 65530), (10, 4), limits=narrow).counted == [(0, 10, 10, 0)]

    def test_thirty_two_bits_wrap_where_nothing_is_said(self) -> None:
        assert told((0, 2**32 - 3), (10, 1)).counted == [(0, 10, 4, 0)]
        assert told((0, 65530), (10, 4)).counted == []


class TestHold:
    def test_a_glitch_is_forgotten_and_counted_across(self) -> None:
        machine = told((0, 100), (1, 5000), (2, 104))
        assert machine.counted == [(0, 2, 4, 0)]
        assert machine.told == []

    def test_a_glitch_to_zero_is_no_reset(self) -> None:
        assert told((0, 100), (1, 0), (2, 101)).counted == [(0, 2, 1, 0)]

    def test_a_held_value_below_that_is_confirmed_was_a_reset(self) -> None:
        machine = told((0, 100), (1, 1), (2, 3))
        assert machine.counted == [(0, 1, 1, 0), (1, 2, 2, 0)]
        assert machine.told == []

    def test_a_reset_whose_value_can_not_have_been_made_counts_nothing_and_tells(self) -> None:
        machine = told((0, 100), (1, 50), (2, 51))
        assert machine.counted == [(1, 2, 1, 0)]
        assert machine.told == [(2, "reset_lost", "total", 50)]

    def test_a_held_value_above_that_is_confirmed_was_a_jump(self) -> None:
        machine = told((0, 100), (1, 5000), (2, 5001))
        assert machine.counted == [(1, 2, 1, 0)]
        assert machine.told == [(2, "jump", "total", 4900)]

    def test_another_value_out_of_line_is_held_instead(self) -> None:
        machine = told((0, 100), (1, 5000), (2, 9000), (3, 9001))
        assert machine.counted == [(2, 3, 1, 0)]
        assert machine.told == [(3, "jump", "total", 8900)]

    def test_what_is_held_at_the_end_is_not_counted_yet(self) -> None:
        machine = told((0, 100), (1, 101), (2, 5000))
        assert machine.counted == [(0, 1, 1, 0)]
        assert dict(machine.now.counters)["total"] == CounterNow(SECOND, 101, 2 * SECOND, 5000)

    def test_the_baseline_is_asked_before_the_held_value(self) -> None:
        # 104 is in reach of both 100 (as 4 in 2 s) and 103 (as 1 in 1 s)
        assert told((0, 100), (1, 103), (2, 104)).counted == [(0, 2, 4, 0)]


class TestRestarted:
    def test_what_was_made_since_the_restart_counts(self) -> None:
        assert Machine().say(0, 100).say(2, 4, restarted=True).say(3, 5).counted == [(0, 2, 4, 0), (2, 3, 1, 0)]

    def test_more_than_the_limit_counts_nothing_and_tells(self) -> None:
        machine = Machine().say(0, 100).say(2, 5, restarted=True).say(3, 6)
        assert machine.counted == [(2, 3, 1, 0)]
        assert machine.told == [(2, "reset_lost", "total", 5)]

    def test_a_restart_drops_what_was_held(self) -> None:
        assert Machine().say(0, 100).say(1, 5000).say(2, 1, restarted=True).say(3, 2).counted == [
            (0, 2, 1, 0), (2, 3, 1, 0),
        ]  # fmt: skip

    def test_a_restart_at_the_same_value_counts_it_again(self) -> None:
        # not a difference: the device began at 0 and has made 2
        assert Machine().say(0, 2).say(2, 2, restarted=True).counted == [(0, 2, 2, 0)]


class TestTwoCounters:
    @pytest.mark.parametrize(
        ("first", "second", "delta"),
        [
            ({"total": 10, "reject": 1}, {"total": 15, "reject": 3}, (3, 2)),
            ({"total": 10, "good": 1}, {"total": 15, "good": 7}, (6, -1)),
            ({"total": 10, "reject": 1}, {"total": 10, "reject": 3}, (-2, 2)),
            ({"good": 10, "reject": 1}, {"good": 15, "reject": 3}, (5, 2)),
            ({"total": 10}, {"total": 15}, (5, 0)),
            ({"good": 10}, {"good": 15}, (5, 0)),
            ({"reject": 10}, {"reject": 12}, (0, 2)),
        ],
    )
    def test_the_third_follows_and_is_not_clamped(
        self, first: dict[str, int], second: dict[str, int], delta: tuple[int, int]
    ) -> None:
        machine = Machine().say(0, **first).say(5, **second)  # type: ignore[arg-type]
        assert machine.counted == [(0, 5, *delta)]

    def test_counts_over_one_span_are_one_delta(self) -> None:
        assert Machine().say(0, 0, reject=0).say(5, 7, reject=2).counted == [(0, 5, 5, 2)]

    def test_a_counter_that_is_settled_later_makes_its_own(self) -> None:
        # total glitches at 5, reject does not: total is counted over all of it, with 0 of the other
        machine = Machine().say(0, 0, reject=0).say(5, 9000, reject=1).say(10, 8, reject=3)
        assert machine.counted == [(0, 5, -1, 1), (0, 10, 8, 0), (5, 10, -2, 2)]
        assert (sum(d.good for d in machine.deltas), sum(d.reject for d in machine.deltas)) == (5, 3)

    def test_a_sample_without_counters_leaves_them_as_they_are(self) -> None:
        assert Machine().say(0, 10).say(5).say(8, 20).counted == [(0, 8, 10, 0)]


class TestBadSamples:
    def test_a_failed_poll_is_no_end_of_a_span(self) -> None:
        machine = told((0, 100))
        machine.now = step(machine.now, Sample(5 * SECOND, good=False), machine.limits).now
        assert machine.say(10, 120).counted == [(0, 10, 20, 0)]

    def test_a_sample_that_is_not_later_is_dropped(self) -> None:
        machine = told((0, 100), (10, 110))
        done = step(machine.now, Sample(10 * SECOND, running=False, total=115), machine.limits)
        assert done.dropped
        assert (done.now, done.changes, done.deltas) == (machine.now, (), ())
        assert step(machine.now, Sample(9 * SECOND, good=False), machine.limits).dropped

    def test_a_sample_not_later_than_a_failed_one_is_dropped_too(self) -> None:
        machine = told((0, 100))
        machine.now = step(machine.now, Sample(5 * SECOND, good=False), machine.limits).now
        assert step(machine.now, Sample(5 * SECOND, running=True, total=101), machine.limits).dropped
