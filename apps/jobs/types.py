"""Jobs, operations and labour as Epicor tells them. Instants are microseconds since the epoch (UTC)."""

from dataclasses import dataclass, field
from typing import NamedTuple

from apps.reasons.types import ReasonState


class OperKey(NamedTuple):
    """The address of an operation: always all four."""

    company: str
    job_num: str
    assembly_seq: int
    opr_seq: int


@dataclass(frozen=True, slots=True)
class OperState:
    """One operation of a job as it stood at `sys_rev_id` (-1: not told). Epicor's fields, their units Epicor's."""

    assembly_seq: int
    opr_seq: int
    op_code: str = ""
    op_desc: str = ""
    run_qty: float = 0.0
    prod_standard: float = 0.0
    std_format: str = ""
    std_basis: str = "E"
    ops_per_part: float = 1.0
    qty_per_cycle: float = 1.0
    sys_rev_id: int = -1


@dataclass(frozen=True, slots=True)
class JobState:
    """A job and those of its operations that were told with it, as they stood at `sys_rev_id`."""

    company: str
    plant: str
    job_num: str
    part_num: str = ""
    part_description: str = ""
    prod_qty: float = 0.0
    sys_rev_id: int = -1
    operations: tuple[OperState, ...] = ()
    # An ISO date; only a poll tells it.
    due_date: str = ""


@dataclass(frozen=True, slots=True)
class LaborFact:
    """That an activity started, or ended, at `at`, with the fields that the message carried.

    `carried` holds only what was told, under Epicor's names: JobNum, AssemblySeq, OprSeq, LaborType,
    ResourceID, ResourceGrpID, EmployeeNum. (source, fact_id) is unique.
    """

    source: str
    fact_id: str
    company: str
    labor_hed_seq: int
    labor_dtl_seq: int
    edge: str  # "started" or "ended"
    at: int
    sys_rev_id: int = -1
    carried: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closing:
    """That an operation completed (or, without an operation, that a whole job closed) at `at`."""

    source: str
    fact_id: str
    company: str
    job_num: str
    at: int
    assembly_seq: int | None = None
    opr_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A supervisor's answer to an ambiguous stretch: this operation, from start to end."""

    line_slug: str
    start: int
    end: int
    job_num: str
    assembly_seq: int
    opr_seq: int
    by: str
    tagged_at: int


@dataclass(frozen=True, slots=True)
class ErpFacts:
    """Everything that one event, poll or file told about jobs, labour and the dictionary."""

    jobs: tuple[JobState, ...] = ()
    labor: tuple[LaborFact, ...] = ()
    closings: tuple[Closing, ...] = ()
    reasons: tuple[ReasonState, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was told."""
        return not (self.jobs or self.labor or self.closings or self.reasons)


class OperView(NamedTuple):
    """An operation with what figures and screens need of it and its job."""

    oper_id: int
    company: str
    plant: str
    job_num: str
    assembly_seq: int
    opr_seq: int
    op_desc: str
    part_num: str
    part_description: str
    prod_qty: float
    run_qty: float
    prod_standard: float
    std_format: str
    std_basis: str
    ops_per_part: float
    qty_per_cycle: float
