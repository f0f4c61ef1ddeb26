"""Slices and attributed parts of many lines, each over stretches of its own, in the same number of statements for all.

What `timeline` says of one line this says of many; the rules are the same functions.
"""

from collections.abc import Collection, Mapping, Sequence

from apps.downtime.rules import state_spans
from apps.jobs.queries import runs_of
from apps.lines.rules import segments
from apps.lines.types import Calendar, LinePolicy, Segment
from apps.oee import kept
from apps.oee.attribution import Ground, Move, attribute, moved
from apps.oee.models import ScrapMove, Slice
from apps.oee.tails import Tail
from apps.oee.timeline import clip
from apps.oee.types import Bucket, PartsRow, SliceRow
from apps.shared import spans
from apps.shared.spans import Span, ending, holding
from apps.states.queries import changes_of, deltas_of
from apps.states.types import Delta, State

Policies = Mapping[int, LinePolicy]
_MOVE = ("report_at", "code", "start", "end", "qty")


def slices_of(
    policies: Policies, tails: Mapping[int, Tail], asked: Sequence[Span], *, buckets: Collection[Bucket] = tuple(Bucket)
) -> list[list[SliceRow]]:
    """The partition of each span, cut to it and to the line's time; of it what lies in these buckets.

    What retention dropped is derived line by line.
    """
    settled = [_settled(span, tails[span.line_id]) for span in asked]
    names = ", ".join(f"'{bucket}'" for bucket in buckets)
    some = "" if len(buckets) == len(Bucket) else f" AND t.bucket IN ({names})"
    rows = spans.rows(Slice, SliceRow._fields, settled, holding(Slice, "start") + some)
    found = []
    for span, stored, early in zip(asked, rows, settled, strict=True):
        tail = tails[span.line_id]
        pieces = [SliceRow(*row) for row in stored]
        if span.start < early.start:
            pieces += kept.slices_between(
                policies[span.line_id], span.start, min(span.end, early.start), stored_from=tail.slices_from
            )
        pieces += [row for row in tail.slices if row.start < span.end]
        pieces.sort()
        here = [row for row in pieces if row.start < span.end and row.end > span.start and row.bucket in buckets]
        found.append([clip(row, span.start, span.end) for row in here] if span.start < span.end else [])
    return found


def _settled(span: Span, tail: Tail) -> Span:
    """What of a span is stored as slices."""
    start = max(span.start, tail.slices_from or span.start)
    return Span(span.line_id, start, max(start, min(span.end, tail.since)))


def parts_of(policies: Policies, asked: Sequence[Span]) -> list[list[PartsRow]]:
    """The attributed parts whose last instant lies in each span, scrap moved."""
    deltas = deltas_of(asked)
    wide = [_around(span, found) for span, found in zip(asked, deltas, strict=True)]
    runs, changes = runs_of(wide), changes_of(wide)
    moves = spans.rows(ScrapMove, _MOVE, asked, ending("end"))
    schedule: dict[tuple[int, int, int], list[Segment]] = {}
    found = []
    for number, span in enumerate(wide):
        ground = Ground(
            runs=runs[number],
            segments=_segments(schedule, policies[span.line_id].calendar, span.start, span.end),
            silences=[
                silence for silence in state_spans(changes[number], span.end) if silence.state == State.NO_SIGNAL
            ],
        )
        rows = [*attribute(deltas[number], ground), *moved((Move(*move) for move in moves[number]), ground)]
        start, end = asked[number][1:]
        found.append([row for row in rows if start < row.end <= end])
    return found


def _around(span: Span, deltas: Sequence[Delta]) -> Span:
    first = min([span.start, *(delta.start for delta in deltas)])
    last = max([span.end, *(delta.end for delta in deltas)])
    return Span(span.line_id, first, last)


def _segments(
    known: dict[tuple[int, int, int], list[Segment]], calendar: Calendar, start: int, end: int
) -> list[Segment]:
    """Lines of one plant have one schedule."""
    key = (id(calendar), start, end)
    if key not in known:
        known[key] = segments(calendar, start, end)
    return known[key]
