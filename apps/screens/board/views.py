"""The board of one line, for a wall or a phone."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.accounts import permissions
from apps.accounts.http import PrincipalRequest, open_to
from apps.lines.scope import place_of
from apps.live.board import board_message
from apps.screens.board.presenter import present
from apps.screens.scope import line_for
from apps.screens.shell import shell_of


@require_GET
@open_to("see")
def board(request: PrincipalRequest, slug: str) -> HttpResponse:
    """The whole board, rendered from the same message that patches it afterwards."""
    line = line_for(request.principal, slug)
    message = board_message(line.slug, request.now)
    if message is None:
        raise Http404
    shell = shell_of(
        request, request.principal, title=line.name, now=request.now, zone=line.plant.time_zone, is_wall=True
    )
    back = "" if request.principal.device_line else f"{reverse('plant')}?plant={message['plant']}"
    can_study = permissions.can_study(request.principal, place_of(line))
    page = present(message, back=back, working=reverse("working", args=[line.slug]) if can_study else "")
    return render(request, "board/page.html", {"shell": shell, "m": message, "page": page})
