"""A plant's jobs as planners look at them: which are in process, which come next, and when their operations were where."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import NullIf

from apps.jobs.models import ClosingRecord, Job, JobOper, LaborActivity, Run

# A job that is not closed and did not run for so long is no longer "in process".
BETWEEN_US = 14 * 24 * 3600 * 1_000_000


class OperSpan(NamedTuple):
    """Where an operation was on one line: from its first run to the end of its last one (None while one is open)."""

    oper_id: int
    line_id: int
    start: int
    end: int | None
    runs: int


class Completion(NamedTuple):
    """That an operation (or with opr_seq None the whole job) was complete at `at`."""

    assembly_seq: int | None
    opr_seq: int | None
    at: int


class Attendance(NamedTuple):
    """One activity: who worked on an operation, as what ("production", "setup" or ""), where and when."""

    line_id: int | None
    employee: str
    kind: str
    started_at: int
    ended_at: int | None


def find_job(company: str, job_num: str) -> Job | None:
    """The job with this number, if we were told of it."""
    return Job.objects.select_related("company").filter(company__code=company, job_num=job_num).first()


def oper_ids_of_jobs(job_ids: Iterable[int]) -> dict[int, list[int]]:
    """The operations of jobs by job id, in the order in which they are made."""
    rows = JobOper.objects.filter(job_id__in=list(job_ids)).order_by("job_id", "assembly_seq", "opr_seq")
    found: dict[int, list[int]] = {}
    for job_id, oper_id in rows.values_list("job_id", "pk"):
        found.setdefault(job_id, []).append(oper_id)
    return found


def spans_of(oper_ids: Collection[int]) -> list[OperSpan]:
    """Every line that these operations ran on, in order of time."""
    rows = Run.objects.filter(oper_id__in=oper_ids).order_by().values("oper_id", "line_id")
    summed = rows.annotate(
        first=Min("start"), last=Max("end"), runs=Count("pk"), open_runs=Count("pk", filter=Q(end=None))
    )
    found = [
        OperSpan(oper_id, line_id, first, None if open_runs else last, runs)
        for oper_id, line_id, first, last, runs, open_runs in summed.values_list(
            "oper_id", "line_id", "first", "last", "runs", "open_runs"
        )
    ]
    return sorted(found, key=lambda span: (span.start, span.line_id))


def completions_of(company: str, job_num: str) -> list[Completion]:
    """Everything that said of a job that it, or one of its operations, is complete; the first first."""
    rows = ClosingRecord.objects.filter(company=company, job_num=job_num).order_by("at")
    return [Completion(*row) for row in rows.values_list("assembly_seq", "opr_seq", "at")]


def attendances_of(oper_id: int) -> list[Attendance]:
    """The activities of an operation, the first first."""
    rows = LaborActivity.objects.filter(oper_id=oper_id, started_at__isnull=False)
    columns = ("line_id", "employee", "kind", "started_at", "ended_at")
    return [Attendance(*row) for row in rows.order_by("started_at", "pk").values_list(*columns)]


def in_process(company: str, plant: str, now: int) -> QuerySet[Job]:
    """The jobs of a plant that run, or ran a short while ago, and are not closed."""
    lately = Run.objects.filter(Q(end=None) | Q(end__gt=now - BETWEEN_US), oper__isnull=False)
    # A sub-query by itself and not one for each job: it is read once.
    return _open(company, plant).filter(pk__in=lately.values("oper__job_id"))


def coming(company: str, plant: str) -> QuerySet[Job]:
    """The jobs of a plant that never ran on any line, and are not closed; the first that is due first."""
    begun = Run.objects.filter(oper__job_id=OuterRef("pk"))
    known = JobOper.objects.filter(job_id=OuterRef("pk"))
    found = _open(company, plant).filter(~Exists(begun), Exists(known))
    return found.order_by(NullIf(F("due_date"), Value("")).asc(nulls_last=True), "pk")


def closed_since(company: str, plant: str, since: int) -> QuerySet[Job]:
    """The jobs of a plant that closed at or after an instant."""
    closed = ClosingRecord.objects.filter(company=company, opr_seq=None, at__gte=since)
    return _of(company, plant).filter(job_num__in=closed.values("job_num"))


def closings_of(company: str, job_nums: Collection[str]) -> dict[str, int]:
    """When jobs closed, by number; those that did not are left out."""
    rows = ClosingRecord.objects.filter(company=company, job_num__in=job_nums, opr_seq=None).order_by("-at")
    return dict(rows.values_list("job_num", "at"))


def _of(company: str, plant: str) -> QuerySet[Job]:
    return Job.objects.filter(company__code=company, plant=plant)


def _open(company: str, plant: str) -> QuerySet[Job]:
    closed = ClosingRecord.objects.filter(company=company, job_num=OuterRef("job_num"), opr_seq=None)
    return _of(company, plant).filter(~Exists(closed))
