"""The page of a job with 5 and with 50 operations on several lines over weeks, beside one GROUP BY over the same slices."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from bench import _year
from bench.table import Figure, report

LINES = 6
DAYS = 63
TURNS_EACH = 2  # eight-hour turns that each operation takes
TIMES = 15
PLAIN = "one GROUP BY over the same slices"


@dataclass
class Spent:
    """What one request took: seconds of wall and of this process, seconds in the database, statements, bytes."""

    wall: float
    cpu: float
    database: float
    statements: int
    size: int


def main() -> None:
    """Two jobs of the same density in one past, each with a line on its last operation; the parts of one; the list."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from apps.shared.instants import to_us

    settings.ALLOWED_HOSTS = ["*"]
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    until = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0)
    past = _year.write(LINES, DAYS, until=until, say=lambda _text: None)
    jobs = {5: _job(past, 5, first=1), 50: _job(past, 50, first=13)}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    figures = list(_figures(jobs))
    question = f"a job's page, {LINES} lines × {DAYS} days ({to_us(until) and _rows()} slices) on {connection.vendor}"
    report("job_page", question, figures)


def _figures(jobs: dict[int, tuple[str, list[int]]]) -> Iterator[Figure]:
    client = _client()
    whole: dict[int, Spent] = {}
    for count, (number, oper_ids) in jobs.items():
        spent = whole[count] = _median(lambda path=f"/jobs/{_year.COMPANY}/{number}/": _ask(client, path))  # type: ignore[misc]
        plain = median(_time(lambda ids=oper_ids: _statement(ids)) for _turn in range(TIMES))  # type: ignore[misc]
        name = f"{count} operations"
        yield Figure(f"{name}: slices", _rows(oper_ids), "rows")
        yield Figure(f"{name}: whole page", spent.wall * 1000, "ms", plain * 1000, PLAIN)
        yield Figure(f"{name}: whole page, processor", spent.cpu * 1000, "ms")
        yield Figure(f"{name}: in the database", spent.database * 1000, "ms", plain * 1000, PLAIN)
        yield Figure(f"{name}: statements", spent.statements, "statements")
        yield Figure(f"{name}: page", spent.size / 1024, "KiB")
    few, many = whole[5], whole[50]
    yield Figure("ten times the operations: statements", many.statements, "statements", few.statements, "5 operations")
    yield Figure("ten times the operations: processor", many.cpu * 1000, "ms", few.cpu * 1000, "5 operations")
    yield Figure("ten times the operations: size", many.size / 1024, "KiB", few.size / 1024, "5 operations")
    parts = _median(lambda: _ask(client, f"/job-parts/{_year.COMPANY}/{jobs[50][0]}/?op=100"))
    yield Figure("another operation chosen", parts.wall * 1000, "ms", many.wall * 1000, "the whole page")
    listed = _median(lambda: _ask(client, "/jobs/"))
    yield Figure("the list of jobs in process", listed.wall * 1000, "ms", note=f"{listed.statements} statements")


def _job(past: _year.Past, count: int, *, first: int) -> tuple[str, list[int]]:
    """A job whose operations take turns of eight hours, each on the next line; the last one is still open."""
    from apps.jobs.models import Job, JobOper, Run
    from apps.lines.models import Company
    from apps.oee.models import DayRollup, HourRollup, Slice
    from apps.shared.instants import DAY, HOUR

    number = f"STEPS-{count}"
    job = Job.objects.create(
        company=Company.objects.get(code=_year.COMPANY), plant="P", job_num=number, part_num="PART", prod_qty=900
    )
    made = JobOper.objects.bulk_create(
        [
            JobOper(job=job, assembly_seq=0, opr_seq=10 * (n + 1), op_desc=f"Step {n}", run_qty=900, prod_standard=300,
                    std_format="PH")
            for n in range(count)
        ]
    )  # fmt: skip
    turn, end = 8 * HOUR, past.end
    for n, oper in enumerate(made):
        # The last operation takes the last turns of its line, so that it is open now.
        back = (first + (count - 1 - n) * TURNS_EACH // 2) * turn if n < count - 1 else TURNS_EACH * turn
        begin = (
            max(past.start, end - back - TURNS_EACH * turn) // turn * turn if n < count - 1 else end - TURNS_EACH * turn
        )
        here = {"line_id": past.lines[(n + first) % LINES], "start__gte": begin, "start__lt": begin + TURNS_EACH * turn}
        for model in (Slice, HourRollup, Run):
            model._default_manager.filter(**here).update(oper_id=oper.pk)
        DayRollup.objects.filter(**here | {"start__gte": begin - DAY}).filter(start__gte=begin).update(oper_id=oper.pk)
    Run.objects.filter(oper=made[-1], end__gte=end).update(end=None)
    return number, [oper.pk for oper in made]


def _client() -> Any:
    from django.test import Client

    from apps.accounts.models import User

    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    return client


def _ask(client: Any, path: str) -> Spent:
    """One request, with the time that its statements took."""
    from django.db import connection

    found = {"statements": 0, "seconds": 0.0}

    @contextmanager
    def counting() -> Iterator[None]:
        def ask(execute: Callable[..., Any], *args: Any) -> Any:
            began = time.perf_counter()
            try:
                return execute(*args)
            finally:
                found["statements"] += 1
                found["seconds"] += time.perf_counter() - began

        with connection.execute_wrapper(ask):
            yield

    with counting():
        wall, cpu = time.perf_counter(), time.process_time()
        answer = client.get(path)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return Spent(wall, cpu, found["seconds"], int(found["statements"]), len(answer.content))


def _median(ask: Callable[[], Spent]) -> Spent:
    """The request in the middle by its wall time, the first one left out."""
    ask()
    found = sorted((ask() for _turn in range(TIMES)), key=lambda spent: spent.wall)
    return found[len(found) // 2]


def _time(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def _statement(oper_ids: list[int]) -> object:
    from django.db.models import F, Sum

    from apps.oee.models import Slice

    rows = Slice.objects.filter(oper_id__in=oper_ids).order_by().values("oper_id", "line_id", "bucket")
    return list(rows.annotate(us=Sum(F("end") - F("start"))))


def _rows(oper_ids: list[int] | None = None) -> int:
    from apps.oee.models import Slice

    rows = Slice.objects.all() if oper_ids is None else Slice.objects.filter(oper_id__in=oper_ids)
    return rows.count()
