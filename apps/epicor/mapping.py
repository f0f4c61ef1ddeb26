"""From Epicor's rows to what Jobline knows: jobs, labour facts, closings, reasons. Pure."""

from collections.abc import Iterable

from apps.epicor.dto import IndirectRow, JobRow, LaborRow, OperRow, ReasonRow
from apps.jobs.types import Closing, JobState, LaborFact, OperState
from apps.reasons.types import ReasonState

# Epicor's descriptions may be 1 000 characters long; nobody reads so much beside a machine.
TEXT_LENGTH = 120
DIRECT = frozenset({"P", "S"})
SCRAP_TYPE = "S"


def source_of(company: str) -> str:
    """The source of every fact that a poll of this company tells."""
    return f"poll:{company}"


def job_state(company: str, job: JobRow, opers: Iterable[OperRow]) -> JobState:
    """A job with its operations; those that a supplier does are left out, no line of ours will run them."""
    return JobState(
        company=company,
        plant=job.plant,
        job_num=job.job_num,
        part_num=job.part_num,
        part_description=job.part_description[:TEXT_LENGTH],
        prod_qty=job.prod_qty,
        sys_rev_id=job.sys_rev_id,
        operations=tuple(_oper_state(oper) for oper in opers if not oper.is_subcontract),
        due_date=job.due.isoformat() if job.due else "",
    )


def _oper_state(oper: OperRow) -> OperState:
    return OperState(
        assembly_seq=oper.assembly_seq,
        opr_seq=oper.opr_seq,
        op_code=oper.op_code,
        op_desc=oper.op_desc[:TEXT_LENGTH],
        run_qty=oper.run_qty,
        prod_standard=oper.prod_standard,
        std_format=oper.std_format,
        std_basis=oper.std_basis or "E",
        ops_per_part=oper.ops_per_part,
        qty_per_cycle=oper.qty_per_cycle,
        sys_rev_id=oper.sys_rev_id,
    )


def carried_by(row: LaborRow) -> dict[str, str | int]:
    """The fields of the activity that the row tells, under Epicor's names."""
    return {
        "JobNum": row.job_num,
        "AssemblySeq": row.assembly_seq,
        "OprSeq": row.opr_seq,
        "LaborType": row.labor_type,
        "ResourceID": row.resource_id,
        "ResourceGrpID": row.resource_grp_id,
        "EmployeeNum": row.employee,
    }


def labor_fact(company: str, row: LaborRow, edge: str, at: int) -> LaborFact:
    """That the activity `started` or `ended` at `at`, as the row says it at its SysRevID."""
    return LaborFact(
        source=source_of(company),
        fact_id=f"{row.hed_seq}/{row.dtl_seq}@{row.sys_rev_id}:{edge}",
        company=company,
        labor_hed_seq=row.hed_seq,
        labor_dtl_seq=row.dtl_seq,
        edge=edge,
        at=at,
        sys_rev_id=row.sys_rev_id,
        carried=carried_by(row),
    )


def oper_closing(company: str, row: OperRow | LaborRow, at: int, fact_id: str) -> Closing:
    """That the operation of this row is complete; `fact_id` names what told it, so that it is told once."""
    return Closing(
        source=source_of(company),
        fact_id=fact_id,
        company=company,
        job_num=row.job_num,
        at=at,
        assembly_seq=row.assembly_seq,
        opr_seq=row.opr_seq,
    )


def job_closing(company: str, job_num: str, at: int) -> Closing:
    """That a whole job is complete or closed; a poll tells it once, the first time it sees it."""
    return Closing(source=source_of(company), fact_id=f"{job_num}:closed", company=company, job_num=job_num, at=at)


def downtime_reason(company: str, row: IndirectRow) -> ReasonState:
    """An indirect labour code as a reason for a stop; one that is no longer for downtime counts as retired."""
    return ReasonState(
        company, row.code, row.description[:TEXT_LENGTH], "downtime", row.is_inactive or not row.is_downtime
    )


def scrap_reason(company: str, row: ReasonRow) -> ReasonState:
    """A reason of type S as a reason for scrap; one whose scrap flag was taken away counts as retired."""
    return ReasonState(company, row.code, row.description[:TEXT_LENGTH], "scrap", not row.is_scrap)
