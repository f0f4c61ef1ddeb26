"""What a principal may do, and where. `can_x` answers, `check_x` raises PermissionDenied.

Three steps decide: the role (ROLES), the plant, and for a paired device the line it stands at.
"""

from collections.abc import Callable, Mapping

from django.core.exceptions import PermissionDenied

from apps.accounts.types import Place, Principal

VIEWER, OPERATOR, SUPERVISOR, PLANNER, INTEGRATOR = "viewer", "operator", "supervisor", "planner", "integrator"
# What a paired device is: never granted to a person.
KIOSK, TABLET = "kiosk", "tablet"

PEOPLE = frozenset({VIEWER, OPERATOR, SUPERVISOR, PLANNER, INTEGRATOR})
ROLES: Mapping[str, frozenset[str]] = {
    "see": PEOPLE | {KIOSK, TABLET},
    "tag": frozenset({OPERATOR, SUPERVISOR, TABLET}),
    "scrap": frozenset({OPERATOR, SUPERVISOR, TABLET}),
    "resolve": frozenset({SUPERVISOR, PLANNER}),
    "study": PEOPLE,
    "pair": frozenset({SUPERVISOR, INTEGRATOR}),
    "manage": frozenset({INTEGRATOR}),
}


def may(principal: Principal, deed: str, place: Place | None = None) -> bool:
    """Whether the principal may do this (a key of ROLES) at this place, or without a place anywhere at all."""
    if principal.is_everywhere:
        return True
    wanted = ROLES[deed]
    return any(
        grant.role in wanted
        and (
            place is None
            or ((grant.company, grant.plant) == (place.company, place.plant) and grant.line in {"", place.line})
        )
        for grant in principal.grants
    )


def check(principal: Principal, deed: str, place: Place | None = None) -> None:
    """Raise PermissionDenied unless the principal may do this here."""
    if not may(principal, deed, place):
        raise PermissionDenied(deed)


def can_see(principal: Principal, place: Place) -> bool:
    """May look at boards and overviews."""
    return may(principal, "see", place)


def can_tag(principal: Principal, place: Place) -> bool:
    """May say why a line stopped: tag, untag, split, comment."""
    return may(principal, "tag", place)


def can_report_scrap(principal: Principal, place: Place) -> bool:
    """May call good parts scrap."""
    return may(principal, "scrap", place)


def can_resolve(principal: Principal, place: Place) -> bool:
    """May choose among operations that are open at once."""
    return may(principal, "resolve", place)


def can_study(principal: Principal, place: Place) -> bool:
    """May read and export losses. Screens that hang in public may not."""
    return may(principal, "study", place)


def can_pair(principal: Principal, place: Place) -> bool:
    """May pair and revoke screens and tablets."""
    return may(principal, "pair", place)


def check_tag(principal: Principal, place: Place) -> None:
    """Raise PermissionDenied unless they may say why a line stopped."""
    check(principal, "tag", place)


def check_report_scrap(principal: Principal, place: Place) -> None:
    """Raise PermissionDenied unless they may call good parts scrap."""
    check(principal, "scrap", place)


def check_pair(principal: Principal, place: Place) -> None:
    """Raise PermissionDenied unless they may pair screens and tablets."""
    check(principal, "pair", place)


Deed = Callable[[Principal, Place], bool]
