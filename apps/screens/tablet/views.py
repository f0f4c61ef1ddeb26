"""The tablet at a line: why it stopped, in one tap. Each deed is one call to `flow.stops`.

422 is what can't be said (and why), 409 what is not so any more, 200 brings the left column as it is now: also to what
was taken in before and is sent again because nobody heard the answer.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from apps.accounts import operations, sayings, speaking
from apps.accounts.http import PrincipalRequest, forget_operator, open_to, remember_operator, said_at_of_operator
from apps.accounts.queries import operator_at, operator_of_badge, principal_with_operator
from apps.accounts.rules import is_pin
from apps.flow import stops
from apps.lines.models import Line
from apps.lines.scope import place_of
from apps.live.board import board_message
from apps.reasons.queries import dictionary
from apps.screens.login.presenter import wait_words
from apps.screens.scope import line_for
from apps.screens.shell import shell_of
from apps.screens.tablet.forms import SaidForm, ScrapForm, TagForm, WhoForm
from apps.screens.tablet.presenter import TabletPage, kinds_of, left_page, people_of, reasons_for, scrap_buttons
from apps.screens.tablet.reads import TabletFacts, people_at, tablet_facts
from apps.shared import format as say


@require_GET
@ensure_csrf_cookie
@open_to("tag")
def tablet(request: PrincipalRequest, slug: str) -> HttpResponse:
    """The whole tablet of one line."""
    line = line_for(request.principal, slug, "tag")
    facts = tablet_facts(line, request.now)
    _forget_last_shift(request, facts)
    who = request.principal
    page = TabletPage(
        left=left_page(facts, request.now),
        kinds=kinds_of(facts),
        scrap_reasons=scrap_buttons(facts),
        people=people_of(facts, people_at(place_of(line), line.pk), request.now) if who.device_id else (),
        seal=speaking.seal_of(request),
        who=who.name if who.user_id else "",
        initials=who.initials if who.user_id else "?",
        scrap=facts.scrap,
    )
    shell = shell_of(request, who, title=f"Stops, {line.name}", now=request.now, zone=facts.zone.key)
    message = board_message(slug, request.now)
    return render(request, "tablet/page.html", {"shell": shell, "m": message, "page": page, "now": request.now})


@require_GET
@open_to("tag")
def left(request: PrincipalRequest, slug: str) -> HttpResponse:
    """The left column alone."""
    return _left(request, line_for(request.principal, slug, "tag"))


@require_POST
@open_to("tag")
def tag(request: PrincipalRequest, slug: str) -> HttpResponse:
    """Give a stop part its reason."""
    line = line_for(request.principal, slug, "tag")
    if _is_repeated(request):
        return _left(request, line)
    form = TagForm(request.POST, now=request.now)
    if not form.is_valid():
        return _refused(form.sentence)
    said = form.cleaned_data
    known = {reason.code for reason in reasons_for(dictionary(line.plant.company.code).values(), slug, "downtime")}
    if said["code"] not in known:
        return _refused(
            f"Reason {said['code']} is no longer active in Epicor. The stop keeps what it had. Pick another one."
        )
    deed = partial(stops.tag, at=said["at"], code=said["code"], said_at=said["said_at"], comment=said["comment"])
    return _do(request, line, deed, "stop.tag", said)


@require_POST
@open_to("tag")
def untag(request: PrincipalRequest, slug: str) -> HttpResponse:
    """Take a stop part's reason back."""
    return _say(request, slug, stops.untag, "stop.untag")


@require_POST
@open_to("tag")
def split(request: PrincipalRequest, slug: str) -> HttpResponse:
    """Cut a stop in two at an instant; 409 where there is none (any more)."""
    line = line_for(request.principal, slug, "tag")
    form = SaidForm(request.POST, now=request.now)
    if not _is_repeated(request) and form.is_valid():
        facts = tablet_facts(line, request.now)
        if not any(stop.start < form.cleaned_data["at"] < stop.end for stop in facts.stops):
            at = say.clock(form.cleaned_data["at"], facts.zone)
            return _refused(f"There is no stop at {at} any more, so nothing was split.", status=409)
    return _say(request, slug, stops.split, "stop.split")


@require_POST
@open_to("tag")
def unsplit(request: PrincipalRequest, slug: str) -> HttpResponse:
    """Join what was cut at an instant."""
    return _say(request, slug, stops.unsplit, "stop.unsplit")


@require_POST
@open_to("scrap")
def scrap(request: PrincipalRequest, slug: str) -> HttpResponse:
    """Call good parts scrap."""
    line = line_for(request.principal, slug, "scrap")
    if _is_repeated(request):
        return _left(request, line)
    form = ScrapForm(request.POST, now=request.now)
    if not form.is_valid():
        return _refused(form.sentence)
    said = form.cleaned_data
    at = said["said_at"]
    deed = partial(stops.report_scrap, at=at, said_at=at, qty=said["qty"], code=said["code"])
    return _do(request, line, deed, "scrap.report", said, needs="scrap")


@require_POST
@open_to("tag")
def who(request: PrincipalRequest, slug: str) -> HttpResponse:
    """Say who stands at this tablet: by badge, by name (with a PIN where there is one), or nobody in particular."""
    line = line_for(request.principal, slug, "tag")
    form = WhoForm(request.POST)
    device_id = request.principal.device_id
    if device_id is None or not form.is_valid():
        return _refused("Only a paired tablet asks who stands at it.")
    said = form.cleaned_data
    place = place_of(line)
    if not said["badge"] and not said["user"]:
        forget_operator(request)
        request.principal = principal_with_operator(request.principal, None)
        return _named(request, "", "?")
    user = operator_of_badge(said["badge"], place) if said["badge"] else operator_at(said["user"], place)
    problem = _problem_of(user.pk if user else None, said, device_id, request.now)
    if user is None or problem:
        return _refused(problem or "This badge belongs to nobody who works in this plant.")
    remember_operator(request, user.pk, device_id, request.now)
    named = request.principal = principal_with_operator(request.principal, user)
    operations.note(named, "operator.here", f"line {slug}", now=request.now)
    return _named(request, named.name, named.initials)


def _problem_of(user_id: int | None, said: dict[str, str], device_id: int, now: int) -> str:
    """Why this is not them, or "". A badge is enough; a name needs its PIN where the person has one."""
    keys = (f"badge:device:{device_id}",)
    try:
        operations.check_unlocked(*keys, now=now)
        if user_id is None:
            operations.count_failure(keys[0], now=now)
            return "This badge belongs to nobody who works in this plant."
        if not said["badge"]:
            operations.check_pin_if_any(
                user_id, said["pin"] if is_pin(said["pin"]) else "", device_id=device_id, now=now
            )
    except operations.Locked as locked:
        return wait_words(locked.until - now)
    except operations.Refused:
        return "The PIN is wrong."
    return ""


def _say(request: PrincipalRequest, slug: str, deed: Callable[..., bool], action: str) -> HttpResponse:
    """Say something of a stop part that takes no more words than where and when."""
    line = line_for(request.principal, slug, "tag")
    if _is_repeated(request):
        return _left(request, line)
    form = SaidForm(request.POST, now=request.now)
    if not form.is_valid():
        return _refused(form.sentence)
    said = form.cleaned_data
    return _do(request, line, partial(deed, at=said["at"], said_at=said["said_at"]), action, said)


def _is_repeated(request: PrincipalRequest) -> bool:
    """It was taken in already: whatever is true by now (a code that is retired since), it is not judged again."""
    return sayings.was_taken(request.POST.get("key", ""))


def _do(
    request: PrincipalRequest,
    line: Line,
    deed: Callable[..., bool],
    action: str,
    said: dict[str, Any],
    *,
    needs: str = "tag",
) -> HttpResponse:
    """Done and written down once, however often it is sent, in the name of who tapped it."""
    who = speaking.speaker(request, said["speaker"], deed=needs, place=place_of(line), said_at=said["said_at"])
    if who is None:
        return _refused("Nothing was saved: someone else tapped this, and Jobline can't tell who any more.")
    detail = {name: value for name, value in said.items() if name not in {"key", "speaker"}}
    with transaction.atomic():
        if deed(line=line.slug, by=who.by, key=said["key"], now=request.now):
            operations.note(who, action, f"line {line.slug}", now=request.now, detail=detail)
    return _left(request, line)


def _left(request: PrincipalRequest, line: Line) -> HttpResponse:
    facts = tablet_facts(line, request.now)
    message = board_message(line.slug, request.now)
    page = {"left": left_page(facts, request.now)}
    return render(request, "tablet/_left.html", {"m": message, "page": page, "now": request.now})


def _refused(sentence: str, *, status: int = 422) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")


def _named(request: PrincipalRequest, name: str, initials: str) -> HttpResponse:
    seal = speaking.seal_of(request)
    return HttpResponse(f"{initials}\n{name}\n{seal}", content_type="text/plain; charset=utf-8")


def _forget_last_shift(request: PrincipalRequest, facts: TabletFacts) -> None:
    """At the change of shift the name clears."""
    said_at = said_at_of_operator(request)
    shift = facts.frame.shift
    if said_at and shift is not None and said_at < shift.start <= request.now:
        forget_operator(request)
        request.principal = principal_with_operator(request.principal, None)
