"""Who is signed on to which operation of one line: what Epicor is told, when, and what is forgotten."""

from dataclasses import dataclass, field, replace
from random import Random

from apps.shared.instants import HOUR, MINUTE, SECOND
from apps.simulators.demo.floor import DemoLine
from apps.simulators.demo.machine import Machine
from apps.simulators.demo.products import DemoJob, DemoStep
from apps.simulators.demo.types import Act, LaborKey

# Operators of copies and lines far apart never share a key: room for so many attendances of one line.
_KEYS_A_LINE = 100_000
_LATE, _TWICE = 0.03, 0.03
UNMAPPED_RESOURCE = "DEBR-01"


@dataclass(frozen=True, slots=True)
class Task:
    """What an activity is for: an operation of a job, as production (`P`) or setup (`S`)."""

    job: DemoJob
    step: DemoStep
    labor_type: str


@dataclass(frozen=True, slots=True)
class SignOn:
    """An activity that has begun; `end` where it is already known when it will end."""

    task: Task
    key: LaborKey
    start: int
    employee: str
    end: int | None = None
    # Good and bad pieces of the machine when it began.
    good: int = 0
    bad: int = 0


@dataclass(slots=True)
class Labour:
    """The activities of one line. Collects acts; `take` hands them over."""

    line: DemoLine
    random: Random
    machine: Machine
    current: SignOn | None = None
    # Signed on still, though nobody is there any more, or two at once; all have an end.
    lingering: list[SignOn] = field(default_factory=list)
    _acts: list[Act] = field(default_factory=list)
    _heads: int = 0

    def take(self) -> tuple[Act, ...]:
        """The acts since the last call."""
        acts, self._acts = tuple(self._acts), []
        return acts

    def sign_on(self, task: Task, at: int, employee: str) -> SignOn:
        """Begin an activity; what was current stays as it is."""
        self._heads += 1
        key = LaborKey((self.line.index + 1) * _KEYS_A_LINE + self._heads, 1)
        self.current = SignOn(task, key, at, employee, good=self.machine.good, bad=self.machine.bad)
        self._note(self.current, "started", at)
        return self.current

    def sign_off(self, at: int) -> None:
        """End the current activity."""
        if self.current is not None:
            self._note(self.current, "ended", at)
            self.current = None

    def linger(self, end: int) -> None:
        """Leave the current activity open until `end`, and go on as if it were over."""
        if self.current is not None:
            self.lingering = [one for one in self.lingering if one.end is not None and one.end > self.current.start]
            self.lingering.append(replace(self.current, end=end))
            self._note(self.current, "ended", end)
            self.current = None

    def complete(self, task: Task, at: int) -> None:
        """Complete the operation."""
        self._acts.append(self._about(task, "completed", at))

    def deburr(self, job: DemoJob, at: int, employee: str) -> None:
        """Two hours of handwork on a resource that no line stands for."""
        step = next(one for one in job.product.steps if not one.template)
        self._heads += 1
        key = LaborKey((self.line.index + 1) * _KEYS_A_LINE + self._heads, 1)
        by_hand = SignOn(Task(job, step, "P"), key, at, employee)
        for edge, when in (("started", at), ("ended", at + 2 * HOUR)):
            act = self._of(by_hand, edge, when)
            self._acts.append(act._replace(resource=UNMAPPED_RESOURCE, resource_group="DEBR"))

    def clashes(self, since: int) -> list[SignOn]:
        """The activities of other operations that are still open after `since`."""
        if self.current is None:
            return []
        mine = (self.current.task.job, self.current.task.step)
        open_still = [one for one in self.lingering if one.end is not None and one.end > since]
        return [one for one in open_still if (one.task.job, one.task.step) != mine]

    def _note(self, sign_on: SignOn, edge: str, at: int) -> None:
        act = self._of(sign_on, edge, at)
        if edge == "ended" and sign_on.task.labor_type == "P":
            act = act._replace(
                good=self._rounded(self.machine.good - sign_on.good), scrap=self.machine.bad - sign_on.bad
            )
        if self.random.random() < _LATE:
            act = act._replace(told=at + int(self.random.uniform(20 * MINUTE, 3 * HOUR)))
        if self.random.random() < _TWICE:
            act = act._replace(again=act.told + int(self.random.uniform(5, 300) * SECOND))
        self._acts.append(act)

    def _rounded(self, pieces: int) -> int:
        return pieces // 10 * 10 if self.random.random() < 0.3 else pieces

    def _of(self, sign_on: SignOn, edge: str, at: int) -> Act:
        return self._about(sign_on.task, edge, at)._replace(
            key=sign_on.key,
            labor_type=sign_on.task.labor_type,
            resource="" if self.line.maps_group else self.line.resource,
            resource_group=self.line.resource_group,
            employee=sign_on.employee,
        )

    def _about(self, task: Task, edge: str, at: int) -> Act:
        # Epicor's trigger and the way here take a moment.
        told = at + int(self.random.uniform(0.3, 2.5) * SECOND)
        plant = self.line.plant
        return Act(
            at // 1000 * 1000,
            told,
            edge,
            plant.company,
            plant.code,
            task.job.number,
            task.step.opr_seq,
            task.job.product.part_num,
            task.job.copy,
        )
