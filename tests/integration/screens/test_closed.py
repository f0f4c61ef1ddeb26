"""Every route, walked as a stranger, as somebody from the plant next door, and with the wrong role.

A route that is not in ROUTES fails the first test: say who may use it before it is served.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.models import Device, User
from apps.accounts.permissions import PEOPLE, ROLES
from tests.integration.screens.conftest import Floor

# Five minutes before the `now` of the tests, inside the stop of the floor.
SAID = {"at": "1773005100000000", "said_at": "1773005100000000"}


class Route(NamedTuple):
    """One address: how it is called, what it takes to call it (a key of permissions.ROLES, "" for anyone)."""

    path: str
    deed: str
    method: str = "get"
    data: dict[str, str] = {}
    # What the plant next door gets: 404 where the address names a line or plant, else their own (200).
    elsewhere: int = 404


ROUTES = {
    "plant": Route("/?plant=EPIC06/MfgSys", "see"),
    "plant-bands": Route("/plant/bands/?plant=EPIC06/MfgSys", "see"),
    "board": Route("/board/mill-1/", "see"),
    "tablet": Route("/tablet/mill-1/", "tag"),
    "tablet-left": Route("/tablet/mill-1/left/", "tag"),
    "tablet-tag": Route("/tablet/mill-1/tag/", "tag", "post", SAID | {"code": "D210"}),
    "tablet-untag": Route("/tablet/mill-1/untag/", "tag", "post", SAID),
    "tablet-split": Route("/tablet/mill-1/split/", "tag", "post", SAID),
    "tablet-unsplit": Route("/tablet/mill-1/unsplit/", "tag", "post", SAID),
    "tablet-scrap": Route("/tablet/mill-1/scrap/", "scrap", "post", {"qty": "1", "code": "D210", **SAID}),
    "tablet-who": Route("/tablet/mill-1/who/", "tag", "post"),
    "jobs": Route("/jobs/?plant=EPIC06/MfgSys", "study"),
    "job": Route("/jobs/EPIC06/004512-1/", "study"),
    "job-parts": Route("/job-parts/EPIC06/004512-1/?op=20", "study"),
    "losses": Route("/losses/?plant=EPIC06/MfgSys", "study"),
    "losses-export": Route("/losses/export.csv?plant=EPIC06/MfgSys", "study"),
    "working": Route("/working/mill-1/", "study"),
    "me": Route("/me/", "see", elsewhere=200),
    "devices": Route("/devices/", "pair", elsewhere=200),
    "device-revoke": Route("/devices/9001/revoke/", "pair", "post"),
    "login": Route("/login/", ""),
    "logout": Route("/logout/", "", "post"),
    "pair": Route("/pair/", ""),
}
# Programs, not people: a company's key opens it (tests/integration/epicor holds its own tests).
KEYED = {"epicor-events": "/api/epicor/events/"}
CLOSED = sorted(name for name, route in ROUTES.items() if route.deed)
PERSONAL = sorted(PEOPLE)


def patterns(resolver: URLResolver, above: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern of a URL conf with what stands before it."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, above + str(pattern.pattern))
        else:
            yield above + str(pattern.pattern), pattern


def call(client: Client, route: Route) -> int:
    """The status that a client gets."""
    status: int = getattr(client, route.method)(route.path, route.data).status_code
    return status


class TestRoutes:
    def test_each_one_is_walked_here(self) -> None:
        names = {pattern.name or path for path, pattern in patterns(get_resolver()) if not path.startswith("admin/")}

        assert names == {*ROUTES, *KEYED}

    def test_each_deed_is_known(self) -> None:
        assert {route.deed for route in ROUTES.values()} - {""} <= set(ROLES)

    @pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/"])
    def test_the_administration_wants_staff(self, path: str, floor: Floor, signed_in: Callable[..., Client]) -> None:
        assert Client().get(path).status_code in {302, 404}
        assert signed_in("integrator").get(path).status_code in {302, 404}


class TestStranger:
    def test_is_shown_the_door(self, floor: Floor) -> None:
        for name in CLOSED:
            route = ROUTES[name]
            response = getattr(Client(), route.method)(route.path, route.data)

            if route.method == "post":
                assert response.status_code == 401, name
            else:
                assert response.status_code == 302, name
                assert response["Location"].startswith("/login/?next="), name

    def test_a_revoked_device_is_one(self, floor: Floor, paired: Callable[..., Client]) -> None:
        client = paired("tablet", "mill-1")
        Device.objects.update(revoked_at="2026-01-01T00:00Z")

        assert {call(client, ROUTES[name]) for name in CLOSED} == {302, 401}

    def test_one_who_left_the_company_is_one(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client = signed_in("supervisor")
        User.objects.update(is_active=False)

        assert {call(client, ROUTES[name]) for name in CLOSED} == {302, 401}


class TestNextDoor:
    @pytest.mark.parametrize("role", PERSONAL)
    def test_does_not_even_learn_that_it_is_there(
        self, role: str, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        client = signed_in(role, "Other")

        for name in CLOSED:
            route = ROUTES[name]
            assert call(client, route) == (route.elsewhere if role in ROLES[route.deed] else 403), name

    def test_a_tablet_of_another_line_neither(self, floor: Floor, paired: Callable[..., Client]) -> None:
        client = paired("tablet", "mill-2")

        for name in CLOSED:
            route = ROUTES[name]
            response = getattr(client, route.method)(route.path, route.data)
            # To its own line, with its own line, about itself.
            own = {"plant": 302, "plant-bands": 200, "me": 200}
            assert response.status_code in {own.get(name, 404), 403}, name
            assert b"Mill 1" not in response.content, name


@pytest.mark.parametrize("role", PERSONAL)
class TestRole:
    def test_decides_what_may_be_done(self, role: str, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client = signed_in(role)

        for name in CLOSED:
            status = call(client, ROUTES[name])
            if role in ROLES[ROUTES[name].deed]:
                assert status not in {401, 403, 404, 500}, name
            else:
                assert status == 403, name


class TestNobody:
    def test_without_a_role_nothing_opens(self, floor: Floor) -> None:
        client = Client()
        client.force_login(User.objects.create_user("nobody"))

        assert {call(client, ROUTES[name]) for name in CLOSED} == {403}


class TestDevices:
    def test_a_wall_board_only_shows(self, floor: Floor, paired: Callable[..., Client]) -> None:
        client = paired("kiosk")

        for name in CLOSED:
            assert call(client, ROUTES[name]) == (200 if ROUTES[name].deed == "see" else 403), name

    def test_a_tablet_serves_its_line(self, floor: Floor, paired: Callable[..., Client]) -> None:
        client = paired("tablet", "mill-1")

        for name in ("tablet", "tablet-left", "tablet-tag", "tablet-scrap", "board"):
            assert call(client, ROUTES[name]) == 200, name
        for name in ("jobs", "job", "job-parts", "losses", "losses-export", "working", "devices", "device-revoke"):
            assert call(client, ROUTES[name]) == 403, name


class TestForgery:
    def test_a_post_without_its_token_is_refused(self, floor: Floor, person: Callable[..., User]) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(person("supervisor"))
        posts = [name for name, route in ROUTES.items() if route.method == "post"]

        for name in [*posts, "login", "pair", "devices"]:
            assert client.post(ROUTES[name].path, ROUTES[name].data).status_code == 403, name

    @pytest.mark.parametrize("path", sorted(KEYED.values()))
    def test_a_program_without_a_key_is_a_stranger(
        self, path: str, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        assert Client().post(path, b"{}", content_type="application/cloudevents+json").status_code == 401
        assert signed_in("integrator").post(path, b"{}", content_type="application/cloudevents+json").status_code == 401
