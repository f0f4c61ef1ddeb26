"""Everything that the page of a job is made from, for a principal who may study its plant."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from apps.accounts.http import PrincipalRequest
from apps.jobs.orders import BETWEEN_US, find_job
from apps.lines.models import Plant
from apps.lines.queries import calendar_of
from apps.lines.scope import lines_for_principal, plants_for_principal
from apps.lines.types import Calendar
from apps.oee.types import Bucket
from apps.screens.jobs.axis import Axis, axis_of
from apps.screens.jobs.detail_reads import oper_facts
from apps.screens.jobs.presenter import Scene, chosen_of
from apps.screens.jobs.reads import JobFacts, RibbonSlices, job_facts, ribbon_slices
from apps.screens.jobs.spine import Ground


def scene_of(
    request: PrincipalRequest, company: str, job_num: str, *, with_ribbons: bool = True
) -> tuple[Plant, Scene]:
    """The plant of a job and its scene; Http404 for a job that is not there or that they may not study."""
    job = find_job(company, job_num)
    if job is None:
        raise Http404
    plant = get_object_or_404(plants_for_principal(request.principal, "study"), company__code=company, code=job.plant)
    calendar = calendar_of(plant)
    facts = job_facts(job, request.now)
    axis, slices = _drawn(facts, calendar, request.now, with_ribbons=with_ribbons)
    chosen = chosen_of(facts, request.GET.get("op", ""))
    ground = Ground(
        facts=facts,
        slices=slices,
        seen=seen_by(request),
        axis=axis,
        zone=ZoneInfo(plant.time_zone),
        chosen=chosen.oper_id if chosen else None,
    )
    return plant, Scene(
        ground=ground,
        detail=oper_facts(facts, chosen) if chosen else None,
        calendar=calendar,
        plant_name=plant.name,
        target=settings.TARGET_OEE,
        now=request.now,
        losses_path=reverse("losses"),
        working_path=reverse("working", args=["LINE"]),
    )


def seen_by(request: PrincipalRequest) -> frozenset[str]:
    """The slugs of the lines that may be named to the principal."""
    return frozenset(lines_for_principal(request.principal, "study").values_list("slug", flat=True))


def _drawn(facts: JobFacts, calendar: Calendar, now: int, *, with_ribbons: bool) -> tuple[Axis, RibbonSlices]:
    """The axis of a job and the slices that can be seen on it; the axis widens to what ran outside shifts."""
    first = min((span.start for span in facts.spans), default=now)
    last = max((now if span.end is None else span.end for span in facts.spans), default=now)
    if facts.closed_at is None and now - last < BETWEEN_US:
        last = now
    axis = axis_of(calendar, first, max(first + 1, last), ())
    if not with_ribbons:
        return axis, {}
    slices = ribbon_slices(facts, axis.finest)
    worked = [
        (row.start, row.end)
        for rows in slices.values()
        for _line, row in rows
        if row.shift_date is None and row.bucket != Bucket.UNSCHEDULED
    ]
    return (axis_of(calendar, first, max(first + 1, last), worked) if worked else axis), slices
