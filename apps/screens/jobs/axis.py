"""The time axis of a job: working days side by side, all equally wide, without the nights and days on which nobody works.

A day shows the hours from its first shift to its last; they widen where the job ran outside shifts. Positions are elapsed
minutes, labels are clock time: a day on which clocks change keeps its width and is cut or ends early. Pure.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.lines.rules import day_start_us, production_day, shift_spans
from apps.lines.types import Calendar
from apps.shared import format as say
from apps.shared.instants import DAY, HOUR, MINUTE, from_us

_MOST_LABELS = 8
_WEEK_LINES_FROM = 32
_LONGEST_DAYS = 800
# A stretch shorter than this share of the axis is less than a quarter of a pixel on a wide desk.
_FINEST = 3840


class DayMark(NamedTuple):
    """The words over one day, "" where there is no room for them."""

    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The days by their first shown instant, and how much of each is shown (microseconds)."""

    starts: tuple[int, ...]
    width: int
    labels: tuple[DayMark, ...]
    # How many days lie between two lines of the ground.
    step: int

    @property
    def span(self) -> float:
        """Its length in minutes."""
        return round(len(self.starts) * self.width / MINUTE, 1)

    @property
    def lines(self) -> float:
        """How many stretches the lines of the ground make."""
        return round(len(self.starts) / self.step, 4)

    @property
    def finest(self) -> int:
        """What is shorter can't be seen on it, in microseconds."""
        return len(self.starts) * self.width // _FINEST

    def at(self, instant: int) -> float:
        """Where an instant stands, in minutes; what is cut out stands at the end of the day before it."""
        index = max(0, bisect_right(self.starts, instant) - 1)
        offset = min(max(0, instant - self.starts[index]), self.width)
        return round((index * self.width + offset) / MINUTE, 1)


def axis_of(calendar: Calendar, first: int, last: int, worked: Iterable[tuple[int, int]]) -> Axis:
    """The axis from one instant to another; `worked` are stretches outside shifts that have to be on it too."""
    days = _days(calendar, first, last)
    beyond = list(worked)
    shown = {day: _hull(calendar, day, start) for day, start in days}
    for start, end in beyond:
        _widen(calendar, shown, start, end)
    chosen = {day: hull for day, hull in shown.items() if hull is not None}
    if not chosen:
        day, start = days[0]
        chosen = {day: (0, DAY)}
    low = min(hull[0] for hull in chosen.values()) // HOUR * HOUR
    high = -(-max(hull[1] for hull in chosen.values()) // HOUR) * HOUR
    starts = tuple(day_start_us(calendar, day) + low for day in sorted(chosen))
    zone = ZoneInfo(calendar.time_zone)
    return Axis(starts, high - low, _labels(starts, high - low, zone), _step(len(starts)))


def _days(calendar: Calendar, first: int, last: int) -> list[tuple[date, int]]:
    """The production days from one instant to another, with their first instants; the latest ones of very many."""
    day, final = production_day(calendar, first)[0], production_day(calendar, max(first, last - 1))[0]
    day = max(day, final - timedelta(days=_LONGEST_DAYS))
    count = (final - day).days + 1
    return [(one, day_start_us(calendar, one)) for one in (day + timedelta(days=index) for index in range(count))]


def _hull(calendar: Calendar, day: date, start: int) -> tuple[int, int] | None:
    """From the first shift of a production day to its last, since the day's start; None for a day without any."""
    around = (*shift_spans(calendar, day), *shift_spans(calendar, day + timedelta(days=1)))
    shifts = [span for span in around if span.date == day]
    if not shifts:
        return None
    return max(0, min(span.start for span in shifts) - start), min(DAY, max(span.end for span in shifts) - start)


def _widen(calendar: Calendar, shown: dict[date, tuple[int, int] | None], start: int, end: int) -> None:
    while start < end:
        day, first, following = production_day(calendar, start)
        piece = (start - first, min(end, following) - first)
        if day in shown:
            known = shown[day]
            shown[day] = piece if known is None else (min(known[0], piece[0]), min(DAY, max(known[1], piece[1])))
        start = following


def _step(count: int) -> int:
    return 1 if count < _WEEK_LINES_FROM else 7 if count < _WEEK_LINES_FROM * 5 else 28


def _labels(starts: tuple[int, ...], width: int, zone: ZoneInfo) -> tuple[DayMark, ...]:
    """The first day says from when to when it is shown; of many days only some have words."""
    every = max(_step(len(starts)), -(-len(starts) // _MOST_LABELS))
    found = []
    for index, start in enumerate(starts):
        local = from_us(start).astimezone(zone)
        name = f"{local:%a} {local.day} {local:%b}" if len(starts) <= _MOST_LABELS else f"{local.day} {local:%b}"
        if index == 0 and len(starts) <= 4 and width < DAY:
            name += f", {say.clock(start, zone)[:2]}{say.EN_DASH}{say.clock(start + width, zone)[:2]}"
        found.append(DayMark(name if index % every == 0 else ""))
    return tuple(found)
