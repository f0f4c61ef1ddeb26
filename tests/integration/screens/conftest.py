"""A plant with one line that stands still, a plant next door, and people and devices in both."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.test import Client

from apps.accounts import operations
from apps.accounts.http import DEVICE_COOKIE
from apps.accounts.models import Device, Role, User
from apps.accounts.types import Place, Principal
from apps.lines.models import Plant
from apps.shared.instants import MINUTE, from_us, parse_us
from tests.make import boards


@pytest.fixture
def now() -> int:
    """16:30 in Chicago, in the late shift of the day on which the clocks changed."""
    return parse_us("2026-03-08T21:30:00Z")


class Floor(NamedTuple):
    """What the tests of screens stand on. `stop_at` lies inside a stop that has no reason yet."""

    plant: Plant
    next_door: Plant
    now: int
    stop_at: int


@pytest.fixture
def floor(db: None, now: int, clock: Callable[[int], None]) -> Floor:
    """Mill 1 ran for an hour, then stopped 10 min ago; Press 9 is in another plant."""
    start = now - 70 * MINUTE
    plant = boards.plant("mill-1", "mill-2")
    boards.reason("D210", "Tool breakage")
    boards.reason("T220", "Tool wear")
    boards.tell([boards.job()], [boards.sign_on("mill-1", "004512-1", start, seq=1)], now=now)
    boards.run("mill-1", [(3600, True, 0), (605, False, 0)], start=start)
    next_door = Plant.objects.create(
        company=plant.company, code="Other", name="Next door", time_zone=boards.ZONE, day_start=plant.day_start
    )
    next_door.lines.create(slug="press-9", name="Press 9")
    Device.objects.create(
        pk=9001,
        name="Wall",
        kind="kiosk",
        company=boards.COMPANY,
        plant=boards.PLANT,
        token_hash="x",
        paired_at=from_us(now),
    )
    return Floor(plant, next_door, now, now - 5 * MINUTE)


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make a person with a role in a plant of EPIC06."""

    def make(role: str, plant: str = boards.PLANT, name: str = "") -> User:
        user, _ = User.objects.get_or_create(
            username=name or f"{role}-{plant}", defaults={"emp_id": f"{role}-{plant}"[:20]}
        )
        Role.objects.create(user=user, company=boards.COMPANY, plant=plant, name=role)
        return user

    return make


@pytest.fixture
def signed_in(person: Callable[..., User]) -> Callable[..., Client]:
    """A client of a person with a role in a plant."""

    def make(role: str, plant: str = boards.PLANT) -> Client:
        client = Client()
        client.force_login(person(role, plant))
        return client

    return make


@pytest.fixture
def paired(db: None, now: int) -> Callable[..., Client]:
    """A client whose browser was paired."""

    def make(kind: str, line: str = "", plant: str = boards.PLANT) -> Client:
        admin = Principal("test", "test", is_everywhere=True)
        place = Place(boards.COMPANY, plant, line)
        code = operations.make_code(name=f"{kind} at {line}", kind=kind, place=place, by=admin, now=now)
        _device, token = operations.pair(code, now=now)
        client = Client()
        client.cookies[DEVICE_COOKIE] = token
        return client

    return make
