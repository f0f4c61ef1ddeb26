"""The texts, class names and numbers that a page is patched with: `k` of a live message. Pure."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from apps.jobs.types import OperView
from apps.live.look import Standing
from apps.live.losses import worst_of
from apps.live.pace import is_behind
from apps.live.types import BoardFacts, Need, PlanNow
from apps.shared import format as say
from apps.shared.instants import MINUTE
from apps.states.types import State

_BAND_CLASS = {"untag": "stop", "slow": "run"}
_GLYPH = {"slow": "run"}
_TILE_CLASS = {"untag": "stop", "run": "", "planned": "", "nojob": ""}
_CELL_CLASS = {"untag": "stop"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What was already decided of a board, for its words."""

    oper: OperView | None
    plan: PlanNow | None
    how: Standing
    need: Need
    good: int
    now: int


def board_words(facts: BoardFacts, shown: Shown) -> dict[str, Any]:
    """Every key that a page may mark with data-k and the like."""
    return (
        {"name": facts.policy.name, "shift": _shift(facts)}
        | _job_words(shown.oper)
        | _state_words(facts, shown)
        | _count_words(facts, shown)
        | _figure_words(facts)
        | _need_words(facts, shown)
    )


def _shift(facts: BoardFacts) -> str:
    shift = facts.shift
    if shift is None:
        return "No shift"
    name = shift.name if shift.name.lower().endswith("shift") else f"{shift.name} shift"
    return f"{name} {say.clock_range(shift.start, shift.end, facts.zone)}"


def _job_words(oper: OperView | None) -> dict[str, Any]:
    if oper is None:
        return dict.fromkeys(("job_num", "job_sfx", "oper", "part", "oper_part"), "")
    head, dash, tail = oper.job_num.rpartition("-")
    assembly = f"Asm {oper.assembly_seq} · " if oper.assembly_seq else ""
    text = f"{assembly}Op {oper.opr_seq} {oper.op_desc}".strip()
    part = " · ".join(word for word in (oper.part_num, oper.part_description) if word)
    return {
        "job_num": head if dash else oper.job_num,
        "job_sfx": f"-{tail}" if dash else "",
        "oper": text,
        "part": part,
        "oper_part": f"{text} · {oper.part_num}" if oper.part_num else text,
    }


def _state_words(facts: BoardFacts, shown: Shown) -> dict[str, Any]:
    how = shown.how
    at = say.clock(shown.now, facts.zone)
    since = f"since {say.moment(how.since, shown.now, facts.zone)}" if how.since is not None else ""
    why = how.why if how.look == "nosig" else " · ".join(word for word in (how.why, since) if word)
    sentence = f"{how.word}, {how.why[0].lower()}{how.why[1:]}" if how.why else how.word
    return {
        "state": how.look,
        "band_class": _BAND_CLASS.get(how.look, how.look),
        "glyph": _GLYPH.get(how.look, how.look),
        "tile_class": _TILE_CLASS.get(how.look, how.look),
        "cell_class": _CELL_CLASS.get(how.look, how.look),
        "word": how.word,
        "why": f"{why[0].upper()}{why[1:]}" if why else "",
        "say": f"{how.word} · {how.why}" if how.why else how.word,
        "because": how.why or how.word,
        "since": how.since // 1000 if how.since is not None else None,
        "picture": f"Picture from {at}: {sentence}",
        "corner": say.signed(shown.plan["delta"]) if how.look == "slow" and shown.plan else "",
    }


def _count_words(facts: BoardFacts, shown: Shown) -> dict[str, Any]:
    plan, ordered = shown.plan, shown.oper.prod_qty if shown.oper else 0
    last = facts.machine.last_good_at
    is_silent = facts.machine.state == State.NO_SIGNAL and last is not None
    at = f"at {say.clock(last, facts.zone)}" if is_silent and last is not None else "by now"
    done = round(shown.good / ordered * 100, 1) if ordered > 0 else None
    due = round(plan["position"] / ordered * 100, 1) if plan and ordered > 0 else None
    return {
        "have": say.whole(shown.good),
        "of": f"/ {say.whole(ordered)}" if ordered > 0 else "",
        "caption": f"Good parts {at}" if is_silent else "Good parts",
        "delta": say.signed(plan["delta"]) if plan else "",
        "delta_class": _sign(plan) if plan else "",
        "plan": _plan(plan, at, shown),
        "done": done,
        "due": due,
        "pace_label": _pace_label(done, due),
    }


def _sign(plan: PlanNow) -> str:
    """A difference is coloured only where the line is behind: a few parts under plan are nobody's errand."""
    return "neg" if is_behind(plan) else "pos" if plan["delta"] > 0 else ""


def _plan(plan: PlanNow | None, at: str, shown: Shown) -> str:
    if shown.oper is None:
        return ""
    if plan is None:
        return "Pace unknown: no standard rate in Epicor"
    text = f"Plan {say.whole(plan['position'])} {at}"
    minutes = plan["minutes"]
    if at != "by now" or minutes == 0:
        return text
    side = "behind" if minutes < 0 else "ahead"
    return f"{text} · {say.span(abs(minutes) * MINUTE)} {side}"


def _pace_label(done: float | None, due: float | None) -> str:
    if done is None:
        return "Order quantity unknown"
    label = f"{round(done)} percent of the order made"
    return label if due is None else f"{label}, {round(due)} percent expected"


def _figure_words(facts: BoardFacts) -> dict[str, Any]:
    figures = facts.figures
    worst = worst_of(figures)
    coverage = figures.coverage
    return {
        "oee": say.percent(figures.oee),
        "oee_known": figures.oee is not None,
        "oee_class": "over" if figures.oee is not None and figures.oee > 1 else "",
        "a": say.percent(figures.availability),
        "p": say.percent(figures.performance),
        "q": say.percent(figures.quality),
        "a_class": "worst" if worst == "availability" else "",
        "p_class": "worst" if worst == "performance" else "",
        "q_class": "worst" if worst == "quality" else "",
        "coverage": "" if coverage is None or coverage >= 1 else f"Signal for {say.percent_sign(coverage)} of the time",
        "ribbon_label": f"{facts.policy.name}, {facts.shift.name} shift" if facts.shift else facts.policy.name,
    }


def _need_words(facts: BoardFacts, shown: Shown) -> dict[str, Any]:
    count, latest = shown.need["count"], shown.need["latest"]
    if not count or latest is None:
        return {"need": "Every stop has a reason", "need_at": "", "need_class": "clear", "need_glyph": "check"}
    text = "1 stop needs a reason" if count == 1 else f"{count} stops need a reason"
    return {"need": text, "need_at": say.clock(latest * 1000, facts.zone), "need_class": "", "need_glyph": "untag"}


def plant_words(counts: dict[str, int], lines: int, oee: Fraction | None, shift: str) -> dict[str, Any]:
    """Every key that the head of a plant page may mark."""
    return {"oee": say.percent(oee), "shift": shift, "n_lines": str(lines)} | {
        f"n_{name}": str(count) for name, count in counts.items()
    }
