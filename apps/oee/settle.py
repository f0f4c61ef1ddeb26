"""Bringing a line's settled rows up to date over dirty ranges (the one way in which they are written)."""

from collections.abc import Iterable
from typing import NamedTuple

from apps.downtime.queries import cuts_between, tags_between
from apps.downtime.rules import state_spans
from apps.jobs.queries import runs_between
from apps.lines.types import LinePolicy
from apps.oee import ledger
from apps.oee.models import LineLedger
from apps.oee.partition import Facts, anchor_of, partition, settled_point
from apps.oee.types import SliceRow
from apps.reasons.queries import categories
from apps.shared.periods import merged
from apps.states.queries import changes_around
from apps.states.types import Change, LineNow, State


class Settled(NamedTuple):
    """What settling did: the late ranges that were derived again, and the operations in all that was, old and new."""

    late: list[tuple[int, int]]
    oper_ids: set[int]
    ledger: LineLedger
    # From where on settled rows are other ones than before; None where none are.
    restated_from: int | None


def settle(policy: LinePolicy, now: LineNow, dirty: Iterable[tuple[int, int]]) -> Settled | None:
    """Derive the dirty ranges again, and go on to the last good sample. None before the line was commissioned.

    The caller holds the line's lock. Ranges are widened to whole stops and whole slices, so that the rows are
    the same as if everything had been derived at once.
    """
    if now.first_good_at is None or now.last_good_at is None:
        return None
    row, _is_new = LineLedger.objects.get_or_create(line_id=policy.line_id)
    horizon = now.last_good_at
    since = max(now.first_good_at, row.facts_from or now.first_good_at)
    reached = row.settled_until if row.settled_until is not None else since
    clipped = [(max(a, since), min(b, horizon)) for a, b in dirty]
    wide = [_widen(policy.line_id, a, b, reached, horizon) for a, b in clipped if a <= b and a < reached]
    ranges = merged([*wide, (reached, horizon)])
    oper_ids: set[int] = set()
    restated: list[int] = []
    known = categories(policy.company)
    for start, end in ranges:
        old, made = _derive(policy, row, start, end, horizon=horizon, known=known)
        oper_ids |= {piece.oper_id for piece in (*old, *made) if piece.oper_id is not None}
        restated += [piece.start for piece in {*old} - {*made} if piece.start < reached]
    row.save()
    return Settled(wide, oper_ids, row, min(restated, default=None))


def _widen(line_id: int, start: int, end: int, reached: int, horizon: int) -> tuple[int, int]:
    """A dirty range as whole stops, as they were and as they are, and whole slices around it."""
    touched = ledger.stops_touching(line_id, start, end)
    changes = changes_around(line_id, start, end)
    touched += [
        (span.start, span.end)
        for span in state_spans(changes, _known_until(changes, end, horizon))
        if span.state == State.STOPPED and span.start <= end and span.end >= start
    ]
    start = min([start, *(first for first, _last in touched)])
    end = max([end, *(last for _first, last in touched)])
    start = ledger.slice_around(line_id, start)[0]
    end = ledger.slice_around(line_id, end)[1]
    return start, (horizon if end >= reached else end)


def _known_until(changes: list[Change], end: int, horizon: int) -> int:
    """Changes were read up to the first beyond `end` that is not a stop: it bounds what they tell."""
    return changes[-1].at if changes and changes[-1].at >= end and changes[-1].at < horizon else horizon


def _derive(
    policy: LinePolicy, row: LineLedger, start: int, end: int, *, horizon: int, known: dict[str, str]
) -> tuple[list[SliceRow], list[SliceRow]]:
    """Write one range; the slices that were replaced (none where they are the same) and those that stand there now."""
    changes = changes_around(policy.line_id, start, end)
    facts = Facts(
        changes=changes,
        tags=tags_between(policy.line_id, start, end),
        cuts=cuts_between(policy.line_id, start, end),
        runs=runs_between(policy.line_id, start, end),
        categories=known,
    )
    made = partition(policy, facts, start, end, until=_known_until(changes, end, horizon))
    if end == horizon:
        row.settled_until = settled_point(made, horizon) if made.slices else start
        row.anchor = anchor_of(changes, row.settled_until) if changes else None
        # Rows beyond the point may stand there from when a stop seemed to be over.
        end = horizon + 1
        final = row.settled_until
    else:
        final = end
    slices = [piece for piece in made.slices if (row.slices_from or piece.start) <= piece.start < final]
    stops = [stop for stop in made.stops if start <= stop.start < final]
    old = ledger.replace_slices(policy.line_id, start, end, slices)
    ledger.replace_stops(policy.line_id, start, end, stops, policy.micro_stop_us)
    return old, slices
