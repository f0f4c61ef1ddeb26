"""The simulated Epicor as the demo's people have left it: master data, jobs, and labour done through its own engine."""

import heapq
from collections.abc import Iterator

from apps.simulators.demo.closings import Closings
from apps.simulators.demo.dictionary import reasons
from apps.simulators.demo.events import INSTANCE
from apps.simulators.demo.labour import UNMAPPED_RESOURCE
from apps.simulators.demo.plan import DemoPlan
from apps.simulators.demo.products import DemoJob
from apps.simulators.demo.story import chapters
from apps.simulators.demo.types import Act, Chapter
from apps.simulators.epicor.company import Company, LaborKey, Oper, Output
from apps.simulators.epicor.epicor import Epicor


def epicor_of(plan: DemoPlan, now: int) -> Epicor:
    """A simulated Epicor with the companies and master data of the plan, and no jobs yet."""
    epicor = Epicor(now=now, instance=INSTANCE)
    for plant in plan.plants:
        company = epicor.add_company(plant.company, plant.company_name)
        company.add_plant(plant.code, plant.name, plant.time_zone, time_zone_id=plant.epicor_zone)
        company.add_group("DEBR", plant.code, "Deburring")
        company.add_resource(UNMAPPED_RESOURCE, "DEBR", "Deburring bench")
        _add_machines(plan, company, plant.code)
        for reason in reasons():
            if reason.is_scrap:
                company.set_reason(reason.code, reason.description, at=now)
            else:
                company.set_indirect(reason.code, reason.description, at=now)
    return epicor


def _add_machines(plan: DemoPlan, company: Company, plant: str) -> None:
    lines = [line for line in plan.lines if line.plant.code == plant]
    for group in sorted({line.resource_group for line in lines}):
        company.add_group(group, plant)
    for line in lines:
        company.add_resource(line.resource, line.resource_group, line.name)


class Deeds:
    """What happens in Epicor, over all lines in order of time: jobs that are released, and acts."""

    def __init__(self, plan: DemoPlan) -> None:
        self._plan = plan
        self._chapters: list[Iterator[Chapter]] = [chapters(plan, line) for line in plan.lines]
        self._read_until = [plan.start for _ in plan.lines]
        self._closings = Closings(plan)
        self._waiting: list[tuple[int, bool, int, DemoJob | Act]] = []
        self._order = 0
        self._jobs_until = 0

    def until(self, end: int) -> list[DemoJob | Act]:
        """Everything before `end` that no earlier call gave."""
        for place in range(len(self._chapters)):
            while self._read_until[place] <= end:
                self._read(place)
        for job in self._plan.jobs(end):
            if job.released_at >= self._jobs_until:
                self._wait(job.released_at, job)
        self._jobs_until = end
        found = []
        while self._waiting and self._waiting[0][0] < end:
            found.append(heapq.heappop(self._waiting)[3])
        return found

    def next_at(self) -> int | None:
        """When the next known act is; None where the chapters read so far hold none."""
        return self._waiting[0][0] if self._waiting else None

    def _read(self, place: int) -> None:
        chapter = next(self._chapters[place])
        self._read_until[place] = chapter.end
        for act in (*chapter.acts, *self._closings.after(chapter.acts)):
            self._wait(act.at, act)

    def _wait(self, at: int, deed: DemoJob | Act) -> None:
        self._order += 1
        # A job that is released at the instant at which work on it begins comes first.
        heapq.heappush(self._waiting, (at, isinstance(deed, Act), self._order, deed))


class Floor:
    """The people on the floor at their terminals: does in a simulated Epicor what the plan's story says."""

    def __init__(self, plan: DemoPlan, epicor: Epicor) -> None:
        self._epicor = epicor
        self._deeds = Deeds(plan)

    def work(self, now: int) -> int | None:
        """Do everything that is due before `now`; returns when the next thing that is known of is due."""
        for deed in self._deeds.until(now):
            if isinstance(deed, DemoJob):
                self._release(deed)
            else:
                self._do(self._epicor.companies[deed.company], deed)
        return self._deeds.next_at()

    def _release(self, job: DemoJob) -> None:
        product = job.product
        operations = [
            Oper(
                step.opr_seq, step.op_code, step.op_desc, prod_standard=step.standard, std_format=step.std_format,
                std_basis=step.std_basis, ops_per_part=step.ops_per_part, qty_per_cycle=step.qty_per_cycle,
            )
            for step in product.steps
        ]  # fmt: skip
        company = self._epicor.companies[product.company]
        company.add_job(
            job.number, product.part_num, product.qty, operations,
            plant=product.plant, at=job.released_at, description=product.description,
            due=company.clock(job.due_at, product.plant).day,
        )  # fmt: skip

    def _do(self, company: Company, act: Act) -> None:
        key = LaborKey(*act.key) if act.key else None
        if act.edge == "started":
            company.start_activity(
                act.employee, act.job_num, act.opr_seq, at=act.at, resource_id=act.resource,
                resource_grp_id=act.resource_group, labor_type=act.labor_type, key=key,
            )  # fmt: skip
        elif act.edge == "ended" and key is not None:
            # Completing the operation, or closing the job, may have ended it already.
            if company.row("LaborDtl", key)["ActiveTrans"]:
                company.end_activity(key, at=act.at, output=Output(act.good, act.scrap, "S120" if act.scrap else ""))
        elif act.edge == "completed":
            company.complete_operation(act.job_num, act.opr_seq, at=act.at)
        elif act.edge == "closed":
            company.close_job(act.job_num, at=act.at)
