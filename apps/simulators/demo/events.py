"""The demo's acts as the messages that Epicor would have sent: CloudEvents and job rows, as in the facts file."""

from typing import Any

from apps.shared.instants import iso
from apps.simulators.demo.products import DemoJob
from apps.simulators.demo.types import Act

INSTANCE = "KineticDemo"
_EDGES = {
    "started": "epicor.operation.started",
    "ended": "epicor.operation.ended",
    "completed": "epicor.operation.completed",
    "closed": "epicor.job.closed",
}


def revision(at: int) -> int:
    """The SysRevID of a row written then: it only grows, whatever process writes it."""
    return at // 1000


def event_of(act: Act) -> dict[str, Any]:
    """The CloudEvent that tells of an act; the same act makes the same event."""
    about = "/".join(str(part) for part in act.key) if act.key else f"{act.job_num}/0/{act.opr_seq}"
    return {
        "specversion": "1.0",
        "id": f"{about}/{act.edge}",
        "source": f"/epicor/{INSTANCE}/{act.company}/history",
        "type": _EDGES[act.edge],
        "time": iso(act.at),
        "datacontenttype": "application/json",
        "data": _data(act),
    }


def _data(act: Act) -> dict[str, Any]:
    data: dict[str, Any] = {"Company": act.company, "Plant": act.plant, "JobNum": act.job_num}
    if act.edge != "closed":
        data |= {"AssemblySeq": 0, "OprSeq": act.opr_seq}
    if act.key is not None:
        data |= {
            "LaborHedSeq": act.key.hed_seq, "LaborDtlSeq": act.key.dtl_seq, "LaborType": act.labor_type,
            "ResourceGrpID": act.resource_group, "ResourceID": act.resource, "EmployeeNum": act.employee,
        }  # fmt: skip
    return data | {"SysRevID": revision(act.at)}


def job_row(job: DemoJob) -> dict[str, Any]:
    """The job with its operations, as a line of the facts file."""
    product = job.product
    return {
        "t": "job", "company": product.company, "plant": product.plant, "JobNum": job.number,
        "PartNum": product.part_num, "PartDescription": product.description, "ProdQty": product.qty,
        "SysRevID": revision(job.released_at),
        "operations": [
            {
                "AssemblySeq": 0, "OprSeq": step.opr_seq, "OpCode": step.op_code, "OpDesc": step.op_desc,
                "RunQty": product.qty, "ProdStandard": step.standard, "StdFormat": step.std_format,
                "StdBasis": step.std_basis, "OpsPerPart": step.ops_per_part, "QtyPerCycle": step.qty_per_cycle,
                "SysRevID": revision(job.released_at),
            }
            for step in product.steps
        ],
    }  # fmt: skip
