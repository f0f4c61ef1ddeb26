"""Rows as Epicor sends them, read into frozen dataclasses. Pure.

Unknown columns are ignored, a missing or unreadable one is an EpicorSurprise. The encodings are those
that were seen in the field: decimals and SysRevID as strings, booleans as 0/1, dates as midnight at some server's offset.
"""

import math
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from apps.epicor.errors import EpicorSurprise
from apps.shared import storable

Raw = dict[str, Any]

LABOR = (
    "LaborHedSeq", "LaborDtlSeq", "LaborType", "JobNum", "AssemblySeq", "OprSeq", "ResourceGrpID", "ResourceID",
    "EmployeeNum", "ClockInDate", "ClockinTime", "ClockOutTime", "ClockInMInute", "ClockOutMinute", "ActiveTrans",
    "OpComplete", "SysRevID",
)  # fmt: skip
JOB = (
    "JobNum", "PartNum", "PartDescription", "ProdQty", "Plant", "JobFirm", "JobReleased", "JobComplete", "JobClosed",
    "DueDate", "ReqDueDate", "SysRevID",
)  # fmt: skip
OPER = (
    "JobNum", "AssemblySeq", "OprSeq", "OpCode", "OpDesc", "RunQty", "ProdStandard", "StdFormat", "StdBasis",
    "OpsPerPart", "QtyPerCycle", "OpComplete", "SubContract", "SysRevID",
)  # fmt: skip
INDIRECT = ("IndirectCode", "Description", "DownTime", "Inactive", "SysRevID")
REASON = ("ReasonType", "ReasonCode", "Description", "Scrap", "SysRevID")
PLANT = ("Plant1", "Name", "TimeZoneID")

# Epicor's empty date on some versions; no plant worked then.
_NO_DATE_BEFORE = date(1950, 1, 1)


@dataclass(frozen=True, slots=True)
class LaborRow:
    """One LaborDtl row. Times are plant-local: a date, and decimal hours since its midnight.

    `clock_in_minute` and `clock_out_minute` count minutes from a base date; 0 where the site does not fill them.
    """

    hed_seq: int
    dtl_seq: int
    labor_type: str
    job_num: str
    assembly_seq: int
    opr_seq: int
    resource_grp_id: str
    resource_id: str
    employee: str
    clock_in_date: date | None
    clock_in_hours: float
    clock_out_hours: float
    clock_in_minute: int
    clock_out_minute: int
    is_active: bool
    op_complete: bool
    sys_rev_id: int

    @classmethod
    def parse(cls, raw: Raw) -> Self:
        """Read a row. Raises EpicorSurprise, which names the column."""
        return cls(
            hed_seq=_whole(raw, "LaborHedSeq"),
            dtl_seq=_whole(raw, "LaborDtlSeq"),
            labor_type=_text(raw, "LaborType"),
            job_num=_text(raw, "JobNum"),
            assembly_seq=_whole(raw, "AssemblySeq"),
            opr_seq=_whole(raw, "OprSeq"),
            resource_grp_id=_text(raw, "ResourceGrpID"),
            resource_id=_text(raw, "ResourceID"),
            employee=_text(raw, "EmployeeNum"),
            clock_in_date=_date(raw, "ClockInDate"),
            clock_in_hours=_decimal(raw, "ClockinTime"),
            clock_out_hours=_decimal(raw, "ClockOutTime"),
            clock_in_minute=_whole(raw, "ClockInMInute"),
            clock_out_minute=_whole(raw, "ClockOutMinute"),
            is_active=_flag(raw, "ActiveTrans"),
            op_complete=_flag(raw, "OpComplete"),
            sys_rev_id=_whole(raw, "SysRevID"),
        )


@dataclass(frozen=True, slots=True)
class JobRow:
    """One JobHead row."""

    job_num: str
    part_num: str
    part_description: str
    prod_qty: float
    plant: str
    is_firm: bool
    is_released: bool
    is_complete: bool
    is_closed: bool
    # The day that demand asks for, else the one that it is scheduled for.
    due: date | None
    sys_rev_id: int

    @classmethod
    def parse(cls, raw: Raw) -> Self:
        """Read a row. Raises EpicorSurprise, which names the column."""
        return cls(
            job_num=_text(raw, "JobNum"),
            part_num=_text(raw, "PartNum"),
            part_description=_text(raw, "PartDescription"),
            prod_qty=_decimal(raw, "ProdQty"),
            plant=_text(raw, "Plant"),
            is_firm=_flag(raw, "JobFirm"),
            is_released=_flag(raw, "JobReleased"),
            is_complete=_flag(raw, "JobComplete"),
            is_closed=_flag(raw, "JobClosed"),
            due=_date(raw, "ReqDueDate") or _date(raw, "DueDate"),
            sys_rev_id=_whole(raw, "SysRevID"),
        )


@dataclass(frozen=True, slots=True)
class OperRow:
    """One JobOper row; the standard is in the unit that `std_format` names."""

    job_num: str
    assembly_seq: int
    opr_seq: int
    op_code: str
    op_desc: str
    run_qty: float
    prod_standard: float
    std_format: str
    std_basis: str
    ops_per_part: float
    qty_per_cycle: float
    is_complete: bool
    is_subcontract: bool
    sys_rev_id: int

    @classmethod
    def parse(cls, raw: Raw) -> Self:
        """Read a row. Raises EpicorSurprise, which names the column."""
        return cls(
            job_num=_text(raw, "JobNum"),
            assembly_seq=_whole(raw, "AssemblySeq"),
            opr_seq=_whole(raw, "OprSeq"),
            op_code=_text(raw, "OpCode"),
            op_desc=_text(raw, "OpDesc"),
            run_qty=_decimal(raw, "RunQty"),
            prod_standard=_decimal(raw, "ProdStandard"),
            std_format=_text(raw, "StdFormat"),
            std_basis=_text(raw, "StdBasis"),
            ops_per_part=_decimal(raw, "OpsPerPart"),
            qty_per_cycle=_decimal(raw, "QtyPerCycle"),
            is_complete=_flag(raw, "OpComplete"),
            is_subcontract=_flag(raw, "SubContract"),
            sys_rev_id=_whole(raw, "SysRevID"),
        )


@dataclass(frozen=True, slots=True)
class IndirectRow:
    """One indirect labour code; those for downtime are the reasons of stops."""

    code: str
    description: str
    is_downtime: bool
    is_inactive: bool

    @classmethod
    def parse(cls, raw: Raw) -> Self:
        """Read a row. Raises EpicorSurprise, which names the column."""
        return cls(
            _text(raw, "IndirectCode"), _text(raw, "Description"), _flag(raw, "DownTime"), _flag(raw, "Inactive")
        )


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One reason code; Epicor has no inactive flag on them."""

    reason_type: str
    code: str
    description: str
    is_scrap: bool

    @classmethod
    def parse(cls, raw: Raw) -> Self:
        """Read a row. Raises EpicorSurprise, which names the column."""
        return cls(_text(raw, "ReasonType"), _text(raw, "ReasonCode"), _text(raw, "Description"), _flag(raw, "Scrap"))


@dataclass(frozen=True, slots=True)
class PlantRow:
    """One site; its zone's id is a Windows one at many sites."""

    code: str
    name: str
    time_zone_id: str

    @classmethod
    def parse(cls, raw: Raw) -> Self:
        """Read a row. Raises EpicorSurprise, which names the column."""
        return cls(_text(raw, "Plant1"), _text(raw, "Name"), _text(raw, "TimeZoneID"))


def flag(raw: Raw, name: str, *, default: bool) -> bool:
    """A yes or no of an event's row, which may leave it out. Raises EpicorSurprise, which names the column."""
    return _flag(raw, name) if raw.get(name) is not None else default


def _told(raw: Raw, name: str) -> Any:
    try:
        return raw[name]
    except KeyError:
        raise EpicorSurprise(f"Column {name} is missing from the answer.") from None


def _odd(name: str, value: Any) -> EpicorSurprise:
    return EpicorSurprise(f"Column {name} holds {str(value)[:60]!r}, which can't be read.")


def _text(raw: Raw, name: str) -> str:
    value = _told(raw, name)
    if value is None:
        return ""
    if isinstance(value, str) and storable.is_text(value):
        return value.strip()
    raise _odd(name, value)


def _whole(raw: Raw, name: str) -> int:
    value = _told(raw, name)
    if value is None or value == "":
        return 0
    if isinstance(value, bool):
        raise _odd(name, value)
    try:
        # Never through a float: SysRevID has more digits than one holds.
        return value if isinstance(value, int) else int(str(value).removesuffix(".00000000").removesuffix(".0"))
    except ValueError:
        raise _odd(name, value) from None


def _decimal(raw: Raw, name: str) -> float:
    value = _told(raw, name)
    if value is None or value == "":
        return 0.0
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise _odd(name, value) from None
    if isinstance(value, bool) or not math.isfinite(number):
        raise _odd(name, value)
    return number


def _flag(raw: Raw, name: str) -> bool:
    value = _told(raw, name)
    if isinstance(value, bool):
        return value
    # Tuples: a list or an object, which a column may hold, can't be looked for in a set.
    if value in (0, 1, None, "", "0", "1"):
        return value in (1, "1")
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise _odd(name, value)


def _date(raw: Raw, name: str) -> date | None:
    """The first ten characters: the offset behind them is the server's, not the plant's."""
    value = _told(raw, name)
    if value is None or value == "":
        return None
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        raise _odd(name, value) from None
    return day if day >= _NO_DATE_BEFORE else None
