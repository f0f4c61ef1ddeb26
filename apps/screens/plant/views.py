"""The plant overview: for a desk, a phone, and as a wall of every line."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.accounts.http import PrincipalRequest, open_to
from apps.lines.models import Plant
from apps.lines.scope import lines_for_principal
from apps.live.board import plant_picture
from apps.screens.plant.presenter import Filters, PlantPage, Plants, empty, present
from apps.screens.scope import PlantChoice, plant_for
from apps.screens.shell import shell_of


@require_GET
@open_to("see")
def plant(request: PrincipalRequest) -> HttpResponse:
    """The lines of one plant in the order of their trouble; `?view=wall` shows all of them on one screen."""
    home = _home_of_device(request)
    if home:
        return HttpResponseRedirect(home)
    filters = _filters(request)
    choice = plant_for(request)
    if choice.chosen is None:
        page = empty(Plants(choice.known, "", "Lines"), reverse("plant"))
        shell = shell_of(request, request.principal, title="Lines", now=request.now, here="plant")
        return render(request, "plant/page.html", {"shell": shell, "page": page})
    page, shift = _page(request, choice, choice.chosen, filters)
    is_wall = filters.view == "wall"
    shell = shell_of(
        request,
        request.principal,
        title=choice.chosen.name if is_wall else "Lines",
        now=request.now,
        zone=choice.chosen.time_zone,
        here="plant",
        shift=shift,
        is_wall=is_wall,
    )
    return render(request, "plant/wall.html" if is_wall else "plant/page.html", {"shell": shell, "page": page})


@require_GET
@open_to("see")
def bands(request: PrincipalRequest) -> HttpResponse:
    """The bands (or the cells of the wall) alone, for when the order of the lines has changed."""
    filters = _filters(request)
    choice = plant_for(request)
    if choice.chosen is None:
        raise Http404
    page, _shift = _page(request, choice, choice.chosen, filters)
    name = "plant/_cells.html" if filters.view == "wall" else "plant/_bands.html"
    return render(request, name, {"page": page})


def _filters(request: PrincipalRequest) -> Filters:
    return Filters(**{name: request.GET.get(name, "").strip() for name in Filters._fields})


def _home_of_device(request: PrincipalRequest) -> str:
    """A screen that was paired to one line has that line's page."""
    who = request.principal
    if not who.device_line:
        return ""
    return reverse("tablet" if who.device_kind == "tablet" else "board", args=[who.device_line])


def _page(request: PrincipalRequest, choice: PlantChoice, plant: Plant, filters: Filters) -> tuple[PlantPage, str]:
    head, boards = plant_picture(plant.company.code, plant.code, request.now)
    allowed = set(lines_for_principal(request.principal).values_list("slug", flat=True))
    mine = [board for board in boards if board["line"] in allowed]
    known = Plants(choice.known, choice.value, plant.name)
    asked = filters._replace(plant=choice.value)
    page = present(head, mine, known, asked, path=reverse("plant"), bands=reverse("plant-bands"))
    return page, str(head["k"].get("shift") or "")
