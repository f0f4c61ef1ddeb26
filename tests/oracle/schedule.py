"""Shifts, breaks, exceptions and the production day (SEMANTICS §2, FORMATS §1)."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.oracle.instants import local_date, of_clock
from tests.oracle.plant import Break, Plant, Shift

DAY = timedelta(days=1)


@dataclass(frozen=True)
class ShiftDay:
    """One shift on one day, in real time."""

    name: str
    date: date
    start: int
    end: int
    breaks: tuple[tuple[int, int], ...]

    def on_break(self, at: int) -> bool:
        return any(start <= at < end for start, end in self.breaks)


def production_day(plant: Plant, at: int) -> date:
    """§2: "The production day starts at the plant's `day_start`"."""
    day = local_date(plant.zone, at)
    return day if of_clock(plant.zone, day, plant.day_start) <= at else day - DAY


def _break(plant: Plant, shift: Shift, day: date, pause: Break, *, start: int, end: int) -> tuple[int, int]:
    """FORMATS §1: "before the shift's start: on the next day; cut to the shift"."""
    first = day + DAY if pause.start < shift.start else day
    last = first + DAY if pause.end <= pause.start else first
    return max(start, of_clock(plant.zone, first, pause.start)), min(end, of_clock(plant.zone, last, pause.end))


def _on(plant: Plant, shift: Shift, day: date) -> ShiftDay:
    """FORMATS §1: "at or before start: it ends on the next day"; §2: "a shift belongs to the production day in
    which it starts"."""
    start = of_clock(plant.zone, day, shift.start)
    end = of_clock(plant.zone, day + DAY if shift.end <= shift.start else day, shift.end)
    breaks = tuple(_break(plant, shift, day, pause, start=start, end=end) for pause in shift.breaks)
    return ShiftDay(shift.name, production_day(plant, start), start, end, breaks)


def runs_on(plant: Plant, shift: Shift, day: date) -> bool:
    """FORMATS §1: an exception names the shifts "that do run that day", "of the shifts that start on it"."""
    if day in plant.exceptions:
        return shift.name in plant.exceptions[day]
    return day.weekday() in shift.days


def shift_days(plant: Plant, start: int, end: int) -> list[ShiftDay]:
    """Every shift of every day that could reach into `[start, end)`."""
    result = []
    day, last = local_date(plant.zone, start) - 3 * DAY, local_date(plant.zone, end) + DAY
    while day <= last:
        result += [_on(plant, shift, day) for shift in plant.shifts if runs_on(plant, shift, day)]
        day += DAY
    return result


def in_force(days: list[ShiftDay], at: int) -> ShiftDay | None:
    """§2: "Where shifts overlap, the one that started last is in force (then the greater name)"."""
    here = [day for day in days if day.start <= at < day.end]
    return max(here, key=lambda day: (day.start, day.name), default=None)


def cuts(days: list[ShiftDay]) -> set[int]:
    edges = {edge for day in days for edge in (day.start, day.end)}
    return edges | {edge for day in days for pause in day.breaks for edge in pause}
