"""Feeding recorded facts through the same code as live ones, a batch to a transaction."""

import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field

from django.db import transaction

from apps.downtime import operations as downtime
from apps.epicor import events
from apps.flow import erp, facts_file
from apps.flow.facts_file import (
    BadLine,
    CountLine,
    EventLine,
    Fact,
    MarkLine,
    SampleLine,
    ScrapLine,
    SeenLine,
    StateLine,
)
from apps.flow.intake import dirty_of
from apps.jobs import activities
from apps.jobs import operations as jobs
from apps.jobs.types import Choice, Closing, ErpFacts, JobState, LaborFact
from apps.lines.models import Company
from apps.lines.operations import lock, lock_companies
from apps.lines.queries import policies
from apps.oee.tails import limits_of
from apps.reasons.queries import unknown_codes
from apps.reasons.types import ReasonState
from apps.shared.instants import SECOND
from apps.states import operations as states
from apps.states.queries import snapshots
from apps.states.rules import step
from apps.states.types import Change, Delta, LineFacts, LineNow

BATCH = 20_000


@dataclass(slots=True)
class Outcome:
    """What a replay did: facts taken in, repetitions, and (line number, reason) of what was refused or waits."""

    taken: int = 0
    repeated: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


class NotAllGood(Exception):
    """`strict` and something was wrong: nothing was changed."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("Not all lines are good: nothing was changed.")
        self.outcome = outcome


@dataclass(slots=True)
class _Batch:
    samples: dict[str, list[LineFacts]] = field(default_factory=dict)
    marks: list[MarkLine] = field(default_factory=list)
    scraps: list[ScrapLine] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    jobs: list[JobState] = field(default_factory=list)
    labor: list[LaborFact] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    reasons: list[ReasonState] = field(default_factory=list)
    latest: int = 0
    size: int = 0


class Replay:
    """One run over a facts file: lines go in one by one, and are kept a batch at a time."""

    def __init__(self) -> None:
        self.outcome = Outcome()
        self._policies = policies()
        self._limits = {slug: limits_of(policy) for slug, policy in self._policies.items()}
        known = snapshots([policy.line_id for policy in self._policies.values()])
        self._now = {slug: known.get(policy.line_id, LineNow()) for slug, policy in self._policies.items()}
        # A sample from before this run can't be told from a repetition: only what this run saw can be out of order.
        self._known_until = {slug: now.last_at for slug, now in self._now.items()}
        self._seen: set[int] = set()
        self._companies = set(Company.objects.values_list("code", flat=True))
        self._tag_lines: dict[tuple[str, str], int] = {}
        # Recorded facts of a line whose `seen` has not come yet.
        self._held: dict[str, tuple[list[Change], list[Delta]]] = {}
        self._batch = _Batch()

    def feed(self, number: int, text: str) -> None:
        """Take in one line of the file; what is wrong with it is noted."""
        try:
            fact = facts_file.parse(text)
            self._sort_in(number, fact)
        except BadLine as wrong:
            self.outcome.problems.append((number, str(wrong)))
            return
        at = facts_file.latest(fact)
        if at is not None and at > self._batch.latest:
            self._batch.latest = at
        self._batch.size += 1
        if self._batch.size >= BATCH:
            self.flush()

    def _sort_in(self, number: int, fact: Fact) -> None:
        match fact:
            case SampleLine():
                self._sample(fact)
                return
            case StateLine() | CountLine() | SeenLine():
                self._recorded(fact)
                return
            case EventLine():
                self._event(fact)
            case JobState():
                self._check_company(fact.company)
                self._batch.jobs.append(fact)
            case _:
                self._word(number, fact)
        self.outcome.taken += 1

    def _word(self, number: int, fact: Choice | MarkLine | ScrapLine) -> None:
        """What a person said of a line."""
        slug = fact.line_slug if isinstance(fact, Choice) else fact.line
        self._check_line(slug)
        match fact:
            case Choice():
                self._batch.choices.append(fact)
            case ScrapLine():
                self._batch.scraps.append(fact)
            case MarkLine():
                self._batch.marks.append(fact)
                if fact.code:
                    self._tag_lines[self._policies[slug].company, fact.code] = number

    def _check_line(self, slug: str) -> None:
        if slug not in self._policies:
            raise BadLine(f"no line is called {slug!r}; load the plant file that has it first.")

    def _check_company(self, code: str) -> None:
        if code not in self._companies:
            raise BadLine(f"no company is called {code!r}; load the plant file that has it first.")

    def _sample(self, fact: SampleLine) -> None:
        slug = fact.line
        limits = self._limits.get(slug)
        if limits is None:
            self._check_line(slug)
            return
        done = step(self._now[slug], fact.sample, limits)
        mark = hash((slug, fact.sample))
        if done.dropped:
            known_until = self._known_until[slug]
            if mark not in self._seen and (known_until is None or fact.sample.at > known_until):
                raise BadLine(f"out of order: {slug} has a sample at or after this one already.")
            self.outcome.repeated += 1
            return
        self._seen.add(mark)
        self._now[slug] = done.now
        pending = self._batch.samples.setdefault(slug, [])
        if done.changes or done.deltas or done.alerts or not pending:
            pending.append(LineFacts(slug, done.changes, done.deltas, done.alerts, done.now))
        else:
            last = pending[-1]
            pending[-1] = LineFacts(slug, last.changes, last.deltas, last.alerts, done.now)
        self.outcome.taken += 1

    def _recorded(self, fact: StateLine | CountLine | SeenLine) -> None:
        """Facts that were made of samples elsewhere: held until the line's `seen`, then kept as they are."""
        self._check_line(fact.line)
        changes, deltas = self._held.setdefault(fact.line, ([], []))
        match fact:
            case StateLine():
                changes.append(fact.change)
            case CountLine():
                deltas.append(fact.delta)
            case SeenLine():
                del self._held[fact.line]
                last_at, before = fact.now.last_at, self._now[fact.line].last_at
                if last_at is None or (before is not None and last_at <= before):
                    self.outcome.repeated += 1 + len(changes) + len(deltas)
                    return
                self._now[fact.line] = fact.now
                facts = LineFacts(fact.line, tuple(changes), tuple(deltas), (), fact.now)
                self._batch.samples.setdefault(fact.line, []).append(facts)
                self.outcome.taken += 1 + len(changes) + len(deltas)

    def _event(self, fact: EventLine) -> None:
        self._check_company(events.company_of(fact.event))
        told = events.facts_of(fact.event)
        self._batch.jobs.extend(told.jobs)
        self._batch.labor.extend(told.labor)
        self._batch.closings.extend(told.closings)
        self._batch.reasons.extend(told.reasons)

    def flush(self) -> None:
        """Keep the batch and everything derived from it, in one transaction."""
        batch, self._batch = self._batch, _Batch()
        if batch.size == 0:
            return
        with transaction.atomic():
            lock_companies(self._companies)
            lock(policy.line_id for policy in self._policies.values())
            now = states.advance_replay_clock(batch.latest)
            self._keep(batch, now)

    def _keep(self, batch: _Batch, now: int) -> None:
        known = self._policies
        also: dict[str, list[tuple[int, int]]] = {slug: [] for slug in known}
        for slug, facts in batch.samples.items():
            states.record(known[slug].line_id, facts)
            also[slug].extend(dirty_of(facts))
        for mark in batch.marks:
            downtime.record_mark(
                line_id=known[mark.line].line_id, at=mark.at, action=mark.action, code=mark.code, by=mark.by,
                tagged_at=mark.tagged_at, comment=mark.comment,
            )  # fmt: skip
            also[mark.line].append((mark.at, mark.at))
        for scrap in batch.scraps:
            states.report_scrap(
                line_id=known[scrap.line].line_id, at=scrap.at, qty=scrap.qty, code=scrap.code, by=scrap.by
            )
            also[scrap.line].append((scrap.at, scrap.at))
        rerun: activities.Dirty = {}
        for choice in batch.choices:
            line_id = known[choice.line_slug].line_id
            jobs.record_choice(line_id, choice)
            rerun.setdefault(line_id, []).append((choice.start, choice.end))
        erp.take_in(
            ErpFacts(tuple(batch.jobs), tuple(batch.labor), tuple(batch.closings), tuple(batch.reasons)),
            now=now, also=also, rerun=rerun,
        )  # fmt: skip

    def finish(self) -> Outcome:
        """Keep the rest, and say which codes nobody knows (their tags wait for the dictionary)."""
        self.flush()
        for slug in self._held:
            self.outcome.problems.append((0, f"{slug}: recorded facts without a `seen` line at their end; left out."))
        for (company, code), number in unknown_codes(self._tag_lines).items():
            self.outcome.problems.append(
                (number, f"code {code!r} is not in the dictionary of {company}; the tag waits for it.")
            )
        self.outcome.problems.sort()
        return self.outcome


def replay(lines: Iterable[str], *, is_strict: bool = False, speed: float | None = None) -> Outcome:
    """Feed a whole file, as fast as it can or at `speed` times real time.

    With `is_strict` nothing is changed unless all of it is good (NotAllGood has the problems).
    """
    pace = Pace(speed) if speed else None
    with transaction.atomic() if is_strict else nullcontext():
        run = Replay()
        for number, text in enumerate(lines, start=1):
            if not text.strip():
                continue
            if pace is not None and pace.must_wait(text):
                run.flush()
                pace.wait()
            run.feed(number, text)
        outcome = run.finish()
        if is_strict and outcome.problems:
            raise NotAllGood(outcome)
        return outcome


class Pace:
    """Holds a replay back to a multiple of real time, by the instants in the facts."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = time.monotonic()
        self._first: int | None = None
        self._due = 0.0

    def must_wait(self, text: str) -> bool:
        """Whether the fact in this line lies in the future of the replayed time."""
        try:
            at = facts_file.latest(facts_file.parse(text))
        except BadLine:
            return False
        if at is None:
            return False
        if self._first is None:
            self._first = at
        self._due = self._began + (at - self._first) / SECOND / self._speed
        return self._due > time.monotonic()

    def wait(self) -> None:
        """Sleep until the fact is due."""
        time.sleep(max(0.0, self._due - time.monotonic()))
