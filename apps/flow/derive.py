"""What happens after facts came in, in this order: slices and stops, scrap, rollups, summaries, the revision, the nudge."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import structlog

from apps.jobs import queries as jobs
from apps.lines import operations as lines
from apps.lines.types import LinePolicy
from apps.oee import rollups, scrap, summaries
from apps.oee.settle import settle
from apps.oee.timeline import reach_of
from apps.shared import announce
from apps.shared.instants import iso
from apps.states.queries import snapshots
from apps.states.types import LineNow

_log = structlog.get_logger(__name__)


def derive(
    policies: Mapping[str, LinePolicy],
    dirty: Mapping[str, Iterable[tuple[int, int]]],
    *,
    now: int,
    why: str,
    oper_ids: Iterable[int] = (),
) -> None:
    """Bring everything derived up to date for these lines. The caller's transaction holds their locks.

    `dirty` has, by line, the ranges in which facts changed (none: only time went on); `oper_ids` are operations
    whose own data changed. `why` is what people read where settled figures are restated.
    """
    touched = set(oper_ids)
    known = snapshots([policies[slug].line_id for slug in dirty])
    for slug, ranges in dirty.items():
        policy = policies[slug]
        snapshot = known.get(policy.line_id)
        if snapshot is None or snapshot.first_good_at is None:
            continue
        touched |= _derive_line(policy, list(ranges), snapshot, Cause(now, why))
    if touched:
        summaries.refresh(jobs.completed_oper_ids(touched), now=now)
    for line_id, (slug, rev) in lines.bump(policies[slug].line_id for slug in dirty).items():
        announce.line_changed(line_id, slug, rev)


class Cause(NamedTuple):
    """When and why figures that were settled are other ones now."""

    at: int
    why: str


def _derive_line(policy: LinePolicy, ranges: list[tuple[int, int]], snapshot: LineNow, cause: Cause) -> set[int]:
    done = settle(policy, snapshot, ranges)
    if done is None:
        return set()
    if done.restated_from is not None:
        ledger = done.ledger
        ledger.restated_at, ledger.restated_from, ledger.restated_why = cause.at, done.restated_from, cause.why
    since = max(snapshot.first_good_at or 0, done.ledger.facts_from or 0)
    if done.ledger.facts_from is not None and any(end < since for _start, end in ranges):
        _log.warning("facts.too_old", line=policy.slug, kept_from=iso(since))
    counted = [(max(start, since), end) for start, end in reach_of(policy.line_id, ranges) if end >= since]
    moved = scrap.reallocate(policy, counted[0][0], since) if counted else []
    return done.oper_ids | rollups.refresh(policy, done.ledger, [*counted, *done.late, *moved])
