"""The labour engine: clock in, start, report, end, complete; and what Epicor's triggers then write."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from apps.shared.instants import HOUR
from apps.simulators.epicor.schema import Row
from apps.simulators.epicor.tables import BusinessError, Tables

_ACTIVE_OUT_H = 24.0


class LaborKey(NamedTuple):
    """The key of a LaborDtl row within its company."""

    hed_seq: int
    dtl_seq: int


@dataclass(frozen=True, slots=True)
class Output:
    """What an operator reports when an activity ends, or in between."""

    good: float = 0.0
    scrap: float = 0.0
    scrap_code: str = ""


class LaborEngine(Tables):
    """Labour of one company. Rows are made as shop-floor data collection makes them, and each change is an event."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Exact starts: the columns hold local decimal hours, which a time change makes ambiguous.
        self._started: dict[LaborKey, int] = {}

    def clock_in(self, employee: str, *, at: int, plant: str, shift: int = 1) -> int:
        """Start an attendance; returns its LaborHedSeq. Raises BusinessError when the employee is clocked in."""
        if self.attendance(employee) is not None:
            raise BusinessError(f"Employee {employee} is already clocked in.")
        clock = self.clock(at, plant)
        head = self._next_head()
        self.write(
            "LaborHed", (head,), EmployeeNum=employee, PayrollDate=clock.day, Shift=shift, ClockInDate=clock.day,
            ClockInTime=clock.hours, ClockOutTime=_ACTIVE_OUT_H, ActiveTrans=True, LaborCollection=True,
        )  # fmt: skip
        return head

    def attendance(self, employee: str) -> int | None:
        """The LaborHedSeq of the employee's open attendance."""
        for row in self.matching("LaborHed", EmployeeNum=employee, ActiveTrans=True):
            return number(row, "LaborHedSeq")
        return None

    def clock_out(self, employee: str, *, at: int) -> None:
        """End the employee's activities and the attendance. Raises BusinessError when there is none."""
        head = self.attendance(employee)
        if head is None:
            raise BusinessError(f"Employee {employee} is not clocked in.")
        for row in list(self.matching("LaborDtl", LaborHedSeq=head, ActiveTrans=True)):
            self.end_activity(key_of(row), at=at)
        self.write("LaborHed", (head,), ActiveTrans=False)

    def start_activity(
        self,
        employee: str,
        job_num: str,
        opr_seq: int,
        *,
        at: int,
        assembly_seq: int = 0,
        resource_id: str = "",
        resource_grp_id: str = "",
        labor_type: str = "P",
        key: LaborKey | None = None,
    ) -> LaborKey:
        """Start work (`P`) or setup (`S`) on an operation, clocking the employee in where needed.

        `key` is for a row that others know already, from before this instance was started. Raises BusinessError
        when the job is not released, or complete; NotFound for an unknown operation or resource.
        """
        job, oper = self._workable(job_num, assembly_seq, opr_seq)
        plant = str(job["Plant"])
        if key is None:
            head = self.attendance(employee) or self.clock_in(employee, at=at, plant=plant)
            key = LaborKey(head, self._next_detail(head))
        group = resource_grp_id or (str(self.row("Resource", (resource_id,))["ResourceGrpID"]) if resource_id else "")
        clock = self.clock(at, plant)
        self._started[key] = at
        row = self.write(
            "LaborDtl", key, EmployeeNum=employee, LaborType=labor_type, LaborTypePseudo=labor_type, JobNum=job_num,
            AssemblySeq=assembly_seq, OprSeq=opr_seq, OpCode=oper["OpCode"], ResourceGrpID=group,
            ResourceID=resource_id,
            ClockInDate=clock.day, ClockinTime=clock.hours, ClockOutTime=_ACTIVE_OUT_H, ClockInMInute=clock.minute,
            ClockOutMinute=clock.minute + 1440, DspClockInTime=clock.shown, ActiveTrans=True, LaborCollection=True,
            LaborEntryMethod=oper["LaborEntryMethod"], PayrollDate=clock.day, Shift=1, HasAccessToRow=True,
        )  # fmt: skip
        self.tell("epicor.operation.started", at, self._told(row))
        return key

    def start_downtime(
        self, employee: str, indirect_code: str, *, at: int, plant: str, interrupts: LaborKey
    ) -> LaborKey:
        """Start an indirect downtime activity that names the interrupted job (Ref*). No event: it is no operation.

        Raises BusinessError when the code is not for downtime.
        """
        if not self.row("Indirect", (indirect_code,))["DownTime"]:
            raise BusinessError(f"Indirect code {indirect_code} is not for downtime.")
        row = self.row("LaborDtl", interrupts)
        key = LaborKey(interrupts.hed_seq, self._next_detail(interrupts.hed_seq))
        clock = self.clock(at, plant)
        self._started[key] = at
        self.write(
            "LaborDtl", key, EmployeeNum=employee, LaborType="I", LaborTypePseudo="I", IndirectCode=indirect_code,
            Downtime=True, RefJobNum=row["JobNum"], RefAssemblySeq=row["AssemblySeq"], RefOprSeq=row["OprSeq"],
            ResourceGrpID=row["ResourceGrpID"], ResourceID=row["ResourceID"], ClockInDate=clock.day,
            ClockinTime=clock.hours, ClockOutTime=_ACTIVE_OUT_H, ClockInMInute=clock.minute,
            ClockOutMinute=clock.minute + 1440, ActiveTrans=True, LaborCollection=True, PayrollDate=clock.day,
            Shift=1, HasAccessToRow=True,
        )  # fmt: skip
        return key

    def report_quantity(self, key: LaborKey, output: Output) -> None:
        """Report parts of an activity that goes on (ReportQty). Raises BusinessError when it has ended."""
        row = self._active(key)
        self.write("LaborDtl", key, **_quantities(row, output))
        self._recount(row)

    def end_activity(self, key: LaborKey, *, at: int, output: Output | None = None, complete: bool = False) -> None:
        """End an activity; `complete` completes its operation too. Raises BusinessError when it has ended already."""
        row = self._active(key)
        is_direct = row["LaborType"] != "I"
        plant = str(self.row("JobHead", (row["JobNum"],))["Plant"]) if is_direct else next(iter(self.zones))
        clock = self.clock(at, plant)
        hours = round((at - self._started[key]) / HOUR, 4)
        self.write(
            "LaborDtl", key, ClockOutTime=clock.hours, ClockOutMinute=clock.minute, DspClockOutTime=clock.shown,
            ActiveTrans=False, LaborHrs=hours, BurdenHrs=hours if is_direct else 0.0, Complete=complete,
            OpComplete=complete, TimeStatus="E", **_quantities(row, output or Output()),
        )  # fmt: skip
        if is_direct:
            self._recount(row)
            self.tell("epicor.operation.ended", at, self._told(row))
        if complete:
            self._complete(row, at)

    def complete_operation(self, job_num: str, opr_seq: int, *, at: int, assembly_seq: int = 0) -> None:
        """Complete an operation, ending what is open on it. Raises NotFound."""
        oper = self.row("JobOper", (job_num, assembly_seq, opr_seq))
        for row in self.open_labor(job_num, assembly_seq, opr_seq):
            self.end_activity(key_of(row), at=at)
        self._complete(oper, at)

    def back_enter(
        self,
        employee: str,
        job_num: str,
        opr_seq: int,
        *,
        start: int,
        end: int,
        assembly_seq: int = 0,
        resource_id: str = "",
    ) -> LaborKey:
        """Time that somebody types in afterwards: ActiveTrans was never true, and no event tells of it."""
        job, oper = self._workable(job_num, assembly_seq, opr_seq)
        plant = str(job["Plant"])
        clock, out = self.clock(start, plant), self.clock(end, plant)
        head = self._next_head()
        self.write("LaborHed", (head,), EmployeeNum=employee, PayrollDate=clock.day, ClockInDate=clock.day)
        key = LaborKey(head, 1)
        self._started[key] = start
        group = str(self.row("Resource", (resource_id,))["ResourceGrpID"]) if resource_id else ""
        self.write(
            "LaborDtl", key, EmployeeNum=employee, LaborType="P", LaborTypePseudo="P", JobNum=job_num,
            AssemblySeq=assembly_seq, OprSeq=opr_seq, OpCode=oper["OpCode"], ResourceGrpID=group,
            ResourceID=resource_id,
            ClockInDate=clock.day, ClockinTime=round(clock.hours, 2), ClockOutTime=round(out.hours, 2),
            ClockInMInute=clock.minute, ClockOutMinute=out.minute, ActiveTrans=False, PayrollDate=clock.day,
            HasAccessToRow=True, LaborHrs=round((end - start) / HOUR, 2), BurdenHrs=round((end - start) / HOUR, 2),
        )  # fmt: skip
        return key

    def delete_labor(self, key: LaborKey) -> None:
        """Delete a labour row, as a supervisor may; no event tells of it. Raises NotFound."""
        row = self.delete("LaborDtl", key)
        if row["LaborType"] != "I":
            self._recount(row)

    def open_labor(self, job_num: str, assembly_seq: int | None = None, opr_seq: int | None = None) -> list[Row]:
        """The active labour rows of a job, or of one of its operations."""
        found = list(self.matching("LaborDtl", JobNum=job_num, ActiveTrans=True))
        if opr_seq is None:
            return found
        return [row for row in found if (row["AssemblySeq"], row["OprSeq"]) == (assembly_seq, opr_seq)]

    def active_labor(self) -> list[Row]:
        """All rows that are running now."""
        return list(self.matching("LaborDtl", ActiveTrans=True))

    def _workable(self, job_num: str, assembly_seq: int, opr_seq: int) -> tuple[Row, Row]:
        job = self.row("JobHead", (job_num,))
        oper = self.row("JobOper", (job_num, assembly_seq, opr_seq))
        if not job["JobReleased"]:
            raise BusinessError(f"Job {job_num} is not released.")
        if job["JobComplete"] or job["JobClosed"]:
            raise BusinessError(f"Job {job_num} is complete.")
        return job, oper

    def _active(self, key: LaborKey) -> Row:
        row = self.row("LaborDtl", key)
        if not row["ActiveTrans"]:
            raise BusinessError("Activity has already been ended.")
        return row

    def _next_detail(self, head: int) -> int:
        taken = [number(row, "LaborDtlSeq") for row in self.matching("LaborDtl", LaborHedSeq=head)]
        return max(taken, default=0) + 1

    def _complete(self, row: Row, at: int) -> None:
        key = (row["JobNum"], row["AssemblySeq"], row["OprSeq"])
        oper = self.write("JobOper", key, OpComplete=True, ProdComplete=True, SetupComplete=True)
        job = self.row("JobHead", (row["JobNum"],))
        if all(other["OpComplete"] for other in self.matching("JobOper", JobNum=row["JobNum"])):
            self.write("JobHead", (row["JobNum"],), Candidate=True)
        told = {name: oper[name] for name in ("JobNum", "AssemblySeq", "OprSeq", "SysRevID")}
        self.tell("epicor.operation.completed", at, {"Plant": job["Plant"]} | told)

    def _recount(self, row: Row) -> None:
        """Epicor's triggers: labour rows add up on the operation, and the last operation counts for the job."""
        job_num, address = row["JobNum"], (row["JobNum"], row["AssemblySeq"], row["OprSeq"])
        rows = [
            other
            for other in self.matching("LaborDtl", JobNum=job_num, AssemblySeq=row["AssemblySeq"], OprSeq=row["OprSeq"])
            if not other["ReWork"]
        ]
        worked = [other for other in rows if other["LaborType"] == "P"]
        self.write(
            "JobOper", address,
            QtyCompleted=_total(worked, "LaborQty"), ActScrapQty=_total(rows, "ScrapQty"),
            ActProdHours=_total(worked, "BurdenHrs"),
            ActSetupHours=_total([other for other in rows if other["LaborType"] == "S"], "BurdenHrs"),
        )  # fmt: skip
        final = max(self.matching("JobOper", JobNum=job_num, AssemblySeq=0), key=lambda oper: number(oper, "OprSeq"))
        if final["QtyCompleted"] != self.row("JobHead", (job_num,))["QtyCompleted"]:
            self.write("JobHead", (job_num,), QtyCompleted=final["QtyCompleted"])

    def _told(self, row: Row) -> dict[str, Any]:
        names = (
            "JobNum", "AssemblySeq", "OprSeq", "LaborHedSeq", "LaborDtlSeq", "LaborType", "ResourceGrpID", "ResourceID",
            "EmployeeNum", "SysRevID",
        )  # fmt: skip
        plant = self.row("JobHead", (row["JobNum"],))["Plant"]
        return {"Plant": plant} | {name: row[name] for name in names}


def key_of(row: Row) -> LaborKey:
    """The key of a LaborDtl row."""
    return LaborKey(number(row, "LaborHedSeq"), number(row, "LaborDtlSeq"))


def number(row: Row, column: str) -> int:
    """A whole number of a row. Raises TypeError for another kind of column."""
    value = row[column]
    if not isinstance(value, int):
        raise TypeError(f"{column} is no whole number")
    return value


def _total(rows: list[Row], column: str) -> float:
    return round(sum(float(value) for row in rows if isinstance(value := row[column], int | float)), 8)


def _quantities(row: Row, output: Output) -> dict[str, float | str]:
    sums: dict[str, float | str] = {
        "LaborQty": _total([row], "LaborQty") + output.good,
        "ScrapQty": _total([row], "ScrapQty") + output.scrap,
    }
    return sums | ({"ScrapReasonCode": output.scrap_code} if output.scrap_code else {})
