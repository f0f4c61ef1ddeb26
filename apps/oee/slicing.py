"""Cutting a line's time into slices (SEMANTICS.md §6): every instant has one bucket. Pure."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from apps.downtime.types import Part, PhysicalStop, StateSpan
from apps.jobs.rules import RunSpan
from apps.lines.types import Segment
from apps.oee.types import Binding, Bucket, SliceRow
from apps.states.types import State

_PLANNED = "planned"
_SETUP_CATEGORY = "setup_adjustment"
_SETUP_KIND = "setup"


class StopRules(NamedTuple):
    """What a plant configured that decides the bucket of a stop."""

    micro_stop_us: int
    # "" where the line has none, or names a code that the dictionary does not hold.
    no_job_reason: str
    # Category of each known reason code.
    categories: Mapping[str, str]


class StopPiece(NamedTuple):
    """A stop part together with the stop that it is a part of."""

    start: int
    end: int
    stop: PhysicalStop
    part: Part


class _Here(NamedTuple):
    """What holds between two cuts."""

    span: StateSpan
    segment: Segment
    run: RunSpan | None
    piece: StopPiece | None


def cut(
    start: int,
    end: int,
    *,
    spans: Sequence[StateSpan],
    stops: Sequence[PhysicalStop],
    segments: Sequence[Segment],
    runs: Sequence[RunSpan],
    rules: StopRules,
) -> list[SliceRow]:
    """The slices of [start, end), cut at every boundary of state, schedule, run and stop part, and nowhere else.

    `spans` and `segments` must cover the stretch without holes; all four are in order.
    """
    pieces = [StopPiece(part.start, part.end, stop, part) for stop in stops for part in stop.parts]
    cuts = _cuts(start, end, spans, pieces, segments, runs)
    found: list[SliceRow] = []
    at_span = at_piece = at_segment = at_run = 0
    for first, last in pairwise(cuts):
        at_span = _forward(spans, at_span, first)
        at_piece = _forward(pieces, at_piece, first)
        at_segment = _forward(segments, at_segment, first)
        at_run = _forward(runs, at_run, first)
        run = runs[at_run] if at_run < len(runs) and runs[at_run].start <= first else None
        piece = pieces[at_piece] if at_piece < len(pieces) and pieces[at_piece].start <= first else None
        found.append(_slice(first, last, _Here(spans[at_span], segments[at_segment], run, piece), rules))
    return found


def _cuts(start: int, end: int, *sources: Sequence[StateSpan | StopPiece | Segment | RunSpan]) -> list[int]:
    cuts = {start, end}
    for stretches in sources:
        for stretch in stretches:
            if start < stretch.start < end:
                cuts.add(stretch.start)
            if start < stretch.end < end:
                cuts.add(stretch.end)
    return sorted(cuts)


def _forward(stretches: Sequence[StateSpan | StopPiece | Segment | RunSpan], index: int, at: int) -> int:
    while index < len(stretches) and stretches[index].end <= at:
        index += 1
    return index


def _slice(first: int, last: int, here: _Here, rules: StopRules) -> SliceRow:
    span, segment, run, piece = here
    binding, oper_id, kind = binding_of(run)
    reason = ""
    is_micro = False
    if piece is not None:
        reason = piece.part.reason
        if not reason and not piece.part.by and binding == Binding.NONE:
            reason = rules.no_job_reason
        is_micro = piece.stop.end - piece.stop.start < rules.micro_stop_us
    category = rules.categories.get(reason, "") if reason else ""
    return SliceRow(
        start=first,
        end=last,
        bucket=_bucket(span.state, segment, category, kind, is_micro=is_micro, has_reason=bool(reason)),
        binding=binding,
        oper_id=oper_id,
        kind=kind,
        reason=reason,
        stop_start=piece.stop.start if piece else None,
        fault=piece.stop.fault if piece else 0,
        shift_date=segment.shift_date,
        shift=segment.shift,
    )


def _bucket(state: str, segment: Segment, category: str, kind: str, *, is_micro: bool, has_reason: bool) -> str:
    """The first bucket that fits, in the order of SEMANTICS.md §6."""
    if state == State.RUNNING:
        return Bucket.RUNNING
    if segment.shift_date is None:
        return Bucket.UNSCHEDULED
    if state == State.NO_SIGNAL:
        return Bucket.NO_SIGNAL
    if segment.is_break or category == _PLANNED:
        return Bucket.PLANNED
    if is_micro and kind != _SETUP_KIND:
        return Bucket.MICRO_STOP
    if category == _SETUP_CATEGORY or (not has_reason and kind == _SETUP_KIND):
        return Bucket.SETUP
    return Bucket.DOWNTIME


def binding_of(run: RunSpan | None) -> tuple[str, int | None, str]:
    """(binding, operation, kind) of a run; no run is none, a run without an operation is unresolved."""
    if run is None:
        return Binding.NONE, None, ""
    if run.oper_id is None:
        return Binding.UNRESOLVED, None, ""
    return Binding.BOUND, run.oper_id, run.kind
