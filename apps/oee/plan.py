"""How a window of a line is read: from whole months and days that are rolled up, whole hours, and rows for the rest."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from apps.lines.rules import production_day, production_month
from apps.lines.types import Calendar, LinePolicy
from apps.oee.tails import Tail
from apps.shared.instants import HOUR

Stretches = Sequence[tuple[int, int]]


class Plan(NamedTuple):
    """The window in pieces. `days` are those outside the months."""

    days: Stretches = ()
    hours: Stretches = ()
    rows: Stretches = ()
    months: Stretches = ()

    @property
    def whole(self) -> tuple[int, int] | None:
        """The stretch of the whole production days, those of the months too; None where there are none."""
        pieces = [*self.days, *self.months]
        return (min(pieces)[0], max(pieces)[1]) if pieces else None


def plan_of(policy: LinePolicy, tail: Tail, start: int, end: int) -> Plan:
    """Cut what of [start, end) is the line's time into pieces.

    Where the window reaches back to the line's first instant the first pieces begin earlier: hours, days and months hold
    what of them is the line's.
    """
    is_from_first = start <= tail.commissioned
    start = max(start, tail.commissioned)
    first = start // HOUR * HOUR if is_from_first else -(-start // HOUR) * HOUR
    last = min(end, tail.rolled_until) // HOUR * HOUR
    if start >= end or first >= last:
        return Plan(rows=[(start, end)]) if start < end else Plan()
    rows = [(a, b) for a, b in ((start, first), (last, end)) if a < b]
    day = production_day(policy.calendar, first)
    first_day = day[1] if is_from_first or day[1] == first else day[2]
    last_day = production_day(policy.calendar, min(last, tail.days_until))[1]
    if first_day >= last_day or not are_rolled_up(policy.calendar, first_day, last_day):
        return Plan(hours=[(first, last)], rows=rows)
    hours = [(a, b) for a, b in ((first, first_day), (last_day, last)) if a < b]
    months = _months(policy.calendar, tail, (first_day, last_day), is_from_first=is_from_first)
    if months is None:
        return Plan([(first_day, last_day)], hours, rows)
    days = [(a, b) for a, b in ((first_day, months[0]), (months[1], last_day)) if a < b]
    return Plan(days, hours, rows, [months])


def _months(calendar: Calendar, tail: Tail, days: tuple[int, int], *, is_from_first: bool) -> tuple[int, int] | None:
    """The whole months among these days that are rolled up."""
    if tail.months_until is None:
        return None
    month = production_month(calendar, days[0])
    first = month[0] if is_from_first or month[0] == days[0] else month[1]
    last = min(production_month(calendar, days[1])[0], tail.months_until)
    return (first, last) if first < last and are_rolled_up(calendar, first, last) else None


@lru_cache(maxsize=256)
def are_rolled_up(calendar: Calendar, first: int, last: int) -> bool:
    """Whether all days of [first, last) begin on full UTC hours. Where clocks change by half an hour only some do."""
    at = first
    while at < last and at % HOUR == 0:
        at = production_day(calendar, at)[2]
    return at == last and at % HOUR == 0
