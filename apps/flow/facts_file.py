"""One line of a facts file (FORMATS.md §2) as a typed fact. Pure; every refusal is a sentence."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from apps.epicor import events
from apps.jobs.types import Choice, ErpFacts, JobState
from apps.shared.instants import happened_us
from apps.shared.storable import GREATEST, GREATEST_QTY, GREATEST_SEQ, encodes, problem_of, whole
from apps.states.types import Alert, Change, Delta, LineNow, Sample, State
from apps.states.wire import decode_now


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A sample of a line."""

    line: str
    sample: Sample


@dataclass(frozen=True, slots=True)
class EventLine:
    """What a CloudEvent told, of which company and at which time."""

    company: str
    at: int
    facts: ErpFacts


@dataclass(frozen=True, slots=True)
class MarkLine:
    """A tag, untag, split or unsplit."""

    action: str
    line: str
    at: int
    by: str
    tagged_at: int
    code: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ScrapLine:
    """A scrap report."""

    line: str
    at: int
    qty: int
    code: str
    by: str


@dataclass(frozen=True, slots=True)
class StateLine:
    """A change of state as `record` writes it; certain once the line's `seen` comes."""

    line: str
    change: Change


@dataclass(frozen=True, slots=True)
class CountLine:
    """A count over a span as `record` writes it; certain once the line's `seen` comes."""

    line: str
    delta: Delta


@dataclass(frozen=True, slots=True)
class AlertLine:
    """What a person should know of a counter as `record` writes it; certain once the line's `seen` comes."""

    line: str
    alert: Alert


@dataclass(frozen=True, slots=True)
class SeenLine:
    """The end of a line's recorded facts: what was known of it after them."""

    line: str
    now: LineNow


Told = EventLine | MarkLine | ScrapLine | JobState | Choice
Recorded = StateLine | CountLine | AlertLine | SeenLine
Fact = SampleLine | Told | Recorded
T = TypeVar("T")


class BadLine(ValueError):
    """A line of a facts file that can't be taken in."""


def parse(text: str) -> Fact:
    """The fact in one line. Raises BadLine with the reason."""
    if not text.isascii() and not encodes(text):
        raise BadLine("not UTF-8 text.")
    try:
        body = json.loads(text)
    except json.JSONDecodeError as wrong:
        raise BadLine(f"not JSON: {wrong.msg} at column {wrong.colno}.") from None
    except (ValueError, RecursionError):
        raise BadLine("not JSON: a number is too long, or it is too deeply nested.") from None
    if not isinstance(body, dict):
        raise BadLine("not a JSON object.")
    kind = body.get("t")
    if kind == "sample":
        # Samples hold no texts to look through, and there are a hundred of them for every other line.
        return _read(_sample, body)
    read = _TOLD.get(kind) or _RECORDED.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise BadLine(f"t is {kind!r}; known are {', '.join(('sample', *_TOLD, *_RECORDED))}.")
    return _read(read, _storable(body))


def told_of(body: dict[str, Any]) -> Told:
    """What a person or the ERP told, from the object in its line. Raises BadLine with the reason."""
    return _read(_TOLD[body["t"]], _storable(body))


def _read(read: Callable[[dict[str, Any]], T], body: dict[str, Any]) -> T:
    try:
        return read(body)
    except KeyError as missing:
        raise BadLine(f"{missing.args[0]} is missing.") from None
    except (TypeError, ValueError) as wrong:
        raise BadLine(str(wrong)) from None


def _storable(body: dict[str, Any]) -> dict[str, Any]:
    problem = problem_of(body)
    if problem is not None:
        raise BadLine(problem[1])
    return body


def _text(body: dict[str, Any], key: str, default: str | None = None) -> str:
    """A text, or a number written without quotes; without a default it must be there."""
    value = body.get(key, default) if default is not None else body[key]
    if value is None and default is not None:
        return default
    if isinstance(value, bool | float) or not isinstance(value, str | int):
        raise BadLine(f"{key} must be a text.")
    return str(value)


def _sample(body: dict[str, Any]) -> SampleLine:
    at, line = happened_us(body["at"]), body["line"]
    if type(line) is not str:
        raise BadLine("line must be a text.")
    if body.get("good") is False:
        return SampleLine(line, Sample(at, good=False))
    running = body["running"]
    if not isinstance(running, bool):
        raise BadLine("running must be true or false.")
    sample = Sample(
        at,
        True,  # noqa: FBT003 - a hot path: positional is measurably faster
        running,
        _count(body, "fault", GREATEST_SEQ) or 0,
        _count(body, "total"),
        _count(body, "good_count"),
        _count(body, "reject"),
        body.get("restarted") is True,
    )
    return SampleLine(line, sample)


def _count(body: dict[str, Any], key: str, greatest: int = GREATEST) -> int | None:
    value = body.get(key)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= greatest:
        raise BadLine(f"{key} must be a whole number, not below 0 and not above {greatest}.")
    return value


def _event(body: dict[str, Any]) -> EventLine:
    problem = events.problem_of(body["event"])
    if problem is not None:
        raise BadLine(f"event: {problem[1]}")
    event = body["event"]
    return EventLine(events.company_of(event), happened_us(event["time"]), events.facts_of(event))


def _mark(body: dict[str, Any]) -> MarkLine:
    is_tag = body["t"] == "tag"
    code = _text(body, "code") if is_tag else ""
    if is_tag and not code:
        raise BadLine("code is empty.")
    return MarkLine(
        action=body["t"],
        line=_text(body, "line"),
        at=happened_us(body["at"]),
        by=_text(body, "by", ""),
        tagged_at=happened_us(body["tagged_at"]),
        code=code,
        comment=_text(body, "comment", "")[:200] if is_tag else "",
    )


def _scrap(body: dict[str, Any]) -> ScrapLine:
    qty = body["qty"]
    if type(qty) is not int or not 0 < qty <= GREATEST_QTY:
        raise BadLine(f"qty must be a whole number above 0 and not above {GREATEST_QTY}.")
    return ScrapLine(_text(body, "line"), happened_us(body["at"]), qty, _text(body, "code", ""), _text(body, "by", ""))


def _resolve(body: dict[str, Any]) -> Choice:
    start, end = happened_us(body["start"]), happened_us(body["end"])
    if end <= start:
        raise BadLine("end must be later than start.")
    return Choice(
        line_slug=_text(body, "line"),
        start=start,
        end=end,
        job_num=_text(body, "JobNum"),
        assembly_seq=whole(body, "AssemblySeq", 0, greatest=GREATEST_SEQ),
        opr_seq=whole(body, "OprSeq", greatest=GREATEST_SEQ),
        by=_text(body, "by", ""),
        tagged_at=happened_us(body["tagged_at"]),
    )


def _job(body: dict[str, Any]) -> JobState:
    return events.job_state(body, _text(body, "company"), _text(body, "plant", ""))


def _state(body: dict[str, Any]) -> StateLine:
    return StateLine(
        _text(body, "line"), Change(happened_us(body["at"]), State(body["state"]).value, _count(body, "fault") or 0)
    )


def _delta(body: dict[str, Any]) -> CountLine:
    start, end = happened_us(body["start"]), happened_us(body["end"])
    if end <= start:
        raise BadLine("end must be later than start.")
    good, reject = (whole(body, name, greatest=GREATEST_QTY) for name in ("good", "reject"))
    return CountLine(_text(body, "line"), Delta(start, end, good, reject))


def _alert(body: dict[str, Any]) -> AlertLine:
    alert = Alert(happened_us(body["at"]), _text(body, "what"), _text(body, "counter"), whole(body, "parts"))
    if alert.what not in {"jump", "reset_lost"} or alert.counter not in {"total", "good", "reject"}:
        raise BadLine(f"no alert is called {alert.what!r} of the counter {alert.counter!r}.")
    return AlertLine(_text(body, "line"), alert)


def _seen(body: dict[str, Any]) -> SeenLine:
    return SeenLine(_text(body, "line"), decode_now(body["now"]))


_TOLD: dict[str, Callable[[dict[str, Any]], Told]] = {
    "event": _event,
    "tag": _mark,
    "untag": _mark,
    "split": _mark,
    "unsplit": _mark,
    "scrap": _scrap,
    "resolve": _resolve,
    "job": _job,
}
_RECORDED: dict[str, Callable[[dict[str, Any]], Recorded]] = {
    "state": _state,
    "count": _delta,
    "alert": _alert,
    "seen": _seen,
}


def latest(fact: Fact) -> int | None:
    """The greatest `at`, `time`, `tagged_at` or `end` of a fact; None where it has none."""
    match fact:
        case SampleLine():
            return fact.sample.at
        case EventLine():
            return fact.at
        case MarkLine():
            return max(fact.at, fact.tagged_at)
        case ScrapLine():
            return fact.at
        case SeenLine():
            return fact.now.last_at
        case Choice():
            return max(fact.end, fact.tagged_at)
        case _:
            return None
