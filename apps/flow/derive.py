"""What happens after facts came in, in this order: slices and stops, scrap, rollups, summaries, the revision, the nudge."""

from collections.abc import Iterable, Mapping
from enum import Flag, auto
from typing import NamedTuple

import structlog

from apps.flow.causes import Why
from apps.jobs import queries as jobs
from apps.lines import operations as lines
from apps.lines.types import LinePolicy
from apps.oee import rollups, scrap, settle, summaries
from apps.oee.around import Around, arounds
from apps.oee.restated import Restated, hull, note
from apps.oee.timeline import reach_of
from apps.shared import announce
from apps.shared.instants import iso
from apps.shared.periods import FOREVER

_log = structlog.get_logger(__name__)


class Effect(Flag):
    """What facts of a kind can change; what they can't is left alone."""

    # Slices and stops.
    SLICES = auto()
    # Whose the counted parts are.
    OWNERS = auto()
    # Which parts scrap reports take.
    SCRAP = auto()
    # How many parts were counted, and how far the line is known.
    TIME = auto()
    BINDING = SLICES | OWNERS
    EVERYTHING = SLICES | OWNERS | SCRAP | TIME


def derive(
    policies: Mapping[str, LinePolicy],
    dirty: Mapping[str, Iterable[tuple[int, int]]],
    *,
    now: int,
    why: Why,
    told_at: int | None = None,
    oper_ids: Iterable[int] = (),
    effect: Effect = Effect.EVERYTHING,
    since: Mapping[str, int] | None = None,
) -> None:
    """Bring everything derived up to date for these lines. The caller's transaction holds their locks.

    `dirty` has, by line, the ranges in which facts changed (none: only time went on); `oper_ids` are operations
    whose own data changed. `why` is what people read where settled figures are restated, and `told_at` when that was
    said (now, without); `since` says of lines from when on figures are other ones for a reason of their own. A line of
    either is announced.
    """
    touched, changed = set(oper_ids), since or {}
    slugs = {*dirty, *changed}
    for around in arounds([policies[slug] for slug in sorted(slugs)]):
        slug = around.policy.slug
        cause = Cause(now if told_at is None else told_at, why, changed.get(slug, FOREVER))
        touched |= _derive_line(around, list(dirty.get(slug, ())), cause, effect)
    if touched:
        summaries.refresh(jobs.completed_oper_ids(touched), now=now)
    for line_id, (slug, rev) in lines.bump(policies[slug].line_id for slug in slugs).items():
        announce.line_changed(line_id, slug, rev)


class Cause(NamedTuple):
    """When it was told that figures are other ones, and why; and from when on, as far as that is known before."""

    at: int
    why: Why
    since: int


def _derive_line(around: Around, ranges: list[tuple[int, int]], cause: Cause, effect: Effect) -> set[int]:
    ledger = around.row
    settled_until = ledger.settled_until or 0
    done = settle.NOTHING
    if effect & (Effect.SLICES | Effect.TIME):
        done = settle.settle(around, ranges, goes_on=Effect.TIME in effect)
    since = max(around.first, ledger.facts_from or 0)
    if ledger.facts_from is not None and any(end < since for _start, end in ranges):
        _log.warning("facts.too_old", line=around.policy.slug, kept_from=iso(since))
    told = [(max(start, since), end) for start, end in ranges if end >= since]
    reach, moved = _parts(around, told, effect) if told else ([], [])
    other = hull([(cause.since, FOREVER), *moved, *([done.restated] if done.restated else [])], settled_until)
    if other is not None:
        start, end = other
        note(Restated(around.line_id, cause.at, max(start, around.first), end, cause.why(around.policy)))
    touched = rollups.refresh(around, rollups.Touched([*reach, *moved], done.differing, done.stops))
    if Effect.TIME not in effect and any(end >= settled_until for _start, end in ranges):
        # Of what is not settled no rows differ: it is made when it is read. Summaries are not.
        touched |= {run.oper_id for run in around.runs_between(settled_until, FOREVER) if run.oper_id is not None}
    ledger.save()
    return touched | {piece.oper_id for piece in done.differing if piece.oper_id is not None}


Stretches = list[tuple[int, int]]


def _parts(around: Around, told: Stretches, effect: Effect) -> tuple[Stretches, Stretches]:
    """Where parts may be counted, or be another operation's; and where scrap reports take others than before."""
    line_id, since = around.line_id, min(told)[0]
    if effect & (Effect.OWNERS | Effect.TIME):
        reach, gaps = reach_of(line_id, told)
        # A report takes parts whoever they are counted for: only another sharing of a gap gives it others to take.
        if not gaps and not effect & (Effect.SCRAP | Effect.TIME):
            return reach, []
        return reach, scrap.reallocate(line_id, max(reach[0][0], around.first), around.first)
    return [], (scrap.reallocate(line_id, since, around.first) if Effect.SCRAP in effect else [])
