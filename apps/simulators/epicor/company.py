"""One simulated Epicor company: its master data, its jobs, and (from the labour engine) the work on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from apps.simulators.epicor.labor import LaborEngine, LaborKey, Output, key_of, number
from apps.simulators.epicor.schema import BAQ_COLUMNS, Row, Value
from apps.simulators.epicor.tables import BusinessError, NotFound

__all__ = ["BusinessError", "Company", "LaborKey", "NotFound", "Oper", "Output"]


@dataclass(frozen=True, slots=True)
class Oper:
    """An operation of a new job: `prod_standard` in the unit that `std_format` names (PH: pieces per hour)."""

    opr_seq: int
    op_code: str
    op_desc: str = ""
    assembly_seq: int = 0
    run_qty: float | None = None
    prod_standard: float = 0.0
    std_format: str = "PH"
    std_basis: str = "E"
    ops_per_part: float = 1.0
    qty_per_cycle: float = 1.0
    resource_grp_id: str = ""
    labor_entry_method: str = "T"


class Company(LaborEngine):
    """What a program drives. Every method that happens at some instant takes `at` in µs; reads return live rows."""

    def add_plant(self, code: str, name: str, time_zone: str, *, time_zone_id: str = "") -> None:
        """A site, its IANA time zone, and the id under which Epicor shows that zone (Windows-style on many sites)."""
        self.zones[code] = ZoneInfo(time_zone)
        self.write("Plant", (code,), Name=name, TimeZoneID=time_zone_id or time_zone)

    def add_group(self, code: str, plant: str, description: str = "") -> None:
        """A resource group of a site."""
        self.write("ResourceGroup", (code,), Plant=plant, Description=description or code, NumberOfMachines=1)

    def add_resource(self, code: str, group: str, description: str = "") -> None:
        """A resource (a machine) of a group. Raises NotFound for an unknown group."""
        self.row("ResourceGroup", (group,))
        self.write("Resource", (code,), ResourceGrpID=group, Description=description or code, ResourceType="M")

    def set_indirect(
        self, code: str, description: str, *, at: int, downtime: bool = True, inactive: bool = False
    ) -> None:
        """Add, rename or retire an indirect labour code; those for downtime are Jobline's stop reasons."""
        row = self.write("Indirect", (code,), Description=description, DownTime=downtime, Inactive=inactive)
        self._tell_dictionary("Indirect", row, at)

    def set_reason(self, code: str, description: str, *, at: int, reason_type: str = "S", scrap: bool = True) -> None:
        """Add or rename a reason; type S with the scrap flag is Jobline's scrap dictionary."""
        row = self.write("Reason", (reason_type, code), Description=description, Scrap=scrap)
        self._tell_dictionary("Reason", row, at)

    def delete_reason(self, code: str, *, reason_type: str = "S") -> None:
        """Delete a reason: Epicor has no inactive flag on them, and no event tells of it."""
        self.delete("Reason", (reason_type, code))

    def add_job(
        self,
        job_num: str,
        part_num: str,
        prod_qty: float,
        operations: Sequence[Oper],
        *,
        plant: str,
        at: int,
        description: str = "",
        released: bool = True,
        firm: bool = True,
        due: date | None = None,
    ) -> Row:
        """A job with its operations, released unless told otherwise. Raises BusinessError for a number that is used."""
        if self.has("JobHead", (job_num,)):
            raise BusinessError(f"Job {job_num} already exists.")
        head = self.write(
            "JobHead", (job_num,), PartNum=part_num, PartDescription=description, ProdQty=prod_qty, Plant=plant,
            JobFirm=firm, JobEngineered=firm, JobReleased=released and firm, JobType="MFG", ProcessMode="S", IUM="EA",
            DueDate=due, ReqDueDate=due, CreateDate=self.clock(at, plant).day,
        )  # fmt: skip
        for oper in operations:
            self._add_oper(job_num, oper, prod_qty)
        self._tell_job(head, at)
        return head

    def release_job(self, job_num: str, *, at: int) -> None:
        """Put a job on the floor. Raises NotFound."""
        self.change_job(job_num, at=at, JobFirm=True, JobEngineered=True, JobReleased=True)

    def change_job(self, job_num: str, *, at: int, **columns: Value) -> None:
        """Change columns of the job. Raises NotFound."""
        self.row("JobHead", (job_num,))
        self._tell_job(self.write("JobHead", (job_num,), **columns), at)

    def change_operation(self, job_num: str, opr_seq: int, *, at: int, assembly_seq: int = 0, **columns: Value) -> None:
        """Change columns of an operation, its standard for one. Raises NotFound."""
        self.row("JobOper", (job_num, assembly_seq, opr_seq))
        self.write("JobOper", (job_num, assembly_seq, opr_seq), **columns)
        self._tell_job(self.row("JobHead", (job_num,)), at)

    def close_job(self, job_num: str, *, at: int) -> None:
        """End what is open on the job, complete it and close it. Raises NotFound."""
        head = self.row("JobHead", (job_num,))
        for row in self.open_labor(job_num):
            self.end_activity(key_of(row), at=at)
        day = self.clock(at, str(head["Plant"])).day
        head = self.write(
            "JobHead", (job_num,), JobComplete=True, JobCompletionDate=day, JobClosed=True, ClosedDate=day
        )
        told = {name: head[name] for name in ("Plant", "JobNum", "SysRevID")}
        self.tell("epicor.job.closed", at, told)

    def open_jobs(self, plant: str) -> list[Row]:
        """Released jobs of a site that are neither complete nor closed."""
        return list(self.matching("JobHead", Plant=plant, JobReleased=True, JobComplete=False, JobClosed=False))

    def operations_of(self, job_num: str) -> list[Row]:
        """The operations of a job by assembly and sequence."""
        return sorted(
            self.matching("JobOper", JobNum=job_num),
            key=lambda row: (number(row, "AssemblySeq"), number(row, "OprSeq")),
        )

    def active_operations(self) -> list[Row]:
        """The rows of the shared BAQ ActiveOperations: active labour with its job and operation."""
        found: list[Row] = []
        for labor in self.active_labor():
            if labor["LaborType"] == "I":
                continue
            address = (labor["JobNum"], labor["AssemblySeq"], labor["OprSeq"])
            parts = {
                "LaborDtl": labor,
                "JobHead": self.row("JobHead", address[:1]),
                "JobOper": self.row("JobOper", address),
            }
            shown = {f"{table}_{name}": parts[table][name] for table, names in BAQ_COLUMNS.items() for name in names}
            found.append(shown | {"RowIdent": labor["SysRowID"]})
        return found

    def _add_oper(self, job_num: str, oper: Oper, prod_qty: float) -> None:
        self.write(
            "JobOper", (job_num, oper.assembly_seq, oper.opr_seq), OpCode=oper.op_code, OpDesc=oper.op_desc,
            RunQty=prod_qty if oper.run_qty is None else oper.run_qty, ProdStandard=oper.prod_standard,
            StdFormat=oper.std_format, StdBasis=oper.std_basis, OpsPerPart=oper.ops_per_part,
            QtyPerCycle=oper.qty_per_cycle, Machines=1, JobEngineered=True, LaborEntryMethod=oper.labor_entry_method,
            PrimaryResourceGrpID=oper.resource_grp_id, IUM="EA",
        )  # fmt: skip

    def _tell_job(self, head: Row, at: int) -> None:
        row: dict[str, Any] = {name: _plain(value) for name, value in head.items()}
        row["operations"] = [
            {name: _plain(value) for name, value in oper.items()} for oper in self.operations_of(str(head["JobNum"]))
        ]
        told = {name: head[name] for name in ("Plant", "JobNum", "SysRevID")}
        self.tell("epicor.job.changed", at, told | {"Row": row})

    def _tell_dictionary(self, table: str, row: Row, at: int) -> None:
        data = {"Plant": next(iter(self.zones), ""), "SysRevID": row["SysRevID"], "Table": table}
        self.tell("epicor.dictionary.changed", at, data | {"Row": {name: _plain(value) for name, value in row.items()}})


def _plain(value: Value) -> Any:
    return f"{value}T00:00:00" if isinstance(value, date) else value
