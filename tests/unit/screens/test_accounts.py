"""Who may do what, without a database: roles, plants, lines, and the wait after wrong tries."""

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts import permissions
from apps.accounts.models import Role
from apps.accounts.rules import is_pin, tidy_code, wait_after
from apps.accounts.types import Grant, Place, Principal
from apps.screens.login.presenter import me_page, wait_words
from apps.shared.instants import SECOND

HERE, THERE = Place("EPIC06", "MfgSys", "mill-1"), Place("EPIC06", "Other", "press-9")


def with_role(role: str, line: str = "") -> Principal:
    """Somebody with a role in MfgSys."""
    return Principal("Ana Kovač", "1041", frozenset({Grant("EPIC06", "MfgSys", role, line)}))


class TestMay:
    @pytest.mark.parametrize("deed", sorted(permissions.ROLES))
    def test_a_role_reaches_no_further_than_its_plant(self, deed: str) -> None:
        for role in sorted(permissions.ROLES[deed]):
            assert permissions.may(with_role(role), deed, HERE)
            assert not permissions.may(with_role(role), deed, THERE)

    @pytest.mark.parametrize("deed", sorted(permissions.ROLES))
    def test_without_a_role_nothing(self, deed: str) -> None:
        assert not permissions.may(Principal("x", "x"), deed, HERE)
        assert not permissions.may(Principal("x", "x"), deed)

    def test_a_tablet_serves_one_line(self) -> None:
        tablet = with_role("tablet", "mill-1")

        assert permissions.can_tag(tablet, HERE)
        assert not permissions.can_tag(tablet, HERE._replace(line="mill-2"))
        assert not permissions.can_see(tablet, HERE._replace(line=""))

    def test_a_wall_board_never_tags(self) -> None:
        assert permissions.can_see(with_role("kiosk"), HERE)
        assert not permissions.can_tag(with_role("kiosk"), HERE)

    def test_check_raises(self) -> None:
        with pytest.raises(PermissionDenied):
            permissions.check_tag(with_role("viewer"), HERE)
        permissions.check_report_scrap(with_role("operator"), HERE)

    def test_an_administrator_is_everywhere(self) -> None:
        assert permissions.can_resolve(Principal("root", "root", is_everywhere=True), THERE)

    def test_no_person_can_hold_what_a_device_is(self) -> None:
        assert not {permissions.KIOSK, permissions.TABLET} & set(Role.Name.values)


class TestPrincipal:
    @pytest.mark.parametrize(
        ("name", "letters"), [("Ana Kovač", "AK"), ("Mareike Wannenmacher-Lüdenscheid", "ML"), ("maja", "M"), ("", "?")]
    )
    def test_initials(self, name: str, letters: str) -> None:
        assert Principal(name, "x").initials == letters

    def test_ones_own_page_lists_roles_by_plant(self) -> None:
        grants = frozenset({Grant("A", "P", "viewer"), Grant("A", "P", "operator"), Grant("B", "Q", "supervisor")})
        page = me_page(Principal("x", "x", grants))

        assert [(line.plant, line.roles) for line in page.roles] == [
            ("A · P", "operator, viewer"),
            ("B · Q", "supervisor"),
        ]
        assert page.may_pair


class TestTries:
    def test_the_wait_grows_and_ends_somewhere(self) -> None:
        assert [wait_after(count) for count in (0, 4, 5, 6, 7, 20)] == [0, 0, 30, 60, 120, 900]

    @pytest.mark.parametrize(("span", "words"), [(29 * SECOND + 1, "30\u202fs"), (61 * SECOND, "2\u202fmin")])
    def test_it_is_said_in_full_units(self, span: int, words: str) -> None:
        assert wait_words(span) == f"Too many wrong tries. Try again in {words}."

    def test_a_code_may_be_typed_as_one_likes(self) -> None:
        assert tidy_code(" abcd-2345 ") == "ABCD2345"

    @pytest.mark.parametrize(
        ("typed", "is_one"), [("123456", True), ("12345", False), ("12345a", False), ("１２３４５６", False)]
    )
    def test_a_pin_is_six_digits(self, typed: str, is_one: bool) -> None:
        assert is_pin(typed) is is_one
