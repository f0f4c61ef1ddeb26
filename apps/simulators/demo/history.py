"""The demo's past, in batches in time order: the samples, messages and sayings of a live plant."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.shared.instants import HOUR, MINUTE, iso
from apps.simulators.demo.closings import Closings
from apps.simulators.demo.events import event_of, job_row
from apps.simulators.demo.floor import DemoLine
from apps.simulators.demo.plan import DemoPlan
from apps.simulators.demo.samples import samples
from apps.simulators.demo.story import chapters
from apps.simulators.demo.types import Chapter, Said
from apps.states.rules import step
from apps.states.types import Alert, Change, Delta, LineFacts, LineNow, Sample

BATCH = 6 * HOUR
# One job of each round is engineered in a hurry: work on it starts before Jobline hears of the job.
_LATE_JOB, _LATE_BY = "FRM-1175", 50 * MINUTE


@dataclass(frozen=True, slots=True)
class Batch:
    """What was learned in [start, end): lines of the facts file as they were told, and facts by line."""

    start: int
    end: int
    told: tuple[dict[str, Any], ...]
    facts: tuple[LineFacts, ...]


def history(plan: DemoPlan, end: int, *, batch: int = BATCH) -> Iterator[Batch]:
    """Everything from the plan's start until `end`, folded by the same step that the ingester uses."""
    past = Past(plan)
    start = plan.start
    while start < end:
        upto = min(end, start + batch)
        yield past.batch(start, upto)
        start = upto


class Past:
    """The lines of a plan, read along together. `told`, `facts` and `samples` go on from where the last call ended."""

    def __init__(self, plan: DemoPlan) -> None:
        self._plan = plan
        self.lines = [LinePast(plan, line) for line in plan.lines]
        self._waiting: list[tuple[int, int, dict[str, Any]]] = []
        self._closings = Closings(plan)
        self._order = 0
        self._jobs_until = 0

    def batch(self, start: int, until: int) -> Batch:
        """Everything from `start`, where the last call ended, until then."""
        return Batch(start, until, tuple(self.told(until)), tuple(self.facts(until)))

    def told(self, until: int) -> list[dict[str, Any]]:
        """What was told before `until`: jobs, events, tags, scrap, decisions."""
        for job in self._plan.jobs(until):
            if job.released_at >= self._jobs_until:
                late = _LATE_BY if job.product.part_num == _LATE_JOB and job.released_at > self._plan.start else 0
                self._wait(max(job.released_at, self._plan.start) + late, job_row(job))
        self._jobs_until = until
        for line in self.lines:
            for said in line.said(until, self._closings):
                self._wait(said.told, said.body)
        found = []
        while self._waiting and self._waiting[0][0] < until:
            found.append(heapq.heappop(self._waiting)[2])
        return found

    def facts(self, until: int) -> Iterator[LineFacts]:
        """What each line's samples before `until` taught."""
        for line in self.lines:
            facts = line.facts(until)
            if facts is not None:
                yield facts

    def samples(self, until: int) -> list[tuple[str, Sample]]:
        """The samples themselves before `until`, with their lines, in order of time."""
        found = [(sample.at, line.line.slug, sample) for line in self.lines for sample in line.samples(until)]
        return [(slug, sample) for _at, slug, sample in sorted(found, key=lambda one: one[:2])]

    def _wait(self, told: int, body: dict[str, Any]) -> None:
        self._order += 1
        heapq.heappush(self._waiting, (told, self._order, body))


class LinePast:
    """One line, read along: its chapters feed its samples and what was said."""

    def __init__(self, plan: DemoPlan, line: DemoLine) -> None:
        self.line = line
        self.now = LineNow()
        self._limits = line.limits
        self._chapters = chapters(plan, line)
        self._unsaid: list[Chapter] = []
        self._read_until = plan.start
        self._unread: list[Chapter] = []
        self._samples = samples(line, self._fresh())
        self._held: Sample | None = None

    def said(self, until: int, closings: Closings) -> list[Said]:
        """What was said in the chapters that begin before `until`; some of it is told only later."""
        while self._read_until < until:
            self._unread.append(self._next_chapter())
        found = [said for chapter in self._unsaid for said in chapter.said]
        acts = [act for chapter in self._unsaid for act in chapter.acts]
        self._unsaid = []
        for act in (*acts, *closings.after(acts)):
            body = {"t": "event", "event": event_of(act)}
            found.extend(Said(told, body) for told in (act.told, act.again) if told)
        return found

    def samples(self, until: int) -> Iterator[Sample]:
        """The line's samples before `until`."""
        sample = self._held or next(self._samples)
        while sample.at < until:
            yield sample
            sample = next(self._samples)
        self._held = sample

    def facts(self, until: int) -> LineFacts | None:
        """What the samples before `until` taught; None when there were none."""
        changes: list[Change] = []
        deltas: list[Delta] = []
        alerts: list[Alert] = []
        now, limits = self.now, self._limits
        for sample in self.samples(until):
            stepped = step(now, sample, limits)
            now = stepped.now
            changes += stepped.changes
            deltas += stepped.deltas
            alerts += stepped.alerts
        if now is self.now:
            return None
        self.now = now
        return LineFacts(self.line.slug, tuple(changes), tuple(deltas), tuple(alerts), now)

    def _fresh(self) -> Iterator[Chapter]:
        while True:
            yield self._unread.pop(0) if self._unread else self._next_chapter()

    def _next_chapter(self) -> Chapter:
        chapter = next(self._chapters)
        self._read_until = chapter.end
        self._unsaid.append(chapter)
        return chapter


def sample_row(slug: str, sample: Sample) -> dict[str, Any]:
    """A sample as a line of the facts file."""
    row: dict[str, Any] = {"t": "sample", "line": slug, "at": iso(sample.at)}
    if not sample.good:
        return row | {"good": False}
    counters = {"total": sample.total, "good_count": sample.good_count, "reject": sample.reject}
    row |= {"running": sample.running} | {name: value for name, value in counters.items() if value is not None}
    row |= {"fault": sample.fault}
    return row | ({"restarted": True} if sample.restarted else {})
