"""Signing in, pairing and saying who stands at a tablet, over HTTP."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts import operations
from apps.accounts.http import DEVICE_COOKIE
from apps.accounts.models import AuditEntry, Badge, Device, PairingCode, Tries, User
from apps.accounts.types import Place, Principal
from apps.shared.instants import HOUR, MINUTE, SECOND
from tests.integration.screens.conftest import Floor
from tests.make.boards import COMPANY, PLANT

HERE = Place(COMPANY, PLANT)
ADMIN = Principal("test", "test", is_everywhere=True)
MoveTo = Callable[[int], None]


@pytest.fixture
def maja(person: Callable[..., User]) -> User:
    """A supervisor with a password."""
    user = person("supervisor", name="maja")
    user.set_password("a-long-word-for-tests")
    user.save()
    return user


def sign_in(client: Client, typed: str = "a-long-word-for-tests") -> int:
    """The status of trying to sign in."""
    return client.post("/login/", {"username": "maja", "password": typed}).status_code


class TestSignIn:
    def test_leads_to_where_one_wanted_to_go(self, floor: Floor, maja: User, client: Client) -> None:
        response = client.post(
            "/login/", {"username": "maja", "password": "a-long-word-for-tests", "next": "/board/mill-1/"}
        )

        assert (response.status_code, response["Location"]) == (302, "/board/mill-1/")
        assert client.get("/login/?next=/losses/")["Location"] == "/losses/"

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
    def test_never_leads_away(self, elsewhere: str, floor: Floor, maja: User, client: Client) -> None:
        response = client.post("/login/", {"username": "maja", "password": "a-long-word-for-tests", "next": elsewhere})

        assert response["Location"] == "/"

    def test_never_says_which_part_was_wrong(self, floor: Floor, maja: User, client: Client) -> None:
        wrong = client.post("/login/", {"username": "maja", "password": "x"})
        unknown = client.post("/login/", {"username": "nobody", "password": "x"})

        assert wrong.status_code == unknown.status_code == 422
        assert b"Name and password don\xe2\x80\x99t match." in wrong.content
        assert b"Name and password don\xe2\x80\x99t match." in unknown.content

    def test_after_five_wrong_ones_even_the_right_one_waits(
        self, floor: Floor, maja: User, client: Client, clock: MoveTo
    ) -> None:
        assert [sign_in(client, "x") for _ in range(5)] == [422] * 5

        assert sign_in(client) == 429
        clock(floor.now + 31 * SECOND)
        assert sign_in(client) == 302
        assert not Tries.objects.filter(key="login:name:maja").exists()

    def test_a_quiet_hour_forgives(self, floor: Floor, maja: User, client: Client, clock: MoveTo) -> None:
        assert [sign_in(client, "x") for _ in range(4)] == [422] * 4
        clock(floor.now + HOUR + SECOND)

        assert sign_in(client, "x") == 422
        assert sign_in(client) == 302

    def test_signing_out_ends_it(self, floor: Floor, maja: User, client: Client) -> None:
        sign_in(client)
        client.post("/logout/")

        assert client.get("/").status_code == 302


class TestPairing:
    def code(self, client: Client, **more: str) -> str:
        """The code that a supervisor's page shows."""
        response = client.post(
            "/devices/", {"name": "Tablet", "kind": "tablet", "plant": "EPIC06/MfgSys", "line": "mill-1", **more}
        )
        assert response.status_code == 200, response.content
        return str(response.context["page"].code)

    def test_a_code_turns_a_browser_into_its_tablet_once(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        code = self.code(signed_in("supervisor"))
        tablet, other = Client(), Client()
        response = tablet.post("/pair/", {"code": code.lower().replace("-", " ")})

        assert (response.status_code, response["Location"]) == (302, "/tablet/mill-1/")
        cookie = response.cookies[DEVICE_COOKIE]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not Device.objects.filter(token_hash=cookie.value).exists()
        assert tablet.get("/tablet/mill-1/").status_code == 200
        assert other.post("/pair/", {"code": code}).status_code == 422

    def test_a_code_that_is_too_old_opens_nothing(
        self, floor: Floor, signed_in: Callable[..., Client], clock: MoveTo
    ) -> None:
        code = self.code(signed_in("supervisor"))
        clock(floor.now + 16 * MINUTE)

        assert Client().post("/pair/", {"code": code}).status_code == 422

    def test_guessing_has_to_wait(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        code = self.code(signed_in("supervisor"))
        stranger = Client()
        assert [stranger.post("/pair/", {"code": f"WRONG{n}"}).status_code for n in range(5)] == [422] * 5

        assert stranger.post("/pair/", {"code": code}).status_code == 429
        assert PairingCode.objects.get().used_at is None

    def test_a_board_of_the_whole_plant_hangs_on_its_wall_view(
        self, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        code = self.code(signed_in("integrator"), kind="kiosk", line="")

        assert Client().post("/pair/", {"code": code})["Location"] == "/?plant=EPIC06/MfgSys&view=wall"

    def test_a_tablet_needs_its_line(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        said = {"name": "Tablet", "kind": "tablet", "plant": "EPIC06/MfgSys", "line": ""}

        assert signed_in("supervisor").post("/devices/", said).status_code == 422

    @pytest.mark.parametrize(("plant", "line"), [("EPIC06/Other", "press-9"), ("EPIC06/MfgSys", "press-9")])
    def test_nobody_pairs_next_door(
        self, plant: str, line: str, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        said = {"name": "Tablet", "kind": "tablet", "plant": plant, "line": line}

        assert signed_in("supervisor").post("/devices/", said).status_code == 403

    def test_access_is_taken_away_at_once_and_written_down(
        self, floor: Floor, signed_in: Callable[..., Client], paired: Callable[..., Client]
    ) -> None:
        tablet = paired("tablet", "mill-1")
        device = Device.objects.get(kind="tablet")
        assert signed_in("supervisor").post(f"/devices/{device.pk}/revoke/").status_code == 302

        assert tablet.get("/tablet/mill-1/").status_code == 302
        assert AuditEntry.objects.filter(action="device.revoke", who="supervisor-MfgSys").exists()


class TestWho:
    @pytest.fixture
    def ana(self, person: Callable[..., User]) -> User:
        """An operator with a badge and a PIN."""
        user = person("operator", name="ana")
        user.emp_id, user.display_name = "1041", "Ana Kovač"
        user.save()
        operations.give_badge(user, "04A2-77")
        operations.give_pin(user, "112233")
        return user

    def test_a_badge_names_its_wearer(self, floor: Floor, ana: User, paired: Callable[..., Client]) -> None:
        tablet = paired("tablet", "mill-1")

        named = tablet.post("/tablet/mill-1/who/", {"badge": "04A2-77"}).content.decode()
        assert named.startswith("AK\nAna Kovač\n")
        tablet.post("/tablet/mill-1/tag/", {"at": floor.stop_at, "said_at": floor.now, "code": "D210"})
        entry = AuditEntry.objects.get(action="stop.tag")
        assert (entry.who, entry.device) == ("1041", "tablet at mill-1")

    def test_a_pin_is_asked_for_and_locks_after_five_wrong_ones(
        self, floor: Floor, ana: User, paired: Callable[..., Client], clock: MoveTo
    ) -> None:
        tablet = paired("tablet", "mill-1")

        def says(pin: str) -> int:
            return tablet.post("/tablet/mill-1/who/", {"user": ana.pk, "pin": pin}).status_code

        assert says("") == 422
        assert [says("000000") for _ in range(4)] == [422] * 4
        assert says("112233") == 422
        assert b"Too many" in tablet.post("/tablet/mill-1/who/", {"user": ana.pk, "pin": "112233"}).content
        clock(floor.now + 31 * SECOND)
        assert says("112233") == 200

    def test_neither_is_kept_readable(self, ana: User) -> None:
        for badge in Badge.objects.all():
            assert "04A2" not in badge.secret_hash
            assert "112233" not in badge.secret_hash

    def test_an_unknown_badge_and_one_of_next_door_are_nobody(
        self, floor: Floor, person: Callable[..., User], paired: Callable[..., Client]
    ) -> None:
        operations.give_badge(person("operator", "Other", "otto"), "77")
        tablet = paired("tablet", "mill-1")

        assert tablet.post("/tablet/mill-1/who/", {"badge": "1"}).status_code == 422
        assert tablet.post("/tablet/mill-1/who/", {"badge": "77"}).status_code == 422

    def test_the_name_clears_after_eight_hours(
        self, floor: Floor, ana: User, paired: Callable[..., Client], clock: MoveTo
    ) -> None:
        tablet = paired("tablet", "mill-1")
        tablet.post("/tablet/mill-1/who/", {"badge": "04A2-77"})
        assert tablet.get("/tablet/mill-1/").context["page"].who == "Ana Kovač"
        clock(floor.now + 8 * HOUR + SECOND)

        assert tablet.get("/tablet/mill-1/").context["page"].who == ""

    def test_one_goes_on_without_a_name(self, floor: Floor, ana: User, paired: Callable[..., Client]) -> None:
        tablet = paired("tablet", "mill-1")
        tablet.post("/tablet/mill-1/who/", {"badge": "04A2-77"})
        tablet.post("/tablet/mill-1/who/", {})
        tablet.post("/tablet/mill-1/tag/", {"at": floor.stop_at, "said_at": floor.now, "code": "D210"})

        assert AuditEntry.objects.get(action="stop.tag").who == "tablet tablet at mill-1"

    def test_only_a_paired_tablet_asks(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        assert signed_in("operator").post("/tablet/mill-1/who/", {"badge": "1"}).status_code == 422


class TestForgery:
    def test_a_form_from_elsewhere_is_answered_with_a_page_that_our_policy_allows(self, db: None) -> None:
        client = Client(enforce_csrf_checks=True)

        response = client.post("/login/", {"username": "x", "password": "y"})

        assert response.status_code == 403
        assert response["X-Jobline"] == "old page"
        assert b"CSRF_TRUSTED_ORIGINS" in response.content
        assert b"<style" not in response.content
