"""Paretos (SEMANTICS.md §9): bars, order, ties, stops counted once, and bars of their own."""

from datetime import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.jobs.types import OperView
from apps.lines.types import Calendar, LinePolicy
from apps.oee.pareto import Loss, bars, shared
from apps.oee.types import SliceRow
from apps.shared.instants import SECOND

F = Fraction


def policy(slug: str) -> LinePolicy:
    return LinePolicy(
        {"a": 1, "b": 2}[slug], slug, slug, "C", "P", Calendar("UTC", time(0)), micro_stop_us=60 * SECOND, debounce_us=0,
        stale_after_us=SECOND, max_rate_per_s=F(10),
    )  # fmt: skip


def oper(job: str, part: str = "X") -> OperView:
    return OperView(1, "C", "P", job, 0, 10, "", part, "", 0, 0, 0, "", "E", 1, 1)


def loss(
    start: int, end: int, *, stop: int, bucket: str = "downtime", reason: str = "", category: str = "", line: str = "a",
    of: OperView | None = None, fault: int = 0, shift: str = "Early",
) -> Loss:  # fmt: skip
    """A slice in seconds."""
    row = SliceRow(start * SECOND, end * SECOND, bucket, "none", None, "", reason, stop * SECOND, fault, None, shift)
    return Loss(policy(line), of, row, category)


def told(found: list[Loss], by: str, measure: str = "seconds") -> list[tuple[str, float, int]]:
    return [(bar.key, bar.us / SECOND, bar.stops) for bar in bars(found, by, measure)]


class TestBars:
    def test_add_up_seconds_and_stops_the_largest_first(self) -> None:
        found = [
            loss(0, 10, stop=0, reason="M01"), loss(20, 50, stop=20, reason="M02"), loss(60, 65, stop=60, reason="M01"),
        ]  # fmt: skip
        assert told(found, "reason") == [("M02", 30, 1), ("M01", 15, 2), ("", 0, 0)]
        assert told(found, "reason", "stops") == [("M01", 15, 2), ("M02", 30, 1), ("", 0, 0)]

    def test_ties_are_sorted_by_key(self) -> None:
        found = [loss(0, 10, stop=0, reason=code) for code in ("M02", "M01", "N01")] + [loss(0, 10, stop=0)]
        assert [bar[0] for bar in told(found, "reason")] == ["", "M01", "M02", "N01"]

    def test_a_bar_counts_a_stop_once_however_many_of_its_slices_it_holds(self) -> None:
        found = [loss(0, 10, stop=0, reason="M01"), loss(10, 12, stop=0), loss(12, 30, stop=0, reason="M01")]
        assert told(found, "reason") == [("M01", 28, 1), ("", 2, 1)]
        assert told(found, "line") == [("a", 30, 1)]

    def test_stops_that_begin_together_on_two_lines_are_two(self) -> None:
        assert told([loss(0, 10, stop=0), loss(0, 10, stop=0, line="b")], "reason") == [("", 20, 2)]

    def test_untagged_micro_stops_and_setup_stand_apart_by_reason_and_category(self) -> None:
        found = [
            loss(0, 9, stop=0), loss(10, 15, stop=10, bucket="micro_stop"), loss(20, 23, stop=20, bucket="setup"),
            loss(30, 31, stop=30, bucket="micro_stop", reason="N01", category="minor_stop"),
        ]  # fmt: skip
        assert told(found, "reason") == [("", 9, 1), ("~micro_stop", 5, 1), ("~setup", 3, 1), ("N01", 1, 1)]
        assert told(found, "category") == [("", 9, 1), ("~micro_stop", 5, 1), ("~setup", 3, 1), ("minor_stop", 1, 1)]

    def test_by_reason_the_untagged_bar_is_always_there(self) -> None:
        assert told([], "reason") == [("", 0, 0)]
        assert told([], "category") == []

    @pytest.mark.parametrize(
        ("by", "keys"),
        [
            ("fault", [("", 5, 1), ("12", 3, 1)]),
            ("part", [("X", 5, 1), ("", 3, 1)]),
            ("operation", [("J1/0/10", 5, 1), ("", 3, 1)]),
            ("shift", [("Early", 5, 1), ("", 3, 1)]),
        ],
    )
    def test_what_has_none_is_a_bar_of_its_own(self, by: str, keys: list[tuple[str, float, int]]) -> None:
        assert told([loss(0, 5, stop=0, of=oper("J1")), loss(7, 10, stop=7, fault=12, shift="")], by) == keys


class TestShares:
    def test_are_of_the_measure_and_the_cumulative_line_ends_at_1(self) -> None:
        found = shared([("a", 30, 1), ("b", 10, 3)], "seconds")
        assert [(bar.share, bar.cumulative) for bar in found] == [(F(3, 4), F(3, 4)), (F(1, 4), 1)]
        found = shared([("a", 30, 1), ("b", 10, 3)], "stops")
        assert [(bar.key, bar.share, bar.cumulative) for bar in found] == [("b", F(3, 4), F(3, 4)), ("a", F(1, 4), 1)]

    def test_are_empty_where_the_measure_sums_to_0(self) -> None:
        assert [(bar.share, bar.cumulative) for bar in shared([("", 0, 0)], "seconds")] == [(None, None)]

    @given(st.lists(st.tuples(st.text(max_size=2), st.integers(0, 9), st.integers(0, 3)), max_size=9))
    def test_order_and_sum_hold_for_anything(self, rows: list[tuple[str, int, int]]) -> None:
        found = shared(rows, "seconds")

        assert sorted(bar[:3] for bar in found) == sorted(rows)
        assert [(-bar.us, bar.key) for bar in found] == sorted((-bar.us, bar.key) for bar in found)
        if any(us for _key, us, _stops in rows):
            assert sum(bar.share or 0 for bar in found) == 1
            assert found[-1].cumulative == 1
