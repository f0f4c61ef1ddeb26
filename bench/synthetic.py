"""A plant with as much history as is asked for, written as facts straight into the tables: the ground of measurements."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.jobs.types import LaborFact
    from apps.states.types import Change, Delta, LineFacts, LineNow

DAY_S = 86_400
# Midnight UTC, Monday 2 March 2026.
START_S = 1_772_409_600


def prepare(lines: int) -> None:
    """An empty, migrated database with a plant of so many lines in three shifts."""
    empty()
    from apps.flow import plant

    plant.load(_toml(lines), now=0)


def empty() -> None:
    """An empty, migrated database: whatever was in it goes."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)


def _toml(lines: int) -> str:
    shifts = (
        ("Early", "06:00", "14:00", "10:00"),
        ("Late", "14:00", "22:00", "18:00"),
        ("Night", "22:00", "06:00", "02:00"),
    )
    text = '[[company]]\ncode = "C"\nname = "C"\n[[plant]]\ncompany = "C"\ncode = "P"\ntime_zone = "Etc/UTC"\n'
    text += 'day_start = "06:00"\n'
    for name, start, end, pause in shifts:
        until = f"{pause[:3]}30"
        text += f'[[plant.shift]]\nname = "{name}"\ndays = "mon-sun"\nstart = "{start}"\nend = "{end}"\n'
        text += f'breaks = [{{ name = "Break", start = "{pause}", end = "{until}" }}]\n'
    for number in range(lines):
        text += f'[[plant.line]]\nslug = "line-{number:03}"\nresources = ["R{number}"]\nideal_cycle_s = 4\n'
        text += 'fault_reasons = { "12" = "M01", "13" = "M02" }\n'
    for code in range(1, 9):
        text += f'[[reason]]\ncompany = "C"\ncode = "M{code:02}"\ncategory = "equipment_failure"\n'
    return text


def tell(
    line: int, days: int, *, part_every_s: float, stops_per_day: int, seed: int = 1, start_s: int = START_S
) -> int:
    """Facts of one line over so many days: stops, parts, and three jobs a day. Returns how many facts there are."""
    from apps.jobs.types import ErpFacts, JobState, OperState
    from apps.lines.models import Line
    from apps.shared.instants import SECOND
    from apps.states.operations import record
    from apps.states.types import LineFacts

    dice = random.Random(seed * 1000 + line)
    row = Line.objects.get(slug=f"line-{line:03}")
    changes, deltas = _machine(dice, days, part_every_s, stops_per_day, start_s)
    now = _seen(start_s, start_s + days * DAY_S)
    record(row.pk, [LineFacts(row.slug, tuple(changes), tuple(deltas), (), now)])
    jobs, labor = [], []
    for turn in range(days * 3):
        job_num = f"{line:03}{turn:05}"
        oper = OperState(0, 10, run_qty=1000, prod_standard=900, std_format="PH")
        jobs.append(JobState("C", "P", job_num, part_num=f"PART-{turn % 40}", prod_qty=1000, operations=(oper,)))
        begin = start_s + turn * 28_800 + 600
        for edge, at in (("started", begin), ("ended", begin + 27_000)):
            labor.append(labor_fact(row.slug, job_num, edge, at * SECOND, seq=line * 100_000 + turn))
    _tell_erp(ErpFacts(jobs=tuple(jobs), labor=tuple(labor)))
    return len(changes) + len(deltas) + len(labor)


def labor_fact(slug: str, job_num: str, edge: str, at: int, *, seq: int, revision: int = 1) -> "LaborFact":
    """That somebody started or ended the one operation of a job on a line of this plant."""
    from apps.jobs.types import LaborFact

    carried: dict[str, str | int] = {
        "JobNum": job_num, "AssemblySeq": 0, "OprSeq": 10, "LaborType": "P", "ResourceID": f"R{int(slug[-3:])}",
        "EmployeeNum": f"E{seq % 100}",
    }  # fmt: skip
    return LaborFact("bench", f"{seq}-{edge}-{revision}", "C", seq, 1, edge, at, revision, carried)


def batches(
    slug: str, start_s: int, *, pieces: int, piece_s: int, part_every_s: float, stops_per_day: int
) -> "list[LineFacts]":
    """What a line told after `start_s`, in as many pieces as come in one after the other."""
    from apps.lines.models import Line
    from apps.shared.instants import SECOND
    from apps.states.models import LineSnapshot
    from apps.states.types import LineFacts

    days = pieces * piece_s // DAY_S + 1
    changes, deltas = _machine(random.Random(slug), days, part_every_s, stops_per_day, start_s)
    first = LineSnapshot.objects.get(line=Line.objects.get(slug=slug)).first_good_at or 0
    found = []
    for piece in range(pieces):
        begin, end = (start_s + at * piece_s for at in (piece, piece + 1))
        found.append(
            LineFacts(
                slug,
                tuple(change for change in changes if begin * SECOND < change.at <= end * SECOND),
                tuple(delta for delta in deltas if begin * SECOND < delta.end <= end * SECOND),
                (),
                replace(_seen(start_s, end), first_good_at=first),
            )
        )
    return found


def _tell_erp(facts: object) -> None:
    """Jobs, labour, activities and runs; what is derived from them is the measurement's own affair."""
    from apps.jobs import activities, operations
    from apps.jobs.types import ErpFacts
    from apps.lines.queries import policies

    assert isinstance(facts, ErpFacts)  # noqa: S101 - imports of the product wait for its settings
    operations.upsert_jobs(facts.jobs)
    dirty = activities.remake(operations.record_labor(facts.labor))
    by_id = {policy.line_id: policy for policy in policies().values()}
    for line_id, ranges in dirty.items():
        activities.remake_runs(by_id[line_id], ranges)


def _machine(
    dice: random.Random, days: int, part_every_s: float, stops_per_day: int, start_s: int
) -> "tuple[list[Change], list[Delta]]":
    from apps.shared.instants import SECOND
    from apps.states.types import Change, Delta

    changes = [Change(start_s * SECOND, "running", 0)]
    deltas: list[Delta] = []
    for begin, end, runs in _spells(dice, days, stops_per_day, start_s):
        if begin > start_s:
            state = "running" if runs else "stopped"
            changes.append(Change(begin * SECOND, state, 0 if runs else dice.choice([0, 12, 13])))
        at = begin + part_every_s
        while runs and at < end:
            whole = int(at * SECOND)
            deltas.append(
                Delta(whole - SECOND, whole, 1, 0) if dice.random() > 0.02 else Delta(whole - SECOND, whole, 0, 1)
            )
            at += part_every_s
    return changes, deltas


def _spells(dice: random.Random, days: int, stops_per_day: int, start_s: int) -> Iterator[tuple[int, int, bool]]:
    """(begin, end, is running) in turn; two stops of three are micro-stops."""
    end_s = start_s + days * DAY_S
    at, each = start_s, DAY_S / stops_per_day
    while at < end_s:
        length = dice.randint(20, 100) if dice.random() < 0.66 else dice.randint(130, 900)
        runs = max(30, int(dice.expovariate(1 / each)) - length)
        yield at, min(at + runs, end_s), True
        if at + runs < end_s:
            yield at + runs, min(at + runs + length, end_s), False
        at += runs + length


def _seen(first_s: int, last_s: int) -> "LineNow":
    from apps.shared.instants import SECOND
    from apps.states.types import LineNow

    return LineNow(
        first_good_at=first_s * SECOND, last_at=last_s * SECOND, last_good_at=last_s * SECOND, state="running"
    )
