"""What Jobline already knows of a company's jobs and labour: what a poll compares Epicor's rows with."""

from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.epicor.dto import LaborRow
from apps.epicor.reader import LaborKey
from apps.jobs.models import ClosingRecord, Job, JobOper, LaborActivity
from apps.jobs.types import OperKey
from apps.lines.models import Plant, WorkCenterMap
from apps.reasons.models import ReasonCode
from apps.reasons.rules import ANY, SCRAP
from apps.shared.instants import HOUR

_KINDS = {"P": "production", "S": "setup"}
# Epicor's keys are positive; what people enter by hand has keys of its own kind.
_OF_EPICOR = {"labor_hed_seq__gt": 0}


class Activity(NamedTuple):
    """An activity as it stands: its instants (µs), and the fields that a labour row tells too."""

    started_at: int | None
    ended_at: int | None
    fields: tuple[str, int, int, str, str, str, str]


class Closings:
    """The completions and closings of some jobs that we were told of."""

    def __init__(self, company: str, job_nums: Iterable[str]) -> None:
        rows = ClosingRecord.objects.filter(company=company, job_num__in=set(job_nums))
        self._told = list(rows.values_list("job_num", "assembly_seq", "opr_seq", "at"))

    def has_job(self, job_num: str) -> bool:
        """Whether the whole job is known to be closed."""
        return any(job == job_num and opr is None for job, _assembly, opr, _at in self._told)

    def has_oper(self, job_num: str, assembly_seq: int, opr_seq: int, *, since: int = 0) -> bool:
        """Whether the operation is known to have completed, or its job to have closed, at or after an instant."""
        return any(
            job == job_num and at >= since and (opr is None or (assembly, opr) == (assembly_seq, opr_seq))
            for job, assembly, opr, at in self._told
        )


class Zones:
    """Which clock a labour row was written by: of the machine's plant, else the job's, else the company's only one."""

    def __init__(self, company: str) -> None:
        plants = Plant.objects.filter(company__code=company)
        self._by_plant = {code: ZoneInfo(zone) for code, zone in plants.values_list("code", "time_zone")}
        mapped = WorkCenterMap.objects.filter(company__code=company)
        self._by_resource = {
            (kind, code): ZoneInfo(zone)
            for kind, code, zone in mapped.values_list("kind", "code", "line__plant__time_zone")
        }

    def of(self, row: LaborRow, job_plant: str | None) -> ZoneInfo | None:
        """The zone; None where nothing tells it."""
        resource = WorkCenterMap.Kind.RESOURCE.value, row.resource_id
        group = WorkCenterMap.Kind.GROUP.value, row.resource_grp_id
        found = self._by_resource.get(resource) or self._by_resource.get(group)
        if found is None and job_plant is not None:
            found = self._by_plant.get(job_plant)
        if found is None and len(set(self._by_plant.values())) == 1:
            found = next(iter(self._by_plant.values()))
        return found


def fields_of(row: LaborRow) -> tuple[str, int, int, str, str, str, str]:
    """A labour row's fields in the form in which an Activity has them."""
    return (
        row.job_num, row.assembly_seq, row.opr_seq, _KINDS.get(row.labor_type, ""), row.resource_id,
        row.resource_grp_id, row.employee,
    )  # fmt: skip


def activities(company: str, keys: Iterable[LaborKey]) -> dict[LaborKey, Activity]:
    """These activities by key, as far as they are known."""
    wanted = set(keys)
    rows = LaborActivity.objects.filter(company=company, labor_hed_seq__in={hed for hed, _dtl in wanted})
    return {
        (row.labor_hed_seq, row.labor_dtl_seq): Activity(
            row.started_at,
            row.ended_at,
            (
                row.job_num, row.assembly_seq or 0, row.opr_seq or 0, row.kind, row.resource_id, row.resource_grp_id,
                row.employee,
            ),
        )
        for row in rows
        if (row.labor_hed_seq, row.labor_dtl_seq) in wanted
    }  # fmt: skip


def open_keys(company: str) -> set[LaborKey]:
    """The activities of Epicor that are running, as far as we know."""
    rows = LaborActivity.objects.filter(company=company, started_at__isnull=False, ended_at=None, **_OF_EPICOR)
    return set(rows.values_list("labor_hed_seq", "labor_dtl_seq"))


def keys_since(company: str, at: int) -> set[LaborKey]:
    """The activities of Epicor that started at or after an instant."""
    rows = LaborActivity.objects.filter(company=company, started_at__gte=at, **_OF_EPICOR)
    return set(rows.values_list("labor_hed_seq", "labor_dtl_seq"))


def has_unknown_operations(company: str, *, now: int) -> bool:
    """Whether labour of the last day names operations that no job has told yet."""
    return bool(jobs_to_ask(company, now=now))


def jobs_to_ask(company: str, *, now: int) -> set[str]:
    """The jobs of the last day's labour that wait for their operation to become known; at most a hundred."""
    rows = LaborActivity.objects.filter(
        company=company, problem=LaborActivity.Problem.UNKNOWN_OPERATION, started_at__gte=now - 24 * HOUR
    )
    return set(rows.order_by("job_num").values_list("job_num", flat=True).distinct()[:100]) - {""}


def plants_of_jobs(company: str, job_nums: Iterable[str]) -> dict[str, str]:
    """The site of each job that is known."""
    rows = Job.objects.filter(company__code=company, job_num__in=set(job_nums))
    return dict(rows.values_list("job_num", "plant"))


def opers_of_jobs(company: str, job_nums: Iterable[str]) -> set[OperKey]:
    """The operations of these jobs that are known."""
    rows = JobOper.objects.filter(job__company__code=company, job__job_num__in=set(job_nums))
    return {
        OperKey(company, job, assembly, opr)
        for job, assembly, opr in rows.values_list("job__job_num", "assembly_seq", "opr_seq")
    }


def codes_in_use(company: str, kind: str) -> dict[str, str]:
    """Code and words of the dictionary's codes of a kind that Epicor told and has not retired; a code may be of both."""
    rows = ReasonCode.objects.filter(company=company, kind__in=(kind, ANY), retired_at=None, read_at__isnull=False)
    if kind == SCRAP:
        found = rows.values_list("code", "kind", "description", "scrap_description")
        return {code: scrap if stands_for == ANY else words for code, stands_for, words, scrap in found}
    return dict(rows.values_list("code", "description"))
