"""A live plant as a facts file (FORMATS.md §2): everything that its figures are made of, one fact a line.

Machines are written as the facts made of their samples (`state`, `count`, `alert`, and `seen` after them), not as samples:
these are what is kept, and replaying them gives the very same rows.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from apps.downtime.models import ReasonTag, SplitMark
from apps.jobs.models import ClosingRecord, Job, LaborRecord, Resolution
from apps.lines.models import Line
from apps.oee.scrap import NOT_FOUND
from apps.shared.instants import iso
from apps.states.models import CountDelta, CounterAlert, LineSnapshot, ScrapReport, StateChange

Row = dict[str, Any]
_OPER = (
    "assembly_seq", "opr_seq", "op_code", "op_desc", "run_qty", "prod_standard", "std_format", "std_basis",
    "ops_per_part", "qty_per_cycle", "sys_rev_id",
)  # fmt: skip
_EPICOR = (
    "AssemblySeq", "OprSeq", "OpCode", "OpDesc", "RunQty", "ProdStandard", "StdFormat", "StdBasis", "OpsPerPart",
    "QtyPerCycle", "SysRevID",
)  # fmt: skip


def record(slugs: Iterable[str] | None = None) -> Iterator[str]:
    """The lines of a facts file with every fact of these lines (of all), and of the jobs and labour of all companies."""
    for row in _rows(slugs):
        yield json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _rows(slugs: Iterable[str] | None) -> Iterator[Row]:
    yield from _jobs()
    yield from _labor()
    yield from _closings()
    lines = Line.objects.order_by("slug")
    for line in lines.filter(slug__in=list(slugs)) if slugs is not None else lines:
        yield from _machine(line)
        yield from _people(line)


def _jobs() -> Iterator[Row]:
    for job in Job.objects.select_related("company").prefetch_related("operations").order_by("pk"):
        yield {
            "t": "job", "company": job.company.code, "plant": job.plant, "JobNum": job.job_num,
            "PartNum": job.part_num, "PartDescription": job.part_description, "ProdQty": job.prod_qty,
            **_revision(job.sys_rev_id),
            "operations": [
                dict(zip(_EPICOR, (getattr(oper, name) for name in _OPER), strict=True))
                for oper in job.operations.all()
            ],
        }  # fmt: skip


def _revision(sys_rev_id: int) -> Row:
    return {"SysRevID": sys_rev_id} if sys_rev_id >= 0 else {}


def _event(source: str, fact_id: str, kind: str, at: int, data: Row) -> Row:
    event = {"specversion": "1.0", "id": fact_id, "source": source, "type": kind, "time": iso(at), "data": data}
    return {"t": "event", "event": event}


def _labor() -> Iterator[Row]:
    for row in LaborRecord.objects.order_by("pk").iterator():
        data = {
            "Company": row.company, "LaborHedSeq": row.labor_hed_seq, "LaborDtlSeq": row.labor_dtl_seq,
            **row.carried, **_revision(row.sys_rev_id),
        }  # fmt: skip
        yield _event(row.source, row.fact_id, f"epicor.operation.{row.edge}", row.at, data)


def _closings() -> Iterator[Row]:
    for row in ClosingRecord.objects.order_by("pk").iterator():
        data: Row = {"Company": row.company, "JobNum": row.job_num}
        kind = "epicor.job.closed"
        if row.opr_seq is not None:
            kind = "epicor.operation.completed"
            data |= {"AssemblySeq": row.assembly_seq, "OprSeq": row.opr_seq}
        yield _event(row.source, row.fact_id, kind, row.at, data)


def _machine(line: Line) -> Iterator[Row]:
    changes = StateChange.objects.filter(line=line).order_by("at", "pk")
    for at, state, fault in changes.values_list("at", "state", "fault").iterator():
        yield {"t": "state", "line": line.slug, "at": iso(at), "state": state, "fault": fault}
    deltas = CountDelta.objects.filter(line=line).order_by("end", "pk")
    for start, end, good, reject in deltas.values_list("start", "end", "good", "reject").iterator():
        yield {
            "t": "count", "line": line.slug, "start": iso(start), "end": iso(end), "good": good, "reject": reject,
        }  # fmt: skip
    # Scrap that found no parts is found out again by whoever replays this.
    alerts = CounterAlert.objects.filter(line=line).exclude(what=NOT_FOUND).order_by("at", "pk")
    for at, what, counter, parts in alerts.values_list("at", "what", "counter", "parts"):
        yield {"t": "alert", "line": line.slug, "at": iso(at), "what": what, "counter": counter, "parts": parts}
    snapshot = LineSnapshot.objects.filter(line=line).first()
    if snapshot is not None and snapshot.last_at is not None:
        yield {"t": "seen", "line": line.slug, "at": iso(snapshot.last_at), "now": snapshot.body}


def _people(line: Line) -> Iterator[Row]:
    for tag in ReasonTag.objects.filter(line=line).order_by("pk"):
        row = {"t": tag.action, "line": line.slug, "at": iso(tag.at), "by": tag.by, "tagged_at": iso(tag.tagged_at)}
        yield row | ({"code": tag.code, "comment": tag.comment} if tag.action == ReasonTag.Action.TAG else {})
    for mark in SplitMark.objects.filter(line=line).order_by("pk"):
        yield {
            "t": mark.action, "line": line.slug, "at": iso(mark.at), "by": mark.by, "tagged_at": iso(mark.tagged_at),
        }  # fmt: skip
    for scrap in ScrapReport.objects.filter(line=line).order_by("pk"):
        yield {
            "t": "scrap", "line": line.slug, "at": iso(scrap.at), "qty": scrap.qty, "code": scrap.code, "by": scrap.by,
        }  # fmt: skip
    for choice in Resolution.objects.filter(line=line).order_by("pk"):
        yield {
            "t": "resolve", "line": line.slug, "start": iso(choice.start), "end": iso(choice.end),
            "JobNum": choice.job_num, "AssemblySeq": choice.assembly_seq, "OprSeq": choice.opr_seq,
            "by": choice.by, "tagged_at": iso(choice.tagged_at),
        }  # fmt: skip
