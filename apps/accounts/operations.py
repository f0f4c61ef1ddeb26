"""Signing in, pairing, badges and PINs, and the trail of who did what. `now` is in microseconds."""

import secrets
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from apps.accounts.models import AuditEntry, Badge, Device, PairingCode, Tries, User
from apps.accounts.queries import badge_hash, token_hash
from apps.accounts.rules import tidy_code, wait_after
from apps.accounts.types import Place, Principal
from apps.shared.instants import HOUR, SECOND, from_us

# Without letters and digits that are read for one another.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 8
CODE_LASTS = timedelta(minutes=15)
# Wrong tries are forgotten after a quiet hour.
_FORGET_AFTER = 1 * HOUR


class Refused(Exception):
    """The name, code, badge or PIN does not open anything. It never says which part was wrong."""


class Locked(Exception):
    """Too many wrong tries; `until` is in microseconds."""

    def __init__(self, until: int) -> None:
        super().__init__(until)
        self.until = until


def check_unlocked(*keys: str, now: int) -> None:
    """Raise Locked while any of the keys has to wait."""
    row = Tries.objects.filter(key__in=keys, locked_until__gt=from_us(now)).order_by("-locked_until").first()
    if row and row.locked_until:
        raise Locked(now + int((row.locked_until - from_us(now)) / timedelta(microseconds=1)))


@transaction.atomic
def count_failure(key: str, *, now: int, tolerance: int = 1) -> None:
    """Count a wrong try. `tolerance` stretches how many are free: an address is shared by many people."""
    moment = from_us(now)
    row, _ = Tries.objects.select_for_update().get_or_create(key=key[:120], defaults={"tried_at": moment})
    is_old = moment - row.tried_at > timedelta(microseconds=_FORGET_AFTER)
    row.failures = 1 if is_old else row.failures + 1
    row.tried_at = moment
    wait = wait_after(row.failures // tolerance)
    row.locked_until = from_us(now + wait * SECOND) if wait else None
    row.save(update_fields=["failures", "tried_at", "locked_until"])


def forget_failures(*keys: str) -> None:
    """A right one was given: start over."""
    Tries.objects.filter(key__in=keys).delete()


def make_code(*, name: str, kind: str, place: Place, by: Principal, now: int) -> str:
    """A pairing code for one device, valid for 15 min and once. The text is returned here and never again."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    PairingCode.objects.create(
        code_hash=token_hash(code),
        name=name,
        kind=kind,
        company=place.company,
        plant=place.plant,
        line_slug=place.line,
        made_by=by.by,
        expires_at=from_us(now) + CODE_LASTS,
    )
    note(by, "device.code", f"{place.company}/{place.plant} {name}", now=now)
    return f"{code[:4]}-{code[4:]}"


@transaction.atomic
def pair(typed: str, *, now: int) -> tuple[Device, str]:
    """Turn a code into a device and the token that its browser keeps. Raises Refused."""
    waiting = PairingCode.objects.filter(
        code_hash=token_hash(tidy_code(typed)), used_at=None, expires_at__gt=from_us(now)
    )
    code = waiting.first()
    # The row count settles the race of two browsers with one code.
    if code is None or not waiting.update(used_at=from_us(now)):
        raise Refused
    token = secrets.token_urlsafe(32)
    device = Device.objects.create(
        name=code.name,
        kind=code.kind,
        company=code.company,
        plant=code.plant,
        line_slug=code.line_slug,
        token_hash=token_hash(token),
        paired_at=from_us(now),
    )
    AuditEntry.objects.create(
        at=from_us(now), who=code.made_by, device=device.name, action="device.pair", target=f"device {device.pk}"
    )
    return device, token


def revoke(device: Device, *, by: Principal, now: int) -> None:
    """Take a device's access away; its next request is a stranger's."""
    Device.objects.filter(pk=device.pk, revoked_at=None).update(revoked_at=from_us(now))
    note(by, "device.revoke", f"device {device.pk} {device.name}", now=now)


def give_badge(user: User, number: str) -> None:
    """Let a badge name this person. Replaces nothing: a person may wear two."""
    Badge.objects.update_or_create(
        secret_hash=badge_hash(number), defaults={"user": user, "kind": Badge.Kind.BADGE, "revoked_at": None}
    )


def give_pin(user: User, pin: str) -> None:
    """Set a person's PIN, in place of any earlier one."""
    Badge.objects.filter(user=user, kind=Badge.Kind.PIN).delete()
    Badge.objects.create(user=user, kind=Badge.Kind.PIN, secret_hash=make_password(pin))


def check_pin(user_id: int, pin: str, *, device_id: int, now: int) -> None:
    """Raise Refused for a wrong PIN and Locked after too many, for the person and for the device."""
    keys = (f"pin:user:{user_id}", f"pin:device:{device_id}")
    check_unlocked(*keys, now=now)
    badge = Badge.objects.filter(user_id=user_id, kind=Badge.Kind.PIN, revoked_at=None).first()
    # A person without a PIN costs the same time as a wrong PIN.
    if check_password(pin, badge.secret_hash if badge else make_password(None)) and badge:
        forget_failures(*keys)
        return
    count_failure(keys[0], now=now)
    count_failure(keys[1], now=now, tolerance=3)
    raise Refused


def check_pin_if_any(user_id: int, pin: str, *, device_id: int, now: int) -> None:
    """The same for a person who may have no PIN: then a tap on the name is enough."""
    if Badge.objects.filter(user_id=user_id, kind=Badge.Kind.PIN, revoked_at=None).exists():
        check_pin(user_id, pin, device_id=device_id, now=now)


def note(who: Principal, action: str, target: str, *, now: int, detail: dict[str, object] | None = None) -> None:
    """Write down that a principal did something: the person and the device."""
    AuditEntry.objects.create(
        at=from_us(now),
        who=who.by[:80],
        device=who.device_name[:60],
        action=action,
        target=target[:120],
        detail=detail or {},
    )
