"""The control API of the simulated Epicor, for tests and demonstrations only: it does what people in Epicor would do.

`POST /control/EPIC06/start {"employee": "E7", "job_num": "004512", "opr_seq": 20, "resource_id": "MILL-01", "at": "…Z"}`;
`POST /control/down`, `/control/up`, `/control/delay {"seconds": 2}`; `GET /control/EPIC06/labor`.
"""

import hmac
import json
from collections.abc import Callable
from typing import Any

from apps.shared.instants import parse_us
from apps.simulators.epicor import answers
from apps.simulators.epicor.answers import Answer, Request
from apps.simulators.epicor.company import BusinessError, Company, LaborKey, Oper, Output
from apps.simulators.epicor.epicor import Epicor

PREFIX = "/control"
Fields = dict[str, Any]


def answer(epicor: Epicor, request: Request) -> Answer:
    """Do what the path says; 400 with a sentence when Epicor would refuse or a field is missing."""
    if "origin" in request.headers:
        return answers.short_error(403, "Not for web pages")
    if epicor.control_token and not hmac.compare_digest(
        request.headers.get("x-control-token", ""), epicor.control_token
    ):
        return answers.short_error(401, "Wrong control token")
    parts = request.path.removeprefix(PREFIX).strip("/").split("/")
    try:
        fields: Fields = json.loads(request.body or b"{}")
        return answers.json_answer(200, _do(epicor, parts, fields))
    except BusinessError as refusal:
        return answers.error(400, str(refusal), "Ice.BLException")
    except KeyError as missing:
        return answers.error(400, f"{missing.args[0]} is missing or unknown.", "control")
    except (ValueError, TypeError) as problem:
        return answers.error(400, str(problem), "control")


def _do(epicor: Epicor, parts: list[str], fields: Fields) -> Fields:
    if len(parts) == 1:
        return _switch(epicor, parts[0], fields)
    company = epicor.companies[parts[0]]
    if parts[1] == "labor":
        return {"active": [_shown(row) for row in company.active_labor()]}
    return _ACTIONS[parts[1]](company, fields)


def _switch(epicor: Epicor, name: str, fields: Fields) -> Fields:
    behaviour = epicor.behaviour
    if name in {"down", "up"}:
        behaviour.is_up = name == "up"
    elif name == "delay":
        behaviour.delay_s = float(fields["seconds"])
    elif name == "throttle":
        behaviour.throttled_calls, behaviour.retry_after_s = int(fields["calls"]), int(fields.get("retry_after_s", 1))
    elif name == "fail":
        behaviour.failing_calls = int(fields["calls"])
    elif name != "state":
        raise KeyError(name)
    return {"up": behaviour.is_up, "delay_s": behaviour.delay_s, "companies": sorted(epicor.companies)}


def _at(fields: Fields) -> int:
    return parse_us(fields["at"])


def _key(fields: Fields) -> LaborKey:
    return LaborKey(int(fields["labor_hed_seq"]), int(fields["labor_dtl_seq"]))


def _output(fields: Fields) -> Output:
    return Output(float(fields.get("good", 0)), float(fields.get("scrap", 0)), str(fields.get("scrap_code", "")))


def _start(company: Company, fields: Fields) -> Fields:
    key = company.start_activity(
        fields["employee"], fields["job_num"], int(fields["opr_seq"]), at=_at(fields),
        assembly_seq=int(fields.get("assembly_seq", 0)), resource_id=fields.get("resource_id", ""),
        resource_grp_id=fields.get("resource_grp_id", ""), labor_type=fields.get("labor_type", "P"),
    )  # fmt: skip
    return {"labor_hed_seq": key.hed_seq, "labor_dtl_seq": key.dtl_seq}


def _end(company: Company, fields: Fields) -> Fields:
    company.end_activity(_key(fields), at=_at(fields), output=_output(fields), complete=bool(fields.get("complete")))
    return {}


def _report(company: Company, fields: Fields) -> Fields:
    company.report_quantity(_key(fields), _output(fields))
    return {}


def _complete(company: Company, fields: Fields) -> Fields:
    company.complete_operation(
        fields["job_num"], int(fields["opr_seq"]), at=_at(fields), assembly_seq=int(fields.get("assembly_seq", 0))
    )
    return {}


def _close(company: Company, fields: Fields) -> Fields:
    company.close_job(fields["job_num"], at=_at(fields))
    return {}


def _delete(company: Company, fields: Fields) -> Fields:
    company.delete_labor(_key(fields))
    return {}


def _job(company: Company, fields: Fields) -> Fields:
    operations = [Oper(**oper) for oper in fields["operations"]]
    company.add_job(
        fields["job_num"], fields["part_num"], float(fields["prod_qty"]), operations, plant=fields["plant"],
        at=_at(fields), description=fields.get("description", ""), released=bool(fields.get("released", True)),
    )  # fmt: skip
    return {}


def _rename(company: Company, fields: Fields) -> Fields:
    if company.has("Indirect", (fields["code"],)):
        company.set_indirect(
            fields["code"], fields["description"], at=_at(fields), inactive=bool(fields.get("inactive"))
        )
    else:
        company.set_reason(fields["code"], fields["description"], at=_at(fields))
    return {}


_ACTIONS: dict[str, Callable[[Company, Fields], Fields]] = {
    "start": _start,
    "end": _end,
    "report": _report,
    "complete": _complete,
    "close": _close,
    "delete": _delete,
    "job": _job,
    "reason": _rename,
}


def _shown(row: dict[str, Any]) -> Fields:
    names = ("LaborHedSeq", "LaborDtlSeq", "JobNum", "AssemblySeq", "OprSeq", "ResourceID", "EmployeeNum", "LaborType")
    return {name: row[name] for name in names}
