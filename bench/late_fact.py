"""What one late fact costs, 8 hours back, on lines with ever longer histories behind them."""

import time
from statistics import median

from bench import synthetic
from bench.table import Figure, report

AIM_MS = 30.0
TIMES = 15


def main() -> None:
    """A tag on a settled stop 8 h back, on a line with 7, 60 and 365 days behind it; beside a plain read of these hours."""
    histories = (7, 60, 365)
    synthetic.prepare(len(histories))
    figures = []
    for line, days in enumerate(histories):
        facts = synthetic.tell(line, days, part_every_s=8 if days < 365 else 60, stops_per_day=60)
        _settle(line)
        spent, plain = _tag(line)
        figures += [
            Figure(f"{days} days behind it: facts", facts, "facts"),
            Figure(f"{days} days: one late tag", spent * 1000, "ms", AIM_MS, "aim"),
            Figure(
                f"{days} days: the same", spent * 1000, "ms", plain * 1000, "reading the facts of these 8 h, one pass"
            ),
        ]
    from django.db import connection

    report("late_fact", f"a tag for a stop 8 h back, on {connection.vendor}", figures)


def _settle(line: int) -> None:
    from django.db import transaction

    from apps.flow.derive import derive
    from apps.lines.queries import policies

    slug = f"line-{line:03}"
    with transaction.atomic():
        derive(policies([slug]), {slug: []}, now=0, why="")


def _tag(line: int) -> tuple[float, float]:
    from apps.downtime.models import Stop
    from apps.flow import stops
    from apps.lines.models import Line
    from apps.shared.instants import HOUR
    from apps.states.models import CountDelta, LineSnapshot, StateChange

    row = Line.objects.get(slug=f"line-{line:03}")
    now = LineSnapshot.objects.get(line=row).last_good_at or 0
    wanted = Stop.objects.filter(line=row, is_micro=False, start__lt=now - 8 * HOUR).order_by("-start")[:TIMES]
    spent, plain = [], []
    for number, stop in enumerate(wanted):
        began = time.perf_counter()
        stops.tag(line=row.slug, at=stop.start + 1, code="M03", by="bench", now=now + number)
        spent.append(time.perf_counter() - began)
        began = time.perf_counter()
        since = stop.start
        sum(fault for (fault,) in StateChange.objects.filter(line=row, at__gte=since).values_list("fault"))
        sum(good for (good,) in CountDelta.objects.filter(line=row, end__gte=since).values_list("good"))
        plain.append(time.perf_counter() - began)
    return median(spent), median(plain)
