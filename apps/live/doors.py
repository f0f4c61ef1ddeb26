"""Who may watch what over a socket: the same principals and permissions as over HTTP, read from a handshake."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest, parse_cookie

from apps.accounts import permissions
from apps.accounts.http import principal_of
from apps.accounts.types import Place
from apps.lines.models import Line, Plant

OPEN, NOBODY, ELSEWHERE, NO_SUCH = 0, 4401, 4403, 4404


class Watched(NamedTuple):
    """What a socket asks to watch: one line, or (with `slug` empty) a whole plant."""

    company: str
    plant: str
    slug: str = ""


class Answer(NamedTuple):
    """OPEN or the closing code, and the lines to watch."""

    code: int
    lines: tuple[str, ...] = ()


def is_own_origin(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the page that opens the socket came from the very host and port that it opens it to."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    _scheme, has_scheme, netloc = origin.partition("://")
    return bool(has_scheme and host) and netloc.lower() == host.lower()


def admit(headers: Mapping[bytes, bytes], watched: Watched, now: int) -> Answer:
    """Who stands at the door, and whether they may watch this: reads session, device, roles and lines afresh."""
    close_old_connections()
    try:
        return _admit(headers, watched, now)
    finally:
        close_old_connections()


def _admit(headers: Mapping[bytes, bytes], watched: Watched, now: int) -> Answer:
    principal = principal_of(_request(headers), now)
    if principal is None:
        return Answer(NOBODY)
    if watched.slug:
        row = Line.objects.filter(slug=watched.slug).values_list("plant__company__code", "plant__code").first()
        if row is None:
            return Answer(NO_SUCH)
        place = Place(row[0], row[1], watched.slug)
        lines: tuple[str, ...] = (watched.slug,)
    else:
        place = Place(watched.company, watched.plant)
        plant = Plant.objects.filter(company__code=watched.company, code=watched.plant).first()
        if plant is None:
            return Answer(NO_SUCH)
        lines = tuple(Line.objects.filter(plant=plant).order_by("slug").values_list("slug", flat=True))
    return Answer(OPEN, lines) if permissions.can_see(principal, place) else Answer(ELSEWHERE)


def _request(headers: Mapping[bytes, bytes]) -> HttpRequest:
    """The handshake as a request, so that there is one way to tell who somebody is."""
    request = HttpRequest()
    # As every page reads them: a cookie of somebody else's that is malformed spoils none of ours.
    request.COOKIES = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    engine: Any = import_module(settings.SESSION_ENGINE)
    request.session = engine.SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    request.user = get_user(request)
    return request
