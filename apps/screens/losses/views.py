"""The losses page and its export."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.accounts.http import PrincipalRequest, open_to
from apps.lines.models import Plant
from apps.lines.queries import calendar_of, policies
from apps.lines.scope import lines_for_principal
from apps.lines.types import LinePolicy
from apps.reasons.queries import dictionary
from apps.screens.losses.address import Asked, Stretch, asked_of, stretch_of
from apps.screens.losses.export import lines as csv_lines
from apps.screens.losses.names import Names
from apps.screens.losses.presenter import Scene, present
from apps.screens.losses.reads import loss_facts, lost
from apps.screens.scope import plant_for
from apps.screens.shell import shell_of
from apps.screens.working.address import address_of


class _Asked(NamedTuple):
    """What the address asks for, as far as the principal may see it."""

    plant: Plant
    asked: Asked
    stretch: Stretch
    names: Names
    policies: list[LinePolicy]


@require_GET
@open_to("study")
def losses(request: PrincipalRequest) -> HttpResponse:
    """What to fix first, under the filters of the address."""
    scene = _scene(request)
    if scene is None:
        shell = shell_of(request, request.principal, title="Losses", now=request.now, here="losses")
        return render(request, "losses/nowhere.html", {"shell": shell})
    zone = ZoneInfo(scene.plant.time_zone)
    page = present(
        loss_facts(scene.policies, scene.asked, scene.stretch, request.now),
        Scene(scene.names, scene.asked, scene.stretch, zone, request.now, reverse("losses"), reverse("losses-export")),
    )
    shell = shell_of(request, request.principal, title="Losses", now=request.now, zone=zone.key, here="losses")
    return render(request, "losses/page.html", {"shell": shell, "page": page, "working": _working(scene)})


@require_GET
@open_to("study")
def export(request: PrincipalRequest) -> StreamingHttpResponse:
    """The same losses as a file."""
    scene = _scene(request)
    if scene is None:
        raise Http404
    found = lost(scene.policies, scene.asked, scene.stretch, request.now)
    words = dictionary(scene.plant.company.code)
    response = StreamingHttpResponse(csv_lines(found, words), content_type="text/csv; charset=utf-8")
    name = f"losses-{scene.plant.code}-{scene.stretch.days[0]}-{scene.stretch.days[-1]}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _working(scene: _Asked) -> str:
    """Where the figures of the waterfall are explained: of one line, whatever ran on it; "" where they are not."""
    asked = scene.asked
    if len(asked.lines) != 1 or asked.job or asked.part or asked.op or asked.shifts:
        return ""
    return address_of(reverse("working", args=[*asked.lines]), scene.stretch.start, scene.stretch.end)


def _scene(request: PrincipalRequest) -> _Asked | None:
    choice = plant_for(request, "study")
    plant = choice.chosen
    if plant is None:
        return None
    asked = asked_of(request.GET.dict())._replace(plant=choice.value)
    mine = list(lines_for_principal(request.principal, "study").filter(plant=plant))
    wanted = [line.slug for line in mine if not asked.lines or line.slug in asked.lines]
    if asked.lines and len(wanted) < len(asked.lines):
        raise Http404
    calendar = calendar_of(plant)
    names = Names(
        plants=choice.known,
        lines=[(line.slug, line.name) for line in mine],
        shifts=[(shift.name, shift.name) for shift in calendar.shifts],
    )
    found = policies(wanted) if wanted else {}
    return _Asked(plant, asked, stretch_of(asked, calendar, request.now), names, list(found.values()))
