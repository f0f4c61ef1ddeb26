"""The list of a plant's jobs, and the page of one."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.accounts.http import PrincipalRequest, open_to
from apps.jobs.orders import find_job
from apps.lines.models import Plant
from apps.lines.queries import calendar_of
from apps.lines.scope import lines_for_principal, plants_for_principal
from apps.screens.jobs.address import asked_of
from apps.screens.jobs.axis import axis_of
from apps.screens.jobs.detail_reads import oper_facts
from apps.screens.jobs.list_presenter import ListScene, empty
from apps.screens.jobs.list_presenter import present as present_list
from apps.screens.jobs.list_reads import list_facts
from apps.screens.jobs.presenter import Scene, chosen_of, parts_of, present
from apps.screens.jobs.reads import job_facts, ribbon_slices
from apps.screens.jobs.spine import Ground
from apps.screens.scope import plant_for
from apps.screens.shell import shell_of


@require_GET
@open_to("study")
def jobs(request: PrincipalRequest) -> HttpResponse:
    """The jobs of one plant: in process (worst first against plan), next, or closed lately."""
    choice = plant_for(request, "study")
    if choice.chosen is None:
        shell = shell_of(request, request.principal, title="Jobs", now=request.now, here="jobs")
        return render(request, "jobs/list.html", {"shell": shell, "page": empty(reverse("jobs"))})
    plant = choice.chosen
    asked = asked_of(request.GET.dict())
    seen = frozenset(lines_for_principal(request.principal, "study").values_list("slug", flat=True))
    facts = list_facts(plant, asked, request.now)
    page = present_list(facts, ListScene(choice, asked, seen, ZoneInfo(plant.time_zone), request.now, reverse("jobs")))
    shell = shell_of(request, request.principal, title="Jobs", now=request.now, zone=plant.time_zone, here="jobs")
    return render(request, "jobs/list.html", {"shell": shell, "page": page})


@require_GET
@open_to("study")
def job(request: PrincipalRequest, company: str, job_num: str) -> HttpResponse:
    """One job; `?op=` chooses an operation."""
    plant, scene = _scene(request, company, job_num)
    shell = shell_of(
        request, request.principal, title=f"Job {job_num}", now=request.now, zone=plant.time_zone, here="jobs"
    )
    return render(request, "jobs/job.html", {"shell": shell, "page": present(scene)})


@require_GET
@open_to("study")
def parts(request: PrincipalRequest, company: str, job_num: str) -> HttpResponse:
    """What stands below the spine, of another operation."""
    _plant, scene = _scene(request, company, job_num, with_ribbons=False)
    return render(request, "jobs/_parts.html", {"parts": parts_of(scene)})


def _scene(request: PrincipalRequest, company: str, job_num: str, *, with_ribbons: bool = True) -> tuple[Plant, Scene]:
    """Everything about a job of a plant that the principal may study; Http404 for any other."""
    found = find_job(company, job_num)
    if found is None:
        raise Http404
    here = plants_for_principal(request.principal, "study")
    plant = get_object_or_404(here, company__code=company, code=found.plant)
    calendar = calendar_of(plant)
    facts = job_facts(found, request.now)
    first = min((span.start for span in facts.spans), default=request.now)
    last = max((request.now if span.end is None else span.end for span in facts.spans), default=request.now)
    axis = axis_of(calendar, first, max(first + 1, last), ())
    slices = ribbon_slices(facts, axis.finest) if with_ribbons else {}
    worked = [
        (row.start, row.end)
        for rows in slices.values()
        for _line, row in rows
        if row.shift_date is None and row.bucket != "unscheduled"
    ]
    axis = axis_of(calendar, first, max(first + 1, last), worked) if worked else axis
    chosen = chosen_of(facts, request.GET.get("op", ""))
    seen = frozenset(lines_for_principal(request.principal, "study").values_list("slug", flat=True))
    zone = ZoneInfo(plant.time_zone)
    ground = Ground(facts, slices, seen, axis, zone, chosen.oper_id if chosen else None)
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
