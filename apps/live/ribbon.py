"""States over a shift, as few stretches as the eye can tell apart. Pure."""

from apps.live.types import BoardFacts, Ribbon, RibbonItem
from apps.oee.types import Binding, Bucket, SliceRow
from apps.shared import format as say
from apps.shared.instants import MINUTE

MOST = 400  # items; more can't be told apart on any screen
_WORDS = {
    "run": "Running",
    "micro": "Micro-stop",
    "setup": "Changeover",
    "planned": "Planned",
    "nosig": "No signal",
    "nojob": "No job",
    "untag": "Stopped, no reason",
}
_BY_BUCKET = {
    Bucket.RUNNING: "run",
    Bucket.MICRO_STOP: "micro",
    Bucket.SETUP: "setup",
    Bucket.PLANNED: "planned",
    Bucket.NO_SIGNAL: "nosig",
    Bucket.UNSCHEDULED: "planned",
}


def kind_of(row: SliceRow, no_job_reason: str) -> str:
    """How a slice is drawn. Downtime without a job is no job, unless a person or the machine gave a reason."""
    known = _BY_BUCKET.get(Bucket(row.bucket))
    is_jobless = row.binding == Binding.NONE and row.stop_start is not None
    if is_jobless and row.bucket in {Bucket.DOWNTIME, Bucket.PLANNED} and row.reason in {"", no_job_reason}:
        return "nojob"
    if known is not None:
        return known
    return "stop" if row.reason else "untag"


def ribbon_of(facts: BoardFacts, now: int) -> Ribbon:
    """The stretches of the window, neighbours that look the same joined, and `now` as the last one."""
    start = facts.window[0]
    end = facts.shift.end if facts.shift is not None else facts.window[1]
    grain = 0
    items = _items(facts, grain)
    while len(items) > MOST:
        grain = max(grain * 2, (end - start) // 3840)
        items = _items(facts, grain)
    drawn = [_drawn(item, start, facts) for item in items]
    at = _minutes(now, start)
    if start <= now <= end:
        drawn.append((at, at, "now", "Now"))
    return {"span": _minutes(max(end, start + MINUTE), start), "items": drawn}


_Stretch = tuple[int, int, str, str]


def _items(facts: BoardFacts, grain: int) -> list[_Stretch]:
    """Stretches of one kind and reason; what is shorter than `grain` joins the one before; no stop joins running."""
    found: list[_Stretch] = []
    for row in facts.slices:
        kind = kind_of(row, facts.policy.no_job_reason)
        reason = row.reason if kind == "stop" else ""
        if found and row.end - row.start < grain and (kind == "run" or found[-1][2] != "run"):
            kind, reason = found[-1][2:]
        if found and found[-1][2:] == (kind, reason) and found[-1][1] == row.start:
            found[-1] = (found[-1][0], row.end, kind, reason)
        else:
            found.append((row.start, row.end, kind, reason))
    return found


def _drawn(item: _Stretch, start: int, facts: BoardFacts) -> RibbonItem:
    first, last, kind, reason = item
    word = f"Stopped, {reason_text(facts, reason)}" if kind == "stop" else _WORDS[kind]
    times = f"{say.clock(first, facts.zone)} to {say.clock(last, facts.zone)}"
    return _minutes(first, start), _minutes(last, start), kind, f"{times} {word}"


def reason_text(facts: BoardFacts, code: str) -> str:
    """Epicor's text to the letter; the code where there is no text, and both where two codes read alike."""
    known = facts.reasons.get(code)
    if known is None or not known.description:
        return code
    is_alike = any(row.description == known.description for row in facts.reasons.values() if row.code != code)
    return f"{known.description} ({code})" if is_alike else known.description


def _minutes(at: int, start: int) -> float:
    return round((at - start) / MINUTE, 1)
