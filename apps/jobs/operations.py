"""Keeping jobs, operations and labour messages: what is told is appended, or wins by its SysRevID."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Q

from apps.jobs.models import ClosingRecord, Job, JobOper, LaborRecord, Resolution
from apps.jobs.types import Choice, Closing, JobState, LaborFact, OperKey, OperState
from apps.lines.models import Company
from apps.shared.bulk import insert

_JOB = ("sys_rev_id", "plant", "part_num", "part_description", "prod_qty", "due_date")
_OPER = (
    "sys_rev_id", "op_code", "op_desc", "run_qty", "prod_standard", "std_format", "std_basis", "ops_per_part",
    "qty_per_cycle",
)  # fmt: skip


class Upserted(NamedTuple):
    """What jobs that were told changed: operations that are new, and operations whose figures may now differ."""

    new: set[OperKey]
    changed_ids: set[int]
    # Those of the changed ones whose job makes another part now.
    reparted_ids: set[int]
    # Those that were known and of which the ideal cycle may be another one now, by part or by standard.
    recycled_ids: set[int]


NOTHING = Upserted(set(), set(), set(), set())


def upsert_jobs(states: Sequence[JobState]) -> Upserted:
    """Keep the greatest state of each job and operation: by SysRevID, and among equals the greater content,

    so that the order in which they come does not matter. Unknown companies are left out.
    """
    companies = {row.code: row for row in Company.objects.filter(code__in={state.company for state in states})}
    known = _jobs({(state.company, state.job_num) for state in states})
    opers = _opers([job.pk for job in known.values()])
    new: set[OperKey] = set()
    changed: set[int] = set()
    reparted: set[int] = set()
    recycled: set[int] = set()
    for state in states:
        if state.company not in companies:
            continue
        key = (state.company, state.job_num)
        job = known.get(key)
        if job is None:
            job = known[key] = Job(company=companies[state.company], job_num=state.job_num)
            _write(job, state, _JOB)
        elif _beats(state, job, _JOB):
            own = {oper.pk for oper in opers.values() if oper.job_id == job.pk}
            changed |= own
            reparted |= own if job.part_num != state.part_num else set()
            _write(job, state, _JOB)
        for oper_state in state.operations:
            before = _upsert_oper(job, state.company, oper_state, opers=opers, new=new, changed=changed)
            oper = opers[job.pk, oper_state.assembly_seq, oper_state.opr_seq]
            if before is not None and before != _standard(oper):
                recycled.add(oper.pk)
    return Upserted(new, changed, reparted, recycled | reparted)


def _standard(row: JobOper | OperState) -> tuple[object, ...]:
    """What the ideal cycle is made of."""
    return tuple(getattr(row, name) for name in _OPER[3:])


def _upsert_oper(
    job: Job,
    company: str,
    state: OperState,
    *,
    opers: dict[tuple[int, int, int], JobOper],
    new: set[OperKey],
    changed: set[int],
) -> tuple[object, ...] | None:
    """Keep one; what its standard was, and None where it is new."""
    key = (job.pk, state.assembly_seq, state.opr_seq)
    oper = opers.get(key)
    before = None if oper is None else _standard(oper)
    if oper is None:
        oper = opers[key] = JobOper(job=job, assembly_seq=state.assembly_seq, opr_seq=state.opr_seq)
        new.add(OperKey(company, job.job_num, state.assembly_seq, state.opr_seq))
    elif not _beats(state, oper, _OPER):
        return before
    _write(oper, state, _OPER)
    changed.add(oper.pk)
    return before


def _beats(state: JobState | OperState, row: Job | JobOper, columns: tuple[str, ...]) -> bool:
    return [_rank(getattr(state, name)) for name in columns] > [_rank(getattr(row, name)) for name in columns]


def _rank(value: str | float) -> str | float:
    return float(value) if isinstance(value, int | float) else value


def _write(row: Job | JobOper, state: JobState | OperState, columns: tuple[str, ...]) -> None:
    for name in columns:
        setattr(row, name, getattr(state, name))
    row.save()


def _jobs(keys: set[tuple[str, str]]) -> dict[tuple[str, str], Job]:
    rows = Job.objects.select_related("company").filter(job_num__in={job_num for _company, job_num in keys})
    return {(row.company.code, row.job_num): row for row in rows if (row.company.code, row.job_num) in keys}


def _opers(job_ids: list[int]) -> dict[tuple[int, int, int], JobOper]:
    rows = JobOper.objects.filter(job_id__in=job_ids)
    return {(row.job_id, row.assembly_seq, row.opr_seq): row for row in rows}


def record_labor(facts: Iterable[LaborFact]) -> set[tuple[str, int, int]]:
    """Append labour messages; what came before stays. Returns the activities that they are about."""
    rows = [
        LaborRecord(
            source=fact.source, fact_id=fact.fact_id, company=fact.company, labor_hed_seq=fact.labor_hed_seq,
            labor_dtl_seq=fact.labor_dtl_seq, edge=fact.edge, at=fact.at, sys_rev_id=fact.sys_rev_id,
            carried=fact.carried,
        )
        for fact in facts
    ]  # fmt: skip
    LaborRecord.objects.bulk_create(rows, ignore_conflicts=True)
    return {(row.company, row.labor_hed_seq, row.labor_dtl_seq) for row in rows}


def record_closings(closings: Iterable[Closing]) -> set[tuple[str, str]]:
    """Append completions and closings. Returns the (company, JobNum) that they are about."""
    rows = [
        ClosingRecord(
            source=row.source, fact_id=row.fact_id, company=row.company, job_num=row.job_num,
            assembly_seq=row.assembly_seq, opr_seq=row.opr_seq, at=row.at,
        )
        for row in closings
    ]  # fmt: skip
    ClosingRecord.objects.bulk_create(rows, ignore_conflicts=True)
    return {(row.company, row.job_num) for row in rows}


def record_choice(line_id: int, choice: Choice) -> bool:
    """Append a supervisor's choice; False where the very same one is there already."""
    names = ("start", "end", "job_num", "assembly_seq", "opr_seq", "by", "tagged_at")
    row = (line_id, *(getattr(choice, name) for name in names))
    return insert(Resolution, ("line", *names), [row], ignore=True) > 0


def oper_ids_of(jobs: set[tuple[str, str]]) -> set[int]:
    """The operations of jobs named by (company, JobNum)."""
    asked = Q(pk__in=[])
    for company, job_num in jobs:
        asked |= Q(job__company__code=company, job__job_num=job_num)
    return set(JobOper.objects.filter(asked).values_list("pk", flat=True))
