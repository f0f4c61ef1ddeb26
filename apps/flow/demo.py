"""The demo plant's past, taken in as live facts are: appended, and everything derived from them, a batch to a transaction."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from apps.downtime import operations as downtime
from apps.epicor.events import facts_of
from apps.flow import erp, facts_file
from apps.flow.facts_file import EventLine, MarkLine, ScrapLine
from apps.flow.intake import dirty_of
from apps.jobs import operations as jobs
from apps.jobs.activities import Dirty
from apps.jobs.types import Choice, ErpFacts, JobState
from apps.lines.models import Company
from apps.lines.operations import lock, lock_companies
from apps.lines.queries import policies
from apps.lines.types import LinePolicy
from apps.reasons.types import ReasonState
from apps.simulators.demo.dictionary import reasons
from apps.simulators.demo.history import Batch
from apps.simulators.demo.plan import DemoPlan
from apps.states import operations as states

Policies = dict[str, LinePolicy]
Ranges = dict[str, list[tuple[int, int]]]


def take_in(batch: Batch) -> None:
    """One batch: everything that was told and that the machines did in it is learned at its end."""
    known = policies()
    facts = [facts_file.parse(json.dumps(row)) for row in batch.told]
    with transaction.atomic():
        lock_companies(Company.objects.values_list("code", flat=True))
        lock(policy.line_id for policy in known.values())
        also: Ranges = {slug: [] for slug in known}
        for one in batch.facts:
            states.record(known[one.slug].line_id, [one])
            also[one.slug].extend(dirty_of([one]))
        for said in facts:
            _keep_said(said, known, also)
        rerun: Dirty = {}
        for choice in (one for one in facts if isinstance(one, Choice)):
            line_id = known[choice.line_slug].line_id
            jobs.record_choice(line_id, choice)
            rerun.setdefault(line_id, []).append((choice.start, choice.end))
        erp.take_in(_erp_facts(facts), now=batch.end, also=also, rerun=rerun)


def tell_dictionary(plan: DemoPlan, *, now: int) -> None:
    """What Epicor's sync would bring of the reason codes: which are for downtime, and which for scrap."""
    told = tuple(
        ReasonState(company, one.code, one.description, "scrap" if one.is_scrap else "downtime")
        for company in sorted({plant.company for plant in plan.plants})
        for one in reasons()
    )
    erp.apply(ErpFacts(reasons=told), now=now)


def _erp_facts(facts: Sequence[Any]) -> ErpFacts:
    events = [facts_of(one.event) for one in facts if isinstance(one, EventLine)]
    return ErpFacts(
        jobs=tuple(one for one in facts if isinstance(one, JobState)),
        labor=tuple(fact for told in events for fact in told.labor),
        closings=tuple(closing for told in events for closing in told.closings),
    )


def _keep_said(said: object, known: Policies, also: Ranges) -> None:
    """Append what a person said of a stop, or of parts."""
    if isinstance(said, MarkLine):
        downtime.record_mark(
            line_id=known[said.line].line_id, at=said.at, action=said.action, code=said.code, by=said.by,
            tagged_at=said.tagged_at, comment=said.comment,
        )  # fmt: skip
    elif isinstance(said, ScrapLine):
        states.report_scrap(line_id=known[said.line].line_id, at=said.at, qty=said.qty, code=said.code, by=said.by)
    else:
        return
    also[said.line].append((said.at, said.at))
