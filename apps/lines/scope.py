"""Which plants and lines a principal may see: every screen, socket and export starts from here."""

from django.db.models import Q, QuerySet

from apps.accounts.permissions import ROLES
from apps.accounts.types import Place, Principal
from apps.lines.models import Line, Plant


def plants_for_principal(principal: Principal, deed: str = "see") -> QuerySet[Plant]:
    """The plants in which the principal may do `deed`; none at all without a role. By name."""
    plants = Plant.objects.select_related("company").order_by("name", "id")
    if principal.is_everywhere:
        return plants
    wanted = Q(pk__in=())
    for grant in principal.grants:
        if grant.role in ROLES[deed]:
            wanted |= Q(company__code=grant.company, code=grant.plant)
    return plants.filter(wanted)


def lines_for_principal(principal: Principal, deed: str = "see") -> QuerySet[Line]:
    """The lines at which the principal may do `deed`; a device of one line has that one. By name."""
    lines = Line.objects.select_related("plant__company", "area").order_by("name", "id")
    if principal.is_everywhere:
        return lines
    wanted = Q(pk__in=())
    for grant in principal.grants:
        if grant.role in ROLES[deed]:
            here = Q(plant__company__code=grant.company, plant__code=grant.plant)
            wanted |= here & Q(slug=grant.line) if grant.line else here
    return lines.filter(wanted)


def place_of(line: Line) -> Place:
    """Where a line is, as permissions name it."""
    return Place(line.plant.company.code, line.plant.code, line.slug)
