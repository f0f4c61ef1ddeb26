"""Where an operation should be by now, and what each hour should have made. Pure.

Plan rate is the ideal rate times the target OEE; planned time is PPT without setup, which is what a standard rate
speaks of. Without a standard there is no plan: "pace unknown", never zero.
"""

from typing import NamedTuple

from apps.live.types import BoardFacts, PlanNow, Row
from apps.oee.types import Bucket
from apps.shared import format as say
from apps.shared.instants import HOUR, SECOND
from apps.shared.periods import overlap

BEHIND = 0.02  # more than this share under plan is behind
SHORT = 0.10  # more than this share under an hour's target is short
_PLANNED = {Bucket.RUNNING, Bucket.MICRO_STOP, Bucket.DOWNTIME}


class Hour(NamedTuple):
    """One hour of a shift: parts made, parts due by the plan (None without a standard), and what it is now."""

    start: int
    end: int
    made: int
    target: float | None
    when: str  # "past", "now" or "next"


def rate_of(facts: BoardFacts, oper_id: int | None) -> float | None:
    """Parts a second that the plan asks for; None where the ideal cycle is unknown."""
    cycle = facts.cycles.get(oper_id) if oper_id is not None else None
    return facts.target_oee / float(cycle) if cycle else None


def plan_of(facts: BoardFacts, oper_id: int | None) -> PlanNow | None:
    """The plan of an operation at this instant, or None for "pace unknown"; never more than was ordered."""
    rate = rate_of(facts, oper_id)
    oper = facts.opers.get(oper_id) if oper_id is not None else None
    if oper is None or facts.progress is None or rate is None:
        return None
    due = rate * facts.progress.planned_us / SECOND
    position = round(min(due, oper.prod_qty) if oper.prod_qty > 0 else due)
    delta = facts.progress.good - position
    return {
        "position": position,
        "delta": delta,
        "minutes": round(delta / (rate * 60)),
        "rate": round(rate * 60, 4),
    }


def is_behind(plan: PlanNow | None) -> bool:
    """More than 2 % under plan."""
    return plan is not None and plan["delta"] < -BEHIND * plan["position"]


def hours_of(facts: BoardFacts, oper_id: int | None, now: int) -> list[Hour]:
    """The hours of the shift; [] outside shifts. What is past is planned by the operation that was there."""
    if facts.shift is None:
        return []
    start, end = facts.shift.start, facts.shift.end
    found = []
    while start < end:
        last = min(start + HOUR, end)
        if start >= now:
            found.append(Hour(start, last, 0, _coming(facts, oper_id, start, last), "next"))
        else:
            when = "now" if last > now else "past"
            found.append(Hour(start, last, _made(facts, start, last), _due(facts, start, last), when))
        start = last
    return found


def _made(facts: BoardFacts, start: int, end: int) -> int:
    return sum(row.good for row in facts.parts if start <= row.end - 1 < end)


def _due(facts: BoardFacts, start: int, end: int) -> float | None:
    """Parts due in the part of an hour that has passed; None where no standard was in force in it."""
    due, is_known = 0.0, False
    for row in facts.slices:
        shared = overlap(row.start, row.end, start, end)
        if not shared or row.bucket not in _PLANNED or row.oper_id is None:
            continue
        rate = rate_of(facts, row.oper_id)
        if rate is not None:
            due, is_known = due + rate * shared / SECOND, True
    return due if is_known else None


def _coming(facts: BoardFacts, oper_id: int | None, start: int, end: int) -> float | None:
    rate = rate_of(facts, oper_id)
    if rate is None or facts.shift is None:
        return None
    pauses = sum(overlap(first, last, start, end) for first, last in facts.shift.breaks)
    return rate * (end - start - pauses) / SECOND


def hour_rows(hours: list[Hour]) -> list[Row]:
    """The hours as a board draws them: bar and target in percent of the panel, texts, `short` or `next`."""
    top = max([(hour.target or 0) / 0.9 for hour in hours] + [hour.made / 0.95 for hour in hours] + [1])
    return [_hour_row(hour, top) for hour in hours]


def _hour_row(hour: Hour, top: float) -> Row:
    target = None if hour.target is None else round(hour.target)
    row: Row = {"v": round(hour.made / top * 100, 1), "t": None if target is None else round(target / top * 100, 1)}
    if hour.when == "next":
        return row | {"made": "" if target is None else short(target), "diff": "", "state": "next"}
    is_short = target is not None and hour.made < (1 - SHORT) * target
    diff = "" if target is None else short(hour.made - target, sign=True)
    return row | {"made": short(hour.made), "diff": diff, "state": "short" if is_short else ""}


def short(parts: int, *, sign: bool = False) -> str:
    """Parts of an hour: whole up to 9 999, from there in thousands with the unit k."""
    if abs(parts) < 10_000:
        return say.signed(parts) if sign else say.whole(parts)
    plus = "+" if sign and parts > 0 else ""
    return f"{plus}{say.decimal(parts / 1000)}{say.THIN}k"


def axis_rows(hours: list[Hour], facts: BoardFacts, now: int) -> list[Row]:
    """The clock times under the hours; over nine of them the minutes are left out."""
    is_dense = len(hours) > 9
    return [
        {
            "label": say.clock(hour.start, facts.zone)[: 2 if is_dense else 5],
            "state": "now" if hour.start <= now < hour.end else "",
        }
        for hour in hours
    ]
