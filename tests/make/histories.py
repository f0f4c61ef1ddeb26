"""Seeded random plants and what happened in them: small, nasty, and always the same for the same seed.

Each history is a plant file and a facts file (FORMATS §1 and §2) that go where a sentence of SEMANTICS.md could be
misread: thresholds hit exactly, ties, clocks that change, counters that lie, people who clock on twice. No two facts
contradict each other where the contract lets the order of arrival decide (the same event id with other content, two
states of a job with one SysRevID).
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.make.history_plants import CODES, SECOND, STARTS, TICK, Line, Row, Tale, new_line, plant_file

SIZES = {"tiny": (1, 12), "small": (3, 40), "large": (6, 400)}
PLACES = [("EPIC06", "MfgSys"), ("EPIC06", "North"), ("EPIC07", "MfgSys")]
FORMATS = ["HP", "MP", "PH", "PM", "OH", "OM", "CH", "CM", "HR"]


@dataclass(frozen=True)
class History:
    """`start` and `end` enclose all that happens; `lines` are the slugs."""

    plant_toml: str
    facts: list[str]
    lines: list[str]
    start: str
    end: str


# --- samples -------------------------------------------------------------------------------------------------------


def _step(tale: Tale, line: Line) -> timedelta:
    """The time to the next sample: ordinary, or exactly on an edge that the contract draws, or one tick beside it."""
    dice = tale.dice
    if tale.chance(0.25):
        edge = dice.choice([10, line.stale, line.micro, line.debounce or 1, line.stale]) * SECOND
        return max(edge + dice.choice([-1, 0, 0, 1]) * TICK, TICK)
    if tale.chance(0.05):
        return line.stale * SECOND * dice.uniform(1.05, 4)
    if line.stale <= 30 or tale.chance(0.3):
        return dice.choice([0.25, 1, 1, 2, 3, 4, 5, 9, 10]) * SECOND
    step = line.stale * SECOND * dice.uniform(0.05, 1)
    return step if tale.chance(0.1) else timedelta(seconds=max(1, int(step.total_seconds())))


def _advance(tale: Tale, line: Line, before: int, step: timedelta, *, running: bool) -> tuple[int, int, bool]:
    """A counter after a step: its true value, what the device says, and whether it says that it restarted."""
    dice = tale.dice
    limit = int(line.rate * max(step.total_seconds(), 1))
    gained = dice.randint(0, max(1, limit // 2)) if running and tale.chance(0.8) else 0
    trouble = dice.random()
    if trouble < 0.04:
        value = dice.choice([0, limit, limit + 1, 3])
        return value, value, True
    if trouble < 0.08:
        value = dice.choice([0, 2, limit, limit + 7])
        return value, value, False
    if trouble < 0.11:
        value = before + 4 * limit + 90
        return value, value, False
    if trouble < 0.15:
        return before + gained, dice.choice([0, 1, before + 5 * limit + 1000, before + 2 ** (line.width - 1)]), False
    if trouble < 0.18:
        gained = limit + dice.choice([0, 0, 1])
    return before + gained, before + gained, False


def _sample(tale: Tale, line: Line, at: datetime, *, running: bool) -> Row:
    dice = tale.dice
    row: Row = {"t": "sample", "line": line.slug, "at": tale.show(at)}
    if tale.chance(0.06):
        return row | {"good": False}
    fault = dice.choice([0, 0, 12, 12, 7, 40]) if not running else dice.choice([0, 0, 0, 0, 12])
    return row | {"running": running, "fault": fault}


def _samples(tale: Tale, line: Line, count: int) -> None:
    dice = tale.dice
    at = tale.start + timedelta(seconds=dice.randint(0, 1800))
    top = 2**line.width
    values = {name: dice.choice([0, 1200, top - 5, top - 40]) for name in line.counters}
    running = tale.chance(0.6)
    for _ in range(count):
        row = _sample(tale, line, at, running=running)
        step = _step(tale, line)
        for name, before in list(values.items()):
            true, said, restarted = _advance(tale, line, before, step, running=running)
            values[name] = true % top
            if "running" in row:
                row[name] = said % top
                row |= {"restarted": True} if restarted else {}
        tale.tell(at, row)
        if not running:
            line.stopped.append(at)
        if tale.chance(0.04):
            again = row | {"at": tale.show(at - dice.choice([0, 1, 90]) * SECOND), "running": not running, "fault": 99}
            tale.tell(at, again)
        tale.steps.append((at, at + step))
        at += step
        running = running ^ tale.chance(0.5 if running else 0.35)
    tale.length = max(tale.length, at - tale.start)


# --- jobs and labour -----------------------------------------------------------------------------------------------


def _operation(tale: Tale, assembly: int, step: int) -> Row:
    dice = tale.dice
    row: Row = {
        "AssemblySeq": assembly,
        "OprSeq": step,
        "OpCode": "MILL",
        "OpDesc": "CNC Mill",
        "RunQty": dice.choice([500, 2000]),
    }
    row |= {
        "ProdStandard": dice.choice([0, 120, 0.5, 2.25, 90]),
        "StdFormat": dice.choice(FORMATS),
        "StdBasis": dice.choice("ECMT"),
    }
    return row | {"OpsPerPart": dice.choice([1, 2]), "QtyPerCycle": dice.choice([1, 4])}


def _jobs(tale: Tale, company: str, plants: list[str]) -> None:
    """Up to three states of each job; a later one may know more operations. Companies use the same numbers."""
    dice = tale.dice
    known = tale.operations.setdefault(company, [("009999", 0, 10)])
    for number in dice.sample(["004512", "004513", "120"], dice.randint(1, 3)):
        steps = dice.sample([(0, 10), (0, 20), (1, 10)], dice.randint(1, 3))
        known += [(number, *step) for step in steps]
        revisions = sorted(dice.sample(range(900, 2000), dice.choice([1, 1, 2, 3])))
        plant = dice.choice(plants)
        for index, revision in enumerate(revisions):
            listed = steps if index == len(revisions) - 1 else steps[: 1 + index]
            row: Row = {
                "t": "job",
                "company": company,
                "plant": plant,
                "JobNum": number,
                "PartNum": dice.choice(["PART-1", "PART-2"]),
            }
            row |= {"ProdQty": 2000, "SysRevID": revision, "operations": [_operation(tale, *step) for step in listed]}
            tale.tell(tale.moment() if tale.chance(0.5) else tale.start, row)


def _event(tale: Tale, company: str, kind: str, at: datetime, data: Row) -> None:
    tale.events += 1
    event: Row = {
        "specversion": "1.0",
        "id": f"e{tale.events:05d}",
        "source": f"/epicor/{company}",
        "type": f"epicor.{kind}",
    }
    event |= {"time": tale.show(at), "sequence": str(tale.events), "data": {"Company": company, **data}}
    tale.tell(at, {"t": "event", "event": event})


def _where(tale: Tale, line: Line) -> Row:
    """By resource, by group, by both where they differ or only one of them is mapped, or nowhere."""
    other = tale.dice.choice([one for one in tale.lines if one.company == line.company])
    return tale.dice.choice(
        [
            {"ResourceID": line.resource},
            {"ResourceID": line.resource, "ResourceGrpID": other.group},
            {"ResourceGrpID": line.group},
            {"ResourceID": "", "ResourceGrpID": line.group},
            {"ResourceID": "NEW-1", "ResourceGrpID": line.group},
            {"ResourceID": line.resource, "ResourceGrpID": None},
            {"ResourceID": line.resource, "ResourceGrpID": "NEWGRP"} if tale.chance(0.8) else {"ResourceID": "NEW-1"},
        ]
    )


def _address(operation: tuple[str, int, int]) -> Row:
    return dict(zip(("JobNum", "AssemblySeq", "OprSeq"), operation, strict=True))


def _activity(tale: Tale, line: Line, operation: tuple[str, int, int], start: datetime, end: datetime | None) -> None:
    """One stay: told once or several times, in accord or not, with or without a SysRevID."""
    dice = tale.dice
    tale.labor += 1
    key: Row = {
        "Plant": line.plant,
        "LaborHedSeq": 100 + tale.labor // 3,
        "LaborDtlSeq": tale.labor,
        "EmployeeNum": f"{tale.labor}",
    }
    data = key | _address(operation) | _where(tale, line) | {"LaborType": dice.choice("PPS")}
    if not tale.chance(0.05):
        _event(tale, line.company, "operation.started", start, data | ({"SysRevID": 500} if tale.chance(0.8) else {}))
    if tale.chance(0.12):
        revised = data | _address(dice.choice(tale.operations[line.company])) | {"LaborType": dice.choice("PS")}
        revised["SysRevID"] = dice.choice([400, 500, 600, None])
        _event(tale, line.company, "operation.started", start + dice.choice([-600, 0, 300]) * SECOND, revised)
    if end is not None:
        short = dice.choice([key, data, data | {dice.choice(["JobNum", "ResourceID", "LaborType"]): None}])
        _event(tale, line.company, "operation.ended", end, short | {"SysRevID": dice.choice([500, 510, None])})
        if tale.chance(0.12):
            _event(
                tale,
                line.company,
                "operation.ended",
                end + dice.choice([-900, 0, 700]) * SECOND,
                short | {"SysRevID": dice.choice([500, 520])},
            )


def _labour(tale: Tale, line: Line, episodes: int) -> None:
    """Several people, one after another and at once, pauses, setups that overlap production, and ends before starts."""
    dice = tale.dice
    start = tale.moment()
    operation = dice.choice(tale.operations[line.company])
    for _ in range(episodes):
        if not tale.chance(0.35):
            start = tale.moment()
        if tale.chance(0.6):
            operation = dice.choice(tale.operations[line.company])
        tale.starts.append(start)
        end = start + tale.length * dice.uniform(0.02, 0.6) if tale.chance(0.85) else None
        if end is not None and tale.chance(0.3):
            end = max(start, tale.moment())
        if end is not None and tale.chance(0.06):
            end = start - dice.choice([0, 60]) * SECOND
        for _ in range(dice.choice([1, 1, 1, 2])):
            _activity(tale, line, operation, start, end)
        if end is not None and tale.chance(0.3):
            start = end + dice.choice([0, 300]) * SECOND


def _resolve(tale: Tale, line: Line, start: datetime, end: datetime, operation: tuple[str, int, int]) -> None:
    tagged_at = tale.start + tale.length * tale.dice.choice([0.9, 1.0])
    row: Row = {"t": "resolve", "line": line.slug, "start": tale.show(start), "end": tale.show(end)}
    tale.tell(tagged_at, row | _address(operation) | {"by": "sup-1", "tagged_at": tale.show(tagged_at)})


def _clash(tale: Tale, line: Line) -> None:
    """Two or three operations at once on one line, and several choices between them that overlap and contradict."""
    dice = tale.dice
    known = tale.operations[line.company][1:]
    start, span = tale.moment(), tale.length * dice.uniform(0.1, 0.5)
    rivals = dice.sample(known, min(len(known), dice.choice([2, 3])))
    for number, operation in enumerate(rivals):
        _activity(tale, line, operation, start + span * number / 5, start + span * dice.uniform(0.6, 1))
    for _ in range(dice.choice([0, 2, 3, 4])):
        first = start + span * dice.uniform(-0.1, 0.6)
        _resolve(tale, line, first, first + span * dice.uniform(0.2, 0.8), dice.choice(rivals))


def _closings(tale: Tale, company: str) -> None:
    for operation in tale.operations[company]:
        if tale.chance(0.5):
            at = tale.dice.choice(tale.starts) if tale.chance(0.3) else tale.moment()
            _event(tale, company, "operation.completed", at, _address(operation))
        if tale.chance(0.15):
            _event(tale, company, "job.closed", tale.moment(), {"JobNum": operation[0]})
    if tale.chance(0.2):
        _event(tale, company, "job.changed", tale.moment(), {"JobNum": "004512"})


# --- people --------------------------------------------------------------------------------------------------------


def _touch(tale: Tale, line: Line) -> datetime:
    """An instant that somebody points at: mostly in a stop, often the same stop again, or exactly its edge."""
    dice = tale.dice
    if not line.stopped or tale.chance(0.15):
        return tale.moment()
    at = dice.choice(line.stopped[:6] if tale.chance(0.6) else line.stopped)
    return at + dice.choice([0, 1, 4, 30, 30, 200]) * SECOND


def _marks(tale: Tale, line: Line, count: int) -> None:
    dice = tale.dice
    times = [tale.start + tale.length * share for share in (0.4, 0.7, 1.0, 1.01)]
    spots = [_touch(tale, line) for _ in range(max(1, count // 2))]
    for _ in range(count):
        kind = dice.choice(["tag", "tag", "tag", "untag", "split", "split", "unsplit"])
        at, tagged_at = dice.choice(spots), dice.choice(times)
        row: Row = {"t": kind, "line": line.slug, "at": tale.show(at)}
        row |= {"code": dice.choice(CODES)} if kind == "tag" else {}
        row |= {"by": "emp-7", "tagged_at": tale.show(tagged_at)}
        tale.tell(tagged_at, row | ({"comment": ""} if kind == "tag" else {}))


def _corrections(tale: Tale, line: Line) -> None:
    dice = tale.dice
    for _ in range(dice.choice([0, 1, 2, 3])):
        at = dice.choice(tale.steps)[0] if tale.chance(0.5) else tale.moment()
        row: Row = {
            "t": "scrap",
            "line": line.slug,
            "at": tale.show(at),
            "qty": dice.choice([1, 4, 40, 2000]),
            "code": "S07",
            "by": "emp-7",
        }
        tale.tell(at, row)
    for _ in range(dice.choice([0, 1, 2])):
        start = tale.moment()
        end = min(start + tale.length * dice.uniform(0.1, 0.8), tale.start + tale.length * dice.choice([1, 1, 1.03]))
        _resolve(tale, line, start, end, dice.choice(tale.operations[line.company]))


# --- all of it -----------------------------------------------------------------------------------------------------


def history(seed: int, *, size: str = "small") -> History:
    """The history of a seed: `tiny` has one line and a dozen samples, `small` 20 to 200 facts, `large` thousands."""
    dice = random.Random(seed)
    most_lines, most_samples = SIZES[size]
    zone = dice.choice(list(STARTS))
    start = datetime.fromisoformat(dice.choice(STARTS[zone])).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    tale = Tale(dice, start)
    places = dice.sample(PLACES, min(most_lines, dice.randint(1, 3)))
    plants = [(*place, zone if index == 0 else dice.choice(list(STARTS))) for index, place in enumerate(places)]
    for number in range(max(len(places), dice.randint(1, most_lines))):
        tale.lines.append(new_line(tale, *places[number % len(places)], number))
    for line in tale.lines:
        _samples(tale, line, dice.randint(most_samples // 2, most_samples))
    for company in sorted({company for company, _ in places}):
        _jobs(tale, company, [plant for owner, plant in places if owner == company])
    for line in tale.lines:
        _labour(tale, line, dice.randint(2, 3 + most_samples // 8))
        if tale.chance(0.5):
            _clash(tale, line)
        _marks(tale, line, dice.randint(0, most_samples // 4))
        _corrections(tale, line)
    for company in tale.operations:
        _closings(tale, company)
    told = [json.dumps(row) for _, row in sorted(tale.facts, key=lambda fact: fact[0])]
    edges = (tale.start - timedelta(hours=3), tale.start + tale.length * 2 + timedelta(hours=3))
    first, last = (edge.isoformat().replace("+00:00", "Z") for edge in edges)
    return History(plant_file(tale, plants), told, [line.slug for line in tale.lines], first, last)


def _shuffled(facts: list[str], dice: random.Random) -> list[str]:
    """Everything anywhere, but the samples of a line in their order (FORMATS §2)."""
    mixed = dice.sample(facts, len(facts))
    rows = {fact: json.loads(fact) for fact in facts}
    ordered: dict[str, Iterator[str]] = {}
    for slug in {row["line"] for row in rows.values() if row["t"] == "sample"}:
        ordered[slug] = iter([f for f in facts if rows[f]["t"] == "sample" and rows[f]["line"] == slug])
    return [next(ordered[rows[f]["line"]]) if rows[f]["t"] == "sample" else f for f in mixed]


def _repeated(facts: list[str], dice: random.Random) -> list[str]:
    """Some lines again, at any later place; some of these with their keys in another order, which says the same."""
    result = list(facts)
    for fact in dice.sample(facts, len(facts) // 3):
        again = json.dumps(dict(reversed(json.loads(fact).items()))) if dice.random() < 0.3 else fact
        result.insert(dice.randint(result.index(fact) + 1, len(result)), again)
    return result


def orders(told: History, seed: int) -> dict[str, list[list[str]]]:
    """Ways to feed one history, each a list of files to feed one after another; all end in the same figures."""
    dice = random.Random(seed)
    mixed = _shuffled(told.facts, dice)
    edges = [0, *sorted(dice.randint(0, len(mixed)) for _ in range(3)), len(mixed)]
    return {
        "natural": [told.facts],
        "shuffled": [_shuffled(told.facts, dice)],
        "repeated": [_repeated(told.facts, dice)],
        "staged": [mixed[first:last] for first, last in pairwise(edges)],
    }
