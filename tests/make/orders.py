"""Jobs of the made-up plant with a past: one of five operations, one of fifty over three weeks, one that closed, some that wait.

Test data only; it goes in as real facts do, beside what `norvik` tells.
"""

from apps.flow import erp, intake, stops
from apps.jobs.types import Closing, ErpFacts, JobState, LaborFact, OperState
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, from_us
from apps.states.types import Change, Delta, LineFacts, LineNow
from tests.make.norvik import COMPANY, NOW, PLANT, SHIFT_START

LONG = "004600-1"
CLOSED = "004480-1"
FIRST = SHIFT_START - 21 * DAY
# Where the fifty operations go in turn.
_LINES = ("lathe-1", "weld-b", "laser-2", "coating-2", "assembly-1")
_OPS = (
    "Turn blank", "Weld", "Laser Cut", "Pulverbeschichten, tiefschwarz seiden\u00admatt", "Assemble", "Turn",
    "Spannungs\u00adarm\u00adglühen und Richten", "Cut to length",
)  # fmt: skip
_EACH = 6 * HOUR + 20 * MINUTE
_CODES = ("D210", "M110", "", "E130", "P140", "T220")


def orders() -> None:
    """Tell of the jobs, and of what the lines made for them before the present shift."""
    erp.apply(ErpFacts(jobs=tuple(_jobs()), labor=tuple(_labor()), closings=tuple(_closings())), now=SHIFT_START - 1)
    for number, slug in enumerate(_LINES):
        days = [day for day in range(FIRST, SHIFT_START, DAY) if from_us(day).weekday() < 5]
        changes, deltas, tags = [Change(FIRST, "stopped", 0)], [], []
        for index, day in enumerate(days):
            changes.append(Change(day, "running", 0))
            pauses = [
                (day + (55 + 97 * turn + number * 7) * MINUTE, (index * 5 + turn * 3) % 17 + 1) for turn in range(9)
            ]
            for turn, (at, minutes) in enumerate(pauses):
                changes += [Change(at, "stopped", 0), Change(at + minutes * MINUTE, "running", 0)]
                code = _CODES[(index + turn + number) % len(_CODES)]
                if code and minutes >= 3:
                    tags.append((at + 30 * SECOND, code))
            changes.append(Change(day + 16 * HOUR, "stopped", 0))
            deltas += [
                Delta(at, at + 9 * SECOND, 7 - (at // HOUR) % 3, 1 if at // MINUTE % 17 == 0 else 0)
                for at in range(day + MINUTE, day + 16 * HOUR, 4 * MINUTE)
                if not any(first - 10 * SECOND <= at <= first + minutes * MINUTE for first, minutes in pauses)
            ]
        now = LineNow(first_good_at=FIRST, last_at=SHIFT_START - 1, last_good_at=SHIFT_START - 1, state="stopped")
        intake.accept([LineFacts(slug, tuple(changes), tuple(deltas), (), now)], now=SHIFT_START - 1)
        for at, code in tags[-40:]:
            stops.tag(
                line=slug,
                at=at,
                code=code,
                by="1042",
                now=at + 5 * MINUTE,
                comment="Second time" if at % 7 == 0 else "",
            )


def _oper(seq: int, words: str, *, qty: float = 2000, per_hour: float = 110) -> OperState:
    return OperState(0, seq, "OP", words, qty, per_hour, "PH", "E", sys_rev_id=1)


def _jobs() -> list[JobState]:
    bracket = (_oper(10, "Turn blank", qty=2040), *(_oper(seq, words) for seq, words in _LATER))
    long = tuple(_oper(10 * (index + 1), _OPS[index % len(_OPS)], qty=600) for index in range(50))
    waiting = [
        JobState(COMPANY, PLANT, f"0046{number}-1", part, text, 40 * number, 1, (_oper(10, "Laser Cut"), _oper(20, "Weld")),
                 "2026-05-21" if number > 11 else "")
        for number, part, text in (
            (11, "FRM-1190", "Base frame, wide"), (12, "SHF-0500", "Spindle"),
            (13, "GEH-7041-RAL7016", "Gehäuse\u00adober\u00adteil mit Durch\u00adbrüchen, anthrazit\u00adgrau"),
        )
    ]  # fmt: skip
    return [
        JobState(COMPANY, PLANT, "004512-1", "BRKT-2210", "Bracket, hinge LH", 2000, 1, bracket, "2026-05-15"),
        JobState(
            COMPANY, PLANT, LONG, "GBX-9000", "Gear\u00adbox, heavy, with fifty steps", 600, 1, long, "2026-05-08"
        ),
        JobState(COMPANY, PLANT, CLOSED, "SHF-0409", "Drive shaft, old", 700, 1, (_oper(10, "Turn", qty=700),)),
        *waiting,
    ]


_LATER = ((30, "Deburr"), (40, "Pulver\u00adbeschichten"), (50, "Pack"))


def _labor() -> list[LaborFact]:
    facts: list[LaborFact] = []
    monday = SHIFT_START - DAY
    _stay(facts, ("004512-1", 10, "lathe-1"), monday + 6 * HOUR + 30 * MINUTE, monday + 14 * HOUR + 15 * MINUTE)
    _stay(facts, (CLOSED, 10, "lathe-1"), FIRST, FIRST + 15 * HOUR)
    for index, at in enumerate(_starts()):
        _stay(facts, (LONG, 10 * (index + 1), _LINES[index % len(_LINES)]), at, at + _EACH)
    return facts


def _starts() -> list[int]:
    """When each of the operations that were begun began: two at a time, in working hours, up to the Friday before."""
    days = [day for day in range(FIRST + DAY, SHIFT_START - 2 * DAY, DAY) if from_us(day).weekday() < 5]
    return [day + turn * 4 * HOUR + 20 * MINUTE for day in days for turn in range(3)][:44]


def _stay(facts: list[LaborFact], where: tuple[str, int, str], start: int, end: int) -> None:
    job, seq, slug = where
    number = 5000 + len(facts)
    carried: dict[str, str | int] = {
        "JobNum": job, "AssemblySeq": 0, "OprSeq": seq, "LaborType": "P", "ResourceID": slug.upper(), "EmployeeNum": "1041",
    }  # fmt: skip
    facts.append(LaborFact("orders", f"{number}-s", COMPANY, number, 1, "started", start, 1, carried))
    facts.append(LaborFact("orders", f"{number}-e", COMPANY, number, 1, "ended", end, 2, {}))


def _closings() -> list[Closing]:
    done = [
        Closing("orders", f"{LONG}-{index}", COMPANY, LONG, at + _EACH, 0, 10 * (index + 1))
        for index, at in enumerate(_starts()[:-1])
    ]
    done.append(Closing("orders", "004512-10", COMPANY, "004512-1", SHIFT_START - DAY + 14 * HOUR + 15 * MINUTE, 0, 10))
    done.append(Closing("orders", "closed", COMPANY, CLOSED, NOW - 2 * DAY))
    return done
