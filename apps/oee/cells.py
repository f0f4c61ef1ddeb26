"""Sums of a window by everything that a report may group by: days and hours that are rolled up, the rest from rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from apps.lines.types import LinePolicy
from apps.oee import stretches
from apps.oee.models import Added, DayRollup, HourRollup, MonthRollup
from apps.oee.plan import plan_of
from apps.oee.rules import add
from apps.oee.tails import Tail
from apps.oee.types import CellKey, Cells, PartsRow, SliceRow, Sums
from apps.shared import spans
from apps.shared.spans import Span

SUMMED = tuple(Sums.__slots__)


def add_slices(cells: Cells, line_id: int, rows: Iterable[SliceRow], *, with_shift: bool = True) -> None:
    """Add the time of slices."""
    for row in rows:
        shift = (row.shift_date, row.shift) if with_shift else (None, "")
        sums = _sums(cells, CellKey(line_id, row.binding, row.oper_id, *shift))
        setattr(sums, row.bucket, getattr(sums, row.bucket) + row.end - row.start)


def add_parts(cells: Cells, line_id: int, rows: Iterable[PartsRow], *, with_shift: bool = True) -> None:
    """Add attributed parts."""
    before: tuple[object, ...] | None = None
    sums = Sums()
    for row in rows:
        here = row[2:6]
        if here != before:
            # Parts come in thousands for one run and shift.
            before = here
            shift = (row.shift_date, row.shift) if with_shift else (None, "")
            sums = _sums(cells, CellKey(line_id, row.binding, row.oper_id, *shift))
        sums.good += row.good
        sums.reject += row.reject
        if not row.is_blind:
            sums.ideal_good += row.good
            sums.ideal_total += row.good + row.reject


def _sums(cells: Cells, key: CellKey) -> Sums:
    sums = cells.get(key)
    if sums is None:
        sums = cells[key] = Sums()
    return sums


class Reading(NamedTuple):
    """What a window of many lines is read from: spans of rolled-up months, days and hours, and spans of rows."""

    rolled: Mapping[type[Added], list[Span]]
    rows: list[Span]


def reading_of(
    policies: Sequence[LinePolicy], tails: Mapping[int, Tail], start: int, end: int, *, with_shift: bool
) -> Reading:
    """How [start, end) of these lines is read; each line's window is cut to the line's time. Months know no shifts."""
    made = Reading({MonthRollup: [], DayRollup: [], HourRollup: []}, [])
    for policy in policies:
        tail = tails.get(policy.line_id)
        if tail is None:
            continue
        plan = plan_of(policy, tail, start, end)
        by_day = [plan.whole] if with_shift and plan.whole else plan.days
        for found, pieces in (
            (made.rolled[MonthRollup], () if with_shift else plan.months),
            (made.rolled[DayRollup], by_day),
            (made.rolled[HourRollup], plan.hours),
            (made.rows, plan.rows),
        ):
            found.extend(Span(policy.line_id, *piece) for piece in pieces)
    return made


def cells_of(
    policies: Sequence[LinePolicy],
    tails: Mapping[int, Tail],
    start: int,
    end: int,
    *,
    with_shift: bool = True,
) -> Cells:
    """The sums of [start, end) over these lines; each line's window is cut to the line's time."""
    reading = reading_of(policies, tails, start, end, with_shift=with_shift)
    cells = cells_of_rows(policies, tails, reading.rows, with_shift=with_shift)
    for model, asked in reading.rolled.items():
        add_rolled(cells, model, asked, with_shift=with_shift)
    return cells


def cells_of_rows(
    policies: Sequence[LinePolicy], tails: Mapping[int, Tail], asked: Sequence[Span], *, with_shift: bool
) -> Cells:
    """The sums of what is not rolled up: from slices and parts."""
    cells: Cells = {}
    by_id = {policy.line_id: policy for policy in policies}
    slices, parts = stretches.slices_of(by_id, tails, asked), stretches.parts_of(by_id, asked)
    for span, rows, counted in zip(asked, slices, parts, strict=True):
        add_slices(cells, span.line_id, rows, with_shift=with_shift)
        add_parts(cells, span.line_id, counted, with_shift=with_shift)
    return cells


def add_rolled(cells: Cells, model: type[Added], asked: Sequence[Span], *, with_shift: bool) -> None:
    """Add what rolled-up hours, days or months that begin in the spans add up to."""
    by = ["t.line_id", "t.binding", "t.oper_id", *(["t.shift_date", "t.shift"] if with_shift else [])]
    for row in spans.sums(model, by, SUMMED, asked):
        day, shift = row[3:5] if with_shift else (None, "")
        add(_sums(cells, CellKey(row[0], row[1], row[2], day, shift)), Sums(*row[len(by) :]))


def hours_of(line_id: int, start: int, end: int) -> Cells:
    """What the rolled-up hours that start in [start, end) add up to."""
    cells: Cells = {}
    add_rolled(cells, HourRollup, [Span(line_id, start, end)], with_shift=True)
    return cells
