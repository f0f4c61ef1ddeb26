"""What the sign-in page and one's own page show. Pure."""

from dataclasses import dataclass
from typing import NamedTuple

from apps.accounts.permissions import may
from apps.accounts.types import Principal
from apps.shared import format as say
from apps.shared.instants import MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Where to go afterwards, the name as typed, and what was wrong ("" at first)."""

    target: str
    name: str = ""
    problem: str = ""


class RoleLine(NamedTuple):
    """The roles of a person in one plant."""

    plant: str
    roles: str


@dataclass(frozen=True, slots=True)
class MePage:
    """Who is signed in."""

    name: str
    number: str
    is_device: bool
    is_everywhere: bool
    roles: tuple[RoleLine, ...]
    may_pair: bool


def me_page(principal: Principal) -> MePage:
    """One's own page."""
    plants: dict[str, list[str]] = {}
    for grant in sorted(principal.grants):
        plants.setdefault(f"{grant.company} · {grant.plant}", []).append(grant.role)
    return MePage(
        name=principal.name,
        number=principal.by,
        is_device=principal.device_id is not None,
        is_everywhere=principal.is_everywhere,
        roles=tuple(RoleLine(plant, ", ".join(roles)) for plant, roles in plants.items()),
        may_pair=may(principal, "pair"),
    )


def wait_words(span: int) -> str:
    """How long to wait after too many wrong tries; `span` in microseconds, told in full units."""
    full = -(-span // SECOND) * SECOND
    return f"Too many wrong tries. Try again in {say.span(full if full < MINUTE else -(-full // MINUTE) * MINUTE)}."
