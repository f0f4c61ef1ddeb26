"""Sums of a window by everything that a report may group by: days and hours that are rolled up, the rest from rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Sum

from apps.lines.types import LinePolicy
from apps.oee import timeline
from apps.oee.models import Added, DayRollup, HourRollup, MonthRollup
from apps.oee.plan import Stretches, plan_of
from apps.oee.tails import Tail
from apps.oee.types import CellKey, Cells, PartsRow, SliceRow, Sums

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


def cells_of(
    policies: Sequence[LinePolicy],
    tails: Mapping[int, Tail],
    start: int,
    end: int,
    *,
    with_shift: bool = True,
    with_oper: bool = True,
) -> Cells:
    """The sums of [start, end) over these lines; each line's window is cut to the line's time."""
    cells: Cells = {}
    asked: dict[tuple[type[Added], int, int], list[int]] = {}
    for policy in policies:
        tail = tails.get(policy.line_id)
        if tail is None:
            continue
        plan = plan_of(policy, tail, start, end)
        by_day = (*plan.days, *plan.months) if with_shift else plan.days
        rolled: tuple[tuple[type[Added], Stretches], ...]
        rolled = ((MonthRollup, () if with_shift else plan.months), (DayRollup, by_day), (HourRollup, plan.hours))
        for model, stretches in rolled:
            for stretch in stretches:
                asked.setdefault((model, *stretch), []).append(policy.line_id)
        for first, last in plan.rows:
            add_slices(cells, policy.line_id, timeline.slices(policy, tail, first, last), with_shift=with_shift)
            add_parts(cells, policy.line_id, timeline.parts(policy, first, last), with_shift=with_shift)
    for (table, first, last), line_ids in asked.items():
        _add_stretch(cells, table, line_ids, (first, last), with_shift=with_shift, with_oper=with_oper)
    return cells


def _add_stretch(
    cells: Cells,
    model: type[Added],
    line_ids: list[int],
    stretch: tuple[int, int],
    *,
    with_shift: bool,
    with_oper: bool,
) -> None:
    by_cycle = model is not HourRollup and not with_oper
    rows = model._default_manager.filter(line_id__in=line_ids, start__gte=stretch[0], start__lt=stretch[1])
    by = ["line_id", "binding", "cycle" if by_cycle else "oper_id", *(["shift_date", "shift"] if with_shift else [])]
    for row in rows.order_by().values_list(*by).annotate(**_TOTALS):
        day, shift = row[3:5] if with_shift else (None, "")
        oper_id, cycle = (None, row[2]) if by_cycle else (row[2], None)
        sums = _sums(cells, CellKey(row[0], row[1], oper_id, day, shift, cycle))
        for name, value in zip(SUMMED, row[len(by) :], strict=True):
            setattr(sums, name, getattr(sums, name) + value)


def hours_of(line_id: int, start: int, end: int) -> Cells:
    """What the rolled-up hours that start in [start, end) add up to."""
    cells: Cells = {}
    _add_stretch(cells, HourRollup, [line_id], (start, end), with_shift=True, with_oper=True)
    return cells


_TOTALS: dict[str, Any] = {f"sum_{name}": Sum(name) for name in SUMMED}
