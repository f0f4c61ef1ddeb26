"""The page that shows how a line's figures came about."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.accounts.http import PrincipalRequest, open_to
from apps.lines.queries import calendar_of, policy_of
from apps.live.read import frame_at
from apps.oee.explain import explain
from apps.screens.scope import line_for
from apps.screens.shell import shell_of
from apps.screens.working.address import window_of
from apps.screens.working.presenter import present
from apps.shared.instants import SECOND


@require_GET
@open_to("study")
def working(request: PrincipalRequest, slug: str) -> HttpResponse:
    """The working behind a line's figures over a window; 400 with a sentence for one that makes no sense."""
    line = line_for(request.principal, slug, "study")
    policy = policy_of(line, calendar_of(line.plant))
    shell = shell_of(
        request, request.principal, title=f"Figures of {line.name}", now=request.now, zone=line.plant.time_zone
    )
    around = {"shell": shell, "line": line}
    frame = frame_at(policy.calendar, request.now)
    # To the last full second: nobody does sums with microseconds by hand.
    so_far = (frame.start, frame.end // SECOND * SECOND)
    try:
        start, end = window_of(request.GET.dict(), so_far)
    except ValueError as problem:
        return render(request, "working/page.html", around | {"problem": str(problem)}, status=400)
    ledger = explain(policy, start, end, request.now)
    page = present(ledger, request.now) if ledger else None
    return render(request, "working/page.html", around | {"page": page})
