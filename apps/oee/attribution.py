"""Giving counted parts to operations (SEMANTICS.md §7). Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple, TypeVar

from apps.downtime.types import StateSpan
from apps.jobs.rules import RunSpan
from apps.lines.types import Segment
from apps.oee.slicing import binding_of
from apps.oee.types import PartsRow
from apps.shared.instants import SECOND
from apps.shared.periods import FOREVER, shares
from apps.states.types import Delta

GAP_US = 10 * SECOND
_start = attrgetter("start")
_end = attrgetter("end")
_NO_SHIFT = Segment(0, 0, None, "", is_break=False)
_Stretch = TypeVar("_Stretch", RunSpan, Segment)


class Ground(NamedTuple):
    """What parts are attributed to: runs, the schedule, and the stretches of no_signal; each in order."""

    runs: Sequence[RunSpan]
    segments: Sequence[Segment]
    silences: Sequence[StateSpan]


def attribute(deltas: Iterable[Delta], ground: Ground) -> list[PartsRow]:
    """Each delta given to the run in force at its last instant; those over a gap shared by overlap, and estimated."""
    found: list[PartsRow] = []
    runs, segments, silences = ground
    at_run = at_segment = 0
    binding, oper_id, _kind = binding_of(None)
    day, shift = _NO_SHIFT.shift_date, _NO_SHIFT.shift
    # The same run and shift hold up to here: there are millions of deltas, and thousands of runs.
    until = 0
    # In order of their ends, so that runs and shifts are walked once.
    for delta in sorted(deltas, key=_end):
        start, end, good, reject = delta
        if end - start > GAP_US:
            found.extend(_shared(delta, ground))
            continue
        if end > until:
            at_run, at_segment = _forward(runs, at_run, end), _forward(segments, at_segment, end)
            run, run_until = _in_force(runs, at_run, end)
            segment, segment_until = _in_force(segments, at_segment, end)
            binding, oper_id, _kind = binding_of(run)
            day, shift = (segment or _NO_SHIFT).shift_date, (segment or _NO_SHIFT).shift
            until = min(run_until, segment_until)
        is_blind = bool(silences) and _touches(silences, start, end)
        found.append(PartsRow(start, end, binding, oper_id, day, shift, good, reject, is_blind, False))  # noqa: FBT003
    return found


def _forward(stretches: Sequence[_Stretch], index: int, end: int) -> int:
    """The first stretch from `index` on that does not end before the last instant before `end`."""
    while index < len(stretches) and stretches[index].end < end:
        index += 1
    return index


def _in_force(stretches: Sequence[_Stretch], index: int, end: int) -> tuple[_Stretch | None, int]:
    """The stretch at `index` where it holds the last instant before `end`, and until where this stays so."""
    if index == len(stretches):
        return None, FOREVER
    here = stretches[index]
    return (here, here.end) if here.start < end else (None, here.start)


def row_of(delta: Delta, ground: Ground, *, is_estimated: bool = False) -> PartsRow:
    """A delta (or share) as a whole: its binding and shift are those of its last instant."""
    last = delta.end - 1
    binding, oper_id, _kind = binding_of(_holding(ground.runs, last))
    segment = _holding(ground.segments, last)
    return PartsRow(
        start=delta.start,
        end=delta.end,
        binding=binding,
        oper_id=oper_id,
        shift_date=segment.shift_date if segment else None,
        shift=segment.shift if segment else "",
        good=delta.good,
        reject=delta.reject,
        is_blind=_touches(ground.silences, delta.start, delta.end),
        is_estimated=is_estimated,
    )


def _shared(delta: Delta, ground: Ground) -> Iterable[PartsRow]:
    stretches = stretches_of(ground.runs, delta.start, delta.end)
    weights = [end - start for start, end in stretches]
    goods, rejects = shares(delta.good, weights), shares(delta.reject, weights)
    for (start, end), good, reject in zip(stretches, goods, rejects, strict=True):
        if good or reject:
            yield row_of(Delta(start, end, good, reject), ground, is_estimated=True)


def stretches_of(runs: Sequence[RunSpan], start: int, end: int) -> list[tuple[int, int]]:
    """[start, end) tiled by the runs in it and the stretches without one."""
    found: list[tuple[int, int]] = []
    at = start
    for run in runs[max(0, bisect_right(runs, start, key=_start) - 1) :]:
        if run.start >= end:
            break
        first, last = max(run.start, start), min(run.end, end)
        if last <= first:
            continue
        if first > at:
            found.append((at, first))
        found.append((first, last))
        at = last
    if at < end:
        found.append((at, end))
    return found


def _holding(stretches: Sequence[_Stretch], at: int) -> _Stretch | None:
    index = bisect_right(stretches, at, key=_start) - 1
    if index >= 0 and stretches[index].end > at:
        return stretches[index]
    return None


def _touches(silences: Sequence[StateSpan], start: int, end: int) -> bool:
    index = bisect_right(silences, start, key=_start) - 1
    if index >= 0 and silences[index].end > start:
        return True
    return index + 1 < len(silences) and silences[index + 1].start < end


class Move(NamedTuple):
    """Parts that one report took from good to reject, in the rows over [start, end)."""

    report_at: int
    code: str
    start: int
    end: int
    qty: int


def take(
    at: int, qty: int, code: str, rows: Iterable[PartsRow], taken: dict[tuple[int, int], int]
) -> tuple[list[Move], int]:
    """Take up to `qty` of the latest good parts that had ended by `at`; (the moves, what was not found).

    `taken` is what earlier reports took, by (start, end); it is updated.
    """
    pool: dict[tuple[int, int], int] = {}
    for row in rows:
        if row.end <= at and row.good > 0:
            key = (row.start, row.end)
            pool[key] = pool.get(key, 0) + row.good
    moves = []
    for start, end in sorted(pool, key=lambda key: (-key[1], -key[0])):
        if qty == 0:
            break
        here = min(qty, pool[start, end] - taken.get((start, end), 0))
        if here > 0:
            taken[start, end] = taken.get((start, end), 0) + here
            moves.append(Move(at, code, start, end, here))
            qty -= here
    return moves, qty


def moved(moves: Iterable[Move], ground: Ground) -> list[PartsRow]:
    """The moves as rows that correct the counted ones."""
    return [row_of(Delta(move.start, move.end, -move.qty, move.qty), ground) for move in moves]
