"""The partition of a line's time, counts, and the figures made of them. Instants and spans are in microseconds."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple


class Bucket(StrEnum):
    """Where a slice's time goes (SEMANTICS.md §6); the first that fits."""

    RUNNING = "running"
    UNSCHEDULED = "unscheduled"
    NO_SIGNAL = "no_signal"
    PLANNED = "planned"
    MICRO_STOP = "micro_stop"
    SETUP = "setup"
    DOWNTIME = "downtime"


class Binding(StrEnum):
    """What a line is bound to at an instant (SEMANTICS.md §5)."""

    BOUND = "bound"
    NONE = "none"
    UNRESOLVED = "unresolved"


class SliceRow(NamedTuple):
    """One slice: [start, end), its bucket and everything that put it there."""

    start: int
    end: int
    bucket: str
    binding: str
    oper_id: int | None
    kind: str
    reason: str
    stop_start: int | None
    fault: int
    shift_date: date | None
    shift: str


class PartView(NamedTuple):
    """A stretch of a stop with one reason ("" is none yet). `by` is a person's number, "machine" or ""."""

    start: int
    end: int
    reason: str
    by: str
    comment: str


class StopView(NamedTuple):
    """A stop as it is now: `is_open` while the line still stands, then `end` is now."""

    line_id: int
    start: int
    end: int
    is_open: bool
    fault: int
    is_micro: bool
    parts: tuple[PartView, ...]


class PartsRow(NamedTuple):
    """Parts attributed to one binding over [start, end); they belong to the window that holds `end` - 1 µs."""

    start: int
    end: int
    binding: str
    oper_id: int | None
    shift_date: date | None
    shift: str
    good: int
    reject: int
    # Made over no_signal: counts in good and reject, but in no ideal time.
    is_blind: bool
    is_estimated: bool


@dataclass(slots=True)
class Sums:
    """Sums over a window of one operation on one line (or of what has no operation): all that ratios need."""

    running: int = 0
    unscheduled: int = 0
    no_signal: int = 0
    planned: int = 0
    micro_stop: int = 0
    setup: int = 0
    downtime: int = 0
    good: int = 0
    reject: int = 0
    ideal_good: int = 0
    ideal_total: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a screen or export shows for one key and window.

    Buckets, `unresolved` and `unbound` are in microseconds; ratios are exact, and None where SEMANTICS.md §8 says empty.
    """

    buckets: dict[str, int]
    total: int
    good: int
    reject: int
    ideal_s: Fraction
    availability: Fraction | None
    performance: Fraction | None
    quality: Fraction | None
    oee: Fraction | None
    yield_: Fraction | None
    coverage: Fraction | None
    performance_basis: Fraction | None
    unresolved: int = 0
    unbound: int = 0


class CellKey(NamedTuple):
    """One line, one binding, and (where it was asked for) one shift."""

    line_id: int
    binding: str
    oper_id: int | None
    shift_date: date | None
    shift: str


Cells = dict[CellKey, Sums]
