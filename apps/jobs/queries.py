"""Reading runs, activities and operations."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Min

from apps.jobs.models import ClosingRecord, JobOper, LaborActivity, Resolution, Run
from apps.jobs.rules import Chosen, RunSpan, Stay
from apps.jobs.types import OperView
from apps.shared import spans
from apps.shared.periods import FOREVER
from apps.shared.spans import Span

_VIEW = (
    "pk", "job__company__code", "job__plant", "job__job_num", "assembly_seq", "opr_seq", "op_desc",
    "job__part_num", "job__part_description", "job__prod_qty", "run_qty",
    "prod_standard", "std_format", "std_basis", "ops_per_part", "qty_per_cycle",
)  # fmt: skip


def opers(oper_ids: Iterable[int]) -> dict[int, OperView]:
    """The operations by id."""
    rows = JobOper.objects.filter(pk__in=set(oper_ids)).values_list(*_VIEW)
    return {row[0]: OperView(*row) for row in rows}


def runs_since(since: Mapping[int, int]) -> dict[int, list[RunSpan]]:
    """Each line's runs that are open at or after its instant, in order."""
    rows = spans.since(Run, "start", ("start", "end", "oper_id", "kind"), since, held=True)
    return {line_id: _open_after(found, since[line_id]) for line_id, found in rows.items()}


def runs_of(asked: Sequence[Span]) -> list[list[RunSpan]]:
    """The runs that overlap each span of a line, in order, in one statement."""
    rows = spans.rows(Run, ("start", "end", "oper_id", "kind"), asked, spans.holding(Run, "start"))
    return [_open_after(found, span.start) for found, span in zip(rows, asked, strict=True)]


def _open_after(rows: Iterable[tuple[int, int | None, int | None, str]], at: int) -> list[RunSpan]:
    return sorted(span for span in (_span(*row) for row in rows) if span.end > at)


def runs_between(line_id: int, start: int, end: int) -> list[RunSpan]:
    """The runs of one line that touch [start, end], in order."""
    ended = 't."end" >= a.start_at AND t.start <= a.end_at'
    is_open = 't."end" IS NULL AND t.start <= a.end_at'
    rows = spans.rows(Run, ("start", "end", "oper_id", "kind"), [Span(line_id, start, end)], ended, is_open)[0]
    return sorted(_span(*row) for row in rows)


def runs_of_oper(oper_id: int) -> list[tuple[int, RunSpan]]:
    """(line id, run) of every run of an operation."""
    rows = Run.objects.filter(oper_id=oper_id).order_by("start", "line_id")
    return [
        (line_id, _span(start, end, oper, kind))
        for line_id, start, end, oper, kind in rows.values_list("line_id", "start", "end", "oper_id", "kind")
    ]


def first_runs(oper_ids: Iterable[int]) -> dict[int, int]:
    """Since when each line knows any of these operations, by line id; lines on which none ran are left out."""
    rows = Run.objects.filter(oper_id__in=set(oper_ids)).order_by()
    return dict(rows.values_list("line_id").annotate(Min("start")))


def _span(start: int, end: int | None, oper_id: int | None, kind: str) -> RunSpan:
    return RunSpan(start, FOREVER if end is None else end, oper_id, kind)


def stays_between(line_id: int, start: int, end: int) -> list[Stay]:
    """The activities that take effect on a line and touch [start, end]."""
    names = (
        "started_at", "ended_at", "company", "labor_hed_seq", "labor_dtl_seq",
        "oper_id", "job_num", "assembly_seq", "opr_seq", "kind",
    )  # fmt: skip
    takes_effect = "t.oper_id IS NOT NULL AND t.kind <> '' AND t.started_at <= a.end_at"
    ended, is_open = f"{takes_effect} AND t.ended_at >= a.start_at", f"{takes_effect} AND t.ended_at IS NULL"
    found = []
    for row in spans.rows(LaborActivity, names, [Span(line_id, start, end)], ended, is_open)[0]:
        began, over, company, hed, dtl, oper_id, job_num, assembly, opr, kind = row
        stay_end = FOREVER if over is None else over
        found.append(Stay(began, stay_end, (company, hed, dtl), oper_id, (job_num, assembly or 0, opr or 0), kind))
    return found


def choices_between(line_id: int, start: int, end: int) -> list[Chosen]:
    """The supervisors' choices that touch [start, end] of a line."""
    names = ("tagged_at", "job_num", "assembly_seq", "opr_seq", "start", "end")
    touching = 't.start <= a.end_at AND t."end" >= a.start_at'
    return [
        Chosen(tagged_at, (job_num, assembly, opr), first, last)
        for tagged_at, job_num, assembly, opr, first, last in spans.rows(
            Resolution, names, [Span(line_id, start, end)], touching
        )[0]
    ]


def completed_oper_ids(among: Iterable[int] | None = None, job_num: str | None = None) -> set[int]:
    """The operations that completed, or whose job closed; of those named, or of a job, or all."""
    closings = ClosingRecord.objects.all()
    known = JobOper.objects.all()
    if among is not None:
        known = known.filter(pk__in=set(among))
        closings = closings.filter(job_num__in=known.values("job__job_num"))
    if job_num is not None:
        known = known.filter(job__job_num=job_num)
        closings = closings.filter(job_num=job_num)
    whole: set[tuple[str, str]] = set()
    single: set[tuple[str, str, int | None, int | None]] = set()
    for company, job, assembly, opr in closings.values_list("company", "job_num", "assembly_seq", "opr_seq"):
        if opr is None:
            whole.add((company, job))
        else:
            single.add((company, job, assembly, opr))
    if not whole and not single:
        return set()
    return {
        pk
        for pk, company, job, assembly, opr in known.values_list(
            "pk", "job__company__code", "job__job_num", "assembly_seq", "opr_seq"
        )
        if (company, job) in whole or (company, job, assembly, opr) in single
    }


def completed_on_lines(line_ids: Iterable[int]) -> set[int]:
    """The completed operations that had a run on one of these lines."""
    ids = list(line_ids)
    if not ids:
        return set()
    return completed_oper_ids(set(JobOper.objects.filter(run__line_id__in=ids).values_list("pk", flat=True).distinct()))
