"""Facts of every kind that were learned together, and the one way in which they are kept."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from apps.downtime import operations as downtime
from apps.flow import causes, erp
from apps.flow.facts_file import EventLine, MarkLine, ScrapLine, Told
from apps.flow.intake import dirty_of
from apps.jobs import activities
from apps.jobs import operations as jobs
from apps.jobs.types import Choice, Closing, ErpFacts, JobState, LaborFact
from apps.lines.operations import lock_companies, locked
from apps.lines.types import LinePolicy
from apps.reasons.types import ReasonState
from apps.states import operations as states
from apps.states.types import LineFacts


@dataclass(slots=True)
class Learned:
    """What machines, people and the ERP told, in the order in which it came."""

    machines: dict[str, list[LineFacts]] = field(default_factory=dict)
    marks: list[MarkLine] = field(default_factory=list)
    scraps: list[ScrapLine] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    jobs: list[JobState] = field(default_factory=list)
    labor: list[LaborFact] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    reasons: list[ReasonState] = field(default_factory=list)

    def add(self, fact: Told) -> None:
        """Take up what a person or the ERP told."""
        match fact:
            case MarkLine():
                self.marks.append(fact)
            case ScrapLine():
                self.scraps.append(fact)
            case Choice():
                self.choices.append(fact)
            case JobState():
                self.jobs.append(fact)
            case EventLine():
                self.jobs.extend(fact.facts.jobs)
                self.labor.extend(fact.facts.labor)
                self.closings.extend(fact.facts.closings)
                self.reasons.extend(fact.facts.reasons)

    def erp_facts(self) -> ErpFacts:
        """What the ERP told."""
        return ErpFacts(tuple(self.jobs), tuple(self.labor), tuple(self.closings), tuple(self.reasons))


def keep(learned: Learned, slugs: Collection[str], companies: Iterable[str], *, now: int) -> None:
    """Keep the facts and everything derived from them, in one transaction; `slugs` must hold every line they name."""
    with transaction.atomic():
        lock_companies(companies)
        _keep(learned, locked(slugs), now=now)


def _keep(learned: Learned, known: Mapping[str, LinePolicy], *, now: int) -> None:
    also: erp.Dirty = {slug: [] for slug in known}
    for slug, facts in learned.machines.items():
        states.record(known[slug].line_id, facts)
        also[slug].extend(dirty_of(facts))
    for mark in learned.marks:
        downtime.record_mark(
            line_id=known[mark.line].line_id, at=mark.at, action=mark.action, code=mark.code, by=mark.by,
            tagged_at=mark.tagged_at, comment=mark.comment,
        )  # fmt: skip
        also[mark.line].append((mark.at, mark.at))
    for scrap in learned.scraps:
        states.report_scrap(line_id=known[scrap.line].line_id, at=scrap.at, qty=scrap.qty, code=scrap.code, by=scrap.by)
        also[scrap.line].append((scrap.at, scrap.at))
    rerun: activities.Dirty = {}
    for choice in learned.choices:
        line_id = known[choice.line_slug].line_id
        jobs.record_choice(line_id, choice)
        rerun.setdefault(line_id, []).append((choice.start, choice.end))
    erp.take_in(learned.erp_facts(), now=now, why=_why(learned, now), also=also, rerun=rerun, held=known)


def _why(learned: Learned, now: int) -> causes.Why:
    """What people said of a line before what Epicor told, and that before what its machine did."""
    said: dict[str, list[causes.Why]] = {}
    for mark in learned.marks:
        said.setdefault(mark.line, []).append(causes.mark(mark.action, mark.at, mark.code, mark.by, now))
    for scrap in learned.scraps:
        said.setdefault(scrap.line, []).append(causes.scrap(scrap.at, scrap.qty, scrap.code, scrap.by, now))
    for choice in learned.choices:
        said.setdefault(choice.line_slug, []).append(causes.choice(choice, now))
    facts = learned.erp_facts()
    if facts.is_empty:
        return causes.first_of(said, causes.machine(now))
    return causes.first_of(said, causes.erp(facts, now))
