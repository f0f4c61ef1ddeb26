"""Reads the plant file (FORMATS §1)."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, time
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.instants import SECOND

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@dataclass(frozen=True)
class Break:
    start: time
    end: time


@dataclass(frozen=True)
class Shift:
    name: str
    days: frozenset[int]
    start: time
    end: time
    breaks: tuple[Break, ...]


@dataclass(frozen=True)
class Reason:
    company: str
    code: str
    description: str
    category: str | None


@dataclass(frozen=True)
class Line:
    """Spans of time are in microseconds here, cycles in seconds, as exact fractions."""

    slug: str
    name: str
    resources: tuple[str, ...]
    groups: tuple[str, ...]
    micro_stop: Fraction
    debounce: Fraction
    stale_after: Fraction
    cycle_s: Fraction | None
    part_cycles: dict[str, Fraction]
    newest: bool
    max_rate: Fraction
    no_job_reason: str | None
    fault_reasons: dict[str, str]
    widths: dict[str, int]
    plant: "Plant" = field(repr=False, compare=False)


@dataclass
class Plant:
    company: str
    code: str
    zone: ZoneInfo
    day_start: time
    shifts: list[Shift]
    exceptions: dict[date, list[str]]
    lines: list[Line]


@dataclass
class Config:
    plants: list[Plant]
    reasons: dict[tuple[str, str], Reason]

    @property
    def lines(self) -> list[Line]:
        return [line for plant in self.plants for line in plant.lines]

    def line_of(self, company: str, resource: str | None, group: str | None) -> Line | None:
        """§5: "(`ResourceID` first, then `ResourceGrpID`), within one company"."""
        mine = [line for line in self.lines if line.plant.company == company]
        by_resource = [line for line in mine if resource in line.resources]
        by_group = [line for line in mine if group in line.groups]
        return next(iter(by_resource + by_group), None)


def _days(text: str) -> frozenset[int]:
    """FORMATS §1: "mon-fri, or "mon,wed,sat"; the days on which it starts"."""
    days: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        day = WEEK.index(first)
        days.add(day)
        while last and WEEK[day] != last:
            day = (day + 1) % 7
            days.add(day)
    return frozenset(days)


def _clock(value: Any) -> time:
    return value if isinstance(value, time) else time.fromisoformat(value)


def _shift(row: dict[str, Any]) -> Shift:
    breaks = tuple(Break(_clock(b["start"]), _clock(b["end"])) for b in row.get("breaks", []))
    return Shift(row["name"], _days(row["days"]), _clock(row["start"]), _clock(row["end"]), breaks)


def _width(signal: dict[str, Any]) -> int:
    """FORMATS §2: "a counter is as wide as its signal's `type`, 32 bits without one"."""
    digits = "".join(c for c in signal.get("type", "") if c.isdigit())
    return int(digits) if digits else 32


def _line(row: dict[str, Any], plant: Plant, plant_faults: dict[str, str]) -> Line:
    """Defaults: §4 micro_stop_s 120, §3 debounce_s 0, §7 max_rate_per_s 10, §5 concurrent_jobs flag."""
    signals = row.get("plc", {}).get("signals", {})
    cycle = row.get("ideal_cycle_s")
    return Line(
        slug=row["slug"],
        name=row.get("name", row["slug"]),
        resources=tuple(row.get("resources", [])),
        groups=tuple(row.get("resource_groups", [])),
        micro_stop=Fraction(row.get("micro_stop_s", 120)) * SECOND,
        debounce=Fraction(row.get("debounce_s", 0)) * SECOND,
        stale_after=Fraction(row.get("stale_after_s", 10)) * SECOND,
        cycle_s=None if cycle is None else Fraction(cycle),
        part_cycles={part: Fraction(value) for part, value in row.get("part_cycles", {}).items()},
        newest=row.get("concurrent_jobs", "flag") == "newest",
        max_rate=Fraction(row.get("max_rate_per_s", 10)),
        no_job_reason=row.get("no_job_reason"),
        fault_reasons={**plant_faults, **row.get("fault_reasons", {})},
        widths={name: _width(signals.get(name, {})) for name in ("total", "good_count", "reject")},
        plant=plant,
    )


def _plant(row: dict[str, Any]) -> Plant:
    exceptions = {date.fromisoformat(str(e["date"])): e["shifts"] for e in row.get("exception", [])}
    zone, day_start = ZoneInfo(row["time_zone"]), _clock(row.get("day_start", "00:00"))
    shifts = [_shift(s) for s in row.get("shift", [])]
    plant = Plant(row["company"], row["code"], zone, day_start, shifts, exceptions, [])
    plant.lines = [_line(line, plant, row.get("fault_reasons", {})) for line in row.get("line", [])]
    return plant


def read(text: str) -> Config:
    """The whole plant file; decimals are read exactly."""
    data = tomllib.loads(text, parse_float=Fraction)
    reasons = [
        Reason(r["company"], r["code"], r.get("description", ""), r.get("category")) for r in data.get("reason", [])
    ]
    return Config([_plant(p) for p in data.get("plant", [])], {(r.company, r.code): r for r in reasons})
