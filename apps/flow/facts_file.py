"""One line of a facts file (FORMATS.md §2) as a typed fact. Pure; every refusal is a sentence."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.epicor import events
from apps.jobs.types import Choice, JobState
from apps.shared.instants import parse_us
from apps.states.types import Change, Delta, LineNow, Sample, State
from apps.states.wire import decode_now


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A sample of a line."""

    line: str
    sample: Sample


@dataclass(frozen=True, slots=True)
class EventLine:
    """A CloudEvent that has no problem."""

    event: dict[str, Any]


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
class SeenLine:
    """The end of a line's recorded facts: what was known of it after them."""

    line: str
    now: LineNow


Fact = SampleLine | EventLine | MarkLine | ScrapLine | JobState | Choice | StateLine | CountLine | SeenLine


class BadLine(ValueError):
    """A line of a facts file that can't be taken in."""


def parse(text: str) -> Fact:
    """The fact in one line. Raises BadLine with the reason."""
    try:
        body = json.loads(text)
    except json.JSONDecodeError as wrong:
        raise BadLine(f"not JSON: {wrong.msg} at column {wrong.colno}.") from None
    if not isinstance(body, dict):
        raise BadLine("not a JSON object.")
    read = _READERS.get(body.get("t", ""))
    if read is None:
        raise BadLine(f"t is {body.get('t')!r}; known are {', '.join(_READERS)}.")
    try:
        return read(body)
    except KeyError as missing:
        raise BadLine(f"{missing.args[0]} is missing.") from None
    except (TypeError, ValueError) as wrong:
        raise BadLine(str(wrong)) from None


def _sample(body: dict[str, Any]) -> SampleLine:
    at = parse_us(body["at"])
    if body.get("good") is False:
        return SampleLine(body["line"], Sample(at, good=False))
    running = body["running"]
    if not isinstance(running, bool):
        raise BadLine("running must be true or false.")
    sample = Sample(
        at,
        True,  # noqa: FBT003 - a hot path: positional is measurably faster
        running,
        _count(body, "fault") or 0,
        _count(body, "total"),
        _count(body, "good_count"),
        _count(body, "reject"),
        body.get("restarted") is True,
    )
    return SampleLine(body["line"], sample)


def _count(body: dict[str, Any], key: str) -> int | None:
    value = body.get(key)
    if value is None:
        return None
    if type(value) is not int or value < 0:
        raise BadLine(f"{key} must be a whole number, not below 0.")
    return value


def _event(body: dict[str, Any]) -> EventLine:
    problem = events.problem_of(body["event"])
    if problem is not None:
        raise BadLine(f"event: {problem[1]}")
    return EventLine(body["event"])


def _mark(body: dict[str, Any]) -> MarkLine:
    is_tag = body["t"] == "tag"
    code = body["code"] if is_tag else ""
    if is_tag and (not isinstance(code, str) or not code):
        raise BadLine("code must be a text.")
    return MarkLine(
        action=body["t"],
        line=body["line"],
        at=parse_us(body["at"]),
        by=str(body.get("by") or ""),
        tagged_at=parse_us(body["tagged_at"]),
        code=code,
        comment=str(body.get("comment") or "")[:200] if is_tag else "",
    )


def _scrap(body: dict[str, Any]) -> ScrapLine:
    qty = body["qty"]
    if type(qty) is not int or qty <= 0:
        raise BadLine("qty must be a whole number above 0.")
    return ScrapLine(body["line"], parse_us(body["at"]), qty, str(body.get("code") or ""), str(body.get("by") or ""))


def _resolve(body: dict[str, Any]) -> Choice:
    start, end = parse_us(body["start"]), parse_us(body["end"])
    if end <= start:
        raise BadLine("end must be later than start.")
    return Choice(
        line_slug=body["line"],
        start=start,
        end=end,
        job_num=str(body["JobNum"]),
        assembly_seq=int(body.get("AssemblySeq") or 0),
        opr_seq=int(body["OprSeq"]),
        by=str(body.get("by") or ""),
        tagged_at=parse_us(body["tagged_at"]),
    )


def _job(body: dict[str, Any]) -> JobState:
    return events.job_state(body, str(body["company"]), str(body.get("plant") or ""))


def _state(body: dict[str, Any]) -> StateLine:
    return StateLine(body["line"], Change(parse_us(body["at"]), State(body["state"]).value, _count(body, "fault") or 0))


def _delta(body: dict[str, Any]) -> CountLine:
    start, end = parse_us(body["start"]), parse_us(body["end"])
    if end <= start:
        raise BadLine("end must be later than start.")
    return CountLine(body["line"], Delta(start, end, int(body["good"]), int(body["reject"])))


def _seen(body: dict[str, Any]) -> SeenLine:
    return SeenLine(body["line"], decode_now(body["now"]))


_READERS: dict[str, Callable[[dict[str, Any]], Fact]] = {
    "sample": _sample,
    "event": _event,
    "tag": _mark,
    "untag": _mark,
    "split": _mark,
    "unsplit": _mark,
    "scrap": _scrap,
    "resolve": _resolve,
    "job": _job,
    "state": _state,
    "count": _delta,
    "seen": _seen,
}


def latest(fact: Fact) -> int | None:
    """The greatest `at`, `time`, `tagged_at` or `end` of a fact; None where it has none."""
    match fact:
        case SampleLine():
            return fact.sample.at
        case EventLine():
            return parse_us(fact.event["time"])
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
