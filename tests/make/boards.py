"""A small plant with lines that ran, stopped and made parts, fed through the same doors as live facts."""

from collections.abc import Iterable
from datetime import time

from apps.flow import erp, intake
from apps.jobs.types import ErpFacts, JobState, LaborFact, OperState
from apps.lines.models import Area, Company, Line, Plant, Shift, WorkCenterMap
from apps.reasons.models import ReasonCode
from apps.shared.instants import SECOND
from apps.states.rules import step
from apps.states.types import Change, Delta, Limits, LineFacts, LineNow, Sample

COMPANY, PLANT, ZONE = "EPIC06", "MfgSys", "America/Chicago"
LIMITS = Limits(bits={"total": 32, "reject": 32})


def plant(*slugs: str, code: str = PLANT, round_the_clock: bool = False) -> Plant:
    """A plant with an early and a late shift on every day, and lines by slug (`mill-1` is resource `MILL-1`).

    `round_the_clock` is for tests with the real clock: one shift from midnight to midnight, without a break.
    """
    company, _ = Company.objects.get_or_create(code=COMPANY, defaults={"name": "Epicor Education"})
    found = Plant.objects.create(company=company, code=code, name=code, time_zone=ZONE, day_start=time(6))
    every_day = list(range(7))
    lunch = [{"name": "Lunch", "start": "10:00", "end": "10:30"}]
    if round_the_clock:
        Shift.objects.create(plant=found, name="Day", days=every_day, start=time(0), end=time(0))
    else:
        Shift.objects.create(plant=found, name="Early", days=every_day, start=time(6), end=time(14), breaks=lunch)
        Shift.objects.create(plant=found, name="Late", days=every_day, start=time(14), end=time(22))
    area = Area.objects.create(plant=found, name="Machining")
    for slug in slugs:
        line = Line.objects.create(plant=found, area=area, slug=slug, name=slug.replace("-", " ").capitalize())
        WorkCenterMap.objects.create(company=company, kind="resource", code=slug.upper(), line=line)
    return found


def reason(code: str, description: str, category: str = "equipment_failure") -> ReasonCode:
    """A code of the dictionary."""
    return ReasonCode.objects.create(company=COMPANY, code=code, description=description, category=category)


def job(number: str = "004512-1", *, opr_seq: int = 20, per_hour: float = 120, qty: float = 2000) -> JobState:
    """A job with one operation that should make so many parts an hour (0: no standard)."""
    oper = OperState(0, opr_seq, "MILL", "CNC Mill", qty, per_hour, "PH" if per_hour else "", sys_rev_id=1)
    return JobState(COMPANY, PLANT, number, "BRKT-2210", "Bracket, hinge LH", qty, 1, (oper,))


def sign_on(slug: str, number: str, at: int, *, seq: int, opr_seq: int = 20, kind: str = "P") -> LaborFact:
    """Somebody starts an operation on a line's resource."""
    carried: dict[str, str | int] = {
        "JobNum": number,
        "AssemblySeq": 0,
        "OprSeq": opr_seq,
        "LaborType": kind,
        "ResourceID": slug.upper(),
    }
    return LaborFact("test", f"start-{seq}", COMPANY, 1, seq, "started", at, 1, carried)


def sign_off(at: int, *, seq: int) -> LaborFact:
    """The activity ends."""
    return LaborFact("test", f"end-{seq}", COMPANY, 1, seq, "ended", at, 2)


def tell(jobs: Iterable[JobState] = (), labor: Iterable[LaborFact] = (), *, now: int) -> None:
    """Epicor tells of jobs and labour."""
    erp.apply(ErpFacts(jobs=tuple(jobs), labor=tuple(labor)), now=now)


def run(slug: str, stretches: Iterable[tuple[int, bool, int]], *, start: int, before: LineNow | None = None) -> LineNow:
    """Samples every 5 s: each stretch is (seconds, running, fault); a part every 30 s of running. Taken in at the end.

    Returns the snapshot, from which another call goes on.
    """
    now, total = before or LineNow(), _total(before)
    changes: list[Change] = []
    deltas: list[Delta] = []
    at, ran = start, 0
    for seconds, running, fault in stretches:
        for _ in range(seconds // 5):
            ran += 5 * running
            total += running and ran % 30 == 0
            stepped = step(now, Sample(at, running=running, fault=fault, total=int(total), reject=0), LIMITS)
            now = stepped.now
            changes.extend(stepped.changes)
            deltas.extend(stepped.deltas)
            at += 5 * SECOND
    intake.accept([LineFacts(slug, tuple(changes), tuple(deltas), (), now)], now=at)
    return now


def _total(before: LineNow | None) -> int:
    return dict(before.counters)["total"].value if before and before.counters else 0
