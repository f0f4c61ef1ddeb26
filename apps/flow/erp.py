"""What the ERP told, in this order: dictionary, jobs, labour, activities, runs, and everything derived from them."""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction

from apps.downtime.queries import places_of_codes
from apps.flow import causes
from apps.flow.causes import Why
from apps.flow.derive import Effect, derive
from apps.jobs import activities, operations
from apps.jobs.queries import first_runs
from apps.jobs.types import Choice, ErpFacts
from apps.lines.models import Line
from apps.lines.operations import lock, lock_companies, locked
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


def take_in(
    facts: ErpFacts,
    *,
    now: int,
    why: Why | None = None,
    also: Dirty | None = None,
    rerun: activities.Dirty | None = None,
    held: Mapping[str, LinePolicy] | None = None,
) -> None:
    """The same inside a transaction of the caller's. `also` are ranges that are dirty anyway, by line, whatever was

    told of them; in those of `rerun` the binding may have changed for another reason. `held` are the policies of lines
    whose locks the caller holds, as it read them behind these.
    """
    new_codes = reasons.upsert(facts.reasons, now=from_us(now)) if facts.reasons else set()
    jobs = operations.upsert_jobs(facts.jobs) if facts.jobs else operations.NOTHING
    keys = operations.record_labor(facts.labor)
    closed = operations.record_closings(facts.closings)
    keys |= activities.keys_of_jobs(closed) if closed else set()
    keys |= activities.keys_of_opers(jobs.new) if jobs.new else set()
    changed = jobs.changed_ids | (operations.oper_ids_of(closed) if closed else set())
    rebind(
        keys, now=now, why=why or causes.erp(facts, now), codes=new_codes, oper_ids=changed, also=also, rerun=rerun,
        jobs=jobs, held=held,
    )  # fmt: skip


def rebind(
    keys: Iterable[activities.ActivityKey],
    *,
    now: int,
    why: Why,
    codes: Iterable[tuple[str, str]] = (),
    oper_ids: Iterable[int] = (),
    also: Dirty | None = None,
    rerun: activities.Dirty | None = None,
    since: Mapping[int, int] | None = None,
    jobs: operations.Upserted = operations.NOTHING,
    held: Mapping[str, LinePolicy] | None = None,
) -> None:
    """Make activities and the runs of their lines again, then what depends on them. Inside a transaction.

    `codes` are (company, code) that the dictionary did not hold before; `since` says from when on the figures of a line
    (by id) are other ones although its slices and parts are not; `jobs` are those whose data changed.
    """
    since = since or (first_runs(jobs.recycled_ids) if jobs.recycled_ids else {})
    wanted, dirty, touched = set(codes), {slug: list(ranges) for slug, ranges in (also or {}).items()}, set(oper_ids)
    ordered = sorted(set(keys))
    bound = activities.remake(ordered) if ordered else {}
    for line_id, ranges in (rerun or {}).items():
        bound.setdefault(line_id, []).extend(ranges)
    known = _policies(held or {}, None if wanted else dirty, {*bound, *since})
    by_id = {policy.line_id: policy for policy in known.values()}
    for policy, places in _waiting(by_id, wanted):
        dirty.setdefault(policy.slug, []).extend(places)
    restated = {by_id[line_id].slug: at for line_id, at in since.items()}
    lock({*bound, *(known[slug].line_id for slug in (*dirty, *restated))})
    if since and jobs.recycled_ids:
        # Behind the locks: a day that somebody makes meanwhile would keep the cycle that was.
        standing = [by_id[line_id] for line_id in since]
        rollups.recycle(standing, jobs.recycled_ids)
        rollups.remake_days_of(standing, jobs.reparted_ids)
    for line_id, ranges in bound.items():
        policy = by_id[line_id]
        done = activities.remake_runs(policy, ranges)
        touched |= done.oper_ids
        if done.stretches:
            dirty.setdefault(policy.slug, []).extend(done.stretches)
    effect = Effect.BINDING if also is None else Effect.EVERYTHING
    derive(known, dirty, now=now, why=why, oper_ids=touched, effect=effect, since=restated)


def _policies(
    held: Mapping[str, LinePolicy], slugs: Collection[str] | None, ids: Collection[int]
) -> Mapping[str, LinePolicy]:
    """The policies of these lines (of all, without names): those that are held, where they are among them."""
    if slugs is not None and held.keys() >= set(slugs) and {policy.line_id for policy in held.values()} >= set(ids):
        return held
    return policies(slugs, ids=ids)


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
    with transaction.atomic():
        lock_companies(Line.objects.filter(slug=choice.line_slug).values_list("plant__company__code", flat=True))
        held = locked([choice.line_slug])
        line_id = held[choice.line_slug].line_id
        if operations.record_choice(line_id, choice):
            ranges = {line_id: [(choice.start, choice.end)]}
            rebind((), now=now, why=causes.choice(choice, now), rerun=ranges, held=held)
