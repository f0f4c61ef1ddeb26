"""Making LaborActivities of labour messages, and Runs of activities: derived rows, always made again from what they depend on."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from django.db.models import Q

from apps.jobs.models import ClosingRecord, JobOper, LaborActivity, LaborRecord, Run
from apps.jobs.queries import choices_between, runs_between, stays_between
from apps.jobs.rules import Merged, RunSpan, Told, closed_at, merge, runs
from apps.jobs.types import OperKey
from apps.lines.models import WorkCenterMap
from apps.lines.types import LinePolicy
from apps.shared.bulk import insert
from apps.shared.periods import FOREVER, merged

ActivityKey = tuple[str, int, int]
Dirty = dict[int, list[tuple[int, int]]]
_BATCH = 400
_COLUMNS = (
    "job_num", "assembly_seq", "opr_seq", "kind", "resource_id", "resource_grp_id", "employee", "started_at",
    "ended_at", "line_id", "oper_id", "problem",
)  # fmt: skip


def keys_of_opers(opers: Iterable[OperKey]) -> set[ActivityKey]:
    """The activities that name one of these operations."""
    wanted = {tuple(oper) for oper in opers}
    found: set[ActivityKey] = set()
    rows = LaborActivity.objects.filter(job_num__in={oper[1] for oper in wanted})
    for company, job, assembly, opr, hed, dtl in rows.values_list(
        "company", "job_num", "assembly_seq", "opr_seq", "labor_hed_seq", "labor_dtl_seq"
    ):
        if (company, job, assembly, opr) in wanted:
            found.add((company, hed, dtl))
    return found


def keys_of_jobs(jobs: Iterable[tuple[str, str]]) -> set[ActivityKey]:
    """The activities of jobs named by (company, JobNum)."""
    wanted = set(jobs)
    rows = LaborActivity.objects.filter(job_num__in={job for _company, job in wanted})
    return {
        (company, hed, dtl)
        for company, job, hed, dtl in rows.values_list("company", "job_num", "labor_hed_seq", "labor_dtl_seq")
        if (company, job) in wanted
    }


def keys_of_resources(company: str, codes: Iterable[str]) -> set[ActivityKey]:
    """The activities on resources or groups with these codes."""
    wanted = list(codes)
    rows = LaborActivity.objects.filter(Q(resource_id__in=wanted) | Q(resource_grp_id__in=wanted), company=company)
    return set(rows.values_list("company", "labor_hed_seq", "labor_dtl_seq"))


def remake(keys: Iterable[ActivityKey]) -> Dirty:
    """Make these activities again. Returns, by line, the stretches in which a binding may have changed."""
    dirty: Dirty = {}
    ordered = sorted(set(keys))
    for first in range(0, len(ordered), _BATCH):
        _remake(ordered[first : first + _BATCH], dirty)
    return dirty


def _remake(keys: list[ActivityKey], dirty: Dirty) -> None:
    asked = Q(pk__in=[])
    for company, hed, dtl in keys:
        asked |= Q(company=company, labor_hed_seq=hed, labor_dtl_seq=dtl)
    told: dict[ActivityKey, list[Told]] = {}
    for record in LaborRecord.objects.filter(asked):
        key = (record.company, record.labor_hed_seq, record.labor_dtl_seq)
        told.setdefault(key, []).append(Told(record.sys_rev_id, record.at, record.fact_id, record.edge, record.carried))
    existing = {(row.company, row.labor_hed_seq, row.labor_dtl_seq): row for row in LaborActivity.objects.filter(asked)}
    whole = {key: merge(messages) for key, messages in told.items()}
    ground = _Ground(whole)
    fresh, changed = [], []
    for key, activity in whole.items():
        row = existing.get(key) or LaborActivity(company=key[0], labor_hed_seq=key[1], labor_dtl_seq=key[2])
        before = tuple(getattr(row, name) for name in _COLUMNS)
        had = _effect(row)
        ground.fill(row, activity)
        if key not in existing:
            fresh.append(row)
        elif before != tuple(getattr(row, name) for name in _COLUMNS):
            changed.append(row)
        _note(dirty, had, _effect(row))
    LaborActivity.objects.bulk_create(fresh)
    LaborActivity.objects.bulk_update(changed, _COLUMNS)


def _effect(row: LaborActivity) -> tuple[int, int, int, int, str] | None:
    """(line, start, end, operation, kind) where the activity binds its line."""
    if row.line_id is None or row.oper_id is None or row.started_at is None or not row.kind:
        return None
    return row.line_id, row.started_at, FOREVER if row.ended_at is None else row.ended_at, row.oper_id, row.kind


def _note(
    dirty: Dirty, before: tuple[int, int, int, int, str] | None, after: tuple[int, int, int, int, str] | None
) -> None:
    if before == after:
        return
    for effect in (before, after):
        if effect is not None and effect[2] > effect[1]:
            dirty.setdefault(effect[0], []).append((effect[1], effect[2]))


class _Ground:
    """Everything besides its own messages that an activity depends on: closings, operations, the mapping."""

    def __init__(self, activities: dict[ActivityKey, Merged]) -> None:
        jobs = {str(one.carried.get("JobNum", "")) for one in activities.values()}
        self._closings: dict[tuple[str, str], list[tuple[int | None, int | None, int]]] = {}
        for company, job, assembly, opr, at in ClosingRecord.objects.filter(job_num__in=jobs).values_list(
            "company", "job_num", "assembly_seq", "opr_seq", "at"
        ):
            self._closings.setdefault((company, job), []).append((assembly, opr, at))
        self._opers = {
            (company, job, assembly, opr): pk
            for pk, company, job, assembly, opr in JobOper.objects.filter(job__job_num__in=jobs).values_list(
                "pk", "job__company__code", "job__job_num", "assembly_seq", "opr_seq"
            )
        }
        self._lines = {
            (company, kind, code): line_id
            for company, kind, code, line_id in WorkCenterMap.objects.filter(
                company__code__in={key[0] for key in activities}
            ).values_list("company__code", "kind", "code", "line_id")
        }

    def fill(self, row: LaborActivity, activity: Merged) -> None:
        """Write what the messages and the ground say into the row."""
        carried = activity.carried
        row.job_num = str(carried.get("JobNum", ""))
        row.assembly_seq = int(carried.get("AssemblySeq", 0))
        row.opr_seq = int(carried["OprSeq"]) if "OprSeq" in carried else None
        row.kind = activity.kind
        row.resource_id = str(carried.get("ResourceID", ""))
        row.resource_grp_id = str(carried.get("ResourceGrpID", ""))
        row.employee = str(carried.get("EmployeeNum", ""))
        row.started_at = activity.start
        row.ended_at = self._ended(row, activity)
        row.line_id = self._lines.get((row.company, WorkCenterMap.Kind.RESOURCE, row.resource_id)) or self._lines.get(
            (row.company, WorkCenterMap.Kind.GROUP, row.resource_grp_id)
        )
        row.oper_id = self._opers.get((row.company, row.job_num, row.assembly_seq or 0, row.opr_seq or 0))
        row.problem = _problem(row)

    def _ended(self, row: LaborActivity, activity: Merged) -> int | None:
        if activity.start is None:
            return activity.end
        closings = [
            at
            for assembly, opr, at in self._closings.get((row.company, row.job_num), ())
            if opr is None or (assembly, opr) == (row.assembly_seq, row.opr_seq)
        ]
        return closed_at(activity.start, activity.end, closings)


def _problem(row: LaborActivity) -> str:
    if not row.kind:
        return ""
    if row.oper_id is None:
        return LaborActivity.Problem.UNKNOWN_OPERATION
    return LaborActivity.Problem.UNMAPPED_RESOURCE if row.line_id is None else ""


class Rebound(NamedTuple):
    """The stretches in which a line is bound otherwise now, and the operations of the runs that are other ones."""

    stretches: list[tuple[int, int]]
    oper_ids: set[int]


def remake_runs(policy: LinePolicy, ranges: Iterable[tuple[int, int]]) -> Rebound:
    """Make the Runs of a line again where activities or choices changed."""
    differing: list[tuple[int, int]] = []
    oper_ids: set[int] = set()
    for start, end in merged(ranges):
        old, made = _remake_runs(policy, start, end)
        differing.extend(_differences(old, made))
        oper_ids |= {run.oper_id for run in {*old} ^ {*made} if run.oper_id is not None}
    return Rebound(merged(differing), oper_ids)


def _remake_runs(policy: LinePolicy, start: int, end: int) -> tuple[list[RunSpan], list[RunSpan]]:
    """The whole runs around a stretch as they were and as they are."""
    old = runs_between(policy.line_id, start, end)
    # Whole runs: a stretch that now ends inside one may join it or shorten it.
    start = min([start, *(run.start for run in old)])
    end = max([end, *(run.end for run in old)])
    made = [
        run._replace(start=max(run.start, start), end=min(run.end, end))
        for run in runs(
            stays_between(policy.line_id, start, end),
            choices_between(policy.line_id, start, end),
            is_newest=policy.is_newest,
        )
        if run.start < end and run.end > start
    ]
    if made == old:
        return old, old
    if old:
        Run.objects.filter(line_id=policy.line_id, start__in=[run.start for run in old]).delete()
    rows = [(policy.line_id, run.start, None if run.end >= FOREVER else run.end, run.oper_id, run.kind) for run in made]
    insert(Run, ("line", "start", "end", "oper", "kind"), rows, ignore=False)
    return old, made


def _differences(old: list[RunSpan], made: list[RunSpan]) -> list[tuple[int, int]]:
    """Where the binding is another one; and the edges that only one side has, because an edge cuts slices."""
    edges = [{at for run in runs for at in (run.start, run.end)} for runs in (old, made)]
    found = [(at, at) for at in edges[0] ^ edges[1]]
    for start, end in pairwise(sorted(edges[0] | edges[1])):
        if _bound_at(old, start) != _bound_at(made, start):
            found.append((start, end))
    return found


def _bound_at(ordered: list[RunSpan], at: int) -> tuple[int | None, str] | None:
    index = bisect_right(ordered, at, key=lambda run: run.start) - 1
    return ordered[index][2:] if index >= 0 and ordered[index].end > at else None


def keys_of_line(line_id: int) -> set[ActivityKey]:
    """The activities that take effect on a line now."""
    rows = LaborActivity.objects.filter(line_id=line_id)
    return set(rows.values_list("company", "labor_hed_seq", "labor_dtl_seq"))
