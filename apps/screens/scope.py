"""The one line a page is about: found only where the principal may see it."""

from django.shortcuts import get_object_or_404

from apps.accounts import permissions
from apps.accounts.types import Principal
from apps.lines.models import Line
from apps.lines.scope import lines_for_principal, place_of


def line_for(principal: Principal, slug: str, deed: str = "see") -> Line:
    """The line. Http404 where they may not see it, PermissionDenied where they see it but may not do `deed`."""
    line = get_object_or_404(lines_for_principal(principal), slug=slug)
    permissions.check(principal, deed, place_of(line))
    return line
