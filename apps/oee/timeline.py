"""Slices, stops and attributed parts of a line over a window, whether settled or not yet."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from apps.downtime.rules import state_spans
from apps.downtime.types import PhysicalStop
from apps.jobs.queries import runs_between
from apps.jobs.rules import RunSpan
from apps.lines.rules import segments
from apps.lines.types import LinePolicy
from apps.oee import kept, ledger
from apps.oee.attribution import GAP_US, Ground, Move, attribute, moved
from apps.oee.models import ScrapMove
from apps.oee.tails import Tail
from apps.oee.types import PartsRow, PartView, SliceRow, StopView
from apps.shared import spans
from apps.shared.periods import merged
from apps.shared.spans import Span, ending
from apps.states.queries import changes_around, deltas_between, gaps_touching
from apps.states.types import Change, Delta, State


def slices(policy: LinePolicy, tail: Tail, start: int, end: int) -> list[SliceRow]:
    """The partition of [start, end), cut to it and to the line's time (commissioned until now)."""
    settled = (start, min(end, tail.since))
    found = [] if start >= tail.since else kept.slices_between(policy, *settled, stored_from=tail.slices_from)
    found += [row for row in tail.slices if row.start < end and row.end > start]
    return [clip(row, start, end) for row in found]


def clip(row: SliceRow, start: int, end: int) -> SliceRow:
    """The piece of a slice that lies in [start, end)."""
    if row.start >= start and row.end <= end:
        return row
    return row._replace(start=max(row.start, start), end=min(row.end, end))


def stops(policy: LinePolicy, tail: Tail, start: int, end: int, now: int) -> list[StopView]:
    """The stops that overlap [start, end), whole, the open one too; in order."""
    found: list[StopView] = []
    if start < tail.since:
        touching = [at for at, last in ledger.stops_touching(policy.line_id, start, end) if last > start and at < end]
        if touching:
            settled = ledger.settled_stops(policy.line_id, min(touching), max(touching) + 1)
            found = [_view(policy, stop, now, is_open=False) for stop, _is_micro in settled]
    for stop in tail.partition.stops:
        if stop.start >= tail.since and stop.start < end and stop.end > start:
            found.append(_view(policy, stop, now, is_open=_is_open(tail, stop, now)))
    return found


def _is_open(tail: Tail, stop: PhysicalStop, now: int) -> bool:
    spans = tail.partition.spans
    return stop.end >= now and bool(spans) and spans[-1].state == State.STOPPED


def _view(policy: LinePolicy, stop: PhysicalStop, now: int, *, is_open: bool) -> StopView:
    return StopView(
        line_id=policy.line_id,
        start=stop.start,
        end=min(stop.end, now),
        is_open=is_open,
        fault=stop.fault,
        is_micro=stop.end - stop.start < policy.micro_stop_us,
        parts=tuple(PartView(*part) for part in stop.parts),
    )


def parts(policy: LinePolicy, start: int, end: int) -> list[PartsRow]:
    """The attributed parts whose last instant lies in [start, end), scrap moved."""
    ground, deltas = ground_for(policy, start, end)
    rows = [*attribute(deltas, ground), *moved(moves_between(policy.line_id, start, end), ground)]
    return [row for row in rows if start < row.end <= end]


def ground_for(policy: LinePolicy, start: int, end: int) -> tuple[Ground, list[Delta]]:
    """The deltas that may have parts in (start, end], and everything that they are attributed to."""
    deltas = deltas_between(policy.line_id, start, end)
    first = min([start, *(delta.start for delta in deltas)])
    last = max([end, *(delta.end for delta in deltas)])
    return ground(policy, first, last), deltas


def ground(policy: LinePolicy, start: int, end: int) -> Ground:
    """Runs, schedule and silences that touch [start, end]."""
    changes = changes_around(policy.line_id, start, end)
    return ground_of(policy, changes, runs_between(policy.line_id, start, end), start, end)


def ground_of(policy: LinePolicy, changes: Sequence[Change], runs: Sequence[RunSpan], start: int, end: int) -> Ground:
    """The same from changes and runs that are known. Silences are stored changes: none is open before a delta's end."""
    return Ground(
        runs=runs,
        segments=segments(policy.calendar, start, end),
        silences=[span for span in state_spans(changes, end) if span.state == State.NO_SIGNAL],
    )


def moves_between(line_id: int, start: int, end: int) -> Iterable[Move]:
    """What scrap reports moved in rows that ended in (start, end]."""
    rows = spans.rows(ScrapMove, Move._fields, [Span(line_id, start, end)], ending("end"))[0]
    return [Move(*row) for row in rows]


class Reach(NamedTuple):
    """Where parts may be given to another operation, and the gaps among the deltas there."""

    stretches: list[tuple[int, int]]
    gaps: list[tuple[int, int]]


def reach_of(line_id: int, ranges: Iterable[tuple[int, int]]) -> Reach:
    """Where parts may be given to another operation when facts change in these ranges.

    A delta may end up to 10 s after a range that it touches, and a gap is shared over its whole span.
    """
    asked = list(ranges)
    gaps = [gap for start, end in asked for gap in gaps_touching(line_id, start, end)]
    return Reach(merged([*((start, end + GAP_US) for start, end in asked), *gaps]), gaps)
