"""Feeding facts, and everything that the report commands then print, as one value to compare."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.db import transaction

from apps.flow import plant, rebuild, replay, reporting
from apps.lines.models import Line
from apps.lines.queries import policies

T = TypeVar("T")
Row = dict[str, Any]
OEE_BY = ("line", "operation", "job", "part", "shift", "plant")
PARETO_BY = ("reason", "category", "fault", "line", "part", "operation", "shift")
MEASURES = ("seconds", "stops")


def load(text: str) -> list[str]:
    """Load a plant file; the differences."""
    return plant.load(text, now=now())


def feed(*facts: str | Row | Iterable[str | Row]) -> replay.Outcome:
    """Replay facts, given as lines, as rows, or as lists of either."""
    lines: list[str] = []
    for fact in facts:
        rows = [fact] if isinstance(fact, str | dict) else fact
        lines += [row if isinstance(row, str) else json.dumps(row) for row in rows]
    return replay.replay(lines)


def now() -> int:
    """The replayed instant."""
    return reporting.now_or(0)


def reports(start: int, end: int, *, at: int | None = None) -> dict[str, list[Row]]:
    """Every report over [start, end); summaries without `revision` and `made_at`, which tell when and not what."""
    then = now() if at is None else at
    found: dict[str, list[Row]] = {}
    for by in OEE_BY:
        found[f"oee {by}"] = reporting.oee_rows(by=by, start=start, end=end, line=None, now=then)
    for by in PARETO_BY:
        for measure in MEASURES:
            found[f"pareto {by} {measure}"] = reporting.pareto_rows(
                by=by, start=start, end=end, line=None, job=None, measure=measure, now=then
            )
    for slug in Line.objects.order_by("slug").values_list("slug", flat=True):
        found[f"slices {slug}"] = reporting.slice_rows(line=slug, start=start, end=end, now=then)
    told = ("revision", "made_at")
    found["summaries"] = [
        {name: value for name, value in row.items() if name not in told}
        for row in reporting.summary_rows(job=None, now=then)
    ]
    return found


def over(windows: Sequence[tuple[int, int]], *, at: int | None = None) -> list[dict[str, list[Row]]]:
    """Every report over several windows."""
    return [reports(start, end, at=at) for start, end in windows]


def unsound() -> list[str]:
    """What a rebuild of any line would change; nothing where all is as it should be."""
    return [row for policy in policies().values() for row in rebuild.check(policy, now=now())]


def apart(do: Callable[[], T]) -> T:
    """Do something and put the database back as it was."""
    with transaction.atomic():
        found = do()
        transaction.set_rollback(True)
    return found
