"""Lines of a facts file, and what could stand where a value should."""

import json
from collections.abc import Iterator
from typing import Any

from tests.oracle.cases import event, job, labour, mark, resolve, sample, scrap

LINES: list[dict[str, Any]] = [
    sample(0, running=True, total=5, fault=3),
    {**sample(0, running=True), "good": False},
    job(),
    *labour(0, 10),
    event("operation.completed", 5, {"JobNum": "J1", "AssemblySeq": 0, "OprSeq": 10}),
    event("job.changed", 5, {"JobNum": "J1", "Row": {"PartNum": "X", "operations": [{"OprSeq": 10}]}}),
    event("dictionary.changed", 5, {"Row": {"IndirectCode": "M01", "Description": "Broken"}}),
    mark("tag", 1, 2, code="M01", comment="c"),
    mark("split", 1, 2),
    scrap(5, 1),
    resolve(0, 5, 9, ("J1", 0, 10)),
]
ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, -(10**30), 1e308, float("nan"), float("inf"), "", "x", "9" * 30, "x" * 500, "a\0b", "\ud800",
    [], [1], {}, {"a": 1}, "2026-03-02T12:00:00Z", "1970-01-01T00:00:00Z",
]  # fmt: skip


def places(told: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a JSON value."""
    if path:
        yield path
    inner = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


def changed(told: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy in which another value stands at the place."""
    copy = json.loads(json.dumps(told))
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return copy
