"""No line of a facts file and no event, however odd, does more than be refused with a sentence."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from apps.epicor.events import facts_of, problem_of
from apps.flow.facts_file import BadLine, parse
from apps.shared.storable import LONGEST
from tests.make.odd import LINES, ODD, changed, places


def refusal(read: Callable[[], Any], kind: type[ValueError]) -> str:
    """What was said where a reading was refused; empty where it was not. Anything else that is raised goes on."""
    try:
        read()
    except kind as refused:
        return str(refused) or "(nothing)"
    return ""


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("told", LINES, ids=lambda told: told.get("event", told).get("type", told["t"]))
def test_a_line_is_read_or_refused_in_words(told: dict[str, Any], odd: Any) -> None:
    for path in places(told):
        check(changed(told, path, odd))


def check(line: dict[str, Any]) -> None:
    said = [refusal(lambda: parse(json.dumps(line)), BadLine)]
    if line.get("t") == "event" and problem_of(line.get("event")) is None:
        said.append(refusal(lambda: facts_of(line["event"]), ValueError))
    assert all(text == "" or text.endswith(".") for text in said), said


@pytest.mark.parametrize("raw", ["[" * 100_000, "9" * 5_000, '{"t": []}', '{"t": {}}', '{"t": null}', "{}"])
def test_what_is_no_line_at_all(raw: str) -> None:
    with pytest.raises(BadLine, match=r"not JSON|t is "):
        parse(raw)


COLUMNS = {
    "id": ["jobs.LaborRecord.fact_id", "jobs.ClosingRecord.fact_id", "epicor.InboxEvent.event_id"],
    "source": ["jobs.LaborRecord.source", "epicor.InboxEvent.source", "epicor.SourceSequence.source"],
    "Company": ["jobs.LaborRecord.company", "epicor.InboxEvent.company", "lines.Company.code", "reasons.ReasonCode.company"],
    "Plant": ["jobs.Job.plant", "lines.Plant.code"],
    "JobNum": ["jobs.Job.job_num", "jobs.ClosingRecord.job_num", "jobs.LaborActivity.job_num", "jobs.Resolution.job_num"],
    "PartNum": ["jobs.Job.part_num"],
    "OpCode": ["jobs.JobOper.op_code"],
    "StdFormat": ["jobs.JobOper.std_format"],
    "StdBasis": ["jobs.JobOper.std_basis"],
    "LaborType": ["jobs.LaborActivity.kind"],
    "ResourceID": ["jobs.LaborActivity.resource_id"],
    "ResourceGrpID": ["jobs.LaborActivity.resource_grp_id"],
    "EmployeeNum": ["jobs.LaborActivity.employee"],
    "IndirectCode": ["reasons.ReasonCode.code"],
    "code": ["downtime.ReasonTag.code", "states.ScrapReport.code"],
    "by": ["downtime.ReasonTag.by", "downtime.SplitMark.by", "states.ScrapReport.by", "jobs.Resolution.by"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "columns"), COLUMNS.items())
def test_what_is_let_in_fits_its_columns(name: str, columns: list[str]) -> None:
    for column in columns:
        app, model, field = column.split(".")
        assert apps.get_model(app, model)._meta.get_field(field).max_length == LONGEST[name], column
