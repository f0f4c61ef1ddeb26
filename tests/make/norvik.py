"""A made-up plant with the figures of the design's mockups: twelve lines on a Tuesday at 10:42.

Everything goes in the way that real facts do: states and counts through `flow.intake`, jobs and labour through
`flow.erp`, reasons through `flow.stops`. Test data only.
"""

import re
from collections.abc import Iterator
from datetime import time
from typing import NamedTuple

from django.db import transaction

from apps.accounts.models import Device, Role, User
from apps.downtime.models import ReasonTag, SplitMark
from apps.flow import erp, intake, stops
from apps.flow.causes import always
from apps.flow.derive import derive
from apps.jobs.types import ErpFacts, JobState, LaborFact, OperState
from apps.lines.models import Area, Company, Line, Plant, Shift, WorkCenterMap
from apps.lines.queries import policies
from apps.reasons.models import ReasonCode
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, from_us, parse_us
from apps.states.models import ScrapReport
from apps.states.types import Change, Delta, LineFacts, LineNow

COMPANY, PLANT = "NRVK", "NORTH"
SHIFT_START = parse_us("2026-05-12T06:00:00+02:00")
NOW = SHIFT_START + 282 * MINUTE + 2 * SECOND
TARGET_OEE = 0.80
PASSWORD = "a-long-word-for-tests"


class Spec(NamedTuple):
    """A line: where it stands, its job, its order, what it made, what was due, its quality, and its shift so far."""

    slug: str
    name: str
    area: str
    job: str
    opr_seq: int
    op: str
    part: str
    text: str
    ordered: int
    good: int
    due: int
    quality: float
    ribbon: str


# In minutes since 06:00. A stop's number is its reason, by REASONS.
LINES = (
    Spec("mill-1", "Mill 1", "Machining", "004512-1", 20, "CNC Mill", "BRKT-2210", "Bracket, hinge LH",
         2000, 1240, 1334, .986,
         "setup0-20 run20-72 stop72-80:D210 run80-123 micro123-125 run125-151 micro151-153 run153-175 untag175-179 "
         "run179-180 planned180-195 run195-221 untag221-233 run233-245 micro245-246 run246-267.5 untag267.5-282.033"),
    Spec("weld-a", "Weld Cell A", "Welding", "004533-1", 40, "Weld", "FRM-1180", "Base frame, welded", 160, 86, 97, .98,
         "run0-16 micro16-18 run18-52 micro52-53.5 run53.5-58 stop58-66:E130 run66-126 stop126-132:M110 run132-180 "
         "planned180-195 run195-251 stop251-256:C050 run256-275.95 stop275.95-282.033:M110"),
    Spec("press-400", "Press 400 t", "Pressing", "004498-1", 10, "Blanking", "PLT-0733", "Gusset plate 6 mm", 9000, 5410, 0, .994,
         "run0-44 stop44-50:E130 run50-120 micro120-122 run122-180 planned180-195 run195-226 stop226-238:S100 "
         "run238-278.867 nosig278.867-282.033"),
    Spec("laser-2", "Laser 2", "Machining", "004541-1", 10, "Laser Cut", "PNL-5502", "Side panel, left", 650, 402, 431, .99,
         "run0-6 micro6-8.5 run8.5-36 micro36-38.5 run38.5-80 micro80-82 run82-108 micro108-109.5 run109.5-122 "
         "micro122-124.5 run124.5-146 micro146-148.5 run148.5-180 planned180-195 run195-201 micro201-202.5 "
         "run202.5-241 micro241-243.5 run243.5-248 stop248-254:C120 run254-255 micro255-256 run256-259 micro259-260 "
         "run260-263 micro263-264 run264-268 micro268-270.5 run270.5-275 micro275-276 run276-281.4 "
         "micro281.4-282.033"),
    Spec("lathe-3", "Lathe 3", "Machining", "004527-1", 20, "Turn", "SHF-0415", "Drive shaft", 1200, 0, 33, .989,
         "run0-66 stop66-73:E130 run73-150 micro150-152 run152-180 planned180-195 run195-243.833 "
         "setup243.833-282.033"),
    Spec("assembly-1", "Assembly 1", "Assembly", "004519-2", 60, "Assemble", "GBX-300", "Gearbox, 3:1", 480, 212, 253, .99,
         "run0-66 micro66-68 run68-98 stop98-102:M110 run102-106 micro106-108 run108-128 micro128-129.5 "
         "run129.5-180 planned180-195 run195-235 stop235-241:P140 run241-256 micro256-258.5 run258.5-273 "
         "micro273-275.5 run275.5-282.033"),
    Spec("mill-2", "Mill 2", "Machining", "004515-1", 20, "CNC Mill", "BRKT-2211", "Bracket, hinge RH", 1500, 1390, 1366, .991,
         "setup0-14 run14-88 stop88-93:T220 run93-140 micro140-142 run142-180 planned180-195 run195-282.033"),
    Spec("lathe-1", "Lathe 1", "Machining", "004524-1", 20, "Turn", "SHF-0410", "Drive shaft", 900, 640, 631, .99,
         "run0-52 micro52-54.5 run54.5-91 micro91-92.5 run92.5-99 stop99-104:T220 run104-180 planned180-195 "
         "run195-202 stop202-213:D210 run213-282.033"),
    Spec("weld-b", "Weld Cell B", "Welding", "004530-1", 40, "Weld", "FRM-1175", "Base frame", 150, 101, 101, .985,
         "run0-43 stop43-47:M110 run47-136 micro136-138.5 run138.5-152 stop152-157:M110 run157-180 planned180-195 "
         "run195-251 stop251-257:P140 run257-282.033"),
    Spec("coating-2", "Pulverbeschichtungs\u00adanlage 2", "Coating", "004477-3", 50, "Pulverbeschichten", "GEH-7040-RAL9005",
         "Gehäuse", 600, 440, 444, .993,
         "run0-21 micro21-23.5 run23.5-154 micro154-156.5 run156.5-180 planned180-195 run195-282.033"),
    Spec("press-160", "Press 160 t", "Pressing", "", 0, "", "", "", 0, 300, 0, .99,
         "run0-152 stop152-157:C050 run157-167 micro167-168.5 run168.5-180 planned180-195 run195-240 "
         "stop240-282.033:W100"),
    Spec("pack-2", "Pack 2", "Assembly", "", 0, "", "", "", 0, 410, 0, .99,
         "run0-90 micro90-91.5 run91.5-180 planned180-195 run195-217 nojob217-282.033"),
)  # fmt: skip

REASONS = (
    ("D210", "Tool breakage", "equipment_failure", "Tooling"), ("T220", "Tool wear", "equipment_failure", "Tooling"),
    ("T200", "Tool change, planned", "planned", "Tooling"), ("T240", "Tool missing", "other", "Tooling"),
    ("T250", "Wrong offset", "other", "Tooling"), ("T260", "Insert chipped", "equipment_failure", "Tooling"),
    ("T270", "Probe fault", "equipment_failure", "Tooling"), ("T280", "Collet worn", "equipment_failure", "Tooling"),
    ("M110", "Waiting for material", "other", "Material"), ("M120", "Wrong material", "other", "Material"),
    ("C050", "Chip conveyor jam", "minor_stop", "Machine"), ("C120", "Coolant low", "equipment_failure", "Machine"),
    ("E130", "Spindle fault", "equipment_failure", "Machine"), ("E140", "Door switch", "equipment_failure", "Machine"),
    ("Q310", "First-piece check", "setup_adjustment", "Quality"), ("Q320", "Measuring", "other", "Quality"),
    ("S100", "Changeover", "setup_adjustment", "Changeover"), ("S101", "Fixture change", "setup_adjustment", "Changeover"),
    ("P140", "No operator", "other", "People"), ("P150", "Meeting", "other", "People"),
    ("W100", "Maintenance", "planned", "Planned"), ("W110", "Break", "planned", "Planned"),
    ("P09", "No order", "planned", "Planned"),
)  # fmt: skip
SCRAP = (
    ("S110", "Burr over limit"), ("S120", "Out of tolerance"), ("S130", "Surface damage"), ("S140", "Wrong position"),
    ("S150", "Material defect"), ("S160", "Set-up part"),
)  # fmt: skip
PEOPLE = (
    ("1041", "Ana Kovač"), ("1042", "Jonas Oduya"), ("1043", "Piotr Sala"), ("1044", "Mareike Wannenmacher-Lüdenscheid"),
    ("1045", "Tomás Brandt"), ("1046", "Yusuf Nazari"),
)  # fmt: skip
# Mill 1's good parts in its five hours.
_BY_HOUR = (231, 317, 322, 201, 169)


class Piece(NamedTuple):
    """A stretch of a ribbon, in minutes."""

    kind: str
    start: float
    end: float
    reason: str


def pieces(ribbon: str) -> list[Piece]:
    """The stretches that a ribbon's text names."""
    found = re.findall(r"([a-z]+)([\d.]+)-([\d.]+)(?::(\w+))?", ribbon)
    return [Piece(kind, float(start), float(end), reason) for kind, start, end, reason in found]


def norvik() -> Plant:
    """The whole plant with its morning."""
    plant = _master_data()
    erp.apply(ErpFacts(jobs=tuple(_jobs()), labor=tuple(_labor())), now=NOW)
    intake.accept([_facts(spec) for spec in LINES], now=NOW)
    _tag()
    return plant


def people(plant: Plant) -> User:
    """Operators with their roles, and the supervisor, who is returned."""
    for number, name in PEOPLE:
        user = User.objects.create_user(f"op{number}", password=None, emp_id=number, display_name=name)
        Role.objects.create(user=user, company=COMPANY, plant=plant.code, name=Role.Name.OPERATOR)
    boss = User.objects.create_user("maja", password=PASSWORD, emp_id="1001", display_name="Maja Lind")
    for role in (Role.Name.SUPERVISOR, Role.Name.PLANNER):
        Role.objects.create(user=boss, company=COMPANY, plant=plant.code, name=role)
    return boss


def unsay() -> None:
    """Take back what was said after the morning, as if nobody had touched a tablet."""
    for said in (ReasonTag.objects.filter(tagged_at__gte=NOW), SplitMark.objects.all(), ScrapReport.objects.all()):
        said.delete()
    ReasonCode.objects.update(retired_at=None)
    Device.objects.all().delete()
    known = policies([spec.slug for spec in LINES])
    with transaction.atomic():
        derive(known, {slug: [(SHIFT_START, NOW)] for slug in known}, now=NOW, why=always("A new morning"))


def _master_data() -> Plant:
    company = Company.objects.create(code=COMPANY, name="Norvik")
    plant = Plant.objects.create(
        company=company, code=PLANT, name="Norvik North", time_zone="Europe/Oslo", day_start=time(6)
    )
    for name, start, end in (("Early", 6, 14), ("Late", 14, 22)):
        breaks = [{"name": "Break", "start": f"{start + 3:02d}:00", "end": f"{start + 3:02d}:15"}]
        breaks.append({"name": "Lunch", "start": f"{start + 6:02d}:00", "end": f"{start + 6:02d}:30"})
        Shift.objects.create(
            plant=plant, name=name, days=[0, 1, 2, 3, 4], start=time(start), end=time(end), breaks=breaks
        )
    for spec in LINES:
        area, _ = Area.objects.get_or_create(plant=plant, name=spec.area)
        line = Line.objects.create(
            plant=plant, area=area, slug=spec.slug, name=spec.name, micro_stop_s=180, max_rate_per_s=1000,
            stale_after_s=10 if spec.slug == "press-400" else 3600,
            no_job_reason="P09",
        )  # fmt: skip
        WorkCenterMap.objects.create(company=company, kind="resource", code=spec.slug.upper(), line=line)
    read_at = from_us(NOW - 4 * MINUTE)
    for order, (code, text, category, group) in enumerate(REASONS):
        ReasonCode.objects.create(
            company=COMPANY, code=code, description=text, category=category, group=group, order=order,
            kind="downtime", read_at=read_at,
        )  # fmt: skip
    for order, (code, text) in enumerate(SCRAP):
        ReasonCode.objects.create(
            company=COMPANY, code=code, description=text, category="process_defect", kind="scrap", order=order,
            read_at=read_at,
        )  # fmt: skip
    return plant


def _minutes(spec: Spec, *kinds: str) -> float:
    return sum(piece.end - piece.start for piece in pieces(spec.ribbon) if piece.kind in kinds)


def _cycle_min(spec: Spec) -> float:
    """Minutes a part that make `due` parts of the planned time without setup at the target."""
    planned = _minutes(spec, "run", "micro", "stop", "untag") if spec.slug != "lathe-3" else 66
    return TARGET_OEE * planned / spec.due


def _jobs() -> Iterator[JobState]:
    for spec in LINES:
        if spec.job:
            standard = _cycle_min(spec) if spec.due else 0.0
            oper = OperState(0, spec.opr_seq, spec.op.upper(), spec.op, spec.ordered, standard, "MP", "E", sys_rev_id=1)
            yield JobState(COMPANY, PLANT, spec.job, spec.part, spec.text, spec.ordered, 1, (oper,))


def _labor() -> Iterator[LaborFact]:
    for number, spec in enumerate(LINES, 1):
        if not spec.job:
            continue
        spans: list[tuple[float, float | None, str]] = [(0.0, None, "P")]
        setup = next((piece for piece in pieces(spec.ribbon) if piece.kind == "setup"), None)
        if setup is not None and setup.start == 0:
            spans = [(0.0, setup.end, "S"), (setup.end, None, "P")]
        elif setup is not None:
            spans = [(setup.start, None, "S")]
        for part, (start, end, labor_type) in enumerate(spans, 1):
            carried: dict[str, str | int] = {
                "JobNum": spec.job, "AssemblySeq": 0, "OprSeq": spec.opr_seq, "LaborType": labor_type,
                "ResourceID": spec.slug.upper(), "EmployeeNum": "1041",
            }  # fmt: skip
            base = LaborFact("test", f"{number}-{part}-s", COMPANY, number, part, "started", _at(start), 1, carried)
            yield base
            if end is not None:
                yield LaborFact("test", f"{number}-{part}-e", COMPANY, number, part, "ended", _at(end), 2, {})


def _facts(spec: Spec) -> LineFacts:
    changes, last = [], ""
    known_until = NOW
    for piece in pieces(spec.ribbon):
        state = {"run": "running", "nosig": "no_signal"}.get(piece.kind, "stopped")
        if state == "no_signal":
            known_until = _at(piece.start)
        if state != last:
            changes.append(Change(_at(piece.start), state, 0))
        last = state
    now = LineNow(first_good_at=SHIFT_START, last_at=NOW, last_good_at=known_until, state=last)
    return LineFacts(spec.slug, tuple(changes), tuple(_deltas(spec)), (), now)


def _deltas(spec: Spec) -> Iterator[Delta]:
    """A delta a few seconds long for each minute of running, good parts as told, rejects by the quality."""
    ticks = [
        (at, min(at + 9 * SECOND, _at(piece.end)))
        for piece in pieces(spec.ribbon)
        if piece.kind == "run"
        for at in range(_at(piece.start), _at(piece.end), MINUTE)
    ]
    if spec.slug == "lathe-3":
        yield from _spread(ticks, 30, 0)
        return
    if spec.slug != "mill-1":
        yield from _spread(ticks, spec.good, round(spec.good / spec.quality) - spec.good)
        return
    for hour, good in enumerate(_BY_HOUR):
        first = SHIFT_START + hour * 60 * MINUTE
        inside = [tick for tick in ticks if first <= tick[0] and tick[1] < first + 60 * MINUTE]
        yield from _spread(inside, good, (4, 4, 4, 3, 3)[hour])


def _spread(ticks: list[tuple[int, int]], good: int, reject: int) -> Iterator[Delta]:
    for index, (start, end) in enumerate(ticks):
        made = [whole * (index + 1) // len(ticks) - whole * index // len(ticks) for whole in (good, reject)]
        if end > start and any(made):
            yield Delta(start, end, *made)


def _tag() -> None:
    for spec in LINES:
        for piece in pieces(spec.ribbon):
            if piece.reason:
                said = _at(piece.start) + MINUTE
                stops.tag(line=spec.slug, at=said, code=piece.reason, by="1041", now=max(said, NOW - 6 * MINUTE))


def _at(minute: float) -> int:
    return SHIFT_START + round(minute * 60) * SECOND


def history(days: int = 14) -> None:
    """Two weeks of stops on Mill 1 and Mill 2 before the morning, in the proportions of the losses mockup."""
    first = SHIFT_START - days * DAY
    erp.apply(_past_job(first), now=SHIFT_START - 1)
    for slug in ("mill-1", "mill-2"):
        tags = []
        changes = [Change(first, "stopped", 0)]
        deltas = []
        past = list(_past_stops(first, days, slug))
        for day in _working_days(first, days):
            changes.append(Change(day, "running", 0))
            for start, length, code in (stop for stop in past if day <= stop[0] < day + DAY):
                changes += [Change(start, "stopped", 0), Change(start + length, "running", 0)]
                if code:
                    tags.append((start + MINUTE, code))
            changes.append(Change(day + 16 * HOUR, "stopped", 0))
            deltas += [
                Delta(at, at + 9 * SECOND, 10, 1 if at // MINUTE % 13 == 0 else 0)
                for at in range(day, day + 16 * HOUR, 2 * MINUTE)
                if not any(start - MINUTE < at < start + length for start, length, _code in past)
            ]
        now = LineNow(first_good_at=first, last_at=SHIFT_START - 1, last_good_at=SHIFT_START - 1, state="stopped")
        intake.accept([LineFacts(slug, tuple(changes), tuple(deltas), (), now)], now=SHIFT_START - 1)
        for at, code in tags:
            stops.tag(line=slug, at=at, code=code, by="1041", now=at + 5 * MINUTE)


def _working_days(first: int, days: int) -> list[int]:
    return [first + day * DAY for day in range(days) if from_us(first + day * DAY).weekday() < 5]


def _past_job(first: int) -> ErpFacts:
    oper = OperState(0, 20, "MILL", "CNC Mill", 90_000, 0.165, "MP", "E", sys_rev_id=1)
    job = JobState(COMPANY, PLANT, "004400-1", "BRKT-2200", "Bracket, long", 90_000, 1, (oper,))
    labor = []
    for number, slug in enumerate(("mill-1", "mill-2"), 901):
        carried: dict[str, str | int] = {
            "JobNum": "004400-1", "AssemblySeq": 0, "OprSeq": 20, "LaborType": "P", "ResourceID": slug.upper(),
        }  # fmt: skip
        labor += [
            LaborFact("test", f"{number}-s", COMPANY, number, 1, "started", first, 1, carried),
            LaborFact("test", f"{number}-e", COMPANY, number, 1, "ended", SHIFT_START - SECOND, 2, {}),
        ]
    return ErpFacts(jobs=(job,), labor=tuple(labor))


# Code, how many, minutes in all: both mills together.
_PAST = (
    ("D210", 41, 486), ("M110", 29, 402), ("S100", 17, 318), ("", 38, 214), ("E130", 6, 163), ("T220", 22, 96),
    ("Q310", 19, 78), ("P140", 8, 61), ("C050", 11, 47), ("C120", 4, 14), ("E140", 3, 10), ("M120", 7, 11),
)  # fmt: skip


def _past_stops(first: int, days: int, slug: str) -> Iterator[tuple[int, int, str]]:
    """(start, length, code) of the past stops of one mill, spread over the weekdays' two shifts."""
    wanted = [
        (code, minutes / count * (0.7 if index % 2 else 1.3))
        for code, count, minutes in _PAST
        for index in range(count)
        if (index + len(code)) % 2 == (slug == "mill-2")
    ]
    wanted = [wanted[index * 37 % len(wanted)] for index in range(len(wanted))]
    working = _working_days(first, days)
    for index, (code, minutes) in enumerate(wanted):
        day = working[index * len(working) // len(wanted)]
        order = index - next(i for i in range(len(wanted)) if working[i * len(working) // len(wanted)] == day)
        start = day + (20 + order * 60) * MINUTE
        yield start, round(max(minutes, 3.2) * 60) * SECOND, code
