"""OEE and Pareto over a year of a hundred lines, by line, job, operation, shift and reason; and of ten lines over 60 days.

Two windows each: whole production days in the past, and from the middle of an hour up to now, where each line has seconds
and hours that are not rolled up, counts among them, and a stop that is not over. The plain way beside it is one GROUP BY
over the day rows of the same time, which leaves the ragged ends out.
"""

import gc
import io
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench import _year, synthetic
from bench.table import Figure, report

SHAPES = ((10, 60), (100, 365))
UNTIL = datetime(2026, 11, 15, 6, tzinfo=UTC)
AIM_MS = 100.0
TIMES = 7
# Facts near the window's edges only; a count in 72 s, as the demo's presses tell.
SHAPE = _year.Shape(near=3, slots_after=2, counts=20)
_SUMS = (
    "running", "unscheduled", "no_signal", "planned", "micro_stop", "setup", "downtime", "good", "reject", "ideal_good",
    "ideal_total",
)  # fmt: skip
_OEE = {
    "line": ["line_id"],
    "job": ["oper__job__job_num"],
    "operation": ["oper_id"],
    "part": ["oper__job__part_num"],
    "shift": ["shift_date", "shift"],
}
_PARETO = ("reason", "line", "operation")
Asked = dict[str, tuple[Callable[[], Any], Callable[[], Any]]]


def main() -> None:
    """Both sizes, the smaller first."""
    from django.db import connection

    figures: list[Figure] = []
    before: dict[str, float] = {}
    for lines, days in SHAPES:
        synthetic.empty()
        # A day more than is asked for: the window begins in the line's time.
        past = _year.write(lines, days + 1, until=UNTIL, shape=SHAPE, say=lambda _text: None)
        _analyze()
        # As the commands and the web process do once they are loaded.
        gc.freeze()
        found = _measure(past, before)
        before = {figure.name: figure.value for figure in found}
        size = f"{lines} lines × {days} days, "
        figures += [Figure(size + f.name, f.value, f.unit, f.baseline, f.against, note=f.note) for f in found]
        if (lines, days) == SHAPES[-1]:
            figures += _command(past)
    report("reports", f"OEE and Pareto on {connection.vendor}, median of {TIMES}", figures)


def _measure(past: _year.Past, before: dict[str, float]) -> list[Figure]:
    """Each report over both windows; what the smaller plant took is what growth is measured against."""
    from apps.shared.instants import DAY, HOUR, MINUTE

    first = past.start + DAY
    windows = {"whole days": (first, past.end), "up to now": (first + 3 * HOUR + 17 * MINUTE, past.now)}
    found = []
    for window, (start, end) in windows.items():
        for name, (ask, plain) in _asked(start, end, past.now).items():
            (ms, cpu, rows), (plain_ms, _cpu, _rows) = _time(ask), _time(plain)
            note = f"{ms / plain_ms:.2f} × one GROUP BY over the day rows ({plain_ms:.0f} ms); {cpu:.0f} ms CPU, {rows} rows"
            figure = Figure(f"{name}, {window}", ms, "ms", AIM_MS, "aim", note=note)
            grown = f", {ms / before[figure.name]:.1f} × the smaller plant" if figure.name in before else ""
            found.append(Figure(figure.name, ms, "ms", AIM_MS, "aim", note=note + grown))
    return found


def _asked(start: int, end: int, now: int) -> Asked:
    """Each report, and the plainest way to something like it."""
    from apps.flow.reporting import oee_rows, pareto_rows

    found: Asked = {}
    for by, keys in _OEE.items():
        found[f"OEE by {by}"] = (
            partial(oee_rows, by=by, start=start, end=end, line=None, now=now),
            partial(_plain_oee, start, end, keys),
        )
    for by in _PARETO:
        found[f"Pareto by {by}"] = (
            partial(pareto_rows, by=by, start=start, end=end, line=None, job=None, measure="seconds", now=now),
            partial(_plain_pareto, start, end, by),
        )
    return found


def _plain_oee(start: int, end: int, keys: list[str]) -> list[Any]:
    from django.db.models import Sum

    from apps.oee.models import DayRollup

    rows = DayRollup.objects.filter(start__gte=start, start__lt=end).order_by()
    return list(rows.values_list(*keys).annotate(*(Sum(name) for name in _SUMS)))


def _plain_pareto(start: int, end: int, by: str) -> list[Any]:
    from django.db.models import Sum

    from apps.oee.models import LossRollup

    rows = LossRollup.objects.filter(by=by, start__gte=start, start__lt=end).order_by()
    return list(rows.values_list("key").annotate(Sum("us"), Sum("stops")))


def _time(ask: Callable[[], Any]) -> tuple[float, float, int]:
    """(milliseconds, of them this process's processor, rows)."""
    rows, spent, worked = len(ask()), [], []
    for _turn in range(TIMES):
        began, cpu = time.perf_counter(), time.process_time()
        ask()
        spent.append(time.perf_counter() - began)
        worked.append(time.process_time() - cpu)
    return median(spent) * 1000, median(worked) * 1000, rows


def _command(past: _year.Past) -> list[Figure]:
    """`manage.py oee --by job` over the year: the command alone, and with a Python that starts for it."""
    from django.core.management import call_command

    from apps.shared.instants import DAY, iso
    from apps.states.models import ReplayClock

    ReplayClock.objects.create(now_at=past.now)
    asked = ["oee", "--by", "job", "--format", "json", "--from", iso(past.start + DAY), "--to", iso(past.now)]

    def run() -> list[str]:
        said = io.StringIO()
        call_command(*asked, stdout=said)
        return said.getvalue().splitlines()

    def start() -> list[str]:
        command = [sys.executable, "manage.py", *asked]
        done = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    (ms, cpu, rows), (process_ms, _cpu, _rows) = _time(run), _time(start)
    return [
        Figure("manage.py oee --by job, up to now, printed", ms, "ms", note=f"{cpu:.0f} ms CPU, {rows} rows"),
        Figure("manage.py oee --by job, up to now, as a process", process_ms, "ms"),
    ]


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE")
