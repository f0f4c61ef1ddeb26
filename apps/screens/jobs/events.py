"""What happened to an operation, latest first: labour, completions, what people said, what was restated. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from apps.jobs.orders import Attendance
from apps.screens.jobs.detail_reads import OperFacts, Said
from apps.screens.jobs.spine import ELSEWHERE, Ground
from apps.screens.jobs.stops import reason_text, who_of
from apps.shared import format as say

_MOST = 40
_KINDS = {"setup": "set-up", "production": "production"}


class Event(NamedTuple):
    """Something that happened at an instant (microseconds), with its glyph and sentence."""

    at: int
    when: str
    glyph: str
    text: str


def events_of(ground: Ground, detail: OperFacts, now: int) -> tuple[tuple[Event, ...], int]:
    """The latest events, and how many earlier ones are left out."""
    every = [
        *_labour(ground, detail),
        *_completed(ground, detail),
        *(_told(ground, detail, said) for said in detail.said),
        *_summary(detail),
        *_restated(ground, detail),
    ]
    ordered = sorted((event for event in every if event[0] <= now), key=lambda event: -event[0])
    shown = tuple(Event(at, say.moment(at, now, ground.zone), glyph, text) for at, glyph, text in ordered[:_MOST])
    return shown, max(0, len(ordered) - _MOST)


_Raw = tuple[int, str, str]


def _labour(ground: Ground, detail: OperFacts) -> Iterator[_Raw]:
    for one in detail.attendances:
        who = f" by {detail.names.get(one.employee, one.employee)}" if one.employee else ""
        work = f"{_kind(one)} of operation {detail.oper.opr_seq}"
        place = _line(ground, one.line_id) if one.line_id is not None else "no line of ours"
        yield one.started_at, "queue", f"Epicor: {work} started{who}{f', {place}' if place else ''}"
        if one.ended_at is not None:
            yield one.ended_at, "queue", f"Epicor: {work} ended{who}"


def _kind(one: Attendance) -> str:
    return _KINDS.get(one.kind, "other labour")


def _line(ground: Ground, line_id: int | None) -> str:
    policy = ground.facts.lines.get(line_id) if line_id is not None else None
    if policy is None:
        return ""
    return policy.name if policy.slug in ground.seen else ELSEWHERE


def _completed(ground: Ground, detail: OperFacts) -> Iterator[_Raw]:
    oper = detail.oper
    for one in ground.facts.completions:
        if one.opr_seq is None:
            yield one.at, "check", "Epicor: job closed"
        elif (one.assembly_seq, one.opr_seq) == (oper.assembly_seq, oper.opr_seq):
            yield one.at, "check", f"Epicor: operation {oper.opr_seq} complete"


def _told(ground: Ground, detail: OperFacts, said: Said) -> _Raw:
    who = who_of(detail.names, said.by) or "Somebody"
    text = reason_text(detail.reasons, said.code) if said.code else ""
    if said.qty:
        return said.said_at, "scrap", f"{who}: {say.whole(said.qty)} scrap{f', {text}' if text else ''}"
    stop = f"the stop at {say.clock(_began(detail, said), ground.zone)}"
    comment = f" “{said.comment}”" if said.comment else ""
    if not text:
        return said.said_at, "undo", f"{who} took back the reason of {stop}"
    return said.said_at, "note", f"{who}: {text}, for {stop}{comment}"


def _began(detail: OperFacts, said: Said) -> int:
    """When the stop began in which somebody's instant lies."""
    held = [row for line_id, row in detail.stops if line_id == said.line_id and row.start <= said.at < row.end]
    return next((row.stop_start for row in held if row.stop_start is not None), said.at)


def _summary(detail: OperFacts) -> Iterator[_Raw]:
    if detail.summary is not None:
        revision, at = detail.summary
        text = "Summary made" if revision == 1 else f"Summary made again, revision {revision}: a later fact changed it"
        yield at, "export", text


def _restated(ground: Ground, detail: OperFacts) -> Iterator[_Raw]:
    """What lines worked out anew, where it reached into the operation; of other plants' lines nothing is said.

    Nor where it was for what somebody said, which stands here already.
    """
    said = {one.said_at for one in detail.said}
    for row in detail.restated:
        if row.at in said or _line(ground, row.line_id) == ELSEWHERE:
            continue
        start, end = say.clock(row.start, ground.zone), say.clock(row.end, ground.zone)
        yield row.at, "undo", f"Figures of {_line(ground, row.line_id)} from {start} to {end} restated: {row.why}"
