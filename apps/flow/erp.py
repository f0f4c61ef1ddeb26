"""What the ERP told, in this order: dictionary, jobs, labour, activities, runs, and everything derived from them."""

from collections.abc import Iterable

from django.db import transaction

from apps.downtime.queries import places_of_codes
from apps.flow.derive import derive
from apps.jobs import activities, operations
from apps.jobs.types import Choice, ErpFacts
from apps.lines.operations import lock, lock_companies
from apps.lines.queries import policies
from apps.lines.types import LinePolicy
from apps.oee import rollups
from apps.reasons import operations as reasons
from apps.shared.instants import from_us
from apps.shared.periods import FOREVER

Dirty = dict[str, list[tuple[int, int]]]


def apply(facts: ErpFacts, *, now: int) -> None:
    """Take in facts from an event, a poll or a file; any order and any repetition ends in the same rows."""
    with transaction.atomic():
        lock_companies(companies_of(facts))
        take_in(facts, now=now)


def companies_of(facts: ErpFacts) -> set[str]:
    """The companies that facts speak of."""
    return {row.company for rows in (facts.jobs, facts.labor, facts.closings, facts.reasons) for row in rows}


def take_in(facts: ErpFacts, *, now: int, also: Dirty | None = None, rerun: activities.Dirty | None = None) -> None:
    """The same inside a transaction of the caller's. `also` are ranges that are dirty anyway, by line; in those of

    `rerun` the binding may have changed for another reason.
    """
    new_codes = reasons.upsert(facts.reasons, now=from_us(now)) if facts.reasons else set()
    jobs = operations.upsert_jobs(facts.jobs) if facts.jobs else operations.Upserted(set(), set(), set())
    keys = operations.record_labor(facts.labor)
    closed = operations.record_closings(facts.closings)
    keys |= activities.keys_of_jobs(closed) if closed else set()
    keys |= activities.keys_of_opers(jobs.new) if jobs.new else set()
    changed = jobs.changed_ids | (operations.oper_ids_of(closed) if closed else set())
    if jobs.changed_ids:
        known = policies().values()
        rollups.recycle(known, jobs.changed_ids)
        rollups.remake_days_of(known, jobs.reparted_ids)
    rebind(keys, codes=new_codes, now=now, oper_ids=changed, also=also, rerun=rerun)


def rebind(
    keys: Iterable[activities.ActivityKey],
    *,
    now: int,
    why: str = "the ERP told of labour or jobs later",
    codes: Iterable[tuple[str, str]] = (),
    oper_ids: Iterable[int] = (),
    also: Dirty | None = None,
    rerun: activities.Dirty | None = None,
) -> None:
    """Make activities and the runs of their lines again, then what depends on them. Inside a transaction.

    `codes` are (company, code) that the dictionary did not hold before.
    """
    known = policies()
    by_id = {policy.line_id: policy for policy in known.values()}
    dirty: Dirty = {slug: list(ranges) for slug, ranges in (also or {}).items()}
    for policy, places in _waiting(by_id, codes):
        dirty.setdefault(policy.slug, []).extend(places)
    ordered = sorted(set(keys))
    bound = activities.remake(ordered) if ordered else {}
    for line_id, ranges in (rerun or {}).items():
        bound.setdefault(line_id, []).extend(ranges)
    lock({*bound, *(known[slug].line_id for slug in dirty)})
    for line_id, ranges in bound.items():
        policy = by_id[line_id]
        differing = activities.remake_runs(policy, ranges)
        if differing:
            dirty.setdefault(policy.slug, []).extend(differing)
    derive(known, dirty, now=now, why=why, oper_ids=oper_ids)


def _waiting(
    by_id: dict[int, LinePolicy], codes: Iterable[tuple[str, str]]
) -> list[tuple[LinePolicy, list[tuple[int, int]]]]:
    """Where a code that was not known is named: tags that waited for it, and the policy of a line."""
    wanted = set(codes)
    if not wanted:
        return []
    found = []
    tagged = places_of_codes({code for _company, code in wanted})
    for policy in by_id.values():
        own = {code for company, code in wanted if company == policy.company}
        if own & {policy.no_job_reason, *policy.fault_reasons.values()}:
            found.append((policy, [(0, FOREVER)]))
        elif own:
            places = [(at, at) for at, code in tagged.get(policy.line_id, ()) if code in own]
            found.extend([(policy, places)] if places else [])
    return found


def resolve(choice: Choice, *, now: int) -> None:
    """Take in a supervisor's choice among the operations of an ambiguous stretch."""
    policy = policies([choice.line_slug])[choice.line_slug]
    with transaction.atomic():
        lock([policy.line_id])
        if operations.record_choice(policy.line_id, choice):
            rebind(
                (), now=now, why="a supervisor chose an operation", rerun={policy.line_id: [(choice.start, choice.end)]}
            )
