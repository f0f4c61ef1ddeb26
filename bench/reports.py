"""OEE and Pareto over a year and many lines, beside one plain statement over the settled slices of the same window."""

import time
from collections.abc import Callable
from statistics import median

from bench import synthetic
from bench.table import Figure, report

LINES = 10
DAYS = 60
AIM_MS = 100.0
TIMES = 5


def main() -> None:
    """Ten lines over sixty days: by reason, by line, by job and by shift; the year of a hundred is in docs/reference/sizes.md."""
    synthetic.prepare(LINES)
    for line in range(LINES):
        synthetic.tell(line, DAYS, part_every_s=120, stops_per_day=60)
        _settle(line)
    start, end = synthetic.START_S * 1_000_000, (synthetic.START_S + DAYS * synthetic.DAY_S) * 1_000_000
    from apps.flow.reporting import oee_rows, pareto_rows

    asked: dict[str, Callable[[], object]] = {
        "Pareto by reason": lambda: pareto_rows(
            by="reason", start=start, end=end, line=None, job=None, measure="seconds", now=end
        ),
        "Pareto by line": lambda: pareto_rows(
            by="line", start=start, end=end, line=None, job=None, measure="seconds", now=end
        ),
        "OEE by line": lambda: oee_rows(by="line", start=start, end=end, line=None, now=end),
        "OEE by shift": lambda: oee_rows(by="shift", start=start, end=end, line=None, now=end),
        "OEE by job": lambda: oee_rows(by="job", start=start, end=end, line=None, now=end),
    }
    plain = _time(lambda: _statement(start, end))
    figures = []
    for name, ask in asked.items():
        spent = _time(ask)
        figures.append(Figure(name, spent * 1000, "ms", plain * 1000, "one GROUP BY over the slices"))
    from django.db import connection

    report("reports", f"{LINES} lines × {DAYS} days on {connection.vendor}", figures)


def _settle(line: int) -> None:
    from django.db import transaction

    from apps.flow.derive import derive
    from apps.lines.queries import policies

    slug = f"line-{line:03}"
    with transaction.atomic():
        derive(policies([slug]), {slug: []}, now=0, why="")


def _time(ask: Callable[[], object]) -> float:
    found = []
    for _turn in range(TIMES):
        began = time.perf_counter()
        ask()
        found.append(time.perf_counter() - began)
    return median(found)


def _statement(start: int, end: int) -> object:
    from django.db.models import Count, F, Sum

    from apps.oee.models import Slice

    rows = Slice.objects.filter(start__gte=start, start__lt=end).values("reason", "bucket")
    return list(rows.annotate(us=Sum(F("end") - F("start")), stops=Count("stop_start", distinct=True)))
