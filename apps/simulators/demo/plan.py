"""The demo as a whole: who, what and since when. Everything else follows from it."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random
from zoneinfo import ZoneInfo

from apps.shared.instants import DAY, from_us
from apps.simulators.demo.floor import WERK_2, DemoLine, DemoPlant, lines
from apps.simulators.demo.products import PRODUCTS, DemoJob, DemoProduct, job_of

HISTORY_DAYS = 14


@dataclass(frozen=True)
class DemoPlan:
    """One demo: its seed, the instant at which its story begins, and its lines. Equal plans tell equal stories."""

    seed: int
    start: int
    lines: tuple[DemoLine, ...]

    @cached_property
    def plants(self) -> tuple[DemoPlant, ...]:
        """The plants that have a line, in the order of their first."""
        return tuple({line.plant.code: line.plant for line in self.lines}.values())

    @cached_property
    def closed(self) -> dict[str, frozenset[date]]:
        """By plant code, the dates on which no shift starts: one works holiday in the middle of the history."""
        day = from_us(self.start + 6 * DAY).astimezone(ZoneInfo(WERK_2.time_zone)).date()
        while day.weekday() > 4:
            day += timedelta(days=1)
        return {plant.code: frozenset({day} if plant == WERK_2 else ()) for plant in self.plants}

    def random(self, *about: str) -> Random:
        """A random source of its own for each subject, so that one subject never disturbs another."""
        return Random(f"{self.seed}/{'/'.join(about)}")

    def jobs(self, until: int) -> list[DemoJob]:
        """The jobs released before `until` that have something to do on a line of this plan, by release."""
        copies = range(max((line.copy for line in self.lines), default=-1) + 1)
        there = {(line.template, line.copy) for line in self.lines}
        found: list[DemoJob] = []
        for copy in copies:
            for product in PRODUCTS:
                if any((step.template, copy) in there for step in product.steps):
                    found.extend(self._released(product, copy, until))
        return sorted(found, key=lambda job: (job.released_at, job.number))

    def _released(self, product: DemoProduct, copy: int, until: int) -> list[DemoJob]:
        jobs: list[DemoJob] = []
        while (job := job_of(product, copy, len(jobs), self.start)).released_at < until:
            jobs.append(job)
        return jobs


def make_plan(*, seed: int, start: int, count: int = 12) -> DemoPlan:
    """The demo with `count` lines whose story begins at `start`."""
    return DemoPlan(seed=seed, start=start, lines=lines(count))
