"""Pairing wall boards and tablets, and taking their access away."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import operations, permissions
from apps.accounts.http import PrincipalRequest, open_to
from apps.accounts.models import Device
from apps.accounts.queries import devices_at
from apps.accounts.types import Place
from apps.lines.models import Line, Plant
from apps.lines.scope import lines_for_principal, plants_for_principal
from apps.screens.devices.forms import DeviceForm
from apps.screens.devices.presenter import DeviceRow, DevicesPage
from apps.screens.shell import shell_of


@require_http_methods(["GET", "POST"])
@open_to("pair")
def devices(request: PrincipalRequest) -> HttpResponse:
    """The paired screens of one's plants; a POST makes a code for one more."""
    if request.method == "GET":
        return _page(request)
    form = DeviceForm(request.POST)
    name = str(form.data.get("name", ""))
    if not form.is_valid():
        return _page(request, problem="Give the screen a name, a kind and a plant.", typed=name, status=422)
    place = _place(request, form.cleaned_data["plant"], form.cleaned_data["line"])
    if form.cleaned_data["kind"] == Device.Kind.TABLET and not place.line:
        return _page(request, problem="A tablet stands at one line: choose it.", typed=name, status=422)
    code = operations.make_code(
        name=form.cleaned_data["name"],
        kind=form.cleaned_data["kind"],
        place=place,
        by=request.principal,
        now=request.now,
    )
    return _page(request, code=code)


@require_POST
@open_to("pair")
def revoke(request: PrincipalRequest, device_id: int) -> HttpResponse:
    """Take a screen's access away; its next request is a stranger's."""
    device = get_object_or_404(Device, pk=device_id, revoked_at=None)
    place = Place(device.company, device.plant)
    if not permissions.can_see(request.principal, place):
        raise Http404
    permissions.check_pair(request.principal, place)
    operations.revoke(device, by=request.principal, now=request.now)
    return HttpResponseRedirect(reverse("devices"))


def _place(request: PrincipalRequest, plant: str, slug: str) -> Place:
    company, _slash, code = plant.partition("/")
    place = Place(company, code)
    permissions.check_pair(request.principal, place)
    if not slug:
        return place
    line = lines_for_principal(request.principal, "pair").filter(slug=slug).first()
    if line is None or (line.plant.company.code, line.plant.code) != (company, code):
        raise PermissionDenied
    return place._replace(line=slug)


def _page(
    request: PrincipalRequest, *, code: str = "", problem: str = "", typed: str = "", status: int = 200
) -> HttpResponse:
    plants: list[Plant] = list(plants_for_principal(request.principal, "pair"))
    lines: list[Line] = list(lines_for_principal(request.principal, "pair"))
    page = DevicesPage(
        rows=tuple(_row(device, plant.name) for plant in plants for device in devices_at(_of(plant))),
        plants=tuple((f"{plant.company.code}/{plant.code}", plant.name) for plant in plants),
        lines=tuple((line.slug, line.name) for line in lines),
        code=code,
        problem=problem,
        typed=typed,
    )
    shell = shell_of(request, request.principal, title="Screens and tablets", now=request.now)
    return render(request, "devices/page.html", {"shell": shell, "page": page}, status=status)


def _of(plant: Plant) -> Place:
    return Place(plant.company.code, plant.code)


def _row(device: Device, plant: str) -> DeviceRow:
    kind = "Tablet" if device.kind == Device.Kind.TABLET else "Wall board"
    return DeviceRow(device.pk, device.name, kind, plant, device.line_slug, f"{device.paired_at:%d %b %Y}")
