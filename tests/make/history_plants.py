"""Random plant files, and the tale that the facts of `tests/make/histories.py` are told in."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
STARTS = {
    "America/Chicago": ["2026-03-02T04:00", "2026-03-07T20:00", "2026-10-31T19:00", "2026-12-24T20:00"],
    "Europe/Berlin": ["2026-03-28T20:00", "2026-10-24T21:00", "2026-06-10T05:00"],
    "Australia/Lord_Howe": ["2026-04-04T20:00", "2026-10-03T21:00"],
    "Asia/Kathmandu": ["2026-05-01T00:00"],
}
SHIFTS = [
    ("Early", "06:00", "14:00", [("10:00", "10:30")]),
    ("Late", "14:00", "22:00", [("18:00", "18:30"), ("21:45", "22:15")]),
    ("Night", "22:00", "06:00", [("23:45", "00:15"), ("02:00", "02:30")]),
    ("Flex", "12:00", "20:00", [("13:30", "14:30")]),
    ("Alpha", "06:00", "10:00", []),
    ("Round", "06:00", "06:00", [("05:30", "06:30"), ("00:00", "00:20")]),
    ("Owl", "02:30", "09:00", [("01:00", "01:30"), ("03:15", "03:45")]),
    ("First", "01:30", "05:00", [("02:10", "02:40")]),
]
DAYS = ["mon-sun", "mon-fri", "sat,sun", "mon-sun", "fri-mon", "mon,wed,sat,sun", "mon-sun", "mon-sun"]
REASONS = [
    ("M01", "Spindle fault", "equipment_failure"),
    ("S01", "Tool change", "setup_adjustment"),
    ("P09", "No order", "planned"),
    ("N01", "Jam", "minor_stop"),
    ("O01", "Somebody else", "other"),
]
CODES = ["M01", "M01", "S01", "P09", "N01", "O01", "X99"]
COUNTERS = [
    ("total", "reject"),
    ("total", "good_count"),
    ("good_count", "reject"),
    ("total",),
    ("good_count",),
    ("total", "reject"),
    (),
]
Row = dict[str, Any]


@dataclass
class Line:
    company: str
    plant: str
    slug: str
    resource: str
    group: str
    micro: int
    debounce: int
    stale: int
    rate: float
    counters: tuple[str, ...]
    width: int
    stopped: list[datetime] = field(default_factory=list)


@dataclass
class Tale:
    """A history in the making: facts with the instant at which they come."""

    dice: random.Random
    start: datetime
    length: timedelta = timedelta()
    lines: list[Line] = field(default_factory=list)
    operations: dict[str, list[tuple[str, int, int]]] = field(default_factory=dict)
    facts: list[tuple[datetime, Row]] = field(default_factory=list)
    steps: list[tuple[datetime, datetime]] = field(default_factory=list)
    starts: list[datetime] = field(default_factory=list)
    events: int = 0
    labor: int = 0

    def chance(self, p: float) -> bool:
        return self.dice.random() < p

    def tell(self, when: datetime, row: Row) -> None:
        """People, Epicor and the network are late now and then, sometimes by hours."""
        if row["t"] != "sample" and self.chance(0.25):
            when += self.dice.choice([-1, 1, 1]) * self.length * self.dice.random()
        self.facts.append((when, row))

    def moment(self) -> datetime:
        """Some instant of the history: by the clock, on a coarse grid, to the microsecond, or at, between or beside two
        samples, where counts are shared."""
        if self.steps and self.chance(0.35):
            edges = [step for step in self.steps if step[1] - step[0] == 10 * SECOND]
            first, second = self.dice.choice(edges if edges and self.chance(0.4) else self.steps)
            middle = first + (second - first) / 2
            return self.dice.choice(
                [first, middle, middle, second - (second - first) / 4, second - SECOND, second + TICK]
            )
        at = self.start + self.length * self.dice.uniform(-0.02, 1)
        if self.chance(0.3):
            return at.replace(minute=at.minute // 20 * 20, second=0, microsecond=0)
        return at if self.chance(0.2) else at.replace(microsecond=0)

    def show(self, at: datetime) -> str:
        if self.chance(0.1):
            return at.astimezone(ZoneInfo("America/Chicago")).isoformat()
        return at.isoformat().replace("+00:00", "Z")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{ "
            + ", ".join(f"{_toml(key) if ' ' in key or '-' in key else key} = {_toml(v)}" for key, v in value.items())
            + " }"
        )
    return "[" + ", ".join(map(_toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


def _table(head: str, row: Row) -> str:
    return "\n".join([head, *(f"{key} = {_toml(value)}" for key, value in row.items() if value is not None), ""])


def _shift(name: str, days: str, start: str, end: str, breaks: list[tuple[str, str]]) -> str:
    pauses = [{"name": f"Break {number}", "start": s, "end": e} for number, (s, e) in enumerate(breaks, 1)]
    return _table("[[plant.shift]]", {"name": name, "days": days, "start": start, "end": end, "breaks": pauses})


def _faults(tale: Tale) -> Row | None:
    return {str(f): tale.dice.choice(CODES) for f in (7, 12)} if tale.chance(0.4) else None


def _signals(line: Line) -> Row:
    signals: Row = {"running": {"coil": 0}, "fault": {"holding": 110, "type": "uint16"}}
    for number, name in enumerate(line.counters):
        signals[name] = {"holding": 100 + 2 * number, "type": f"uint{line.width}"}
    return signals


def _line_tables(tale: Tale, line: Line) -> Iterator[str]:
    dice = tale.dice
    row: Row = {"slug": line.slug, "name": f"Line {line.slug}", "area": "Hall", "resources": [line.resource]}
    row |= {
        "resource_groups": [line.group],
        "micro_stop_s": line.micro,
        "debounce_s": line.debounce,
        "stale_after_s": line.stale,
    }
    row["ideal_cycle_s"] = dice.choice([30.0, 0.5, 12.25]) if tale.chance(0.6) else None
    row["part_cycles"] = {"PART-1": dice.choice([28.5, 2.0])} if tale.chance(0.35) else None
    row["concurrent_jobs"] = "newest" if tale.chance(0.35) else "flag"
    row["max_rate_per_s"] = line.rate
    row["no_job_reason"] = dice.choice(["P09", "P09", "M01", "S01", "X99"]) if tale.chance(0.4) else None
    row["fault_reasons"] = _faults(tale)
    yield _table("[[plant.line]]", row)
    if line.width == 16 or tale.chance(0.7):
        yield _table(
            "[plant.line.plc]",
            {"host": f"10.20.0.{10 + len(line.slug)}{line.slug[-1]}", "port": 502, "device_id": 1, "poll_ms": 500},
        )
        yield _table("[plant.line.plc.signals]", _signals(line))


def plant_file(tale: Tale, plants: list[tuple[str, str, str]]) -> str:
    dice = tale.dice
    companies = sorted({company for company, _, _ in plants})
    parts = [_table("[[company]]", {"code": code, "name": f"Company {code}"}) for code in companies]
    for company, code, zone in plants:
        row: Row = {"company": company, "code": code, "name": f"{code} of {company}", "time_zone": zone}
        row |= {"day_start": dice.choice(["00:00", "06:00", "02:30", "22:00"]), "fault_reasons": _faults(tale)}
        parts.append(_table("[[plant]]", row))
        shifts = dice.sample(SHIFTS, dice.choice([1, 3, 4, 5, 6]))
        parts += [_shift(name, dice.choice(DAYS), start, end, breaks) for name, start, end, breaks in shifts]
        if tale.chance(0.25):
            day = (tale.start + timedelta(days=dice.choice([0, 1]))).date().isoformat()
            names = [name for name, *_ in shifts if tale.chance(0.5)]
            parts.append(f"[[plant.exception]]\ndate = {day}\nshifts = {_toml(names)}\n")
        for line in tale.lines:
            if (line.company, line.plant) == (company, code):
                parts += _line_tables(tale, line)
    for company in companies:
        for code, description, category in REASONS if company == "EPIC06" else REASONS[:3]:
            own = "other" if company == "EPIC07" and code == "M01" else category
            row = {
                "company": company,
                "code": code,
                "description": description,
                "category": own,
                "group": "Machine",
                "lines": [],
            }
            parts.append(_table("[[reason]]", row))
    return "\n".join(parts)


def new_line(tale: Tale, company: str, plant: str, number: int) -> Line:
    dice = tale.dice
    # Once in a company, and the same again in the other one.
    place = f"{sum(line.company == company for line in tale.lines)}{plant[0]}"
    return Line(
        company, plant, f"line-{number}", f"R{place}", f"G{place}",
        micro=dice.choice([10, 60, 120, 300]), debounce=dice.choice([0, 0, 2, 5, 30]),
        stale=dice.choice([5, 10, 30, 300, 1200, 1200, 3600, 3600]), rate=dice.choice([0.5, 1.25, 2, 5, 10]),
        counters=dice.choice(COUNTERS), width=dice.choice([16, 16, 32]),
    )  # fmt: skip
