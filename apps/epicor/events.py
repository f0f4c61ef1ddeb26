"""The CloudEvent that Epicor sends (FORMATS.md §3): whether it is one, and what it tells. Pure."""

import math
from typing import Any

from apps.epicor import dto
from apps.epicor.errors import EpicorSurprise
from apps.epicor.mapping import SCRAP_TYPE
from apps.jobs.types import Closing, ErpFacts, JobState, LaborFact, OperState
from apps.reasons.types import ReasonState
from apps.shared import storable
from apps.shared.instants import happened_us
from apps.shared.storable import whole

STARTED = "epicor.operation.started"
ENDED = "epicor.operation.ended"
COMPLETED = "epicor.operation.completed"
JOB_CHANGED = "epicor.job.changed"
JOB_CLOSED = "epicor.job.closed"
DICTIONARY = "epicor.dictionary.changed"

_NEEDS: dict[str, tuple[str, ...]] = {
    STARTED: ("LaborHedSeq", "LaborDtlSeq"),
    ENDED: ("LaborHedSeq", "LaborDtlSeq"),
    COMPLETED: ("JobNum", "OprSeq"),
    JOB_CHANGED: ("JobNum",),
    JOB_CLOSED: ("JobNum",),
    DICTIONARY: (),
}
_NUMBERS = ("AssemblySeq", "OprSeq", "LaborHedSeq", "LaborDtlSeq", "SysRevID")
_CARRIED = ("JobNum", "AssemblySeq", "OprSeq", "LaborType", "ResourceID", "ResourceGrpID", "EmployeeNum")


def problem_of(event: Any) -> tuple[str, str] | None:
    """(attribute, sentence) of the first thing that is wrong with an event; None where it can be taken in."""
    if not isinstance(event, dict):
        return "event", "An event must be a JSON object."
    return _envelope(event) or _data(event["type"], event["data"]) or storable.problem_of(event)


def _envelope(event: dict[str, Any]) -> tuple[str, str] | None:
    if event.get("specversion") != "1.0":
        return "specversion", "specversion must be 1.0."
    for name in ("id", "source", "type", "time"):
        if not isinstance(event.get(name), str) or not event[name]:
            return name, f"{name} is missing or not a text."
    if event["type"] not in _NEEDS:
        return "type", f"type {event['type']!r} is not one that Jobline knows: {', '.join(_NEEDS)}."
    try:
        happened_us(event["time"])
    except ValueError as wrong:
        return "time", f"time: {wrong}"
    sequence = event.get("sequence")
    if sequence is not None and not str(sequence).isdigit():
        return "sequence", "sequence must be digits."
    if not isinstance(event.get("data"), dict):
        return "data", "data must be a JSON object."
    return None


def _data(kind: str, data: dict[str, Any]) -> tuple[str, str] | None:
    if not isinstance(data.get("Company"), str) or not data["Company"]:
        return "data.Company", "data.Company is missing."
    for name in _NEEDS[kind]:
        if data.get(name) in (None, ""):
            return f"data.{name}", f"data.{name} is missing; {kind} needs it."
    for name in _NUMBERS:
        if data.get(name) is not None and not _is_whole(data, name):
            return f"data.{name}", f"data.{name} must be a whole number."
    row = data.get("Row")
    if row is not None and not isinstance(row, dict):
        return "data.Row", "data.Row must be a JSON object."
    return None


def _is_whole(data: dict[str, Any], name: str) -> bool:
    try:
        whole(data, name)
    except ValueError:
        return False
    return True


def company_of(event: dict[str, Any]) -> str:
    """The company that an event speaks for."""
    return str(event["data"]["Company"])


def facts_of(event: dict[str, Any]) -> ErpFacts:
    """What an event that has no problem tells."""
    data = event["data"]
    kind = event["type"]
    if kind in {STARTED, ENDED}:
        return ErpFacts(labor=(_labor(event, data, "started" if kind == STARTED else "ended"),))
    if kind in {COMPLETED, JOB_CLOSED}:
        return ErpFacts(closings=(_closing(event, data, is_whole=kind == JOB_CLOSED),))
    if kind == JOB_CHANGED:
        return _job(data)
    return _dictionary(data)


def _labor(event: dict[str, Any], data: dict[str, Any], edge: str) -> LaborFact:
    row = data.get("Row") or {}
    carried: dict[str, str | int] = {}
    for name in _CARRIED:
        value = data.get(name, row.get(name))
        if value is not None:
            carried[name] = _seq({name: value}, name) if name in _NUMBERS else str(value)
    return LaborFact(
        source=event["source"],
        fact_id=event["id"],
        company=data["Company"],
        labor_hed_seq=int(data["LaborHedSeq"]),
        labor_dtl_seq=int(data["LaborDtlSeq"]),
        edge=edge,
        at=happened_us(event["time"]),
        sys_rev_id=_revision(data),
        carried=carried,
    )


def _revision(data: dict[str, Any]) -> int:
    return whole(data, "SysRevID", -1)


def _closing(event: dict[str, Any], data: dict[str, Any], *, is_whole: bool) -> Closing:
    return Closing(
        source=event["source"],
        fact_id=event["id"],
        company=data["Company"],
        job_num=str(data["JobNum"]),
        at=happened_us(event["time"]),
        assembly_seq=None if is_whole else _seq(data, "AssemblySeq"),
        opr_seq=None if is_whole else _seq(data, "OprSeq"),
    )


def _job(data: dict[str, Any]) -> ErpFacts:
    """A changed job says what it is only where it carries the row; without it, it asks for a poll."""
    row = data.get("Row")
    if not row:
        return ErpFacts()
    told = {"JobNum": data["JobNum"], "Plant": data.get("Plant", ""), "SysRevID": data.get("SysRevID")}
    body = {"Company": data["Company"], **told, **row}
    return ErpFacts(jobs=(job_state(body, data["Company"], data.get("Plant", "")),))


def job_state(body: dict[str, Any], company: str, plant: str) -> JobState:
    """A job from Epicor's own field names; operations without a SysRevID of their own have the job's."""
    revision = _revision(body)
    return JobState(
        company=company,
        plant=str(body.get("Plant") or plant),
        job_num=str(body["JobNum"]),
        part_num=str(body.get("PartNum") or ""),
        part_description=str(body.get("PartDescription") or "")[:120],
        prod_qty=_decimal(body, "ProdQty", 0.0),
        sys_rev_id=revision,
        operations=tuple(_oper(row, revision) for row in _operations(body)),
    )


def _operations(body: dict[str, Any]) -> list[dict[str, Any]]:
    rows = body.get("operations") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "OprSeq" in row for row in rows):
        raise ValueError("operations must be a list of objects, each with its OprSeq.")
    return rows


def _oper(row: dict[str, Any], revision: int) -> OperState:
    own = _revision(row)
    return OperState(
        assembly_seq=_seq(row, "AssemblySeq"),
        opr_seq=_seq(row, "OprSeq"),
        op_code=str(row.get("OpCode") or ""),
        op_desc=str(row.get("OpDesc") or "")[:120],
        run_qty=_decimal(row, "RunQty", 0.0),
        prod_standard=_decimal(row, "ProdStandard", 0.0),
        std_format=str(row.get("StdFormat") or ""),
        std_basis=str(row.get("StdBasis") or "E"),
        # Divisors of the standard: 1 where nothing is said; 0 stays 0, and then there is no rate.
        ops_per_part=_decimal(row, "OpsPerPart", 1.0),
        qty_per_cycle=_decimal(row, "QtyPerCycle", 1.0),
        sys_rev_id=own if own >= 0 else revision,
    )


def _decimal(row: dict[str, Any], name: str, default: float) -> float:
    value = row.get(name)
    if value is None or value == "":
        return default
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if isinstance(value, bool) or not math.isfinite(found):
        raise ValueError(f"{name} is {str(value)[:40]!r}, which is no number.")
    return found


def _seq(row: dict[str, Any], name: str) -> int:
    """The number of an assembly or operation, 0 where it is not told."""
    return whole(row, name, 0, greatest=storable.GREATEST_SEQ)


def _dictionary(data: dict[str, Any]) -> ErpFacts:
    """A changed dictionary says so; with the row it tells the code too (Indirect or Reason).

    An indirect code that is not for downtime, or a reason that is not for scrap, counts as retired, as in a look.
    """
    row = data.get("Row") or {}
    if row.get("IndirectCode"):
        is_in_use = _flag(row, "DownTime", default=True) and not _flag(row, "Inactive", default=False)
        return _reason(data, row, row["IndirectCode"], "downtime", is_in_use=is_in_use)
    # The other types of reasons have codes of their own, and are none of our business.
    if row.get("ReasonCode") and row.get("ReasonType", SCRAP_TYPE) == SCRAP_TYPE:
        return _reason(data, row, row["ReasonCode"], "scrap", is_in_use=_flag(row, "Scrap", default=True))
    return ErpFacts()


def _reason(data: dict[str, Any], row: dict[str, Any], code: Any, kind: str, *, is_in_use: bool) -> ErpFacts:
    description = str(row.get("Description") or "")[:120]
    return ErpFacts(reasons=(ReasonState(data["Company"], str(code), description, kind, is_retired=not is_in_use),))


def _flag(row: dict[str, Any], name: str, *, default: bool) -> bool:
    try:
        return dto.flag(row, name, default=default)
    except EpicorSurprise as odd:
        raise ValueError(str(odd)) from None
