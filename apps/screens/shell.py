"""What surrounds every page: title, theme, clock, navigation, who is signed in."""

from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse

from apps.accounts import permissions
from apps.accounts.types import Principal
from apps.shared import format as say

THEMES = ("light", "board")


class Link(NamedTuple):
    """An entry of the navigation; `key` is the letter that goes there after "g"."""

    label: str
    href: str
    key: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of one page."""

    title: str
    theme: str
    # Which choice of theme this page follows: "desk" or "wall".
    theme_key: str
    now_ms: int
    zone: str
    clock: str
    links: tuple[Link, ...] = ()
    shift: str = ""
    me: str = ""
    initials: str = ""


def shell_of(
    request: HttpRequest,
    principal: Principal | None,
    *,
    title: str,
    now: int,
    zone: str = "UTC",
    here: str = "",
    shift: str = "",
    is_wall: bool = False,
) -> Shell:
    """The frame for this principal. The address names a theme, else the browser's cookie, else the surface's own."""
    key = "wall" if is_wall else "desk"
    wanted = (request.GET.get("theme", ""), request.COOKIES.get(f"theme_{key}", ""), "board" if is_wall else "light")
    return Shell(
        title=title,
        theme=next(theme for theme in wanted if theme in THEMES),
        theme_key=key,
        now_ms=now // 1000,
        zone=zone,
        clock=say.clock(now, ZoneInfo(zone)),
        links=_links(principal, here) if principal else (),
        shift=shift,
        me=principal.name if principal else "",
        initials=principal.initials if principal else "",
    )


def _links(principal: Principal, here: str) -> tuple[Link, ...]:
    entries = (("Lines", "plant", "l", "see"), ("Jobs", "jobs", "j", "study"), ("Losses", "losses", "o", "study"))
    return tuple(
        Link(label, reverse(name), key, name == here)
        for label, name, key, deed in entries
        if permissions.may(principal, deed)
    )
