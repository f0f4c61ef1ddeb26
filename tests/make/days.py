"""Histories of several production days: long stops over the borders of days, cut by shifts, runs, splits and breaks.

What `tests/make/histories.py` is for the first hours of a plant this is for its weeks: enough whole days that reports are
made of days rolled up, and every day's edge inside, at or beside a stop.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, iso, to_us

Row = dict[str, Any]
CODES = ("M01", "M02", "S01", "P09", "N01")
_PLACES = (
    ("UTC", "06:00", datetime(2026, 3, 2, 3)),  # noqa: DTZ001 - local to the zone beside it
    ("America/Chicago", "06:00", datetime(2026, 3, 6, 3)),  # noqa: DTZ001 - the clock skips an hour on the 8th
    ("Europe/Berlin", "00:00", datetime(2026, 10, 23, 20)),  # noqa: DTZ001 - an hour comes twice on the 25th
    ("America/Chicago", "22:00", datetime(2026, 5, 29, 12)),  # noqa: DTZ001 - a Friday: a weekend without shifts
)
# 34 days each: from the end of one month over a whole one into the next.
_LONG_PLACES = (
    ("UTC", "06:00", datetime(2026, 1, 30, 3)),  # noqa: DTZ001 - local to the zone beside it
    ("America/Chicago", "06:00", datetime(2026, 2, 27, 3)),  # noqa: DTZ001 - a month of 743 hours
    ("Europe/Berlin", "00:00", datetime(2026, 9, 29, 20)),  # noqa: DTZ001 - a month of 745 hours
    ("America/Chicago", "22:00", datetime(2026, 5, 30, 12)),  # noqa: DTZ001 - months begin on the evening before
)
_STEPS = (20 * SECOND, 3 * MINUTE, 10 * MINUTE, HOUR, HOUR + 17, 2 * HOUR, 3 * HOUR)
_LONG_STEPS = (3 * MINUTE, 3 * HOUR, 4 * HOUR + 17, 5 * HOUR, 5 * HOUR)
_REASONS = {
    "M01": "equipment_failure", "M02": "other", "S01": "setup_adjustment", "P09": "planned", "N01": "minor_stop",
}  # fmt: skip


@dataclass
class Days:
    """The plant file, the facts in order, the lines, and the border of every production day in the story (µs)."""

    plant_toml: str
    facts: list[str]
    lines: list[str]
    borders: list[int]
    # Some instants in stops, and the edges of stops.
    stops: list[int] = field(default_factory=list)


def days(seed: int, *, count: int = 5) -> Days:
    """The same seed tells the same story; four seeds in a row are in four places."""
    return _story(random.Random(seed), _PLACES[seed % len(_PLACES)], count, _STEPS)


def weeks(seed: int) -> Days:
    """The same over a whole month and some days around it, told in longer steps."""
    return _story(random.Random(seed), _LONG_PLACES[seed % len(_LONG_PLACES)], 34, _LONG_STEPS)


def _story(dice: random.Random, place: tuple[str, str, datetime], count: int, steps: Sequence[int]) -> Days:
    zone, day_start, first = place
    start = to_us(first.replace(tzinfo=ZoneInfo(zone)))
    made = Days(_plant(dice, zone, day_start), [], ["a", "b"], _borders(zone, day_start, first, count))
    facts = [_job("J1", "X", 120), _job("J2", "Y", 0), _job("J3", "X", 60)]
    for number, slug in enumerate(made.lines):
        time = (start + number * 7 * MINUTE, made.borders[-1] + 3 * HOUR)
        edges = _machine(dice, made, facts, slug, time=time, steps=steps)
        _people(dice, facts, slug, edges)
        _labour(dice, facts, number, start, made.borders[-1])
    for job in ("J1", "J2"):
        at = dice.choice(made.borders[1:]) + dice.choice([0, -5, 3]) * HOUR
        facts.append(_event("operation.completed", at, {"JobNum": job, "AssemblySeq": 0, "OprSeq": 10}))
    made.facts = [json.dumps(row) for row in facts]
    return made


def _borders(zone: str, day_start: str, first: datetime, count: int) -> list[int]:
    hour = int(day_start[:2])
    day = first.replace(hour=hour) if first.hour < hour else first.replace(hour=hour) + timedelta(days=1)
    return [to_us((day + timedelta(days=i)).replace(tzinfo=ZoneInfo(zone))) for i in range(count + 1)]


def _plant(dice: random.Random, zone: str, day_start: str) -> str:
    text = '[[company]]\ncode = "C"\nname = "C"\n[[plant]]\ncompany = "C"\ncode = "P"\nname = "P"\n'
    text += f'time_zone = "{zone}"\nday_start = "{day_start}"\n'
    week = dice.choice(["mon-fri", "mon-sun"])
    for name, begin, end, pause in (
        ("Early", "06:00", "14:00", "10:00"), ("Late", "14:00", "22:00", "18:00"), ("Night", "22:00", "06:00", "02:15"),
    ):  # fmt: skip
        text += f'[[plant.shift]]\nname = "{name}"\ndays = "{week}"\nstart = "{begin}"\nend = "{end}"\n'
        text += f'breaks = [{{ name = "b", start = "{pause}", end = "{pause[:3]}45" }}]\n'
    for number, slug in enumerate("ab"):
        text += f'[[plant.line]]\nslug = "{slug}"\nname = "{slug}"\nresources = ["R{number}"]\nresource_groups = ["G{number}"]\n'
        text += f'micro_stop_s = 600\nstale_after_s = 21600\nconcurrent_jobs = "{dice.choice(["flag", "newest"])}"\n'
        text += f'ideal_cycle_s = {dice.choice([2, 30])}\nfault_reasons = {{ "12" = "M02" }}\n'
        text += dice.choice(["", 'no_job_reason = "P09"\n', 'no_job_reason = "S01"\n'])
    for code, category in _REASONS.items():
        text += f'[[reason]]\ncompany = "C"\ncode = "{code}"\ndescription = "About {code}"\ncategory = "{category}"\n'
    return text


def _machine(
    dice: random.Random, made: Days, facts: list[Row], slug: str, *, time: tuple[int, int], steps: Sequence[int]
) -> list[int]:
    """Samples until the end; returns the instants at which a stop was seen."""
    (at, end), running, total, reject = time, True, 0, 0
    stopped = []
    marks = sorted(made.borders)
    while at < end:
        facts.append(
            {
                "t": "sample", "line": slug, "at": iso(at), "running": running, "total": total, "reject": reject,
                "fault": 0 if running else dice.choice([0, 0, 12]),
            }
        )  # fmt: skip
        if not running:
            stopped.append(at)
        step = dice.choice(steps)
        step = 7 * HOUR if dice.random() < 0.02 else step
        border = next((mark for mark in marks if mark > at), end)
        if at + step > border and at < border and dice.random() < 0.6:
            # Look in at the border: exactly, a moment before, or not until long after it.
            step = max(1, border - at + dice.choice([0, 0, -1, 1, 90 * MINUTE]))
            running = running and dice.random() < 0.4
        elif dice.random() < 0.5:
            running = not running
        made_now = dice.randint(0, min(400, 5 * step // SECOND)) if running else 0
        total += made_now
        reject += min(made_now, dice.choice([0, 0, 1]))
        at += step
    made.stops += stopped
    return stopped


def _people(dice: random.Random, facts: list[Row], slug: str, stopped: list[int]) -> None:
    """Tags, splits and scrap, all said at the very end or a while after."""
    said = stopped[-1] if stopped else 0
    for at in dice.sample(stopped, len(stopped) // 2):
        kind = dice.choice(["tag", "tag", "split", "split", "untag"])
        here = at + dice.choice([0, 1, 30 * MINUTE, HOUR])
        row: Row = {"t": kind, "line": slug, "at": iso(here), "by": "e", "tagged_at": iso(said + dice.randint(0, 9))}
        facts.append(row | ({"code": dice.choice(CODES), "comment": ""} if kind == "tag" else {}))
    facts.extend(
        {"t": "scrap", "line": slug, "at": iso(at), "qty": dice.choice([1, 30]), "code": "S07", "by": "e"}
        for at in dice.sample(stopped, min(3, len(stopped)))
    )


def _labour(dice: random.Random, facts: list[Row], number: int, start: int, end: int) -> None:
    at, seq = start - HOUR, 100 * (number + 1)
    while at < end:
        seq += 1
        length = dice.choice([HOUR, 5 * HOUR, 11 * HOUR, DAY, 30 * HOUR]) + dice.choice([0, 1, 20 * MINUTE])
        key = {"LaborHedSeq": 1, "LaborDtlSeq": seq}
        data = key | {"JobNum": dice.choice(["J1", "J2", "J3"]), "AssemblySeq": 0, "OprSeq": 10}
        data |= {"LaborType": dice.choice("PPS"), "ResourceID": f"R{number}"}
        facts.append(_event("operation.started", at, data))
        facts.append(_event("operation.ended", at + length, key))
        at += length + dice.choice([0, -HOUR, 2 * HOUR])


def _job(number: str, part: str, standard: float) -> Row:
    oper = {
        "AssemblySeq": 0, "OprSeq": 10, "RunQty": 100, "ProdStandard": standard, "StdFormat": "PH", "StdBasis": "E",
        "OpsPerPart": 1, "QtyPerCycle": 1,
    }  # fmt: skip
    return {
        "t": "job", "company": "C", "plant": "P", "JobNum": number, "PartNum": part, "ProdQty": 100, "SysRevID": 5,
        "operations": [oper],
    }  # fmt: skip


def _event(kind: str, at: int, data: Row) -> Row:
    ident = f"{kind}-{json.dumps(data, sort_keys=True)}-{at}"
    body = {"specversion": "1.0", "id": ident[:110], "source": "s", "type": f"epicor.{kind}", "time": iso(at)}
    return {"t": "event", "event": {**body, "data": {"Company": "C", "Plant": "P", **data}}}
