"""The bucket table of SEMANTICS.md §6, row by row, with every exception that it names."""

import itertools
from datetime import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.downtime.types import Cut, TagMark
from apps.jobs.rules import RunSpan
from apps.lines.types import BreakTime, Calendar, LinePolicy, ShiftPattern
from apps.oee.partition import Facts, Partition, partition
from apps.oee.types import SliceRow
from apps.shared.instants import HOUR, MINUTE, parse_us
from apps.states.types import Change

DAY = parse_us("2026-03-02T00:00:00Z")
T0 = DAY + 6 * HOUR
CATEGORIES = {"M01": "equipment_failure", "N01": "minor_stop", "P09": "planned", "S01": "setup_adjustment"}
# One shift from 06:00 to 14:00 UTC with a break from 10:00 to 10:30.
CALENDAR = Calendar(
    "UTC",
    time(0),
    (ShiftPattern("Early", frozenset(range(7)), time(6), time(14), (BreakTime("b", time(10), time(10, 30)),)),),
)


def policy(*, no_job: str = "", faults: dict[int, str] | None = None) -> LinePolicy:
    return LinePolicy(
        1, "l", "L", "C", "P", CALENDAR, micro_stop_us=2 * MINUTE, debounce_us=0, stale_after_us=HOUR,
        max_rate_per_s=Fraction(10), no_job_reason=no_job, fault_reasons=faults or {},
    )  # fmt: skip


def derive(
    *changes: tuple[int, str], until: int, tags: tuple[TagMark, ...] = (), cuts: tuple[Cut, ...] = (),
    runs: tuple[RunSpan, ...] = (), no_job: str = "", fault: int = 0, faults: dict[int, str] | None = None,
    start: int | None = None, end: int | None = None,
) -> Partition:  # fmt: skip
    """The partition of what the machine said at (minutes after 06:00, state)."""
    told = [Change(T0 + at * MINUTE, state, fault if state == "stopped" else 0) for at, state in changes]
    facts = Facts(told, tags, cuts, runs, CATEGORIES)
    last = T0 + until * MINUTE
    return partition(
        policy(no_job=no_job, faults=faults), facts, told[0].at if start is None else start, last if end is None else end,
        until=last,
    )  # fmt: skip


def run(start: int, end: int, kind: str = "production", oper: int | None = 1) -> RunSpan:
    return RunSpan(T0 + start * MINUTE, T0 + end * MINUTE, oper, kind if oper else "")


def tag(at: int, code: str) -> TagMark:
    return TagMark(T0 + 900 * MINUTE, False, code, T0 + at * MINUTE, "e", "")


def shown(made: Partition) -> list[tuple[float, float, str]]:
    """(start, end, bucket) in minutes after 06:00, neighbours of one bucket joined."""
    found: list[tuple[float, float, str]] = []
    for row in made.slices:
        start, end = (row.start - T0) / MINUTE, (row.end - T0) / MINUTE
        if found and found[-1][2] == row.bucket:
            found[-1] = (found[-1][0], end, found[-1][2])
        else:
            found.append((start, end, str(row.bucket)))
    return found


def stop_bucket(minutes: int, *, kind: str = "", code: str = "", at: int = 10) -> str:
    """The bucket of a stop of that length that starts at a minute of the shift, in a run of that kind, tagged so."""
    made = derive(
        (0, "running"), (at, "stopped"), (at + minutes, "running"), until=at + minutes + 10,
        tags=(tag(at, code),) if code else (), runs=(run(0, 900, kind),) if kind else (),
    )  # fmt: skip
    (bucket,) = {str(row.bucket) for row in made.slices if row.stop_start is not None}
    return bucket


class TestTable:
    def test_row_1_a_running_machine_is_never_unscheduled_or_on_break(self) -> None:
        assert shown(derive((-60, "running"), until=600)) == [(-60, 600, "running")]

    def test_row_1_a_running_machine_in_a_setup_run_is_running(self) -> None:
        assert shown(derive((0, "running"), until=9, runs=(run(0, 9, "setup"),))) == [(0, 9, "running")]

    def test_row_2_no_shift_at_this_instant(self) -> None:
        assert shown(derive((-30, "stopped"), until=30)) == [(-30, 0, "unscheduled"), (0, 30, "downtime")]
        assert shown(derive((470, "no_signal"), until=500)) == [(470, 480, "no_signal"), (480, 500, "unscheduled")]

    def test_row_2_comes_before_a_planned_reason(self) -> None:
        assert shown(derive((-30, "stopped"), until=10, tags=(tag(0, "P09"),))) == [
            (-30, 0, "unscheduled"), (0, 10, "planned"),
        ]  # fmt: skip

    def test_row_3_no_signal_is_no_break(self) -> None:
        assert shown(derive((230, "no_signal"), until=290)) == [(230, 290, "no_signal")]

    def test_row_4_a_break_of_the_shift(self) -> None:
        assert shown(derive((230, "stopped"), until=290)) == [
            (230, 240, "downtime"), (240, 270, "planned"), (270, 290, "downtime"),
        ]  # fmt: skip

    def test_row_4_a_break_is_planned_whatever_the_tag_and_however_short_the_stop(self) -> None:
        assert stop_bucket(20, code="M01", at=242) == "planned"
        assert stop_bucket(1, at=242) == "planned"
        assert stop_bucket(1, kind="setup", code="S01", at=242) == "planned"

    @pytest.mark.parametrize(
        ("minutes", "kind", "code", "bucket"),
        [
            # 4: a planned reason, micro-stop or not, setup run or not
            (1, "", "P09", "planned"),
            (1, "setup", "P09", "planned"),
            (30, "production", "P09", "planned"),
            # 5: a micro-stop outside a setup run, whatever else it is tagged with
            (1, "", "", "micro_stop"),
            (1, "production", "", "micro_stop"),
            (1, "production", "M01", "micro_stop"),
            (1, "production", "S01", "micro_stop"),
            (1, "production", "N01", "micro_stop"),
            # 6: tagged as setup, or untagged in a setup run; there micro-stops too
            (30, "production", "S01", "setup"),
            (30, "", "S01", "setup"),
            (30, "setup", "S01", "setup"),
            (30, "setup", "", "setup"),
            (1, "setup", "", "setup"),
            (1, "setup", "S01", "setup"),
            # 7: the rest
            (30, "setup", "M01", "downtime"),
            (1, "setup", "M01", "downtime"),
            (30, "production", "", "downtime"),
            (30, "", "", "downtime"),
            (30, "", "N01", "downtime"),
            (2, "", "", "downtime"),  # exactly the threshold: no micro-stop
        ],
    )
    def test_rows_4_to_7(self, minutes: int, kind: str, code: str, bucket: str) -> None:
        assert stop_bucket(minutes, kind=kind, code=code) == bucket

    def test_an_ambiguous_stretch_is_no_setup_run(self) -> None:
        made = derive((0, "stopped"), until=30, runs=(run(0, 30, oper=None),))
        assert [(row.bucket, row.binding) for row in made.slices] == [("downtime", "unresolved")]

    def test_a_reason_tagged_on_a_micro_stop_is_kept(self) -> None:
        made = derive((0, "stopped"), (1, "running"), until=5, tags=(tag(0, "M01"),))
        assert (made.slices[0].bucket, made.slices[0].reason) == ("micro_stop", "M01")


class TestMicroStop:
    def test_the_physical_stop_decides_whatever_it_is_cut_by(self) -> None:
        # 3 minutes, of which 1 before the shift; a split and a run cut it further
        made = derive(
            (-1, "stopped"), (2, "running"), until=5, runs=(run(1, 5),), cuts=(Cut(1, is_unsplit=False, at=T0 + 30),)
        )
        assert shown(made) == [(-1, 0, "unscheduled"), (0, 2, "downtime"), (2, 5, "running")]
        # and whatever window is looked at
        half = derive((0, "stopped"), (3, "running"), until=5, start=T0, end=T0 + MINUTE)
        assert [row.bucket for row in half.slices] == ["downtime"]

    def test_an_open_stop_is_as_long_as_it_is_now(self) -> None:
        assert shown(derive((0, "stopped"), until=1)) == [(0, 1, "micro_stop")]
        assert shown(derive((0, "stopped"), until=2)) == [(0, 2, "downtime")]

    def test_no_signal_ends_a_stop_and_what_follows_is_a_new_one(self) -> None:
        made = derive((0, "stopped"), (1, "no_signal"), (5, "stopped"), (6, "running"), until=9)
        assert shown(made) == [(0, 1, "micro_stop"), (1, 5, "no_signal"), (5, 6, "micro_stop"), (6, 9, "running")]


class TestNoJobReason:
    def reasons(self, **more: object) -> list[tuple[float, str, str]]:
        made = derive((0, "stopped"), (30, "running"), until=40, runs=(run(10, 20),), no_job="P09", **more)  # type: ignore[arg-type]
        return [((row.start - T0) / MINUTE, row.reason, str(row.bucket)) for row in made.slices if row.stop_start]

    def test_is_for_slices_bound_to_none(self) -> None:
        assert self.reasons() == [(0, "P09", "planned"), (10, "", "downtime"), (20, "P09", "planned")]

    def test_is_not_for_what_a_person_or_the_machine_has_tagged(self) -> None:
        assert {reason for _at, reason, _bucket in self.reasons(tags=(tag(5, "M01"),))} == {"M01"}
        assert {reason for _at, reason, _bucket in self.reasons(fault=7, faults={7: "N01"})} == {"N01"}

    def test_is_not_for_ambiguous_time(self) -> None:
        made = derive((0, "stopped"), until=30, runs=(run(0, 30, oper=None),), no_job="P09")
        assert [row.reason for row in made.slices] == [""]

    def test_one_that_the_dictionary_lacks_says_nothing(self) -> None:
        assert [row.reason for row in derive((0, "stopped"), until=30, no_job="Z99").slices] == [""]

    def test_a_micro_stop_without_a_job_is_planned_by_it(self) -> None:
        made = derive((0, "stopped"), (1, "running"), until=3, no_job="P09")
        assert shown(made) == [(0, 1, "planned"), (1, 3, "running")]


@st.composite
def partitions(draw: st.DrawFn) -> tuple[list[Change], Facts, int]:
    at, told = 0, []
    for _ in range(draw(st.integers(1, 9))):
        told.append(
            Change(T0 + at, draw(st.sampled_from(["running", "stopped", "no_signal"])), draw(st.sampled_from([0, 7])))
        )
        at += draw(st.integers(1, 4 * HOUR))
    cuts = [Cut(1, is_unsplit=False, at=T0 + draw(st.integers(0, at))) for _ in range(draw(st.integers(0, 3)))]
    runs, edge = [], 0
    for _ in range(draw(st.integers(0, 4))):
        edge += draw(st.integers(0, at))
        length = draw(st.integers(1, at))
        runs.append(RunSpan(T0 + edge, T0 + edge + length, draw(st.sampled_from([None, 1, 2])), "production"))
        edge += length
    tags = [TagMark(1, False, "P09", T0 + draw(st.integers(0, at)), "e", "")]
    return told, Facts(told, tags, cuts, runs, CATEGORIES), T0 + at


@given(partitions(), st.integers(-HOUR, 30 * HOUR), st.integers(0, 20 * HOUR), st.integers(0, 20 * HOUR))
def test_slices_tile_any_window_and_cutting_it_moves_nothing(
    told: tuple[list[Change], Facts, int], at: int, first: int, second: int
) -> None:
    changes, facts, until = told
    start, middle, end = T0 + at, T0 + at + first, T0 + at + first + second

    def pieces(a: int, b: int) -> list[SliceRow]:
        return partition(policy(), facts, a, b, until=until).slices

    whole = pieces(start, end)
    low, high = max(start, changes[0].at), min(end, until)
    assert sum(row.end - row.start for row in whole) == max(0, high - low)
    assert all(a.end == b.start for a, b in itertools.pairwise(whole))

    def seconds(rows: list[SliceRow]) -> dict[tuple[str, str, int | None, str, int | None], int]:
        found: dict[tuple[str, str, int | None, str, int | None], int] = {}
        for row in rows:
            key = (row.bucket, row.binding, row.oper_id, row.reason, row.stop_start)
            found[key] = found.get(key, 0) + row.end - row.start
        return found

    assert seconds([*pieces(start, middle), *pieces(middle, end)]) == seconds(whole)
