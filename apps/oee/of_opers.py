"""Figures of a few operations over all of their time, read by operation and not by line.

Hours that are rolled up come as sums from the database; what came after them is handed in as slices and parts of the lines
on which the operations ran lately. The sums are those of every other report: the same rows, the same rules.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from apps.oee.cells import SUMMED, add_parts, add_slices
from apps.oee.models import HourRollup, LineLedger, Slice
from apps.oee.pareto import LOSSES
from apps.oee.timeline import clip
from apps.oee.types import Binding, CellKey, Cells, PartsRow, SliceRow, Sums
from apps.shared.instants import HOUR

_TOTALS: dict[str, Any] = {f"sum_{name}": Sum(name) for name in SUMMED}
Slices = Mapping[int, Sequence[SliceRow]]
Parts = Mapping[int, Sequence[PartsRow]]


def rolled(oper_ids: Collection[int], rolled_until: Mapping[int, int]) -> Cells:
    """What the rolled-up hours of these operations add up to on each line: one statement, however many there are.

    Of the lines named in `rolled_until` only the hours before it: another may have been rolled up meanwhile.
    """
    rows = _hours(oper_ids, rolled_until).values("line_id", "oper_id").annotate(**_TOTALS)
    return {
        CellKey(row[0], Binding.BOUND, row[1], None, ""): Sums(*row[2:])
        for row in rows.values_list("line_id", "oper_id", *_TOTALS)
    }


def rolled_by_hour(oper_id: int, rolled_until: Mapping[int, int]) -> dict[int, Cells]:
    """The same of one operation, by the first instant of each full hour."""
    found: dict[int, Cells] = {}
    rows = _hours([oper_id], rolled_until).values("start", "line_id").annotate(**_TOTALS)
    for start, line_id, *sums in rows.values_list("start", "line_id", *_TOTALS):
        found.setdefault(start, {})[CellKey(line_id, Binding.BOUND, oper_id, None, "")] = Sums(*sums)
    return found


def _hours(oper_ids: Collection[int], rolled_until: Mapping[int, int]) -> QuerySet[HourRollup]:
    later = Q(pk__in=[])
    for line_id, until in rolled_until.items():
        later |= Q(line_id=line_id, start__gte=until)
    return HourRollup.objects.filter(oper_id__in=oper_ids).exclude(later).order_by()


def add_open(
    cells: Cells, oper_ids: Collection[int], *, rolled_until: Mapping[int, int], slices: Slices, parts: Parts
) -> None:
    """Add what lies after each line's rolled-up hours. Slices and parts may begin earlier."""
    wanted = frozenset(oper_ids)
    for line_id, until in rolled_until.items():
        own = [
            clip(row, until, row.end) for row in slices.get(line_id, ()) if row.oper_id in wanted and row.end > until
        ]
        add_slices(cells, line_id, own, with_shift=False)
        made = [row for row in parts.get(line_id, ()) if row.oper_id in wanted and row.end > until]
        add_parts(cells, line_id, made, with_shift=False)


def open_by_hour(oper_id: int, *, rolled_until: Mapping[int, int], slices: Slices, parts: Parts) -> dict[int, Cells]:
    """What lies after each line's rolled-up hours, of one operation, by the first instant of the hour."""
    found: dict[int, Cells] = {}
    for line_id, until in rolled_until.items():
        for row in slices.get(line_id, ()):
            if row.oper_id != oper_id:
                continue
            for hour in range(max(row.start, until) // HOUR * HOUR, row.end, HOUR):
                piece = clip(row, max(hour, until), hour + HOUR)
                add_slices(found.setdefault(hour, {}), line_id, [piece], with_shift=False)
        for part in parts.get(line_id, ()):
            if part.oper_id == oper_id and part.end > until:
                hour = (part.end - 1) // HOUR * HOUR
                add_parts(found.setdefault(hour, {}), line_id, [part], with_shift=False)
    return found


def settled_slices(oper_ids: Collection[int], *, least_us: int = 0) -> list[tuple[int, SliceRow]]:
    """(line id, slice) of the settled slices of these operations that are at least so long, in order of time."""
    rows = Slice.objects.filter(oper_id__in=oper_ids)
    if least_us:
        rows = rows.filter(end__gte=F("start") + least_us)
    return [(row[0], SliceRow(*row[1:])) for row in rows.order_by("start").values_list("line_id", *SliceRow._fields)]


def stop_slices(oper_id: int, most: int) -> list[tuple[int, SliceRow]]:
    """(line id, slice) of the latest settled slices of an operation in stops, the latest first, at most so many.

    Breaks that nobody had to explain are no stops of an operation.
    """
    told = Q(bucket__in=LOSSES) | ~Q(reason="")
    rows = Slice.objects.filter(told, oper_id=oper_id, stop_start__isnull=False).order_by("-start")
    return [(row[0], SliceRow(*row[1:])) for row in rows.values_list("line_id", *SliceRow._fields)[:most]]


def lines_with_more(spans: Iterable[tuple[int, int | None]], reach: Mapping[int, LineLedger]) -> list[int]:
    """The lines of (line id, end or None) that hold something after their last full hour, so that they must be read."""
    found = set()
    for line_id, end in spans:
        row = reach.get(line_id)
        if row is None or row.rolled_until is None or end is None or end > row.rolled_until:
            found.add(line_id)
    return sorted(found)
