"""When the demo's shifts are: an endless row of windows, in UTC."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.shared.instants import from_us, to_us
from apps.simulators.demo.floor import DemoPlant, DemoShift
from apps.simulators.demo.types import Window


def windows(plant: DemoPlant, start: int, closed: frozenset[date] = frozenset()) -> Iterator[Window]:
    """The plant's shifts from `start` on, cut to it, and the time between them as windows without a name.

    On the dates in `closed` no shift starts. The plants' shifts never overlap.
    """
    zone = ZoneInfo(plant.time_zone)
    day = from_us(start).astimezone(zone).date() - timedelta(days=1)
    reached = start
    while True:
        for shift in plant.shifts:
            if day.weekday() not in shift.days or day in closed:
                continue
            window = _window(shift, day, zone)
            if window.end <= reached:
                continue
            if window.start > reached:
                yield Window(reached, window.start, "")
            yield window._replace(start=max(reached, window.start))
            reached = window.end
        day += timedelta(days=1)


def _window(shift: DemoShift, day: date, zone: ZoneInfo) -> Window:
    start = _instant(day, shift.start, zone)
    end = _instant(day + timedelta(days=shift.end <= shift.start), shift.end, zone)
    breaks = tuple(
        (
            _instant(day + timedelta(days=begins < shift.start), begins, zone),
            _instant(day + timedelta(days=ends < shift.start), ends, zone),
        )
        for _, begins, ends in shift.breaks
    )
    return Window(start, end, shift.name, breaks)


def _instant(day: date, at: time, zone: ZoneInfo) -> int:
    return to_us(datetime.combine(day, at, zone))
