"""Production months of a line: what its days add up to, so that a year is read as twelve rows and not as 365.

Made when the month is over, so that a late fact in the running month costs nothing more; one in an older month adds the
days of that month up again. They are always made of the stored days and never go by themselves.
"""

# ruff: noqa: S608 (the only names in these statements are our own)

from collections.abc import Iterable, Iterator

from django.db import connections, router
from django.db.models import Min

from apps.lines.rules import production_month
from apps.lines.types import Calendar, LinePolicy
from apps.oee.models import DayRollup, LineLedger, LossMonth, LossRollup, LossRow, MonthRollup
from apps.oee.plan import are_rolled_up
from apps.oee.types import Sums
from apps.shared.periods import merged

_SUMS = (("binding", "oper_id", "cycle"), tuple(Sums.__slots__))
_LOSSES = (('"by"', "key"), ("us", "stops"))


def refresh(policy: LinePolicy, ledger: LineLedger, made: Iterable[tuple[int, int]], days_until: int) -> None:
    """Make the months again in which days were made again, and those that are over now. The caller saves the ledger."""
    until = production_month(policy.calendar, days_until)[0]
    before = ledger.months_until
    if before is None:
        forget([policy.line_id])
        made = [(0, until)]
    elif until < before:
        # A month that seemed over is open again.
        forget([policy.line_id], since=until)
    else:
        made = [*made, (before, until)]
    for first, last in _touched(policy, made, until):
        _add_up(DayRollup, MonthRollup, policy.line_id, (first, last))
        _add_up(LossRollup, LossMonth, policy.line_id, (first, last))
    ledger.months_until = until


def add_up_losses(policy: LinePolicy, days: Iterable[tuple[int, int]]) -> None:
    """Add the losses of the finished months up again in which days were made again."""
    until = LineLedger.objects.values_list("months_until", flat=True).filter(line_id=policy.line_id).first()
    for first, last in _touched(policy, days, until or 0):
        _add_up(LossRollup, LossMonth, policy.line_id, (first, last))


def forget(line_ids: Iterable[int], *, since: int | None = None) -> None:
    """Drop months of lines: all, or those from an instant on."""
    for model in (MonthRollup, LossMonth):
        rows = model._default_manager.filter(line_id__in=list(line_ids))
        (rows if since is None else rows.filter(start__gte=since)).delete()


def _touched(policy: LinePolicy, ranges: Iterable[tuple[int, int]], until: int) -> Iterator[tuple[int, int]]:
    """The months before `until` that the ranges touch, from the first day that is stored on."""
    asked = [(start, min(end, until)) for start, end in ranges if start < min(end, until)]
    if not asked:
        return
    earliest = DayRollup.objects.filter(line_id=policy.line_id).aggregate(at=Min("start"))["at"]
    if earliest is None:
        return
    months = [_whole(policy.calendar, max(start, earliest), end) for start, end in asked if end > earliest]
    for start, end in merged(months):
        at = start
        while at < end:
            month = production_month(policy.calendar, at)
            if are_rolled_up(policy.calendar, *month):
                yield month
            at = month[1]


def _whole(calendar: Calendar, start: int, end: int) -> tuple[int, int]:
    return production_month(calendar, start)[0], production_month(calendar, end - 1)[1]


def _add_up(
    days: type[DayRollup] | type[LossRollup],
    months: type[MonthRollup] | type[LossMonth],
    line_id: int,
    month: tuple[int, int],
) -> None:
    """Make the rows of one month equal to what its days add up to, in one statement."""
    keys, sums = _LOSSES if issubclass(months, LossRow) else _SUMS
    months._default_manager.filter(line_id=line_id, start=month[0]).delete()
    by, added = ", ".join(keys), ", ".join(f"sum({name})" for name in sums)
    with connections[router.db_for_write(months)].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {months._meta.db_table} (line_id, start, {by}, {', '.join(sums)})"
            f" SELECT line_id, %s, {by}, {added} FROM {days._meta.db_table}"
            f" WHERE line_id = %s AND start >= %s AND start < %s GROUP BY line_id, {by}",
            [month[0], line_id, *month],
        )
