"""Who a session, a cookie, a badge or a token is. Every answer that finds nobody is None."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings

from apps.accounts.models import Badge, Device, Role, User
from apps.accounts.types import Grant, Place, Principal


def token_hash(token: str) -> str:
    """The stored form of a random token or code: it has entropy of its own, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def badge_hash(number: str) -> str:
    """The stored form of a badge number: keyed, because badge numbers are short and could be tried out."""
    return hmac.new(settings.SECRET_KEY.encode(), number.strip().encode(), hashlib.sha256).hexdigest()


def principal_of_user(user: User) -> Principal:
    """A signed-in person with their roles; an administrator is everywhere."""
    roles = Role.objects.filter(user=user).order_by("id")
    return Principal(
        name=user.display_name or user.get_full_name() or user.get_username(),
        by=user.emp_id or user.get_username(),
        grants=frozenset(Grant(role.company, role.plant, role.name) for role in roles),
        user_id=user.pk,
        is_everywhere=user.is_superuser,
    )


def device_of_token(token: str) -> Device | None:
    """The paired device that keeps this token, unless it was revoked."""
    if not token:
        return None
    return Device.objects.filter(token_hash=token_hash(token), revoked_at=None).first()


def principal_of_device(device: Device, operator: User | None = None) -> Principal:
    """A paired device, in its plant or at its line, and on a tablet the operator who said who they are."""
    alone = Principal(
        name=device.name,
        by="",
        grants=frozenset({Grant(device.company, device.plant, device.kind, device.line_slug)}),
        device_id=device.pk,
        device_name=device.name,
        device_kind=device.kind,
        device_line=device.line_slug,
    )
    return principal_with_operator(alone, operator)


def principal_with_operator(device: Principal, operator: User | None) -> Principal:
    """The same device with this operator at it, or with nobody in particular: then the device itself says things."""
    if operator is None:
        by = f"tablet {device.device_name}"[:40]
        return replace(device, name=device.device_name, by=by, user_id=None)
    name = operator.display_name or operator.get_full_name() or operator.get_username()
    return replace(device, name=name, by=operator.emp_id or operator.get_username(), user_id=operator.pk)


def operator_of_badge(number: str, place: Place) -> User | None:
    """The person who wears this badge, if they may tag in this plant."""
    badge = (
        Badge.objects.select_related("user")
        .filter(kind=Badge.Kind.BADGE, secret_hash=badge_hash(number), revoked_at=None, user__is_active=True)
        .first()
    )
    return badge.user if badge and _works_at(badge.user, place) else None


def operators_at(place: Place) -> list[User]:
    """The people who may tag in this plant, by name."""
    ids = Role.objects.filter(
        company=place.company, plant=place.plant, name__in=(Role.Name.OPERATOR, Role.Name.SUPERVISOR)
    ).values("user_id")
    return list(User.objects.filter(id__in=ids, is_active=True).order_by("display_name", "username", "id"))


def operator_at(user_id: int, place: Place) -> User | None:
    """One of the people who may tag in this plant."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user if user and _works_at(user, place) else None


def names_of(company: str, employees: Iterable[str]) -> dict[str, str]:
    """The names of people with a role in a company by their employee number; the unknown are left out."""
    rows = User.objects.filter(emp_id__in=set(employees) - {""}).order_by("pk")
    here = rows.filter(pk__in=Role.objects.filter(company=company).values("user_id"))
    return {user.emp_id: user.display_name or user.get_username() for user in here}


def people_with_pins(user_ids: list[int]) -> frozenset[int]:
    """Those of these people who must type a PIN."""
    pins = Badge.objects.filter(user_id__in=user_ids, kind=Badge.Kind.PIN, revoked_at=None)
    return frozenset(pins.values_list("user_id", flat=True))


def devices_at(place: Place) -> list[Device]:
    """The paired devices of a plant that were not revoked, by name."""
    found = Device.objects.filter(company=place.company, plant=place.plant, revoked_at=None)
    return list(found.order_by("name", "id"))


def _works_at(user: User, place: Place) -> bool:
    roles = Role.objects.filter(
        user=user,
        company=place.company,
        plant=place.plant,
        name__in=(Role.Name.OPERATOR, Role.Name.SUPERVISOR),
    )
    return roles.exists()
