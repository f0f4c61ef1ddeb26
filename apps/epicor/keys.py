"""Keys with which an Epicor company speaks to Jobline: made once, shown once, kept as a hash."""

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

from apps.accounts.models import IntegrationKey
from apps.shared.instants import from_us

# A signature is good for so many seconds, either way: clocks differ, and old bodies must not come again.
SIGNATURE_LASTS_S = 300
_SIGNATURE = re.compile(r"t=(?P<at>\d{1,12}),v1=(?P<digest>[0-9a-f]{64})")


class Issued(NamedTuple):
    """A new key and its signing secret, in the clear: the only time that anyone sees them."""

    key_id: int
    key: str
    secret: str


def issue(company: str, name: str) -> Issued:
    """Make a key for a company."""
    key, secret = f"jl_{secrets.token_urlsafe(32)}", secrets.token_urlsafe(32)
    row = IntegrationKey.objects.create(name=name, company=company, key_hash=_hash(key), signing_secret=secret)
    return Issued(row.pk, key, secret)


def revoke(key_id: int, *, now: int) -> bool:
    """Take a key back; False when there is none with this id that still opens."""
    rows = IntegrationKey.objects.filter(pk=key_id, revoked_at=None)
    return bool(rows.update(revoked_at=from_us(now)))


def key_of(authorization: str) -> IntegrationKey | None:
    """The key that a request's Authorization header holds, unless it is unknown or revoked."""
    scheme, _space, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return None
    wanted = _hash(key.strip())
    row = IntegrationKey.objects.filter(key_hash=wanted, revoked_at=None).first()
    return row if row is not None and hmac.compare_digest(row.key_hash, wanted) else None


def is_signed(header: str, body: bytes, *, secret: str, now_s: int) -> bool:
    """Whether `t=<unix>,v1=<hex>` is a fresh HMAC-SHA256 of "t.body" with this secret."""
    match = _SIGNATURE.fullmatch(header.strip())
    if match is None or not secret or abs(now_s - int(match["at"])) > SIGNATURE_LASTS_S:
        return False
    expected = hmac.new(secret.encode(), f"{match['at']}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, match["digest"])


def _hash(key: str) -> str:
    # The key is 256 random bits: a fast hash gives nothing away.
    return hashlib.sha256(key.encode()).hexdigest()
