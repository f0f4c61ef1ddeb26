"""Events and polls end in the same activities, in whatever order they come."""

import itertools
from typing import Any

import pytest

from apps.epicor import queries
from apps.epicor.models import InboxEvent
from apps.flow import sync
from apps.jobs.models import ClosingRecord, LaborActivity, LaborRecord, Run
from apps.oee.models import OeeSummary
from apps.shared.instants import HOUR, MINUTE, SECOND
from apps.simulators.epicor.company import Output
from tests.make import epicor as make
from tests.make.floor import Floor, activities, runs

pytestmark = pytest.mark.django_db(transaction=True)


class TestBothWays:
    def shift(self, floor: Floor) -> None:
        """Setup, production by two people, completion; then the next operation, which goes on."""
        first = floor.start(labor_type="S")
        floor.now += 10 * MINUTE
        floor.end(first)
        one, other = floor.start(), floor.start(employee="E8")
        floor.now += HOUR + 1_337_000
        floor.end(other, output=Output(good=50))
        floor.now += MINUTE
        floor.end(one, output=Output(good=60, scrap=2, scrap_code="S07"), complete=True)
        floor.start(opr_seq=10)
        floor.now += MINUTE

    def events_alone(self, floor: Floor) -> tuple[list[Any], list[Any]]:
        self.shift(floor)
        floor.hear()
        assert queries.halted() == []
        return activities(), runs()

    def test_a_poll_after_events_changes_nothing(self, floor: Floor) -> None:
        floor.poll()
        expected = self.events_alone(floor)
        records = LaborRecord.objects.count(), ClosingRecord.objects.count()
        for _ in range(3):
            floor.poll(after=30 * SECOND, everything=True)

        assert (activities(), runs()) == expected
        assert (LaborRecord.objects.count(), ClosingRecord.objects.count()) == records

    def test_events_after_a_poll_change_nothing(self, floor: Floor) -> None:
        floor.poll()
        self.shift(floor)
        floor.poll()
        expected = activities(), runs()
        floor.hear()

        assert (activities(), runs()) == expected

    def test_both_ways_alone_agree(self, floor: Floor) -> None:
        floor.poll()
        self.shift(floor)
        floor.poll()
        polled = activities(), runs()
        LaborRecord.objects.all().delete()
        ClosingRecord.objects.all().delete()
        LaborActivity.objects.all().delete()
        Run.objects.all().delete()
        OeeSummary.objects.all().delete()
        floor.hear()

        assert (activities(), runs()) == polled

    @pytest.mark.parametrize("order", [0, 1, 2, 3])
    def test_events_twice_and_in_any_order(self, floor: Floor, order: int) -> None:
        floor.poll()
        self.shift(floor)
        told = floor.events[:]
        told = [told, told[::-1], told[::2] + told[1::2], told[3:] + told[:3]][order]
        for event in itertools.chain(told, told[::-1]):
            floor.hear([event])
        shuffled = activities(), runs()

        floor.hear()
        assert (activities(), runs()) == shuffled
        assert sorted((row[3], row[4], row[8] is None) for row in shuffled[0]) == [
            (10, "production", True), (20, "production", False), (20, "production", False), (20, "setup", False),
        ]  # fmt: skip
        assert InboxEvent.objects.count() == len(told)
        floor.poll(after=30 * SECOND)
        assert (activities(), runs()) == shuffled

    def test_an_event_for_an_unknown_job_asks_for_a_look_and_binds_then(self, floor: Floor) -> None:
        floor.start()
        assert floor.hear().ask == {make.COMPANY}
        assert activities()[0][-1] == "unknown_operation"

        sync.poll_company(make.COMPANY, now=floor.now, at_once=True)
        assert activities()[0][-3:] == ("mill-1", 20, "")

    def test_a_gap_is_repaired_by_a_look(self, floor: Floor) -> None:
        floor.poll()
        floor.start()
        lost = floor.events.pop()
        floor.now += MINUTE
        floor.start(employee="E8")
        floor.now += SECOND
        floor.site.do(lambda: floor.site.company.close_job("004512", at=floor.now))
        floor.events.insert(
            0, lost | {"id": "earlier", "sequence": str(int(lost["sequence"]) - 1), "type": "epicor.dictionary.changed"}
        )
        floor.hear()
        assert len(activities()) == 2

        floor.poll(after=5 * SECOND)
        assert [row[6] for row in activities()] == ["E7", "E8"]
        assert all(row[8] is not None for row in activities())
