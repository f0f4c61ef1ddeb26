"""From facts to the message that a board, tile or tablet header shows (docs/reference/live-message.md). Pure."""

from collections.abc import Mapping
from typing import Any

from apps.jobs.types import OperView
from apps.live import losses, pace, words
from apps.live.look import Standing, standing
from apps.live.ribbon import reason_text, ribbon_of
from apps.live.types import BoardFacts, BoardMessage, JobNow, Machine, Need, PlanNow, ShiftNow
from apps.oee.types import Binding, Bucket, SliceRow

MS = 1000
TILE_LEAVES_OUT = ("hours", "axis", "losses", "apq")


def compose(facts: BoardFacts, *, boot: str, now: int, provisional: bool = False) -> BoardMessage:
    """The whole board at `now`, from facts that were read at (or a moment before) it."""
    last = facts.current
    oper = _oper(facts, last)
    plan = pace.plan_of(facts, oper.oper_id if oper else None)
    how = standing(facts, now, is_behind=pace.is_behind(plan))
    need = need_of(facts)
    hours = pace.hours_of(facts, oper.oper_id if oper else None, now)
    good, reject = _counts(facts, oper)
    figures = facts.figures
    return {
        "kind": "board",
        "boot": boot,
        "rev": facts.rev,
        "t": now // MS,
        "line": facts.policy.slug,
        "plant": f"{facts.policy.company}/{facts.policy.plant}",
        "provisional": provisional,
        "name": facts.policy.name,
        "area": facts.area,
        "tz": facts.zone.key,
        "state": how.look,
        "rank": how.rank,
        "band": how.band,
        "weight": _weight(how, plan, now),
        "word": how.word_key,
        "reason": how.reason,
        "reason_text": reason_text(facts, how.reason) if how.reason else "",
        "fault": facts.machine.fault,
        "since": _ms(how.since),
        "last": _ms(facts.machine.last_good_at),
        "job": _job(oper, last),
        "unresolved": last is not None and last.binding == Binding.UNRESOLVED,
        "good": good,
        "reject": reject,
        "prod_qty": oper.prod_qty if oper else None,
        "plan": plan,
        "shift": _shift(facts),
        "oee": _ratio(figures.oee),
        "availability": _ratio(figures.availability),
        "performance": _ratio(figures.performance),
        "quality": _ratio(figures.quality),
        "coverage": _ratio(figures.coverage),
        "worst": losses.worst_of(figures),
        "need": need,
        "ribbon": ribbon_of(facts, now),
        "hours": pace.hour_rows(hours),
        "axis": pace.axis_rows(hours, facts, now),
        "losses": losses.loss_rows(facts),
        "apq": losses.factor_rows(figures),
        "k": words.board_words(facts, words.Shown(oper=oper, plan=plan, how=how, need=need, good=good, now=now)),
    }


def tile_of(message: BoardMessage) -> dict[str, Any]:
    """What a plant page needs of a board message."""
    body: Mapping[str, Any] = message
    return {key: value for key, value in body.items() if key not in TILE_LEAVES_OUT} | {"kind": "tile"}


def need_of(facts: BoardFacts) -> Need:
    """Stops of the window with downtime that nobody has given a reason."""
    starts = {
        row.stop_start
        for row in facts.slices
        if row.bucket == Bucket.DOWNTIME and not row.reason and row.stop_start is not None
    }
    return {"count": len(starts), "latest": _ms(max(starts)) if starts else None}


def _oper(facts: BoardFacts, last: SliceRow | None) -> OperView | None:
    return facts.opers.get(last.oper_id) if last is not None and last.oper_id is not None else None


def _counts(facts: BoardFacts, oper: OperView | None) -> tuple[int, int]:
    """Of the operation so far; without one, of the line in this window."""
    if oper is not None and facts.progress is not None:
        return facts.progress.good, facts.progress.reject
    return facts.figures.good, facts.figures.reject


def _weight(how: Standing, plan: PlanNow | None, now: int) -> float:
    if how.look == "slow" and plan is not None:
        return float(-plan["delta"])
    return round((now - how.since) / 1_000_000, 1) if how.since is not None else 0.0


def _job(oper: OperView | None, last: SliceRow | None) -> JobNow | None:
    if oper is None:
        return None
    return {
        "company": oper.company,
        "JobNum": oper.job_num,
        "AssemblySeq": oper.assembly_seq,
        "OprSeq": oper.opr_seq,
        "OpDesc": oper.op_desc,
        "PartNum": oper.part_num,
        "PartDescription": oper.part_description,
        "setup": last is not None and last.kind == "setup",
    }


def _shift(facts: BoardFacts) -> ShiftNow | None:
    shift = facts.shift
    return None if shift is None else {"name": shift.name, "start": shift.start // MS, "end": shift.end // MS}


def _ms(at: int | None) -> int | None:
    return None if at is None else at // MS


def _ratio(value: Any) -> float | None:
    return None if value is None else round(float(value), 6)


def machine_ahead(machine: Machine, ahead: Mapping[str, Any]) -> Machine:
    """The machine as a sample showed it; an older sample than what is known changes nothing."""
    at = int(ahead["at"])
    if machine.last_good_at is not None and at < machine.last_good_at:
        return machine
    state = str(ahead["state"])
    known = machine.last_good_at if state == "no_signal" else at
    return Machine(state=state, since=int(ahead["since"]), fault=int(ahead.get("fault", 0)), last_good_at=known)
