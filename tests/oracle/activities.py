"""From events to LaborActivities (SEMANTICS §5, FORMATS §3)."""

from dataclasses import dataclass
from typing import Any

from tests.oracle.facts import Event
from tests.oracle.jobs import OpKey

ActivityKey = tuple[str, int, int]
FIELDS = ("JobNum", "AssemblySeq", "OprSeq", "LaborType", "ResourceID", "ResourceGrpID")


@dataclass(frozen=True)
class Activity:
    """`end` is None while nothing has ended it."""

    key: ActivityKey
    operation: OpKey | None
    setup: bool
    resource: str | None
    group: str | None
    start: int
    end: int | None

    def open_at(self, at: int) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


def _rank(event: Event) -> tuple[int, int, str, str]:
    """FORMATS §3: "the greater `SysRevID` wins (none is least), then the later `time`, then the greater `id`"."""
    revision = event.data.get("SysRevID")
    return (-1 if revision is None else int(revision), event.time, event.id, event.source)


def _value(events: list[Event], name: str) -> Any:
    """FORMATS §3: "both for each other field that they carry"; null is not carried."""
    carrying = [event for event in events if event.data.get(name) is not None]
    return max(carrying, key=_rank).data[name] if carrying else None


def _time(events: list[Event], kind: str) -> int | None:
    """FORMATS §3: "among `started` for the start, `ended` for the end"."""
    mine = [event for event in events if event.type == f"epicor.operation.{kind}"]
    return max(mine, key=_rank).time if mine else None


def _operation(company: str, fields: dict[str, Any]) -> OpKey | None:
    address = (fields["JobNum"], fields["AssemblySeq"], fields["OprSeq"])
    return None if None in address else (company, *address)


def closings(events: list[Event], operation: OpKey) -> list[int]:
    """The times at which the operation completed or its job closed."""
    company, job, assembly, step = operation
    result = []
    for event in events:
        data = event.data
        same_job = data.get("Company") == company and data.get("JobNum") == job
        same_step = data.get("AssemblySeq") == assembly and data.get("OprSeq") == step
        completed = event.type == "epicor.operation.completed" and same_step
        if same_job and (completed or event.type == "epicor.job.closed"):
            result.append(event.time)
    return result


def _ended(own: int | None, start: int, closed: list[int]) -> int | None:
    """FORMATS §3: "`completed` closes every activity of the operation that started before its `time` and is open
    then, … at that `time`, and a later `ended` does not reopen it"."""
    return min([at for at in closed if at > start] + ([] if own is None else [own]), default=None)


def activities(events: list[Event]) -> list[Activity]:
    """§5: identified by "company, LaborHedSeq, LaborDtlSeq". FORMATS §3: an `ended` alone is "kept, and takes effect
    with" its `started`."""
    told: dict[ActivityKey, list[Event]] = {}
    for event in events:
        if event.type in ("epicor.operation.started", "epicor.operation.ended"):
            data = event.data
            told.setdefault((data["Company"], data["LaborHedSeq"], data["LaborDtlSeq"]), []).append(event)
    result = []
    for key, facts in told.items():
        start = _time(facts, "started")
        if start is None:
            continue
        fields = {name: _value(facts, name) for name in FIELDS}
        operation = _operation(key[0], fields)
        closed = [] if operation is None else closings(events, operation)
        end = _ended(_time(facts, "ended"), start, closed)
        setup = fields["LaborType"] == "S"
        result.append(Activity(key, operation, setup, fields["ResourceID"], fields["ResourceGrpID"], start, end))
    return result
