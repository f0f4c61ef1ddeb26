"""The plant file (FORMATS.md §1) as plain values, in the file's own order."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any, NamedTuple


class PlantFileError(ValueError):
    """Something in a plant file can't be used: the message names the line of the file, and the reason."""


class EntryRefused(ValueError):
    """The tables can't take an entry: where it stands below its plant, such as ("line", 2), the key, and the reason."""

    def __init__(self, path: tuple[str | int, ...], key: str, reason: str) -> None:
        super().__init__(reason)
        self.path, self.key, self.reason = path, key, reason


class BreakEntry(NamedTuple):
    """A break of a shift, local times."""

    name: str
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class ShiftEntry:
    """A shift pattern; `days` are weekdays, Monday 0."""

    name: str
    days: tuple[int, ...]
    start: time
    end: time
    breaks: tuple[BreakEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionEntry:
    """A date on which just these shifts start."""

    date: date
    shifts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineEntry:
    """A line with its policy; what the file leaves out has its default here."""

    slug: str
    name: str
    area: str = ""
    resources: tuple[str, ...] = ()
    resource_groups: tuple[str, ...] = ()
    micro_stop_s: Decimal = Decimal(120)
    debounce_s: Decimal = Decimal(0)
    stale_after_s: Decimal = Decimal(10)
    max_rate_per_s: Decimal = Decimal(10)
    ideal_cycle_s: float | None = None
    part_cycles: dict[str, float] = field(default_factory=dict)
    concurrent_jobs: str = "flag"
    no_job_reason: str = ""
    fault_reasons: dict[str, str] = field(default_factory=dict)
    plc: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PlantEntry:
    """A plant with its calendar and lines."""

    company: str
    code: str
    name: str
    time_zone: str
    day_start: time = time(0)
    shifts: tuple[ShiftEntry, ...] = ()
    exceptions: tuple[ExceptionEntry, ...] = ()
    lines: tuple[LineEntry, ...] = ()
    fault_reasons: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReasonEntry:
    """A reason code with what Jobline adds to it."""

    company: str
    code: str
    description: str = ""
    category: str = "other"
    group: str = ""
    kind: str = "any"
    icon: str = ""
    order: int = 0
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlantFile:
    """A whole plant file."""

    companies: tuple[tuple[str, str], ...] = ()
    plants: tuple[PlantEntry, ...] = ()
    reasons: tuple[ReasonEntry, ...] = ()
