"""The administration of people: roles, badges and PINs, and a trail that nobody changes."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import AuditEntry, Badge, Role, User
from tests.integration.screens.conftest import Floor

ROLES = {"roles-TOTAL_FORMS": "1", "roles-INITIAL_FORMS": "0", "roles-0-company": "EPIC06", "roles-0-plant": "MfgSys"}


@pytest.fixture
def admin(db: None) -> Client:
    """A client of an administrator."""
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="x"))
    return client


class TestPeople:
    def test_a_role_a_badge_and_a_pin_are_given(self, floor: Floor, admin: Client) -> None:
        ana = User.objects.create_user("ana")
        said = {
            "username": "ana",
            "is_active": "on",
            "new_badge": "04A2",
            "new_pin": "112233",
            "roles-0-name": "operator",
        }
        response = admin.post(f"/admin/accounts/user/{ana.pk}/change/", said | ROLES)

        assert response.status_code == 302, response.content
        assert Role.objects.get(user=ana).name == "operator"
        assert sorted(Badge.objects.values_list("kind", flat=True)) == ["badge", "pin"]

    def test_a_pin_that_is_none_is_refused(self, floor: Floor, admin: Client) -> None:
        ana = User.objects.create_user("ana")
        said = {"username": "ana", "new_pin": "12", "roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}

        assert b"A PIN is six digits." in admin.post(f"/admin/accounts/user/{ana.pk}/change/", said).content

    def test_a_new_person_is_added(self, floor: Floor, admin: Client) -> None:
        said = {
            "username": "bob",
            "password1": "a-long-word-9",
            "password2": "a-long-word-9",
            "usable_password": "true",
        }
        admin.post("/admin/accounts/user/add/", said | {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"})

        assert User.objects.filter(username="bob").exists()


class TestTrail:
    def test_is_read_and_never_changed(self, floor: Floor, admin: Client) -> None:
        AuditEntry.objects.create(at="2026-03-08T12:00Z", who="ana", action="stop.tag", target="line mill-1")
        entry = AuditEntry.objects.get()

        assert b"stop.tag" in admin.get("/admin/accounts/auditentry/").content
        assert admin.post(f"/admin/accounts/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
        assert admin.get("/admin/accounts/auditentry/add/").status_code == 403


class TestDoor:
    def test_its_own_sign_in_which_counts_no_wrong_tries_is_not_there(self, floor: Floor) -> None:
        User.objects.create_superuser("root", password="x")
        stranger = Client()

        tried = [stranger.post("/admin/login/", {"username": "root", "password": "x"}).status_code for _ in range(3)]

        assert tried == [405] * 3
        assert stranger.get("/admin/", follow=True).redirect_chain[-1][0] == "/login/?next=%2Fadmin%2F"

    def test_who_is_no_staff_is_not_sent_in_circles(
        self, floor: Floor, admin: Client, signed_in: Callable[..., Client]
    ) -> None:
        assert signed_in("supervisor").get("/admin/", follow=True).status_code == 403
        assert admin.get("/admin/login/").headers["Location"] == "/admin/"
