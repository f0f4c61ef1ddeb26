"""What a look reads of Epicor's dictionary, over real HTTP: codes for stops, for scrap, for both, and those retired."""

import pytest

from apps.reasons.models import ReasonCode
from apps.reasons.operations import configure
from apps.reasons.queries import dictionary
from apps.reasons.types import ReasonConfig
from apps.shared.instants import HOUR, MINUTE, SECOND
from tests.make import epicor as make
from tests.make.floor import Floor

pytestmark = pytest.mark.django_db(transaction=True)


class TestDictionary:
    def test_a_renamed_code_has_its_new_name(self, floor: Floor) -> None:
        floor.poll()
        floor.site.do(lambda: floor.site.company.set_indirect("M01", "Spindle", at=floor.now))
        floor.poll(after=30 * SECOND, everything=True)

        assert ReasonCode.objects.get(code="M01").description == "Spindle"

    def test_retired_and_deleted_codes_are_retired_and_come_back(self, floor: Floor) -> None:
        floor.poll()
        floor.site.do(lambda: floor.site.company.set_indirect("M01", "Spindle fault", at=floor.now, inactive=True))
        floor.site.do(lambda: floor.site.company.delete_reason("S07"))
        floor.poll(after=30 * SECOND, everything=True)
        assert ReasonCode.objects.filter(retired_at__isnull=False).count() == 2

        floor.site.do(lambda: floor.site.company.set_indirect("M01", "Spindle fault", at=floor.now))
        floor.poll(after=30 * SECOND, everything=True)
        assert ReasonCode.objects.get(code="M01").retired_at is None

    def test_a_code_that_only_jobline_has_stays(self, floor: Floor) -> None:
        ReasonCode.objects.create(company=make.COMPANY, code="P09", kind="downtime")
        floor.poll(everything=True)

        assert ReasonCode.objects.get(code="P09").retired_at is None

    def test_is_read_less_often(self, floor: Floor) -> None:
        floor.poll()
        floor.site.do(lambda: floor.site.company.set_indirect("M01", "Spindle", at=floor.now))
        floor.poll(after=30 * SECOND)
        assert ReasonCode.objects.get(code="M01").description == "Spindle fault"

        floor.poll(after=2 * MINUTE)
        assert ReasonCode.objects.get(code="M01").description == "Spindle"

    def test_a_code_that_is_both_is_for_both_and_no_look_takes_it_from_the_other(self, floor: Floor) -> None:
        company = floor.site.company
        floor.site.do(lambda: company.set_indirect("01", "Spindle", at=floor.now))
        floor.site.do(lambda: company.set_reason("01", "Scratch", at=floor.now))
        floor.poll()
        both = ("any", "Spindle", "Scratch", None)
        assert _reason("01") == both
        assert floor.poll(after=HOUR, everything=True).facts == 0

        # The events of both, late and again.
        floor.events.reverse()
        floor.hear()
        assert _reason("01") == both

        floor.site.do(lambda: company.delete_reason("01"))
        floor.poll(after=HOUR, everything=True)
        assert _reason("01") == ("downtime", "Spindle", "", None)

        floor.site.do(lambda: company.set_reason("01", "Scratch", at=floor.now))
        floor.site.do(lambda: company.set_indirect("01", "Spindle", at=floor.now, inactive=True))
        floor.poll(after=HOUR, everything=True)
        assert _reason("01") == ("scrap", "Scratch", "", None)

    def test_a_code_that_is_both_and_has_no_words_for_scrap_is_told_once(self, floor: Floor) -> None:
        floor.site.do(lambda: floor.site.company.set_reason("M01", "", at=floor.now))
        floor.poll()
        assert _reason("M01") == ("any", "Spindle fault", "", None)

        assert floor.poll(after=HOUR, everything=True).facts == 0
        assert _reason("M01") == ("any", "Spindle fault", "", None)

    def test_a_screen_sees_the_words_of_both_and_who_told_them(self, floor: Floor) -> None:
        floor.site.do(lambda: floor.site.company.set_reason("M01", "Scrapped by spindle", at=floor.now))
        ReasonCode.objects.create(company=make.COMPANY, code="P09", description="Pause")
        floor.poll()
        seen = dictionary(make.COMPANY)

        assert seen["M01"][1:3] == ("Spindle fault", "any")
        assert (seen["M01"].scrap_description, seen["M01"].is_told) == ("Scrapped by spindle", True)
        assert (seen["P09"].scrap_description, seen["P09"].is_told) == ("", False)

    def test_a_plant_file_that_says_nothing_of_the_kind_leaves_what_epicor_told(self, floor: Floor) -> None:
        assert floor.poll().problems == ()
        configure(
            ReasonConfig(make.COMPANY, code, "Words", "other", "", "any", "", 0, ()) for code in ("M01", "S07", "P09")
        )

        assert [_reason(code)[0] for code in ("M01", "S07", "P09")] == ["downtime", "scrap", "any"]
        configure([ReasonConfig(make.COMPANY, "M01", "Words", "other", "", "scrap", "", 0, ())])
        assert _reason("M01")[0] == "scrap"

    def test_an_event_of_a_code_that_is_not_for_downtime_retires_it_as_a_look_does(self, floor: Floor) -> None:
        floor.poll()
        floor.events.clear()
        company = floor.site.company
        floor.site.do(lambda: company.set_indirect("M01", "Spindle fault", at=floor.now, downtime=False))
        floor.site.do(lambda: company.set_indirect("TEA", "Tea", at=floor.now, downtime=False))
        floor.site.do(lambda: company.set_reason("S07", "Burr", at=floor.now, scrap=False))
        floor.hear()

        assert ReasonCode.objects.filter(retired_at=None).count() == 0

    def test_reasons_of_other_types_are_none_of_its_business(self, floor: Floor) -> None:
        floor.poll()
        floor.events.clear()
        company = floor.site.company
        floor.site.do(lambda: company.set_reason("S07", "Return", at=floor.now, reason_type="R", scrap=False))
        floor.site.do(lambda: company.set_reason("R01", "Return", at=floor.now, reason_type="R"))
        worked = floor.hear()

        assert (worked.done, worked.halted) == (2, 0)
        assert _reason("S07") == ("scrap", "Burr", "", None)
        assert not ReasonCode.objects.filter(code="R01").exists()


def _reason(code: str) -> tuple[object, ...]:
    row = ReasonCode.objects.get(code=code)
    return row.kind, row.description, row.scrap_description, row.retired_at
