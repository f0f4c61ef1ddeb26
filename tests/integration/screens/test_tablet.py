"""What a tablet says, over HTTP: kept once, refused with a sentence, never lost."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts import operations
from apps.accounts.models import AuditEntry, Device, Role, Saying, User
from apps.downtime.models import ReasonTag, SplitMark
from apps.reasons.models import ReasonCode
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND
from apps.states.models import ScrapReport
from tests.integration.screens.conftest import Floor
from tests.make import boards


@pytest.fixture
def tablet(floor: Floor, paired: Callable[..., Client]) -> Client:
    """The tablet at Mill 1."""
    return paired("tablet", "mill-1")


def said(floor: Floor, **more: object) -> dict[str, object]:
    """Something tapped just now about the stop that has no reason."""
    return {"at": floor.stop_at, "said_at": floor.now, **more}


class TestTag:
    def test_brings_the_left_column_as_it_is_then(self, floor: Floor, tablet: Client) -> None:
        before = tablet.get("/tablet/mill-1/left/").content.decode()
        after = tablet.post("/tablet/mill-1/tag/", said(floor, code="D210")).content.decode()

        assert "data-part" in before.partition("t-log")[0]
        assert "Tool breakage" in after.partition("t-log")[2]

    def test_sent_twice_is_said_once(self, floor: Floor, tablet: Client) -> None:
        for _ in range(2):
            assert tablet.post("/tablet/mill-1/tag/", said(floor, code="D210")).status_code == 200

        assert ReasonTag.objects.count() == 1
        assert AuditEntry.objects.filter(action="stop.tag").count() == 1

    def test_the_time_of_tapping_counts_and_not_that_of_sending(self, floor: Floor, tablet: Client) -> None:
        tapped = floor.now - 3 * MINUTE
        tablet.post("/tablet/mill-1/tag/", said(floor, code="D210", said_at=floor.now))
        tablet.post("/tablet/mill-1/tag/", said(floor, code="T220", said_at=tapped))

        assert b"Tool breakage" in tablet.get("/tablet/mill-1/left/").content

    def test_a_clock_that_is_ahead_says_it_now(self, floor: Floor, tablet: Client) -> None:
        tablet.post("/tablet/mill-1/tag/", said(floor, code="D210", said_at=floor.now + 90 * SECOND))

        assert ReasonTag.objects.get().tagged_at == floor.now

    @pytest.mark.parametrize("code", ["GONE", "T220"])
    def test_a_code_that_is_retired_or_unknown_is_refused_with_a_sentence(
        self, code: str, floor: Floor, tablet: Client
    ) -> None:
        ReasonCode.objects.filter(code="T220").update(retired_at="2026-03-01T00:00Z")
        response = tablet.post("/tablet/mill-1/tag/", said(floor, code=code))

        assert response.status_code == 422
        assert response.content.decode().startswith(f"Reason {code} is no longer active in Epicor.")
        assert not ReasonTag.objects.exists()

    @pytest.mark.parametrize(
        "change",
        [{"at": ""}, {"at": "soon"}, {"said_at": ""}, {"code": ""}, {"code": "X" * 13}, {"comment": "x" * 201}],
    )
    def test_nonsense_is_refused(self, change: dict[str, object], floor: Floor, tablet: Client) -> None:
        assert tablet.post("/tablet/mill-1/tag/", said(floor, code="D210") | change).status_code == 422

    def test_what_lay_on_a_tablet_for_weeks_is_too_old(self, floor: Floor, tablet: Client) -> None:
        old = floor.now - 15 * DAY
        response = tablet.post("/tablet/mill-1/tag/", said(floor, code="D210", said_at=old))

        assert response.status_code == 422
        assert b"more than 14 days ago" in response.content

    def test_the_future_has_no_reasons(self, floor: Floor, tablet: Client) -> None:
        assert tablet.post("/tablet/mill-1/tag/", said(floor, code="D210", at=floor.now + 1)).status_code == 422

    def test_a_comment_stands_beside_its_reason(self, floor: Floor, tablet: Client) -> None:
        left = tablet.post("/tablet/mill-1/tag/", said(floor, code="D210", comment="<b>Insert</b> chipped"))

        assert "Tool breakage · &lt;b&gt;Insert&lt;/b&gt; chipped" in left.content.decode()


class TestOther:
    def test_untag_takes_it_back(self, floor: Floor, tablet: Client) -> None:
        tablet.post("/tablet/mill-1/tag/", said(floor, code="D210", said_at=floor.now - SECOND))
        left = tablet.post("/tablet/mill-1/untag/", said(floor)).content.decode()

        assert "Tool breakage" not in left

    def test_split_makes_two_parts_and_unsplit_one(self, floor: Floor, tablet: Client) -> None:
        two = tablet.post("/tablet/mill-1/split/", said(floor, said_at=floor.now - SECOND)).content.decode()
        one = tablet.post("/tablet/mill-1/unsplit/", said(floor)).content.decode()

        assert (two.count("data-part="), one.count("data-part=")) == (2, 1)

    def test_a_split_where_nothing_stopped_is_told(self, floor: Floor, tablet: Client) -> None:
        response = tablet.post("/tablet/mill-1/split/", said(floor, at=floor.now - 30 * MINUTE))

        assert response.status_code == 409
        assert b"There is no stop at 16:00 any more" in response.content
        assert not SplitMark.objects.exists()

    def test_scrap_moves_good_parts(self, floor: Floor, tablet: Client) -> None:
        said_at = {"said_at": floor.now, "qty": 4, "code": "D210"}

        assert tablet.post("/tablet/mill-1/scrap/", said_at).status_code == 200
        assert ScrapReport.objects.get().qty == 4
        assert tablet.get("/tablet/mill-1/").context["page"].scrap == 4

    @pytest.mark.parametrize("qty", ["0", "-3", "10000", "1.5", ""])
    def test_scrap_is_a_number_of_parts(self, qty: str, floor: Floor, tablet: Client) -> None:
        response = tablet.post("/tablet/mill-1/scrap/", {"said_at": floor.now, "qty": qty, "code": "D210"})

        assert response.status_code == 422
        assert not ScrapReport.objects.exists()


def key() -> str:
    """A key as a page makes one for each tap."""
    return str(uuid.uuid4())


@pytest.fixture
def crew(person: Callable[..., User]) -> dict[str, User]:
    """Ada and Zoe, who wear badges."""
    found = {name: person("operator", name=name) for name in ("ada", "zoe")}
    for name, user in found.items():
        user.emp_id = name
        user.save()
        operations.give_badge(user, name)
    return found


def here(tablet: Client, name: str) -> str:
    """Somebody holds their badge to the reader; the seal that the page has from then on."""
    return tablet.post("/tablet/mill-1/who/", {"badge": name}).content.decode().split("\n")[2]


def page_seal(client: Client) -> str:
    """The seal of a page that is loaded now."""
    seal: str = client.get("/tablet/mill-1/").context["page"].seal
    return seal


class TestSentAgain:
    @pytest.mark.parametrize("then", ["zoe", "nobody", "eight hours", "another shift"])
    def test_scrap_whose_answer_was_lost_counts_once_and_is_its_tappers(
        self, then: str, floor: Floor, tablet: Client, crew: dict[str, User], clock: Callable[[int], None]
    ) -> None:
        # Ten seconds before the early shift.
        now = floor.now + 13 * HOUR + 30 * MINUTE - 10 * SECOND
        clock(now)
        tapped = {"said_at": now, "qty": 4, "code": "D210", "key": key(), "speaker": here(tablet, "ada")}
        assert tablet.post("/tablet/mill-1/scrap/", tapped).status_code == 200
        if then == "zoe":
            here(tablet, "zoe")
        elif then == "nobody":
            tablet.post("/tablet/mill-1/who/", {})
        else:
            clock(now + (8 * HOUR + SECOND if then == "eight hours" else 5 * MINUTE))
            assert tablet.get("/tablet/mill-1/").context["page"].who == ""

        assert tablet.post("/tablet/mill-1/scrap/", tapped).status_code == 200
        assert list(ScrapReport.objects.values_list("qty", "by")) == [(4, "ada")]
        assert AuditEntry.objects.filter(action="scrap.report").count() == 1

    @pytest.mark.parametrize("deed", ["tag", "untag", "split", "unsplit", "scrap"])
    def test_a_clock_that_is_ahead_says_it_once(
        self, deed: str, floor: Floor, tablet: Client, clock: Callable[[int], None]
    ) -> None:
        tapped = said(floor, said_at=floor.now + 3 * DAY, qty=4, code="D210", key=key())
        for wait in (0, 5 * SECOND, 10 * SECOND):
            clock(floor.now + wait)
            assert tablet.post(f"/tablet/mill-1/{deed}/", tapped).status_code == 200

        assert ReasonTag.objects.count() + SplitMark.objects.count() + ScrapReport.objects.count() == 1

    def test_what_is_no_longer_so_does_not_change_the_answer(
        self, floor: Floor, tablet: Client, clock: Callable[[int], None]
    ) -> None:
        tapped = said(floor, code="D210", key=key())
        cut = said(floor, key=key())
        assert tablet.post("/tablet/mill-1/tag/", tapped).status_code == 200
        assert tablet.post("/tablet/mill-1/split/", cut).status_code == 200
        ReasonCode.objects.update(retired_at="2026-03-01T00:00Z")
        clock(floor.now + 15 * DAY)

        assert tablet.post("/tablet/mill-1/tag/", tapped).status_code == 200
        assert tablet.post("/tablet/mill-1/split/", cut).status_code == 200

    def test_what_was_refused_may_be_right_later(self, floor: Floor, tablet: Client) -> None:
        tapped = said(floor, code="D210", key=key())
        ReasonCode.objects.update(retired_at="2026-03-01T00:00Z")
        assert tablet.post("/tablet/mill-1/tag/", tapped).status_code == 422
        ReasonCode.objects.update(retired_at=None)

        assert tablet.post("/tablet/mill-1/tag/", tapped).status_code == 200
        assert ReasonTag.objects.count() == 1

    def test_two_taps_are_two(self, floor: Floor, tablet: Client) -> None:
        for late in (0, 1):
            tapped = {"said_at": floor.now - late, "qty": 4, "code": "D210", "key": key()}
            tablet.post("/tablet/mill-1/scrap/", tapped)

        assert ScrapReport.objects.count() == Saying.objects.count() == 2

    @pytest.mark.parametrize("wrong", ["1", "x" * 36, "0" * 37, "\0"])
    def test_what_is_no_key_is_refused(self, wrong: str, floor: Floor, tablet: Client) -> None:
        assert tablet.post("/tablet/mill-1/tag/", said(floor, code="D210", key=wrong)).status_code == 422


class TestSpeaker:
    def by(self, client: Client, floor: Floor, seal: str, said_at: int = 0) -> str:
        """In whose name a tag is kept that is sent now with this seal."""
        tapped = said(floor, code="D210", key=key(), speaker=seal, said_at=said_at or floor.now)
        assert client.post("/tablet/mill-1/tag/", tapped).status_code == 200
        tag = ReasonTag.objects.latest("id")
        assert AuditEntry.objects.filter(action="stop.tag").latest("id").who == tag.by
        return tag.by

    def test_is_who_tapped_and_not_who_stands_there_when_it_is_sent(
        self, floor: Floor, tablet: Client, crew: dict[str, User]
    ) -> None:
        nobody = page_seal(tablet)
        ada = here(tablet, "ada")
        assert page_seal(tablet) == ada
        here(tablet, "zoe")

        assert self.by(tablet, floor, ada) == "ada"
        assert self.by(tablet, floor, nobody) == "tablet tablet at mill-1"

    def test_of_a_page_from_before_is_the_sender(self, floor: Floor, tablet: Client, crew: dict[str, User]) -> None:
        here(tablet, "zoe")
        tablet.post("/tablet/mill-1/tag/", said(floor, code="D210"))

        assert ReasonTag.objects.get().by == "zoe"

    def test_cannot_be_made_up(
        self, floor: Floor, tablet: Client, crew: dict[str, User], paired: Callable[..., Client]
    ) -> None:
        elsewhere = here(paired("tablet", "mill-1"), "ada")
        here(tablet, "zoe")
        for seal in (elsewhere, f"{here(tablet, 'zoe')}x", str(crew["ada"].pk), "ada"):
            assert self.by(tablet, floor, seal) == "tablet tablet at mill-1"

    def test_is_nobody_who_no_longer_works_here(self, floor: Floor, tablet: Client, crew: dict[str, User]) -> None:
        ada = here(tablet, "ada")
        Role.objects.filter(user=crew["ada"]).delete()

        assert self.by(tablet, floor, ada) == "tablet tablet at mill-1"

    def test_is_not_named_longer_than_the_name_lasts(
        self, floor: Floor, tablet: Client, crew: dict[str, User], clock: Callable[[int], None]
    ) -> None:
        ada = here(tablet, "ada")
        clock(floor.now + 20 * HOUR)

        assert self.by(tablet, floor, ada, floor.now + 7 * HOUR) == "ada"
        assert self.by(tablet, floor, ada, floor.now + 9 * HOUR) == "tablet tablet at mill-1"

    def test_who_signed_in_is_not_who_signs_in_after_them(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        browser = signed_in("supervisor")
        boss = page_seal(browser)
        after = signed_in("operator")

        assert self.by(browser, floor, boss) == "supervisor-MfgSys"
        assert self.by(after, floor, boss) == "supervisor-MfgSys"
        Role.objects.filter(name="supervisor").delete()
        refused = after.post("/tablet/mill-1/tag/", said(floor, code="D210", key=key(), speaker=boss))
        assert refused.status_code == 422
        assert b"someone else tapped this" in refused.content

    def test_a_revoked_tablet_speaks_for_nobody(self, floor: Floor, tablet: Client, crew: dict[str, User]) -> None:
        ada = here(tablet, "ada")
        Device.objects.filter(kind="tablet").update(revoked_at="2026-03-01T00:00Z")
        tapped = said(floor, code="D210", key=key(), speaker=ada)

        assert tablet.post("/tablet/mill-1/tag/", tapped).status_code == 401
        assert not ReasonTag.objects.exists()


class TestPage:
    def test_a_line_that_was_never_heard_has_nothing_to_tag(
        self, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        page = signed_in("operator").get("/tablet/mill-2/").context["page"]

        assert (page.left.current, page.left.need, page.left.done) == (None, (), ())

    def test_people_on_a_job_here_come_first(
        self, floor: Floor, paired: Callable[..., Client], person: Callable[..., User]
    ) -> None:
        for name in ("ada", "zoe"):
            user = person("operator", name=name)
            user.emp_id = name
            user.save()
        labor = boards.sign_on("mill-1", "004512-1", floor.now - MINUTE, seq=9)
        labor.carried["EmployeeNum"] = "zoe"
        boards.tell(labor=[labor], now=floor.now)
        people = paired("tablet", "mill-1").get("/tablet/mill-1/").context["page"].people

        assert [(one.name, one.sub) for one in people] == [
            ("zoe", "On a job in Epicor since 16:29"),
            ("ada", "Not on a job in Epicor"),
        ]
