"""Giving counted parts to operations, and moving scrap (SEMANTICS.md §7), by hand. Instants in seconds."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.downtime.types import StateSpan
from apps.jobs.rules import RunSpan
from apps.lines.types import Segment
from apps.oee.attribution import Ground, Move, attribute, moved, stretches_of, take
from apps.oee.types import PartsRow
from apps.shared.instants import SECOND
from apps.states.types import Delta

TODAY = date(2026, 3, 2)
ALWAYS = (Segment(0, 10**12, TODAY, "Early", is_break=False),)


def s(at: float) -> int:
    return round(at * SECOND)


def run(start: float, end: float, oper: int | None) -> RunSpan:
    return RunSpan(s(start), s(end), oper, "production" if oper else "")


def ground(*runs: RunSpan, silent: tuple[float, float] | None = None, segments: tuple[Segment, ...] = ALWAYS) -> Ground:
    silences = [StateSpan(s(silent[0]), s(silent[1]), "no_signal", 0)] if silent else []
    return Ground(runs, segments, silences)


def delta(start: float, end: float, good: int, reject: int = 0) -> Delta:
    return Delta(s(start), s(end), good, reject)


def given_to(rows: list[PartsRow]) -> list[tuple[float, float, int | None, int, int]]:
    """(start, end, operation, good, reject)."""
    return [(row.start / SECOND, row.end / SECOND, row.oper_id, row.good, row.reject) for row in rows]


TWO = (run(0, 5, 1), run(5, 300, 2))


class TestShort:
    def test_up_to_ten_seconds_belong_to_the_run_of_the_last_instant(self) -> None:
        (row,) = attribute([delta(0, 10, 10)], ground(*TWO))
        assert (row.oper_id, row.good, row.is_estimated) == (2, 10, False)

    def test_the_last_instant_is_a_microsecond_before_the_end(self) -> None:
        assert given_to(attribute([delta(0, 5, 10)], ground(*TWO))) == [(0, 5, 1, 10, 0)]
        assert given_to(attribute([delta(0, 5.000001, 10)], ground(*TWO))) == [(0, 5.000001, 2, 10, 0)]

    def test_no_run_is_none_and_an_ambiguous_one_is_unresolved(self) -> None:
        (alone,) = attribute([delta(0, 5, 1)], ground())
        (torn,) = attribute([delta(0, 5, 1)], ground(run(0, 9, None)))
        assert (alone.binding, torn.binding) == ("none", "unresolved")

    def test_the_shift_is_that_of_the_last_instant(self) -> None:
        night = Segment(0, s(5), TODAY, "Night", is_break=False)
        early = Segment(s(5), s(90), None, "", is_break=False)
        (row,) = attribute([delta(0, 5, 1)], ground(segments=(night, early)))
        assert (row.shift_date, row.shift) == (TODAY, "Night")
        (row,) = attribute([delta(0, 5.000001, 1)], ground(segments=(night, early)))
        assert (row.shift_date, row.shift) == (None, "")


class TestGap:
    def test_longer_than_ten_seconds_is_shared_by_overlap(self) -> None:
        # good 10 over 5 s and 6 s: 4.54 and 5.45; reject 2: 0.909 and 1.09
        rows = attribute([delta(0, 11, 10, 2)], ground(*TWO))
        assert given_to(rows) == [(0, 5, 1, 5, 1), (5, 11, 2, 5, 1)]
        assert all(row.is_estimated for row in rows)

    def test_ten_seconds_and_a_microsecond_is_a_gap(self) -> None:
        assert len(attribute([delta(0, 10, 10)], ground(*TWO))) == 1
        assert len(attribute([delta(0, 10.000001, 10)], ground(*TWO))) == 2

    def test_stretches_without_a_run_take_their_share(self) -> None:
        # 2, 4 and 5 of 11 s: 1.8, 3.6 and 4.5 parts; the two largest remainders are .8 and .6
        rows = attribute([delta(0, 11, 10)], ground(run(2, 6, 1)))
        assert given_to(rows) == [(0, 2, None, 2, 0), (2, 6, 1, 4, 0), (6, 11, None, 4, 0)]

    def test_a_negative_figure_is_shared_as_the_positive_one_with_its_sign(self) -> None:
        rows = attribute([delta(0, 12, -7, 7)], ground(run(0, 6, 1), run(6, 12, 2)))
        assert given_to(rows) == [(0, 6, 1, -4, 4), (6, 12, 2, -3, 3)]

    def test_what_gets_no_part_is_left_out(self) -> None:
        assert given_to(attribute([delta(0, 11, 1)], ground(run(0, 1, 1)))) == [(1, 11, None, 1, 0)]

    def test_runs_of_one_operation_with_a_pause_are_stretches_of_their_own(self) -> None:
        assert stretches_of([run(0, 4, 1), run(6, 99, 1)], 0, s(11)) == [(0, s(4)), (s(4), s(6)), (s(6), s(11))]

    def test_a_run_that_only_touches_takes_nothing(self) -> None:
        assert stretches_of([run(0, 20, 1), run(40, 60, 2)], s(20), s(40)) == [(s(20), s(40))]

    @given(
        st.integers(-500, 500), st.integers(-500, 500), st.integers(11, 200),
        st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40), st.sampled_from([None, 1, 2])), max_size=6),
    )  # fmt: skip
    def test_shares_add_up_and_tile(
        self, good: int, reject: int, length: int, gaps: list[tuple[int, int, int | None]]
    ) -> None:
        runs, at = [], -20
        for pause, span, oper in gaps:
            runs.append(run(at + pause, at + pause + span, oper))
            at += pause + span
        rows = attribute([delta(0, length, good, reject)], ground(*runs))
        tiles = stretches_of(runs, 0, s(length))

        assert (sum(row.good for row in rows), sum(row.reject for row in rows)) == (good, reject)
        assert [tile[0] for tile in tiles] + [s(length)] == [0, *(tile[1] for tile in tiles)]
        assert {(row.start, row.end) for row in rows} <= set(tiles)


class TestBlind:
    @pytest.mark.parametrize(
        ("silent", "is_blind"),
        [((5, 8), True), ((0, 1), True), ((9, 20), True), ((10, 20), False), ((-5, 0), False), ((-5, 0.000001), True)],
    )
    def test_a_span_that_touches_no_signal_counts_in_no_ideal_time(
        self, silent: tuple[float, float], is_blind: bool
    ) -> None:
        (row,) = attribute([delta(0, 10, 1)], ground(silent=silent))
        assert row.is_blind is is_blind

    def test_only_the_share_that_touches_it_is_blind(self) -> None:
        # 250 s with 20 parts: 3.2 in the run, 16.8 beyond, where the signal was lost
        rows = attribute([delta(0, 250, 20)], ground(run(0, 40, 1), silent=(50, 250)))
        assert [(row.oper_id, row.good, row.is_blind) for row in rows] == [(1, 3, False), (None, 17, True)]


class TestScrap:
    def rows(self) -> list[PartsRow]:
        return attribute([delta(0, 10, 5), delta(10, 20, 5)], ground(run(0, 10, 1), run(10, 30, 2)))

    def taken(
        self, at: float, qty: int, before: dict[tuple[int, int], int] | None = None
    ) -> tuple[list[tuple[float, int]], int]:
        moves, lost = take(s(at), qty, "S07", self.rows(), {} if before is None else before)
        return [(move.end / SECOND, move.qty) for move in moves], lost

    def test_takes_the_latest_good_parts_that_had_ended_by_then(self) -> None:
        assert self.taken(20, 3) == ([(20, 3)], 0)
        assert self.taken(19.999999, 3) == ([(10, 3)], 0)

    def test_goes_on_to_earlier_ones_whichever_the_operation(self) -> None:
        assert self.taken(30, 7) == ([(20, 5), (10, 2)], 0)

    def test_says_what_found_none(self) -> None:
        assert self.taken(9, 3) == ([], 3)
        assert self.taken(30, 12) == ([(20, 5), (10, 5)], 2)

    def test_leaves_what_earlier_reports_took(self) -> None:
        before = {(s(10), s(20)): 4}
        assert self.taken(30, 3, before) == ([(20, 1), (10, 2)], 0)
        assert before == {(s(10), s(20)): 5, (0, s(10)): 2}

    def test_a_negative_delta_has_nothing_to_take(self) -> None:
        rows = attribute([delta(0, 10, -5), delta(10, 20, 2)], ground())
        assert take(s(30), 3, "", rows, {}) == ([Move(s(30), "", s(10), s(20), 2)], 1)

    def test_moves_parts_from_good_to_reject_where_they_were_counted(self) -> None:
        rows = moved([Move(s(30), "S07", s(10), s(20), 3)], ground(run(0, 10, 1), run(10, 30, 2)))
        assert given_to(rows) == [(10, 20, 2, -3, 3)]
