"""Hours and production days of a line, made again from its rows wherever something in them changed."""

from collections.abc import Iterable, Sequence

from apps.jobs.queries import runs_between
from apps.lines.rules import production_day
from apps.lines.types import LinePolicy
from apps.oee import ledger as rows
from apps.oee import timeline
from apps.oee.cells import SUMMED, Cells, add_parts, add_rolled, add_slices
from apps.oee.models import DayRollup, HourRollup, LineLedger, SumsRow
from apps.shared.instants import DAY, HOUR
from apps.shared.periods import merged

_BATCH = 1000
_CHUNK = 7 * DAY


def refresh(policy: LinePolicy, ledger: LineLedger, ranges: Iterable[tuple[int, int]]) -> set[int]:
    """Make the hours and days that the ranges touch again, and go on to the last full settled hour.

    Returns the operations whose sums may differ from before.
    """
    if ledger.settled_until is None:
        return set()
    touched = list(ranges)
    until = ledger.settled_until // HOUR * HOUR
    before = ledger.rolled_until
    if before is None:
        before = timeline.commissioned_at(policy.line_id) // HOUR * HOUR
    oper_ids: set[int] = set()
    for start, end in _whole_hours(touched, before, until):
        oper_ids |= _make_hours(policy, start, end)
    for model in (HourRollup, DayRollup):
        model._default_manager.filter(line_id=policy.line_id, start__gte=until).delete()
    ledger.rolled_until = until
    _make_days(policy, ledger, touched, until)
    ledger.save()
    return oper_ids | _in_open_hours(policy, touched, until)


def _whole_hours(ranges: Iterable[tuple[int, int]], before: int, until: int) -> list[tuple[int, int]]:
    """The stretches of whole hours to make: those touched, and those that have become complete."""
    found = [(before, until)] if before < until else []
    for start, end in ranges:
        first, last = (start - 1) // HOUR * HOUR, min(until, -(-(end + 1) // HOUR) * HOUR)
        if first < last:
            found.append((first, last))
    return merged(found)


def _make_hours(policy: LinePolicy, start: int, end: int) -> set[int]:
    oper_ids: set[int] = set()
    for first in range(start, end, _CHUNK):
        last = min(first + _CHUNK, end)
        by_hour: dict[int, Cells] = {}
        for row in rows.slices_between(policy.line_id, first, last):
            for hour in range(max(row.start, first) // HOUR * HOUR, min(row.end, last), HOUR):
                piece = timeline.clip(row, hour, hour + HOUR)
                add_slices(by_hour.setdefault(hour, {}), policy.line_id, [piece])
        for part in timeline.parts(policy, first, last):
            add_parts(by_hour.setdefault((part.end - 1) // HOUR * HOUR, {}), policy.line_id, [part])
        oper_ids |= _replace(HourRollup, policy.line_id, first, last, by_hour)
    return oper_ids


def _make_days(policy: LinePolicy, ledger: LineLedger, touched: Sequence[tuple[int, int]], until: int) -> None:
    first_day = production_day(policy.calendar, timeline.commissioned_at(policy.line_id))[1]
    before = ledger.days_until if ledger.days_until is not None else first_day
    done_until = max(production_day(policy.calendar, until)[1], first_day)
    asked = merged(
        [*((a - HOUR, b + HOUR) for a, b in touched), *([(before, done_until)] if before < done_until else [])]
    )
    for start, end in asked:
        at = max(start, first_day)
        while at < min(end, done_until):
            _date, first, last = production_day(policy.calendar, at)
            _make_day(policy, first, last)
            at = last
    ledger.days_until = done_until


def _make_day(policy: LinePolicy, start: int, end: int) -> None:
    """Add up the hours of one production day; days that do not begin on a full UTC hour are not rolled up."""
    if start % HOUR or end % HOUR:
        return
    cells: Cells = {}
    add_rolled(cells, HourRollup, [policy.line_id], start, end, with_shift=True)
    _replace(DayRollup, policy.line_id, start, start + 1, {start: cells})


def _replace(model: type[SumsRow], line_id: int, start: int, end: int, made: dict[int, Cells]) -> set[int]:
    """Make the rows that start in [start, end) equal to what was made; the operations in the old and the new ones."""
    old = model._default_manager.filter(line_id=line_id, start__gte=start, start__lt=end)
    oper_ids = set(old.filter(oper__isnull=False).values_list("oper_id", flat=True).distinct())
    old.delete()
    fresh = [
        model(
            line_id=line_id, start=at, binding=key.binding, oper_id=key.oper_id, shift_date=key.shift_date,
            shift=key.shift, **{name: getattr(sums, name) for name in SUMMED},
        )
        for at, cells in made.items()
        for key, sums in cells.items()
    ]  # fmt: skip
    model._default_manager.bulk_create(fresh, batch_size=_BATCH)
    return oper_ids | {row.oper_id for row in fresh if row.oper_id is not None}


def _in_open_hours(policy: LinePolicy, ranges: Iterable[tuple[int, int]], until: int) -> set[int]:
    """The operations whose runs the ranges touch beyond the rolled-up hours."""
    return {
        run.oper_id
        for start, end in ranges
        if end > until
        for run in runs_between(policy.line_id, max(start, until), end)
        if run.oper_id is not None
    }
