"""Short words for hand-worked cases: one plant in UTC that always works, one line, and a clock that starts at noon."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle import figures
from tests.oracle.instants import parse
from tests.oracle.world import World, world_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALWAYS = '[[plant.shift]]\nname = "All"\ndays = "mon-sun"\nstart = "00:00"\nend = "00:00"\n'
REASONS = {"M01": "equipment_failure", "N01": "minor_stop", "P09": "planned", "S01": "setup_adjustment", "M02": "other"}
JOB = ("J1", 0, 10)
OTHER = ("J2", 0, 10)


def at(seconds: float) -> str:
    """An instant, in seconds after noon."""
    return (NOON + timedelta(seconds=seconds)).isoformat()


def plant_file(
    line: str = "", *, plant: str = "", shifts: str = ALWAYS, zone: str = "UTC", reasons: dict[str, str] | None = None
) -> str:
    """The line has `stale_after_s = 100`, `micro_stop_s = 60` and no more than `line` says."""
    text = (
        f'[[company]]\ncode = "C"\nname = "C"\n[[plant]]\ncompany = "C"\ncode = "P"\nname = "P"\ntime_zone = "{zone}"\n'
    )
    text += f"{plant}\n{shifts}\n"
    defaults = 'slug = "l"\nname = "L"\narea = "A"\nresources = ["R"]\nresource_groups = ["G"]\n'
    for name, value in (("stale_after_s", 100), ("micro_stop_s", 60)):
        defaults += "" if name in line else f"{name} = {value}\n"
    text += f"[[plant.line]]\n{defaults}{line}\n"
    for code, category in (REASONS if reasons is None else reasons).items():
        text += f'[[reason]]\ncompany = "C"\ncode = "{code}"\ndescription = "About {code}"\ncategory = "{category}"\n'
    return text


def sample(seconds: float, *, running: bool, **more: Any) -> dict[str, Any]:
    return {"t": "sample", "line": "l", "at": at(seconds), "running": running, **more}


def spoken(*states: tuple[float, bool]) -> list[dict[str, Any]]:
    """Samples with a state and nothing else."""
    return [sample(seconds, running=running) for seconds, running in states]


def mark(kind: str, seconds: float, tagged: float, **more: Any) -> dict[str, Any]:
    return {"t": kind, "line": "l", "at": at(seconds), "by": "e", "tagged_at": at(tagged), **more}


def scrap(seconds: float, qty: int) -> dict[str, Any]:
    return {"t": "scrap", "line": "l", "at": at(seconds), "qty": qty, "code": "S07", "by": "e"}


def resolve(start: float, end: float, tagged: float, operation: tuple[str, int, int]) -> dict[str, Any]:
    return {
        "t": "resolve",
        "line": "l",
        "start": at(start),
        "end": at(end),
        "tagged_at": at(tagged),
        **named(operation),
    }


def named(operation: tuple[str, int, int]) -> dict[str, Any]:
    return dict(zip(("JobNum", "AssemblySeq", "OprSeq"), operation, strict=True))


def job(number: str = "J1", *, revision: int = 1, part: str = "X", **operation: Any) -> dict[str, Any]:
    """A job with one operation 0/10, without a standard unless one is given."""
    row = {"AssemblySeq": 0, "OprSeq": 10, "RunQty": 100, "ProdStandard": 0, "StdFormat": "PH", "StdBasis": "E"}
    row |= {"OpsPerPart": 1, "QtyPerCycle": 1} | operation
    head = {"t": "job", "company": "C", "plant": "P", "JobNum": number, "PartNum": part, "SysRevID": revision}
    return {**head, "operations": [row]}


def event(kind: str, seconds: float, data: dict[str, Any], ident: str = "") -> dict[str, Any]:
    name = ident or f"{kind}-{seconds}-{json.dumps(data, sort_keys=True)}"
    body = {"specversion": "1.0", "id": name, "source": "s", "type": f"epicor.{kind}", "time": at(seconds)}
    return {"t": "event", "event": {**body, "data": {"Company": "C", "Plant": "P", **data}}}


def labour(
    start: float,
    end: float | None,
    operation: tuple[str, int, int] = JOB,
    *,
    seq: int = 1,
    kind: str = "P",
    **more: Any,
) -> list[dict[str, Any]]:
    """One stay on the line's resource."""
    key = {"LaborHedSeq": 1, "LaborDtlSeq": seq}
    told = key | named(operation) | {"LaborType": kind, "ResourceID": "R", **more}
    rows = [event("operation.started", start, told)]
    return rows if end is None else [*rows, event("operation.ended", end, key)]


def world(plant_toml: str, *facts: dict[str, Any] | list[dict[str, Any]]) -> World:
    rows = [row for fact in facts for row in (fact if isinstance(fact, list) else [fact])]
    return world_of(plant_toml, [json.dumps(row) for row in rows])


def after_noon(instant: str) -> float:
    return (parse(instant) - parse(at(0))) / 1_000_000


def buckets(made: World, start: float = -1e5, end: float = 1e6) -> list[tuple[float, float, str]]:
    """The slices of the line as (start, end, bucket)."""
    rows = figures.slices(made, "l", parse(at(start)), parse(at(end)))
    return [(after_noon(row["start"]), after_noon(row["end"]), row["bucket"]) for row in rows]


def column(made: World, name: str) -> list[tuple[float, float, Any]]:
    """One field of the slices of the line, joined where it stays the same."""
    found: list[tuple[float, float, Any]] = []
    for row in figures.slices(made, "l", parse(at(-1e5)), parse(at(1e6))):
        start, end = after_noon(row["start"]), after_noon(row["end"])
        if found and found[-1][2] == row[name]:
            found[-1] = (found[-1][0], end, row[name])
        else:
            found.append((start, end, row[name]))
    return found


def oee(made: World, by: str = "line", start: float = -1e5, end: float = 1e6) -> list[dict[str, Any]]:
    return figures.oee(made, parse(at(start)), parse(at(end)), by)
