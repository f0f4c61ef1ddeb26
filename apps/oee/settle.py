"""Bringing a line's settled rows up to date over dirty ranges (the one way in which they are written)."""

from collections.abc import Iterable
from typing import NamedTuple

from apps.downtime.rules import state_spans
from apps.oee import ledger
from apps.oee.around import Around
from apps.oee.partition import Facts, anchor_of, partition, settled_point
from apps.oee.restated import hull
from apps.oee.types import SliceRow
from apps.shared.periods import merged
from apps.states.types import Change, State


class Settled(NamedTuple):
    """What settling did: the slices that are other ones, as they were and as they are, the whole stops that hold some

    of them, and from where to where settled slices are other ones (None where none are).
    """

    differing: list[SliceRow]
    stops: list[tuple[int, int]]
    restated: tuple[int, int] | None


NOTHING = Settled([], [], None)


def settle(around: Around, dirty: Iterable[tuple[int, int]], *, goes_on: bool) -> Settled:
    """Derive the dirty ranges again and, where they reach it or the line `goes_on`, on to the last good sample.

    The caller holds the line's lock and saves the ledger. Ranges are widened to whole stops and whole slices, so that
    the rows are the same as if everything had been derived at once.
    """
    row, horizon = around.row, around.known.last_good_at or 0
    since = max(around.first, row.facts_from or 0)
    reached = row.settled_until if row.settled_until is not None else since
    clipped = [(max(a, since), min(b, horizon)) for a, b in dirty]
    # A slice that ends where a range begins may go on in it. What lies before the kept facts can't be derived.
    wide = [_widen(around, a, b, reached, horizon) for a, b in clipped if a <= b and a <= reached]
    late = [(max(a, since), b) for a, b in wide]
    goes_on = goes_on or row.settled_until is None or any(b >= reached for a, b in (*clipped, *late) if a <= b)
    before: list[SliceRow] = []
    after: list[SliceRow] = []
    stops: set[tuple[int, int]] = set()
    for start, end in merged([*late, *([(reached, horizon)] if goes_on else [])]):
        made = _derive(around, start, end, horizon=horizon)
        before += made.before
        after += made.after
        stops |= made.stops
    return Settled([*before, *after], sorted(stops), hull([(piece.start, piece.end) for piece in before], reached))


class _Made(NamedTuple):
    """What one range came to: the slices that differ, and the stops, old and new, that hold some of them."""

    before: list[SliceRow]
    after: list[SliceRow]
    stops: set[tuple[int, int]]


def _widen(around: Around, start: int, end: int, reached: int, horizon: int) -> tuple[int, int]:
    """A dirty range as whole stops, as they were and as they are, and whole slices around it."""
    around.look_at(start, end)
    touched = around.stops_touching(start, end)
    changes = around.changes_around(start, end)
    touched += [
        (span.start, span.end)
        for span in state_spans(changes, _known_until(changes, end, horizon))
        if span.state == State.STOPPED and span.start <= end and span.end >= start
    ]
    start = min([start, *(first for first, _last in touched)])
    end = max([end, *(last for _first, last in touched)])
    start = around.slice_around(start)[0]
    end = around.slice_around(end)[1]
    return start, (horizon if end >= reached else end)


def _known_until(changes: list[Change], end: int, horizon: int) -> int:
    """Changes were read up to the first beyond `end` that is not a stop: it bounds what they tell."""
    return changes[-1].at if changes and changes[-1].at >= end and changes[-1].at < horizon else horizon


def _derive(around: Around, start: int, end: int, *, horizon: int) -> _Made:
    """Write one range."""
    row = around.row
    around.look_at(start, end)
    changes = around.changes_around(start, end)
    facts = Facts(
        changes=changes,
        tags=around.tags_between(start, end),
        cuts=around.cuts_between(start, end),
        runs=around.runs_between(start, end),
        categories=around.categories(),
    )
    made = partition(around.policy, facts, start, end, until=_known_until(changes, end, horizon))
    if end == horizon:
        row.settled_until = settled_point(made, horizon) if made.slices else start
        row.anchor = anchor_of(changes, row.settled_until) if changes else None
        # Rows beyond the point may stand there from when a stop seemed to be over.
        end = horizon + 1
        final = row.settled_until
    else:
        final = end
    stored_from = row.slices_from or start
    slices = [piece for piece in made.slices if stored_from <= piece.start < final]
    stops = [stop for stop in made.stops if start <= stop.start < final]
    before, after = ledger.replace_slices(around.line_id, around.slices_starting(start, end), slices)
    if before or after:
        around.put_slices(start, end, slices)
    # Those that are not kept can't be compared: they are taken for other ones.
    before += [piece for piece in made.slices if piece.start < stored_from]
    held = {piece.stop_start for piece in (*before, *after)}
    there = [(stop.start, stop.end) for stop in around.stops_starting(start, end)]
    whole = {stop for stop in (*there, *((stop.start, stop.end) for stop in stops)) if stop[0] in held}
    around.replace_stops(start, end, stops)
    return _Made(before, after, whole)
