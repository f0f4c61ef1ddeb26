"""Feeding recorded facts through the same code as live ones, a batch to a transaction."""

import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field

from django.db import transaction

from apps.flow import facts_file
from apps.flow.facts_file import (
    AlertLine,
    BadLine,
    CountLine,
    EventLine,
    Fact,
    MarkLine,
    Recorded,
    SampleLine,
    ScrapLine,
    SeenLine,
    StateLine,
)
from apps.flow.learned import Learned, keep
from apps.jobs.types import Choice, JobState
from apps.lines.models import Company
from apps.lines.queries import policies
from apps.oee.tails import limits_of
from apps.reasons.queries import unknown_codes
from apps.shared.instants import SECOND
from apps.states import operations as states
from apps.states.queries import snapshots
from apps.states.rules import step
from apps.states.types import Alert, Change, Delta, LineFacts, LineNow

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
        self._held: dict[str, tuple[list[Change], list[Delta], list[Alert]]] = {}
        self._batch = Learned()
        self._latest = self._size = 0

    def feed(self, number: int, text: str) -> None:
        """Take in one line of the file; what is wrong with it is noted."""
        try:
            fact = facts_file.parse(text)
            self._sort_in(number, fact)
        except BadLine as wrong:
            self.outcome.problems.append((number, str(wrong)))
            return
        at = facts_file.latest(fact)
        if at is not None and at > self._latest:
            self._latest = at
        self._size += 1
        if self._size >= BATCH:
            self.flush()

    def _sort_in(self, number: int, fact: Fact) -> None:
        match fact:
            case SampleLine():
                self._sample(fact)
                return
            case StateLine() | CountLine() | AlertLine() | SeenLine():
                self._recorded(fact)
                return
            case EventLine() | JobState():
                self._check_company(fact.company)
            case Choice():
                self._check_line(fact.line_slug)
            case MarkLine():
                self._check_line(fact.line)
                if fact.code:
                    self._tag_lines[self._policies[fact.line].company, fact.code] = number
            case ScrapLine():
                self._check_line(fact.line)
        self._batch.add(fact)
        self.outcome.taken += 1

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
        pending = self._batch.machines.setdefault(slug, [])
        if done.changes or done.deltas or done.alerts or not pending:
            pending.append(LineFacts(slug, done.changes, done.deltas, done.alerts, done.now))
        else:
            last = pending[-1]
            pending[-1] = LineFacts(slug, last.changes, last.deltas, last.alerts, done.now)
        self.outcome.taken += 1

    def _recorded(self, fact: Recorded) -> None:
        """Facts that were made of samples elsewhere: held until the line's `seen`, then kept as they are."""
        self._check_line(fact.line)
        changes, deltas, alerts = self._held.setdefault(fact.line, ([], [], []))
        match fact:
            case StateLine():
                changes.append(fact.change)
            case CountLine():
                deltas.append(fact.delta)
            case AlertLine():
                alerts.append(fact.alert)
            case SeenLine():
                del self._held[fact.line]
                last_at, before = fact.now.last_at, self._now[fact.line].last_at
                if last_at is None or (before is not None and last_at <= before):
                    self.outcome.repeated += 1 + len(changes) + len(deltas) + len(alerts)
                    return
                self._now[fact.line] = fact.now
                facts = LineFacts(fact.line, tuple(changes), tuple(deltas), tuple(alerts), fact.now)
                self._batch.machines.setdefault(fact.line, []).append(facts)
                self.outcome.taken += 1 + len(changes) + len(deltas) + len(alerts)

    def flush(self) -> None:
        """Keep the batch and everything derived from it, in one transaction."""
        if self._size == 0:
            return
        batch, self._batch = self._batch, Learned()
        with transaction.atomic():
            now = states.advance_replay_clock(self._latest)
            keep(batch, self._policies.keys(), self._companies, now=now)
        self._latest = self._size = 0

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
