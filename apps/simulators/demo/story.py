"""The story of one line: jobs, setups, shifts, stops, and what people did about them. Endless, and always the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from apps.shared.instants import HOUR, MINUTE, SECOND
from apps.simulators.demo.crew import operator
from apps.simulators.demo.floor import DemoLine, Traits, Trouble
from apps.simulators.demo.labour import Labour, Task
from apps.simulators.demo.machine import Machine, Pace
from apps.simulators.demo.plan import DemoPlan
from apps.simulators.demo.products import DemoJob, DemoStep, cycle_of, job_of, ready_at, steps_on
from apps.simulators.demo.shifts import windows
from apps.simulators.demo.tablet import resolutions, sayings
from apps.simulators.demo.types import Chapter, Window

_OVERTIME_FROM, _OVERTIME = 30 * MINUTE, 5 * HOUR


@dataclass(slots=True)
class Stay:
    """An operation on this line: how many good pieces are still to make, and how much of its setup is still to do."""

    job: DemoJob
    step: DemoStep
    want: int
    setup_left: int

    def task(self, labor_type: str) -> Task:
        """The operation as something to sign on to."""
        return Task(self.job, self.step, labor_type)


def chapters(plan: DemoPlan, line: DemoLine) -> Iterator[Chapter]:
    """The line's story from the plan's start, window after window, without end."""
    story = _Story(plan, line)
    for window in windows(line.plant, plan.start, plan.closed[line.plant.code]):
        yield story.tell(window)


class _Story:
    def __init__(self, plan: DemoPlan, line: DemoLine) -> None:
        self._line = line
        self._random: Random = plan.random(line.slug)
        self._tablet: Random = plan.random(line.slug, "tablet")
        self._machine = Machine(plan.start, self._random)
        self._labour = Labour(line, plan.random(line.slug, "labour"), self._machine)
        self._queue = _queue(plan, line)
        self._next: tuple[DemoJob, DemoStep] | None = None
        self._stay: Stay | None = None
        self._silences: list[tuple[int, int]] = []
        self._conflicts: list[tuple[int, int, Task]] = []

    @property
    def _traits(self) -> Traits:
        return self._line.traits

    def tell(self, window: Window) -> Chapter:
        machine = self._machine
        machine.spells, self._silences, self._conflicts = [], [], []
        if window.shift and (not self._traits.crews or window.shift in self._traits.crews):
            self._work(window)
        elif not window.shift and self._traits.overtime and window.end - window.start > 24 * HOUR:
            machine.stand(window.start + _OVERTIME_FROM)
            self._work(Window(machine.at, machine.at + _OVERTIME, ""))
        machine.stand(window.end)
        self._go_silent(window)
        said = sayings(self._line, window, machine.spells, self._tablet)
        said += resolutions(self._line, self._conflicts, self._tablet)
        spells, silences = tuple(machine.spells), tuple(sorted(self._silences))
        return Chapter(window.start, window.end, spells, silences, self._labour.take(), said)

    def _work(self, window: Window) -> None:
        machine, end = self._machine, window.end
        self._arrive(window)
        while machine.at < end:
            if self._stay is None and not self._take_next(end):
                machine.stand(min(end, ready_at(*self._upcoming())), cause="N130")
            elif self._stay is not None and self._stay.setup_left:
                self._set_up(self._stay, window)
            elif self._stay is not None:
                self._produce(self._stay, window)
        self._leave(end)

    def _arrive(self, window: Window) -> None:
        """The crew signs on some minutes after the shift began; now and then the machine was never switched off."""
        machine, stay = self._machine, self._stay
        begin = min(window.end, window.start + self._between(20 * SECOND, 5 * MINUTE))
        if stay and not stay.setup_left and self._random.random() < 0.5:
            stay.want -= machine.run(begin, self._pace(stay), stay.want)
            if stay.want <= 0:
                self._finish(stay, window)
        else:
            machine.stand(min(window.end, begin + self._between(0, 150 * SECOND)), cause="P160")

    def _leave(self, end: int) -> None:
        if self._labour.current and self._random.random() < self._traits.forgets:
            self._labour.linger(end + self._between(40 * MINUTE, 7 * HOUR))
        else:
            self._labour.sign_off(end)

    def _upcoming(self) -> tuple[DemoJob, DemoStep]:
        if self._next is None:
            self._next = next(self._queue)
        return self._next

    def _take_next(self, end: int) -> bool:
        job, step = self._upcoming()
        if ready_at(job, step) > self._machine.at or self._machine.at >= end:
            return False
        self._next = None
        low, high = self._traits.setup_minutes
        self._stay = Stay(job, step, job.product.qty, int(self._random.uniform(low, high) * MINUTE))
        self._machine.empty()
        return True

    def _set_up(self, stay: Stay, window: Window) -> None:
        """Stand while somebody changes over, try a few pieces, and go on to production when the setup is done."""
        machine = self._machine
        self._sign_on(stay.task("S"), window)
        end = min(window.end, machine.at + stay.setup_left)
        stay.setup_left -= end - machine.at
        if not stay.setup_left:
            machine.stand(end - (end - machine.at) // 4)
            stay.want -= machine.run(machine.at + (end - machine.at) // 2, self._trial(stay))
            machine.stand(end)
            self._labour.sign_off(end)
            self._hand_over(stay, window)
        else:
            machine.stand(end)

    def _hand_over(self, stay: Stay, window: Window) -> None:
        """From setup to production: mostly at once; sometimes the machine runs for minutes before anybody signs on."""
        gap = self._between(2 * MINUTE, 14 * MINUTE) if self._random.random() < 0.15 else self._between(0, 20 * SECOND)
        until = min(window.end, self._machine.at + gap)
        stay.want = max(1, stay.want - self._machine.run(until, self._pace(stay)))

    def _produce(self, stay: Stay, window: Window) -> None:
        machine = self._machine
        pause = None if self._traits.runs_through_breaks else _next_break(window, machine.at)
        if pause and pause[0] <= machine.at:
            machine.stand(min(window.end, pause[1] + self._between(0, 150 * SECOND)))
            return
        bound = min(window.end, pause[0]) if pause else window.end
        self._sign_on(stay.task("P"), window)
        trouble_at = machine.at + int(self._random.expovariate(self._stops_per_us()))
        stay.want -= machine.run(min(bound, trouble_at), self._pace(stay), stay.want)
        if stay.want <= 0:
            self._finish(stay, window)
        elif machine.at == trouble_at:
            self._stop(bound)

    def _finish(self, stay: Stay, window: Window) -> None:
        """Complete the operation. Now and then the next one is begun before this one is signed off."""
        at, self._stay = self._machine.at, None
        overlaps = self._random.random() < self._traits.overlaps
        done = at + self._between(6 * MINUTE, 22 * MINUTE) if overlaps else at
        employee = operator(self._line, window.shift).emp_id
        if self._labour.current is None:
            self._labour.sign_on(stay.task("P"), at - SECOND, employee)
        if overlaps:
            self._labour.linger(done)
        else:
            self._labour.sign_off(done)
        self._labour.complete(stay.task("P"), done)
        if stay.job.product.part_num == "BRKT-2210" and self._line.template == "mill-1":
            self._labour.deburr(stay.job, done + 10 * MINUTE, employee)

    def _stop(self, bound: int) -> None:
        """A micro-stop, a longer stop, or a controller that starts again."""
        machine, traits = self._machine, self._traits
        pick = self._random.random() * (traits.micro_per_h + traits.stops_per_h + traits.reboots_per_day / 16)
        if pick < traits.micro_per_h:
            length = int(min(0.9 * self._line.micro_stop_s, 6 + self._random.expovariate(1 / 28)) * SECOND)
            machine.stand(min(bound, machine.at + length))
        elif pick < traits.micro_per_h + traits.stops_per_h:
            trouble = self._trouble()
            length = int(self._random.uniform(*trouble.minutes) * MINUTE)
            machine.stand(min(bound, machine.at + length), cause=trouble.reason or "?", fault=trouble.fault)
        else:
            self._reboot(bound)

    def _reboot(self, bound: int) -> None:
        machine, down = self._machine, self._machine.at
        machine.stand(min(bound, down + self._between(70 * SECOND, 3 * MINUTE)))
        self._silences.append((down, machine.at))
        machine.restarts = True
        up = machine.at + self._between(15 * SECOND, 50 * SECOND)
        machine.stand(min(bound, up), cause="E190", fault=90)

    def _trouble(self) -> Trouble:
        troubles = self._traits.troubles
        return self._random.choices(troubles, [one.weight for one in troubles])[0]

    def _go_silent(self, window: Window) -> None:
        expected = self._traits.silences_per_day * (window.end - window.start) / (24 * HOUR)
        count = int(expected + self._random.random())
        for _ in range(count):
            start = window.start + self._between(0, window.end - window.start - 10 * MINUTE)
            end = start + self._between(50 * SECOND, 8 * MINUTE)
            if all(end < other[0] or start > other[1] for other in self._silences):
                self._silences.append((start, end))

    def _sign_on(self, task: Task, window: Window) -> None:
        if self._labour.current and self._labour.current.task == task:
            return
        at = self._machine.at
        self._labour.sign_off(at)
        self._labour.sign_on(task, at, operator(self._line, window.shift).emp_id)
        for other in self._labour.clashes(at):
            self._conflicts.append((at, other.end or at, task))

    def _pace(self, stay: Stay) -> Pace:
        return Pace(cycle_of(stay.step) * self._traits.slowness * SECOND, self._traits.scatter, self._traits.scrap)

    def _trial(self, stay: Stay) -> Pace:
        return Pace(cycle_of(stay.step) * 1.4 * SECOND, 0.2, 0.5)

    def _stops_per_us(self) -> float:
        traits = self._traits
        return (traits.micro_per_h + traits.stops_per_h + traits.reboots_per_day / 16) / HOUR

    def _between(self, low: int, high: int) -> int:
        return self._random.randrange(low, high) if high > low else low


def _queue(plan: DemoPlan, line: DemoLine) -> Iterator[tuple[DemoJob, DemoStep]]:
    """What the line has to make, round after round."""
    steps = steps_on(line.template)
    round_ = 0
    while True:
        for product, step in steps:
            yield job_of(product, line.copy, round_, plan.start), step
        round_ += 1


def _next_break(window: Window, at: int) -> tuple[int, int] | None:
    return next(((start, end) for start, end in window.breaks if end > at), None)
