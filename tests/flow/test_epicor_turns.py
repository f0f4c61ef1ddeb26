"""Working off the inbox when some of it takes too long or is refused: the rest goes on, in order and once each."""

import copy
from collections.abc import Callable, Iterator

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection
from structlog.testing import capture_logs

from apps.epicor import inbox, queries
from apps.epicor.inbox import Arrived
from apps.epicor.models import InboxEvent
from apps.flow import erp
from apps.flow import inbox as flow_inbox
from apps.jobs.models import LaborRecord
from apps.jobs.types import ErpFacts
from apps.lines.models import Company
from tests.make import epicor as make
from tests.make.floor import Floor, activities

pytestmark = pytest.mark.django_db(transaction=True)
apply = erp.apply
Meet = Callable[[Callable[[ErpFacts], None]], None]


@pytest.fixture(autouse=True)
def new_process() -> Iterator[None]:
    """What a process remembers of its companies is of one test."""
    flow_inbox._PACES.clear()
    yield
    flow_inbox._PACES.clear()


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Meet:
    """Have facts meet something before they take effect."""

    def install(what: Callable[[ErpFacts], None]) -> None:
        def met(facts: ErpFacts, *, now: int) -> None:
            what(facts)
            apply(facts, now=now)

        monkeypatch.setattr(flow_inbox.erp, "apply", met)

    return install


def people(facts: ErpFacts) -> list[str]:
    return [str(fact.carried.get("EmployeeNum")) for fact in facts.labor]


def start(floor: Floor, count: int) -> None:
    """So many people start work; their events wait, in that order."""
    floor.poll()
    floor.events.clear()
    for number in range(count):
        floor.start(employee=f"E{number}")
    inbox.store([Arrived(make.COMPANY, event) for event in floor.events], now=floor.now)


def store_of_another(floor: Floor, code: str) -> None:
    """An event of another company, alike but for its name."""
    Company.objects.create(code=code, name=code)
    event = copy.deepcopy(floor.events[-1]) | {"id": code, "source": f"/epicor/{code}"}
    event["data"]["Company"] = code
    inbox.store([Arrived(code, event)], now=floor.now)


def done() -> list[str]:
    """The companies of the events that are done."""
    return list(InboxEvent.objects.exclude(done_at=None).order_by("id").values_list("company", flat=True))


class TestOtherCompanies:
    def test_have_their_turn_after_one_that_takes_too_long(self, floor: Floor, meet: Meet) -> None:
        def slow(facts: ErpFacts) -> None:
            if make.COMPANY in erp.companies_of(facts):
                raise SoftTimeLimitExceeded

        start(floor, 1)
        store_of_another(floor, "ZZZ")
        meet(slow)
        for _ in range(2):
            flow_inbox.work(now=floor.now)

        assert done() == ["ZZZ"]

    def test_go_on_where_the_database_refuses_one(self, floor: Floor, meet: Meet) -> None:
        def refused(facts: ErpFacts) -> None:
            if make.COMPANY in erp.companies_of(facts):
                raise OperationalError("deadlock detected")

        start(floor, 1)
        store_of_another(floor, "ZZZ")
        meet(refused)
        flow_inbox.work(now=floor.now)

        assert done() == ["ZZZ"]

    def test_do_not_wait_until_one_has_no_more(self, floor: Floor, meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
        order: list[str] = []
        start(floor, 3)
        store_of_another(floor, "ZZZ")
        monkeypatch.setattr("apps.flow.pace.SIZES", (2, 1))
        meet(lambda facts: order.extend(erp.companies_of(facts)))
        flow_inbox.work(now=floor.now)

        assert order == [make.COMPANY, "ZZZ", make.COMPANY]


class TestOneCompany:
    def test_keeps_what_was_done_one_by_one(self, floor: Floor, meet: Meet) -> None:
        def trouble(facts: ErpFacts) -> None:
            if len(facts.labor) > 1:
                raise ValueError("one of them is bad")
            if people(facts) == ["E2"]:
                raise ValueError("E2 is nobody")
            if people(facts) == ["E4"]:
                raise SoftTimeLimitExceeded

        start(floor, 6)
        meet(trouble)
        flow_inbox.work(now=floor.now)

        assert [row[6] for row in activities()] == ["E0", "E1", "E3"]
        assert "E2 is nobody" in queries.halted(make.COMPANY)[0].halt
        assert InboxEvent.objects.filter(done_at=None, halt="").count() == 2

    @pytest.mark.parametrize("problem", [SoftTimeLimitExceeded(), OperationalError("canceling statement")])
    def test_takes_fewer_at_once_after_a_batch_that_did_not_end(
        self, floor: Floor, meet: Meet, problem: Exception
    ) -> None:
        sizes: list[int] = []

        def heavy(facts: ErpFacts) -> None:
            sizes.append(len(facts.labor))
            if len(facts.labor) > 4:
                raise problem

        start(floor, 25)
        meet(heavy)
        for _ in range(3):
            flow_inbox.work(now=floor.now)

        assert sizes == [25, 20, *[1] * 20, 5]
        for _ in range(3):
            flow_inbox.work(now=floor.now)
        assert [row[6] for row in activities()] == [f"E{number}" for number in range(25)]
        assert LaborRecord.objects.count() == 25
        assert queries.halted(make.COMPANY) == []

    def test_halts_an_event_that_took_too_long_alone_three_times(self, floor: Floor, meet: Meet) -> None:
        tried: list[list[str]] = []

        def slow(facts: ErpFacts) -> None:
            tried.append(people(facts))
            if "E1" in people(facts):
                raise SoftTimeLimitExceeded

        start(floor, 3)
        meet(slow)
        for _ in range(4):
            flow_inbox.work(now=floor.now)
            assert queries.halted(make.COMPANY) == []
        flow_inbox.work(now=floor.now)

        assert tried.count(["E1"]) == 3
        assert [row[6] for row in activities()] == ["E0", "E2"]
        assert "took too long" in queries.halted(make.COMPANY)[0].halt

    def test_tries_a_halted_one_anew_when_it_is_let_go(self, floor: Floor, meet: Meet) -> None:
        def slow(_facts: ErpFacts) -> None:
            raise SoftTimeLimitExceeded

        start(floor, 1)
        meet(slow)
        for _ in range(4):
            flow_inbox.work(now=floor.now)
        inbox.requeue([row.pk for row in queries.halted(make.COMPANY)])
        meet(lambda _facts: None)
        flow_inbox.work(now=floor.now)

        assert len(activities()) == 1

    def test_keeps_the_order_in_which_events_came(self, floor: Floor, meet: Meet) -> None:
        order: list[str] = []
        times = [0]

        def sometimes(facts: ErpFacts) -> None:
            times[0] += 1
            if times[0] % 3 == 1:
                raise SoftTimeLimitExceeded
            order.extend(people(facts))

        start(floor, 30)
        meet(sometimes)
        while InboxEvent.objects.filter(done_at=None).exists():
            flow_inbox.work(now=floor.now)

        assert order == [f"E{number}" for number in range(30)]

    def test_begins_no_batch_when_its_time_is_up(self, floor: Floor) -> None:
        start(floor, 1)

        assert flow_inbox.work(now=floor.now, patience_s=0).done == 0
        assert flow_inbox.work(now=floor.now, patience_s=60).done == 1


class TestDatabase:
    def test_that_refuses_halts_nothing_and_is_told_of_once(self, floor: Floor, meet: Meet) -> None:
        def refused(_facts: ErpFacts) -> None:
            raise OperationalError("deadlock detected")

        start(floor, 1)
        with capture_logs() as logs:
            meet(refused)
            for _ in range(6):
                flow_inbox.work(now=floor.now)
            assert queries.halted(make.COMPANY) == []
            meet(lambda _facts: None)
            flow_inbox.work(now=floor.now)

        assert len(activities()) == 1
        said = [row["event"] for row in logs if row["event"].startswith("epicor.inbox")]
        assert said == ["epicor.inbox_held_up", "epicor.inbox_well_again"]

    def test_that_is_away_halts_nothing_and_the_batch_stays_whole(
        self, floor: Floor, meet: Meet, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes: list[int] = []

        def gone(facts: ErpFacts) -> None:
            sizes.append(len(facts.labor))
            raise OperationalError("the connection is lost")

        start(floor, 5)
        meet(gone)
        with monkeypatch.context() as patched:
            patched.setattr(connection, "is_usable", lambda: False)
            for _ in range(4):
                with pytest.raises(OperationalError):
                    flow_inbox.work(now=floor.now)

        assert sizes == [5] * 4
        assert queries.halted(make.COMPANY) == []
        meet(lambda _facts: None)
        assert flow_inbox.work(now=floor.now).done == 5
