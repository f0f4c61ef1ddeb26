"""Reads the facts file (FORMATS §2) and says which facts there are, each of them once."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.oracle.instants import parse

COUNTERS = ("total", "good_count", "reject")


@dataclass(frozen=True)
class Sample:
    at: int
    good: bool
    running: bool
    fault: int
    restarted: bool
    counters: dict[str, int]


@dataclass(frozen=True)
class Event:
    source: str
    id: str
    type: str
    time: int
    data: dict[str, Any]


@dataclass(frozen=True, order=True)
class Mark:
    """A tag, untag, split or unsplit."""

    t: str
    line: str
    at: int
    tagged_at: int
    code: str = ""


@dataclass(frozen=True, order=True)
class Scrap:
    line: str
    at: int
    qty: int
    code: str
    by: str


@dataclass(frozen=True)
class Resolve:
    line: str
    start: int
    end: int
    operation: tuple[str, int, int]
    tagged_at: int


@dataclass
class Facts:
    now: int | None = None
    jobs: list[dict[str, Any]] = field(default_factory=list)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    events: dict[tuple[str, str], Event] = field(default_factory=dict)
    marks: set[Mark] = field(default_factory=set)
    scraps: set[Scrap] = field(default_factory=set)
    resolves: set[Resolve] = field(default_factory=set)

    def seen(self, instant: int) -> None:
        """§2 of FORMATS: "The greatest `at`, `time`, `tagged_at` or `end` fed so far is "now""."""
        self.now = instant if self.now is None else max(self.now, instant)


def _sample(facts: Facts, row: dict[str, Any]) -> None:
    """FORMATS §2: samples "not later than the line's last" are dropped; the last may be a bad one."""
    earlier = facts.samples.setdefault(row["line"], [])
    at = parse(row["at"])
    if earlier and at <= earlier[-1].at:
        return
    counters = {name: row[name] for name in COUNTERS if row.get(name) is not None}
    good = row.get("good", True)
    restarted = bool(row.get("restarted", False))
    earlier.append(Sample(at, good, bool(row.get("running")), row.get("fault") or 0, restarted, counters))
    facts.seen(at)


def _event(facts: Facts, row: dict[str, Any]) -> None:
    """FORMATS §3: "the same pair again is the same event (if its content differs, the first stands)"."""
    event = row["event"]
    key = (event["source"], event["id"])
    if key not in facts.events:
        facts.events[key] = Event(*key, event["type"], parse(event["time"]), event.get("data") or {})
        facts.seen(facts.events[key].time)


def _mark(facts: Facts, row: dict[str, Any]) -> None:
    mark = Mark(row["t"], row["line"], parse(row["at"]), parse(row["tagged_at"]), row.get("code", ""))
    facts.marks.add(mark)
    facts.seen(max(mark.at, mark.tagged_at))


def _scrap(facts: Facts, row: dict[str, Any]) -> None:
    scrap = Scrap(row["line"], parse(row["at"]), row["qty"], row.get("code") or "", row.get("by") or "")
    facts.scraps.add(scrap)
    facts.seen(scrap.at)


def _resolve(facts: Facts, row: dict[str, Any]) -> None:
    operation = (row["JobNum"], row["AssemblySeq"], row["OprSeq"])
    made = Resolve(row["line"], parse(row["start"]), parse(row["end"]), operation, parse(row["tagged_at"]))
    facts.resolves.add(made)
    facts.seen(max(made.end, made.tagged_at))


def _job(facts: Facts, row: dict[str, Any]) -> None:
    if row not in facts.jobs:
        facts.jobs.append(row)


READERS = {"sample": _sample, "event": _event, "scrap": _scrap, "resolve": _resolve, "job": _job}
READERS |= dict.fromkeys(("tag", "untag", "split", "unsplit"), _mark)


def read(lines: Iterable[str]) -> Facts:
    """FORMATS §2: "A line that says the same again is the same fact"."""
    facts = Facts()
    for text in lines:
        if text.strip():
            row = json.loads(text, parse_float=Fraction)
            READERS[row["t"]](facts, row)
    return facts
