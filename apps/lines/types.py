"""A plant's calendar and a line's policy as plain values: what rules need, without the database."""

from dataclasses import dataclass, field
from datetime import date, time
from fractions import Fraction
from typing import NamedTuple


class BreakTime(NamedTuple):
    """A planned break, local to the plant; before the shift's start means on the next day."""

    name: str
    start: time
    end: time


class ShiftPattern(NamedTuple):
    """A shift: the weekdays on which it starts (Monday is 0), its local bounds, its breaks."""

    name: str
    days: frozenset[int]
    start: time
    end: time
    breaks: tuple[BreakTime, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a plant works. `exceptions` names the shifts that start on a date, whatever its weekday."""

    time_zone: str
    day_start: time
    shifts: tuple[ShiftPattern, ...] = ()
    exceptions: tuple[tuple[date, frozenset[str]], ...] = ()


class ShiftSpan(NamedTuple):
    """One shift that really starts on a date: [start, end) in microseconds, and the breaks within it."""

    start: int
    end: int
    name: str
    # The production day.
    date: date
    breaks: tuple[tuple[int, int], ...]


class Segment(NamedTuple):
    """A stretch of plant time with one shift (None and "" outside shifts), on a break or not."""

    start: int
    end: int
    shift_date: date | None
    shift: str
    is_break: bool


@dataclass(frozen=True, slots=True)
class LinePolicy:
    """Everything that a plant configured for one line and that figures depend on."""

    line_id: int
    slug: str
    name: str
    company: str
    plant: str
    calendar: Calendar
    micro_stop_us: int
    debounce_us: int
    stale_after_us: int
    max_rate_per_s: Fraction
    # Width of each counter in bits, by name (total, good, reject); 32 where nothing is said.
    bits: dict[str, int] = field(default_factory=dict)
    is_newest: bool = False
    no_job_reason: str = ""
    # Fault code to reason code, the line's over the plant's.
    fault_reasons: dict[int, str] = field(default_factory=dict)
    # Seconds a part; None where the standard alone decides.
    ideal_cycle_s: float | None = None
    part_cycles: dict[str, float] = field(default_factory=dict)
