"""What a machine said, and what we keep of it. Instants are microseconds since the epoch (UTC)."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple


class State(StrEnum):
    """The state of a line at an instant (SEMANTICS.md §3)."""

    RUNNING = "running"
    STOPPED = "stopped"
    NO_SIGNAL = "no_signal"


@dataclass(frozen=True, slots=True)
class Sample:
    """One poll of one line. `good` False is a poll that failed: it carries nothing but its time.

    A counter that is None is one that the line does not read.
    """

    at: int
    good: bool = True
    running: bool = False
    fault: int = 0
    total: int | None = None
    good_count: int | None = None
    reject: int | None = None
    restarted: bool = False


class Change(NamedTuple):
    """From `at` on the line is in `state`, with this fault code (0 is none); holds until the next Change."""

    at: int
    state: str
    fault: int


class Delta(NamedTuple):
    """Parts that the counters told over [start, end). `reject` or `good` may be negative (SEMANTICS.md §7)."""

    start: int
    end: int
    good: int
    reject: int


class Alert(NamedTuple):
    """Something a person should know about a counter: what, when, and the parts concerned."""

    at: int
    what: str
    counter: str
    parts: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How a line's samples are to be read: its policy as integers, and each counter's width in bits."""

    debounce_us: int = 0
    stale_after_us: int = 10_000_000
    max_rate_per_s: Fraction = Fraction(10)
    bits: dict[str, int] = field(default_factory=dict)


class CounterNow(NamedTuple):
    """What is known of one counter: the baseline, and a value that is held until the next sample decides."""

    at: int
    value: int
    held_at: int | None = None
    held_value: int = 0


class Pending(NamedTuple):
    """A change of state that has not yet held for the debounce time, and the fault codes seen meanwhile."""

    at: int
    state: str
    fault: int
    faults: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LineNow:
    """Everything that the next sample of a line needs to know of the earlier ones.

    `state` and `fault` are those of the last emitted Change; `last_at` is the last sample of any quality.
    """

    first_good_at: int | None = None
    last_at: int | None = None
    last_good_at: int | None = None
    state: str = State.NO_SIGNAL
    fault: int = 0
    pending: Pending | None = None
    counters: tuple[tuple[str, CounterNow], ...] = ()


class Stepped(NamedTuple):
    """What one sample taught: the new snapshot, and the facts that are certain because of it."""

    now: LineNow
    changes: tuple[Change, ...] = ()
    deltas: tuple[Delta, ...] = ()
    alerts: tuple[Alert, ...] = ()
    # True for a sample that is not later than the line's last: nothing came of it.
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class LineFacts:
    """Facts of one line since the last LineFacts of it, and the snapshot after them."""

    slug: str
    changes: tuple[Change, ...]
    deltas: tuple[Delta, ...]
    alerts: tuple[Alert, ...]
    now: LineNow
