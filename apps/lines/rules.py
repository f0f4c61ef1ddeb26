"""When a plant works (SEMANTICS.md §2): shifts, breaks and production days as instants. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from apps.lines.types import BreakTime, Calendar, Segment, ShiftPattern, ShiftSpan
from apps.shared.instants import from_us, to_us


def local_us(zone: ZoneInfo, day: date, clock: time) -> int:
    """The instant of a local time: the first of two, and as much later where the clock skips it (02:30 is 03:30)."""
    return to_us(datetime.combine(day, clock, tzinfo=zone))


def shift_spans(calendar: Calendar, day: date) -> tuple[ShiftSpan, ...]:
    """The shifts that start on a calendar date."""
    return _spans(calendar, day)


@lru_cache(maxsize=16384)
def _spans(calendar: Calendar, day: date) -> tuple[ShiftSpan, ...]:
    zone = ZoneInfo(calendar.time_zone)
    named = dict(calendar.exceptions).get(day)
    return tuple(
        _span(calendar, zone, shift, day)
        for shift in calendar.shifts
        if (shift.name in named if named is not None else day.weekday() in shift.days)
    )


def _span(calendar: Calendar, zone: ZoneInfo, shift: ShiftPattern, day: date) -> ShiftSpan:
    start = local_us(zone, day, shift.start)
    ends_on = day if shift.end > shift.start else day + timedelta(days=1)
    end = local_us(zone, ends_on, shift.end)
    breaks = []
    for pause in shift.breaks:
        first, last = _break(zone, shift, pause, day)
        first, last = max(first, start), min(last, end)
        if first < last:
            breaks.append((first, last))
    production_day = day if shift.start >= calendar.day_start else day - timedelta(days=1)
    return ShiftSpan(start, end, shift.name, production_day, tuple(sorted(breaks)))


def _break(zone: ZoneInfo, shift: ShiftPattern, pause: BreakTime, day: date) -> tuple[int, int]:
    starts_on = day if pause.start >= shift.start else day + timedelta(days=1)
    ends_on = starts_on if pause.end > pause.start else starts_on + timedelta(days=1)
    return local_us(zone, starts_on, pause.start), local_us(zone, ends_on, pause.end)


def segments(calendar: Calendar, start: int, end: int) -> list[Segment]:
    """[start, end) tiled into stretches of one shift, on a break or not; where shifts overlap, the last started is in force."""
    if start >= end:
        return []
    shifts = [span for span in _around(calendar, start, end) if span.start < end and span.end > start]
    cuts = {start, end}
    for span in shifts:
        cuts.update(at for at in (span.start, span.end, *_edges(span.breaks)) if start < at < end)
    ordered = sorted(cuts)
    found: list[Segment] = []
    for first, last in pairwise(ordered):
        piece = _segment(shifts, first, last)
        if found and found[-1][2:] == piece[2:] and not _is_edge(shifts, first):
            found[-1] = found[-1]._replace(end=last)
        else:
            found.append(piece)
    return found


def _around(calendar: Calendar, start: int, end: int) -> Iterable[ShiftSpan]:
    zone = ZoneInfo(calendar.time_zone)
    day = from_us(start).astimezone(zone).date() - timedelta(days=2)
    last = from_us(end).astimezone(zone).date()
    while day <= last:
        yield from _spans(calendar, day)
        day += timedelta(days=1)


def _edges(breaks: tuple[tuple[int, int], ...]) -> Iterable[int]:
    for first, last in breaks:
        yield first
        yield last


def _segment(shifts: list[ShiftSpan], first: int, last: int) -> Segment:
    covering = [span for span in shifts if span.start <= first < span.end]
    if not covering:
        return Segment(first, last, None, "", is_break=False)
    force = max(covering, key=lambda span: (span.start, span.name))
    is_break = any(pause[0] <= first < pause[1] for pause in force.breaks)
    return Segment(first, last, force.date, force.name, is_break)


def _is_edge(shifts: list[ShiftSpan], at: int) -> bool:
    """Two turns of one shift that follow each other are two, even where nothing else differs."""
    return any(span.start == at for span in shifts)


def shift_at(calendar: Calendar, at: int) -> ShiftSpan | None:
    """The shift in force at an instant, whole; None outside shifts."""
    covering = [span for span in _around(calendar, at, at + 1) if span.start <= at < span.end]
    return max(covering, key=lambda span: (span.start, span.name)) if covering else None


def production_day(calendar: Calendar, at: int) -> tuple[date, int, int]:
    """(date, first instant, first instant of the next one) of the production day that holds `at`."""
    zone = ZoneInfo(calendar.time_zone)
    day = from_us(at).astimezone(zone).date() - timedelta(days=1)
    while day_start_us(calendar, day + timedelta(days=1)) <= at:
        day += timedelta(days=1)
    return day, day_start_us(calendar, day), day_start_us(calendar, day + timedelta(days=1))


def production_month(calendar: Calendar, at: int) -> tuple[int, int]:
    """(first instant, first instant of the next one) of the calendar month of the production day that holds `at`."""
    first = production_day(calendar, at)[0].replace(day=1)
    return day_start_us(calendar, first), day_start_us(calendar, (first + timedelta(days=31)).replace(day=1))


def day_start_us(calendar: Calendar, day: date) -> int:
    """The first instant of a production day."""
    return local_us(ZoneInfo(calendar.time_zone), day, calendar.day_start)
