"""Hours and production days of a line, made again from its rows wherever something in them changed."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from apps.jobs.queries import opers
from apps.lines.rules import production_day
from apps.lines.types import LinePolicy
from apps.oee import losses, months
from apps.oee.around import Around, arounds
from apps.oee.cells import SUMMED
from apps.oee.hours import KEY, READ, Hours, rows_of, standing
from apps.oee.kept import Kept
from apps.oee.models import DayRollup, HourRollup, LineLedger, LossRollup, MonthRollup
from apps.oee.reports import cycle_s, cycle_text
from apps.oee.types import Cells, SliceRow
from apps.shared.bulk import difference, write
from apps.shared.instants import DAY, HOUR
from apps.shared.periods import merged
from apps.shared.spans import Span

_DAY = (*KEY, *SUMMED, "cycle")
# Clocks are set back on it.
_LONGEST_DAY = DAY + HOUR


class Touched(NamedTuple):
    """Where something changed."""

    # Where parts were made, or are another operation's now.
    parts: list[tuple[int, int]]
    # Slices that are other ones, as they were and as they are; and the whole stops around them.
    slices: list[SliceRow]
    stops: list[tuple[int, int]]


def refresh(around: Around, touched: Touched) -> set[int]:
    """Make the hours and days again in which something changed, and go on to the last full settled hour.

    Returns the operations whose sums may differ from before. The caller saves the ledger.
    """
    row = around.row
    if row.settled_until is None:
        return set()
    until = row.settled_until // HOUR * HOUR
    first = _first_hour(around)
    before = row.rolled_until if row.rolled_until is not None else first
    whole = merged([*_whole_hours(touched.parts, until), *([(before, until)] if before < until else [])])
    times = [(piece.start // HOUR * HOUR, min(-(-piece.end // HOUR) * HOUR, until)) for piece in touched.slices]
    hours = Hours(around)
    for start, end in merged([*whole, *((a, b) for a, b in times if a < b)]):
        hours.make(max(start, first), end, with_parts=any(a < end and b > start for a, b in whole))
    if until < before:
        # What seemed settled is open again.
        HourRollup.objects.filter(line_id=around.line_id, start__gte=until).delete()
    row.rolled_until = until
    _make_days(around, hours, touched.stops, until)
    return hours.oper_ids | _in_open_hours(around, [*touched.parts, *touched.stops], until)


def _first_hour(around: Around) -> int:
    """The hour in which the line's time begins, or the first whole one of which the facts are kept.

    One that was never made comes before these: nobody could make it later.
    """
    commissioned, kept_from, rolled = around.first // HOUR * HOUR, around.row.facts_from, around.row.rolled_until
    if kept_from is None:
        return commissioned
    whole = -(-kept_from // HOUR) * HOUR
    return max(commissioned, whole if rolled is None else min(whole, rolled))


def _whole_hours(ranges: Iterable[tuple[int, int]], until: int) -> list[tuple[int, int]]:
    """The full hours that the ranges touch."""
    found = [((start - 1) // HOUR * HOUR, min(until, -(-(end + 1) // HOUR) * HOUR)) for start, end in ranges]
    return [(start, end) for start, end in found if start < end]


def _make_days(around: Around, hours: Hours, stops: Iterable[tuple[int, int]], until: int) -> None:
    """The days of these hours; and those of the stops, because a stop counts in the day of its first slice under a bar.

    Hours are never dropped, so days can be added up from them also where the facts are gone.
    """
    calendar, row = around.policy.calendar, around.row
    first_day = production_day(calendar, around.first)[1]
    before = row.days_until if row.days_until is not None else first_day
    done_until = max(production_day(calendar, until)[1], first_day)
    if done_until < before:
        # A day that seemed over is open again.
        for model in (DayRollup, LossRollup):
            model._default_manager.filter(line_id=around.line_id, start__gte=done_until).delete()
    passed = [(before, done_until)] if before < done_until else []
    asked = merged([*hours.made, *stops, *passed])
    for start, end in asked:
        at = max(start, first_day)
        while at < min(end, done_until):
            _date, first, last = production_day(calendar, at)
            _make_day(around, hours, first, last)
            at = last
    months.refresh(around.policy, row, asked, done_until)
    row.days_until = done_until


def _make_day(around: Around, hours: Hours, start: int, end: int) -> None:
    """Add up the hours of one production day; days that do not begin on a full UTC hour are not rolled up."""
    if start % HOUR or end % HOUR:
        return
    cells = hours.cells(start, end)
    cycles = _cycles(around, cells)
    there = standing(DayRollup, (*READ, "cycle"), Span(around.line_id, start, start + 1))
    rows = [(*row, cycles[row[3]]) for row in rows_of(around.line_id, {start: cells})]
    write(DayRollup, _DAY, len(KEY), difference(there, rows, len(KEY)))
    losses.make_day(around, start, end)


def _cycles(around: Around, cells: Cells) -> dict[int | None, str]:
    """The ideal cycle of each operation of a day, and of what has none."""
    views = around.opers(key.oper_id for key in cells if key.oper_id is not None)
    own = {key.oper_id for key in cells}
    return {oper_id: cycle_text(cycle_s(around.policy, views.get(oper_id) if oper_id else None)) for oper_id in own}


def forget_days(policies: Iterable[LinePolicy]) -> None:
    """Drop the days and months of lines whose production days begin at other instants now; `refresh` makes them again.

    Losses are made of slices. Those of days of which none can be had stay as they were cut, up to the first day that is
    made again: of one that reaches into it a part would count twice.
    """
    by_id = {policy.line_id: policy for policy in policies}
    DayRollup.objects.filter(line_id__in=by_id).delete()
    months.forget(by_id)
    for row in LineLedger.objects.filter(line_id__in=by_id):
        again = _losses_again(by_id[row.line_id], row)
        LossRollup.objects.filter(line_id=row.line_id, start__gt=again - _LONGEST_DAY).delete()
    LineLedger.objects.filter(line_id__in=by_id).update(days_until=None, months_until=None)


def _losses_again(policy: LinePolicy, row: LineLedger) -> int:
    """The first instant of the first production day of which all slices can be had."""
    told_from = Kept(row.slices_from, row.facts_from).told_from
    _date, first, following = production_day(policy.calendar, told_from)
    return first if first == told_from else following


def recycle(policies: Iterable[LinePolicy], oper_ids: Collection[int] | None = None) -> None:
    """Write the ideal cycles of days and months again where a standard (of these operations) or a line's policy changed."""
    days, whole_months = DayRollup.objects.all(), MonthRollup.objects.all()
    if oper_ids is not None:
        days, whole_months = days.filter(oper_id__in=oper_ids), whole_months.filter(oper_id__in=oper_ids)
    by_id = {policy.line_id: policy for policy in policies}
    held = set(days.filter(line_id__in=by_id).values_list("line_id", "oper_id").distinct())
    views = opers(oper_id for _line, oper_id in held if oper_id)
    for line_id, oper_id in held:
        cycle = cycle_text(cycle_s(by_id[line_id], views.get(oper_id)))
        for rows in (days, whole_months):
            rows.filter(line_id=line_id, oper_id=oper_id).exclude(cycle=cycle).update(cycle=cycle)


def remake_days_of(policies: Iterable[LinePolicy], oper_ids: Collection[int]) -> None:
    """Make the loss rows of the days (and months) of these operations again: their part is another one now.

    So too of the days into which their stops go on: a stop counts in the first day that it has under a bar.
    """
    by_id = {policy.line_id: policy for policy in policies}
    held: dict[int, list[int]] = {}
    rows = DayRollup.objects.filter(oper_id__in=oper_ids, line_id__in=by_id).values_list("line_id", "start").distinct()
    for line_id, start in rows:
        held.setdefault(line_id, []).append(start)
    for around in arounds([by_id[line_id] for line_id in held]):
        made = sorted({day for start in held[around.line_id] for day in _days_from(around, start)})
        for first, last in made:
            around.look_at(first, last)
            losses.make_day(around, first, last)
        months.add_up_losses(around.policy, made)


def _days_from(around: Around, start: int) -> Iterator[tuple[int, int]]:
    """The production day that begins at an instant, and those that hold more of a stop at its end; as far as there are any."""
    calendar, days_until = around.policy.calendar, around.row.days_until or 0
    _date, first, last = production_day(calendar, start)
    until = max([last, *(end for _start, end in around.stops_touching(last, last))])
    while first < min(until, days_until):
        if first % HOUR == 0 and last % HOUR == 0:
            yield first, last
        _date, first, last = production_day(calendar, last)


def _in_open_hours(around: Around, ranges: Iterable[tuple[int, int]], until: int) -> set[int]:
    """The operations whose runs the ranges touch beyond the rolled-up hours."""
    return {
        run.oper_id
        for start, end in ranges
        if end > until
        for run in around.runs_between(max(start, until), end)
        if run.oper_id is not None
    }
