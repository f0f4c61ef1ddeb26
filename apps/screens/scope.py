"""The plant or line that a page is about: found only where the principal may see it."""

from operator import attrgetter
from typing import NamedTuple

from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.accounts import permissions
from apps.accounts.http import PrincipalRequest
from apps.accounts.types import Principal
from apps.lines.models import Line, Plant
from apps.lines.scope import lines_for_principal, place_of, plants_for_principal

# The plant that somebody looked at last, in their session.
_LAST = "plant"


class PlantChoice(NamedTuple):
    """The plants that they may see as (value, name), and the one that the page is about (None: there is none)."""

    known: tuple[tuple[str, str], ...]
    chosen: Plant | None

    @property
    def value(self) -> str:
        """The chosen plant as addresses name it: company/site; "" for none."""
        return f"{self.chosen.company.code}/{self.chosen.code}" if self.chosen else ""


def plant_for(request: PrincipalRequest, deed: str = "see") -> PlantChoice:
    """The plant of the address, else the one looked at last, else the one with most lines. Http404 for one out of reach."""
    wanted = request.GET.get("plant", "").strip()
    found = list(plants_for_principal(request.principal, deed).annotate(size=Count("lines")))
    by_value = {f"{one.company.code}/{one.code}": one for one in found}
    if wanted and wanted not in by_value:
        raise Http404
    if wanted and request.session.get(_LAST) != wanted:
        request.session[_LAST] = wanted
    last = request.session.get(_LAST, "")
    chosen = by_value.get(wanted or last) or max(found, key=attrgetter("size"), default=None)
    return PlantChoice(tuple((value, one.name) for value, one in by_value.items()), chosen)


def line_for(principal: Principal, slug: str, deed: str = "see") -> Line:
    """The line. Http404 where they may not see it, PermissionDenied where they see it but may not do `deed`."""
    line = get_object_or_404(lines_for_principal(principal), slug=slug)
    permissions.check(principal, deed, place_of(line))
    return line
