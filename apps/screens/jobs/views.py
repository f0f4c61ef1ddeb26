"""The list of a plant's jobs, and the page of one."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.accounts.http import PrincipalRequest, open_to
from apps.screens.jobs.address import asked_of
from apps.screens.jobs.list_presenter import ListScene, empty
from apps.screens.jobs.list_presenter import present as present_list
from apps.screens.jobs.list_reads import list_facts
from apps.screens.jobs.presenter import parts_of, present
from apps.screens.jobs.scene import scene_of, seen_by
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
    facts = list_facts(plant, asked, request.now)
    page = present_list(
        facts, ListScene(choice, asked, seen_by(request), ZoneInfo(plant.time_zone), request.now, reverse("jobs"))
    )
    shell = shell_of(request, request.principal, title="Jobs", now=request.now, zone=plant.time_zone, here="jobs")
    return render(request, "jobs/list.html", {"shell": shell, "page": page})


@require_GET
@open_to("study")
def job(request: PrincipalRequest, company: str, job_num: str) -> HttpResponse:
    """One job; `?op=` chooses an operation."""
    plant, scene = scene_of(request, company, job_num)
    shell = shell_of(
        request, request.principal, title=f"Job {job_num}", now=request.now, zone=plant.time_zone, here="jobs"
    )
    return render(request, "jobs/job.html", {"shell": shell, "page": present(scene)})


@require_GET
@open_to("study")
def parts(request: PrincipalRequest, company: str, job_num: str) -> HttpResponse:
    """What stands below the spine, of another operation."""
    _plant, scene = scene_of(request, company, job_num, with_ribbons=False)
    return render(request, "jobs/_parts.html", {"parts": parts_of(scene)})
