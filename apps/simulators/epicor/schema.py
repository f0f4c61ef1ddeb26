"""The columns of the simulated tables, under Epicor's own names and odd casings, and how their values look on the wire.

Real rows have about 300 columns; these are the ones that an integration reads, and a few that nobody wants.
"""

from dataclasses import dataclass
from datetime import date

Value = str | int | float | bool | date | None
Row = dict[str, Value]

# s string, i int, n decimal, b bool, d date, g guid; as in the site's $metadata.
_DEFAULTS: dict[str, Value] = {"s": "", "i": 0, "n": 0.0, "b": False, "d": None, "g": ""}
_EVERY = "SysRevID:i SysRowID:g RowMod:s BitFlag:i"
_JOB_OPER = (
    "Company:s JobNum:s AssemblySeq:i OprSeq:i OpCode:s OpDesc:s RunQty:n QtyCompleted:n ActScrapQty:n ScrapQty:n "
    "EstSetHours:n EstProdHours:n ProdStandard:n StdFormat:s StdBasis:s OpsPerPart:n QtyPerCycle:n Machines:i "
    "SetupComplete:b ProdComplete:b OpComplete:b JobComplete:b JobEngineered:b ActSetupHours:n ActProdHours:n "
    "LaborEntryMethod:s PrimaryResourceGrpID:s SubContract:b IUM:s LastLaborDate:d"
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns with their kinds, and which of them are the key (Company first)."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    def blank(self) -> Row:
        """A row in which every column has the value that Epicor gives an untouched one."""
        return {name: _DEFAULTS[kind] for name, kind in self.columns.items()}


def _table(name: str, key: str, columns: str) -> Table:
    pairs = (item.split(":") for item in f"{columns} {_EVERY}".split())
    return Table(name, dict(pairs), tuple(key.split()))


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _table("Company", "Company1", "Company1:s Name:s"),
        _table("Plant", "Company Plant1", "Company:s Plant1:s Name:s CalendarID:s TimeZoneID:s TimeZoneAdjustForDST:b"),
        _table(
            "ResourceGroup",
            "Company ResourceGrpID",
            "Company:s ResourceGrpID:s Plant:s Description:s JCDept:s CalendarID:s Inactive:b NumberOfMachines:i",
        ),
        _table(
            "Resource",
            "Company ResourceID",
            "Company:s ResourceID:s ResourceGrpID:s Description:s Inactive:b ResourceType:s ConcurrentCapacity:b "
            "CalendarID:s EquipID:s",
        ),
        _table(
            "Indirect",
            "Company IndirectCode",
            "Company:s IndirectCode:s Description:s ExpenseCode:s DownTime:b Inactive:b GlobalIndirect:b",
        ),
        _table(
            "Reason",
            "Company ReasonType ReasonCode",
            "Company:s ReasonType:s ReasonCode:s Description:s Scrap:b NonConfOpr:b NonConfMtl:b NonConfInv:b",
        ),
        _table(
            "JobHead",
            "Company JobNum",
            "Company:s JobNum:s PartNum:s RevisionNum:s PartDescription:s IUM:s ProdQty:n QtyCompleted:n StartDate:d "
            "DueDate:d ReqDueDate:d StartHour:n DueHour:n JobEngineered:b JobReleased:b JobFirm:b JobHeld:b "
            "JobComplete:b JobCompletionDate:d JobClosed:b ClosedDate:d Candidate:b JobType:s ProcessMode:s Plant:s "
            "SchedCode:s CreateDate:d LastChangedBy:s",
        ),
        _table("JobOper", "Company JobNum AssemblySeq OprSeq", _JOB_OPER),
        _table(
            "LaborHed",
            "Company LaborHedSeq",
            "Company:s EmployeeNum:s LaborHedSeq:i PayrollDate:d Shift:i ClockInDate:d ClockInTime:n ClockOutTime:n "
            "ActiveTrans:b LaborCollection:b",
        ),
        _table(
            "LaborDtl",
            "Company LaborHedSeq LaborDtlSeq",
            "Company:s EmployeeNum:s LaborHedSeq:i LaborDtlSeq:i LaborType:s LaborTypePseudo:s ReWork:b JobNum:s "
            "AssemblySeq:i OprSeq:i OpCode:s ResourceGrpID:s ResourceID:s LaborQty:n ScrapQty:n ScrapReasonCode:s "
            "DiscrepQty:n DiscrpRsnCode:s LaborHrs:n BurdenHrs:n Complete:b OpComplete:b IndirectCode:s LaborNote:s "
            "ClockInDate:d ClockinTime:n ClockOutTime:n ClockInMInute:i ClockOutMinute:i DspClockInTime:s "
            "DspClockOutTime:s ActiveTrans:b LaborCollection:b LaborEntryMethod:s PayrollDate:d Shift:i Downtime:b "
            "RefJobNum:s RefAssemblySeq:i RefOprSeq:i TimeStatus:s WipPosted:b HasAccessToRow:b EntityGLC:s",
        ),
    )
}

# The OData sets: (service, set) to table. Service names are looked up without case, set names exactly.
SETS: dict[tuple[str, str], str] = {
    ("erp.bo.jobentrysvc", "JobEntries"): "JobHead",
    ("erp.bo.jobentrysvc", "JobOpers"): "JobOper",
    ("erp.bo.jobopersearchsvc", "JobOperSearches"): "JobOper",
    ("erp.bo.laborsvc", "Labors"): "LaborHed",
    ("erp.bo.laborsvc", "LaborDtls"): "LaborDtl",
    ("erp.bo.labordtlsvc", "LaborDtls"): "LaborDtl",
    ("erp.bo.indirectsvc", "Indirects"): "Indirect",
    ("erp.bo.reasonsvc", "Reasons"): "Reason",
    ("erp.bo.resourcegroupsvc", "Resources"): "Resource",
    ("erp.bo.resourcesvc", "Resources"): "Resource",
    ("erp.bo.resourcegroupsvc", "ResourceGroups"): "ResourceGroup",
    ("erp.bo.plantsvc", "Plants"): "Plant",
    ("erp.bo.companysvc", "Companies"): "Company",
}
SERVICES = frozenset(service for service, _set in SETS)

# The shared BAQ that a site's admin makes for us (ActiveOperations): its columns by table.
BAQ_COLUMNS: dict[str, tuple[str, ...]] = {
    "JobHead": (
        "JobNum", "PartNum", "PartDescription", "RevisionNum", "Plant", "ProdQty", "JobComplete", "JobClosed",
        "JobReleased",
    ),
    "JobOper": (
        "AssemblySeq", "OprSeq", "OpCode", "OpDesc", "RunQty", "QtyCompleted", "ProdStandard", "StdFormat", "StdBasis",
        "OpsPerPart", "OpComplete", "LaborEntryMethod",
    ),
    "LaborDtl": (
        "LaborHedSeq", "LaborDtlSeq", "LaborType", "EmployeeNum", "ResourceGrpID", "ResourceID", "ClockInDate",
        "ClockinTime", "ActiveTrans", "LaborQty", "ScrapQty", "SysRevID",
    ),
}  # fmt: skip


def wire(kind: str, value: Value, *, offset: str) -> str | int | float | bool | None:
    """A value as REST v2 sends it: a date as midnight at the server's own offset, a decimal with 8 places at most."""
    if kind == "d":
        return f"{value}T00:00:00{offset}" if isinstance(value, date) else None
    if kind == "n" and isinstance(value, float):
        return round(value, 8)
    return value if not isinstance(value, date) else None
