"""When jobs close: hours after the last operation that a line of the plan makes is complete."""

from collections.abc import Iterable

from apps.shared.instants import HOUR, SECOND
from apps.simulators.demo.plan import DemoPlan
from apps.simulators.demo.products import PRODUCTS
from apps.simulators.demo.types import Act


class Closings:
    """Counts the completed operations of every job, whatever the order in which they are told."""

    def __init__(self, plan: DemoPlan) -> None:
        self._plan = plan
        self._completed: dict[tuple[str, str], dict[int, int]] = {}
        there = {(line.template, line.copy) for line in plan.lines}
        # By job: the operations that some line of this plan makes.
        self._expected = {
            (product.part_num, copy): {step.opr_seq for step in product.steps if (step.template, copy) in there}
            for product in PRODUCTS
            for copy in {line.copy for line in plan.lines}
        }

    def after(self, acts: Iterable[Act]) -> list[Act]:
        """The closings that these acts lead to."""
        found = []
        for act in acts:
            if act.edge == "completed":
                done = self._completed.setdefault((act.company, act.job_num), {})
                done[act.opr_seq] = act.at
                if done.keys() >= self._expected[act.part_num, act.copy]:
                    found.append(self._closing(act, max(done.values())))
        return found

    def _closing(self, act: Act, done: int) -> Act:
        wait = self._plan.random(act.job_num, "closing").uniform(4, 12) * HOUR
        at = (done + int(wait)) // SECOND * SECOND
        return Act(at, at + SECOND, "closed", act.company, act.plant, act.job_num, 0)
