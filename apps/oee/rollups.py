"""Hours and production days of a line, made again from its rows wherever something in them changed."""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from apps.jobs.queries import opers, runs_between
from apps.lines.rules import production_day
from apps.lines.types import LinePolicy
from apps.oee import kept, losses, months, timeline
from apps.oee.cells import SUMMED, add_parts, add_slices, hours_of
from apps.oee.models import DayRollup, HourRollup, LineLedger, LossRollup, MonthRollup, SumsRow
from apps.oee.reports import cycle_s, cycle_text
from apps.oee.types import Cells, PartsRow
from apps.shared import partitions
from apps.shared.bulk import insert
from apps.shared.instants import DAY, HOUR
from apps.shared.periods import merged

_KEY = ("line", "start", "binding", "oper", "shift_date", "shift")
_CHUNK = 7 * DAY


def refresh(policy: LinePolicy, ledger: LineLedger, ranges: Iterable[tuple[int, int]]) -> set[int]:
    """Make the hours and days that the ranges touch again, and go on to the last full settled hour.

    Returns the operations whose sums may differ from before.
    """
    if ledger.settled_until is None:
        return set()
    touched = list(ranges)
    until = ledger.settled_until // HOUR * HOUR
    first = _first_hour(policy.line_id, ledger)
    before = ledger.rolled_until if ledger.rolled_until is not None else first
    oper_ids: set[int] = set()
    for start, end in _whole_hours(touched, before, until):
        oper_ids |= _make_hours(policy, max(start, first), end, stored_from=ledger.slices_from)
    if until < before:
        # What seemed settled is open again.
        HourRollup.objects.filter(line_id=policy.line_id, start__gte=until).delete()
    ledger.rolled_until = until
    _make_days(policy, ledger, touched, until)
    ledger.save()
    return oper_ids | _in_open_hours(policy, touched, until)


def _first_hour(line_id: int, ledger: LineLedger) -> int:
    """The hour in which the line's time begins, or the first whole one of which the facts are kept."""
    commissioned = timeline.commissioned_at(line_id) // HOUR * HOUR
    return commissioned if ledger.facts_from is None else max(commissioned, -(-ledger.facts_from // HOUR) * HOUR)


def _whole_hours(ranges: Iterable[tuple[int, int]], before: int, until: int) -> list[tuple[int, int]]:
    """The stretches of whole hours to make: those touched, and those that have become complete."""
    found = [(before, until)] if before < until else []
    for start, end in ranges:
        first, last = (start - 1) // HOUR * HOUR, min(until, -(-(end + 1) // HOUR) * HOUR)
        if first < last:
            found.append((first, last))
    return merged(found)


def _make_hours(policy: LinePolicy, start: int, end: int, *, stored_from: int | None) -> set[int]:
    oper_ids: set[int] = set()
    for first in range(start, end, _CHUNK):
        last = min(first + _CHUNK, end)
        by_hour: dict[int, Cells] = {}
        for row in kept.slices_between(policy, first, last, stored_from=stored_from):
            for hour in range(max(row.start, first) // HOUR * HOUR, min(row.end, last), HOUR):
                piece = timeline.clip(row, hour, hour + HOUR)
                add_slices(by_hour.setdefault(hour, {}), policy.line_id, [piece])
        for hour, parts in groupby(timeline.parts(policy, first, last), key=_hour_of):
            add_parts(by_hour.setdefault(hour, {}), policy.line_id, parts)
        oper_ids |= _replace(HourRollup, policy.line_id, first, last, by_hour)
    return oper_ids


def _hour_of(part: PartsRow) -> int:
    """The hour that parts belong to: that of their last instant."""
    return (part.end - 1) // HOUR * HOUR


def _make_days(policy: LinePolicy, ledger: LineLedger, touched: Sequence[tuple[int, int]], until: int) -> None:
    first_day = production_day(policy.calendar, timeline.commissioned_at(policy.line_id))[1]
    if ledger.facts_from is not None:
        # Of the day in which the kept facts begin nothing can be said anew.
        first_day = max(first_day, production_day(policy.calendar, ledger.facts_from)[2])
    before = ledger.days_until if ledger.days_until is not None else first_day
    done_until = max(production_day(policy.calendar, until)[1], first_day)
    if done_until < before:
        # A day that seemed over is open again.
        for model in (DayRollup, LossRollup):
            model._default_manager.filter(line_id=policy.line_id, start__gte=done_until).delete()
    asked = merged(
        [*((a - HOUR, b + HOUR) for a, b in touched), *([(before, done_until)] if before < done_until else [])]
    )
    for start, end in asked:
        at = max(start, first_day)
        while at < min(end, done_until):
            _date, first, last = production_day(policy.calendar, at)
            _make_day(policy, first, last)
            at = last
    months.refresh(policy, ledger, asked, done_until)
    ledger.days_until = done_until


def _make_day(policy: LinePolicy, start: int, end: int) -> None:
    """Add up the hours of one production day; days that do not begin on a full UTC hour are not rolled up."""
    if start % HOUR or end % HOUR:
        return
    cells = hours_of(policy.line_id, start, end)
    _replace(DayRollup, policy.line_id, start, start + 1, {start: cells}, cycles=_cycles(policy, cells))
    losses.make_day(policy, start, end)


def _cycles(policy: LinePolicy, cells: Cells) -> dict[int | None, str]:
    """The ideal cycle of each operation of a day, and of what has none."""
    views = opers(key.oper_id for key in cells if key.oper_id is not None)
    return {None: cycle_text(cycle_s(policy, None))} | {
        oper_id: cycle_text(cycle_s(policy, view)) for oper_id, view in views.items()
    }


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
    """Make the loss rows of the days (and months) of these operations again: their part is another one now."""
    by_id = {policy.line_id: policy for policy in policies}
    held = DayRollup.objects.filter(oper_id__in=oper_ids, line_id__in=by_id).values_list("line_id", "start").distinct()
    made: dict[int, list[tuple[int, int]]] = {}
    for line_id, start in held:
        _date, first, last = production_day(by_id[line_id].calendar, start)
        losses.make_day(by_id[line_id], first, last)
        made.setdefault(line_id, []).append((first, last))
    for line_id, days in made.items():
        months.add_up_losses(by_id[line_id], days)


def _replace(
    model: type[SumsRow],
    line_id: int,
    start: int,
    end: int,
    made: dict[int, Cells],
    *,
    cycles: dict[int | None, str] | None = None,
) -> set[int]:
    """Make the rows that start in [start, end) equal to what was made; the operations in the old and the new ones."""
    old = model._default_manager.filter(line_id=line_id, start__gte=start, start__lt=end)
    oper_ids = set(old.filter(oper__isnull=False).values_list("oper_id", flat=True).distinct())
    old.delete()
    extra = () if cycles is None else ("cycle",)
    rows = [
        (
            line_id, at, str(key.binding), key.oper_id, key.shift_date.isoformat() if key.shift_date else None, key.shift,
            *(getattr(sums, name) for name in SUMMED),
            *(() if cycles is None else (cycles[key.oper_id],)),
        )
        for at, cells in made.items()
        for key, sums in cells.items()
    ]  # fmt: skip
    if model is HourRollup:
        partitions.ensure(HourRollup._meta.db_table, made)
    insert(model, (*_KEY, *SUMMED, *extra), rows, ignore=False)
    return oper_ids | {row[3] for row in rows if row[3] is not None}


def _in_open_hours(policy: LinePolicy, ranges: Iterable[tuple[int, int]], until: int) -> set[int]:
    """The operations whose runs the ranges touch beyond the rolled-up hours."""
    return {
        run.oper_id
        for start, end in ranges
        if end > until
        for run in runs_between(policy.line_id, max(start, until), end)
        if run.oper_id is not None
    }
