"""How fast one line-month is derived again from its facts, beside the plainest pass over the same rows."""

import time
from typing import TYPE_CHECKING

from bench import synthetic
from bench.table import Figure, report

if TYPE_CHECKING:
    from apps.lines.types import LinePolicy

DAYS = 30
AIM = 100_000


def main() -> None:
    """Rebuild a line of 30 days with a part every 8 s, and half of it, to see how it grows."""
    synthetic.prepare(2)
    figures = []
    for line, days in ((0, DAYS // 2), (1, DAYS)):
        facts = synthetic.tell(line, days, part_every_s=8, stops_per_day=150)
        seconds, rows = _rebuild(line)
        plain = _plain(line)
        figures += [
            Figure(f"{days} days: facts", facts, "facts"),
            Figure(f"{days} days: derived rows", rows, "rows"),
            Figure(f"{days} days: rebuild", seconds, "s", plain, "one pass in Python that adds up the same rows"),
            Figure(f"{days} days: speed", facts / seconds, "facts/s", AIM, "aim", is_smaller_better=False),
        ]
    from django.db import connection

    report("rebuild", f"one line derived again from its facts on {connection.vendor}", figures)


def _rebuild(line: int) -> tuple[float, int]:
    from apps.lines.queries import policies
    from apps.oee.digest import derived_rows

    policy = policies([f"line-{line:03}"])[f"line-{line:03}"]
    _run(policy)
    began = time.perf_counter()
    _run(policy)
    spent = time.perf_counter() - began
    return spent, sum(len(rows) for rows in derived_rows(policy.line_id).values())


def _run(policy: "LinePolicy") -> None:
    from django.db import transaction

    from apps.flow.causes import always
    from apps.flow.derive import derive
    from apps.lines.operations import lock
    from apps.oee.digest import forget
    from apps.shared.periods import FOREVER

    with transaction.atomic():
        lock([policy.line_id])
        forget(policy.line_id, keep_runs=True)
        derive({policy.slug: policy}, {policy.slug: [(0, FOREVER)]}, now=0, why=always("a rebuild"))


def _plain(line: int) -> float:
    """Read every fact once and add up seconds by state and parts: less than half of what a rebuild must find out."""
    from apps.lines.models import Line
    from apps.states.models import CountDelta, StateChange

    line_id = Line.objects.get(slug=f"line-{line:03}").pk
    began = time.perf_counter()
    time_in: dict[str, int] = {}
    before: tuple[int, str] | None = None
    for at, state in StateChange.objects.filter(line_id=line_id).order_by("at").values_list("at", "state"):
        if before is not None:
            time_in[before[1]] = time_in.get(before[1], 0) + at - before[0]
        before = (at, state)
    parts = [0, 0]
    for good, reject in CountDelta.objects.filter(line_id=line_id).order_by("end").values_list("good", "reject"):
        parts[0] += good
        parts[1] += reject
    return time.perf_counter() - began
