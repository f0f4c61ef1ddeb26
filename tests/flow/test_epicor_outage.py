"""When Epicor is away, refuses, or tells what can't be taken in."""

import pytest
from django.db import OperationalError

from apps.epicor import inbox, operations, queries
from apps.epicor.inbox import Arrived
from apps.epicor.models import PollCursor
from apps.flow import inbox as flow_inbox
from apps.flow import look, sync
from apps.jobs.types import ErpFacts
from apps.reasons.models import ReasonCode
from apps.shared.instants import DAY, MINUTE, SECOND
from tests.make import epicor as make
from tests.make.floor import Floor, activities

pytestmark = pytest.mark.django_db(transaction=True)


class TestOutage:
    def test_is_waited_out_and_made_up_for(self, floor: Floor) -> None:
        key = floor.start()
        floor.poll()
        floor.site.epicor.behaviour.is_up = False
        for _ in range(3):
            assert not floor.poll(after=30 * SECOND).is_done
        assert "503" in floor.poll(after=30 * SECOND).problems[0]
        assert sync.due_companies(now=floor.now + SECOND) == []
        floor.now += 10 * MINUTE
        floor.end(key)
        ended = floor.now
        floor.now += 10 * MINUTE
        assert sync.due_companies(now=floor.now) == [make.COMPANY]
        floor.site.epicor.behaviour.is_up = True

        sync.poll_company(make.COMPANY, now=floor.now)
        assert activities()[0][8] == ended
        assert PollCursor.objects.get(table="Epicor").failures == 0

    def test_a_wish_to_wait_is_honoured(self, floor: Floor) -> None:
        floor.site.epicor.behaviour.throttled_calls, floor.site.epicor.behaviour.retry_after_s = 5, 120
        floor.poll()

        assert sync.due_companies(now=floor.now + 100 * SECOND) == []
        assert sync.due_companies(now=floor.now + 121 * SECOND) == [make.COMPANY]

    def test_a_table_out_of_scope_does_not_hide_the_others(self, floor: Floor) -> None:
        scope = frozenset({"Erp.BO.LaborSvc", "Erp.BO.JobEntrySvc", "Erp.BO.JobOperSearchSvc", "Erp.BO.ReasonSvc"})
        floor.site.do(lambda: floor.site.epicor.add_api_key(make.KEY, scope=scope))
        floor.start()
        result = floor.poll()

        assert result.is_done
        assert len(result.problems) == 1
        assert "403" in PollCursor.objects.get(table="Indirect").problem
        assert len(activities()) == 1
        assert [row.code for row in ReasonCode.objects.all()] == ["S07"]

    def test_a_wrong_password_opens_the_breaker_before_the_account_is_locked(
        self, floor: Floor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TEST_EPICOR_PASSWORD", "wrong")
        tries = 0
        for _ in range(60):
            floor.now += 5 * SECOND
            if sync.due_companies(now=floor.now):
                floor.poll()
                tries += 1

        assert tries <= 12
        assert monkeypatch.delenv("TEST_EPICOR_PASSWORD") is None

    def test_only_one_look_at_a_time(self, floor: Floor) -> None:
        assert operations.begin_look(floor.connection, now=floor.now, patience_s=300)
        assert not floor.poll(after=SECOND).is_done
        # A look that died is forgotten after its patience.
        assert floor.poll(after=301 * SECOND).is_done

    def test_companies_do_not_wait_for_each_other(self, floor: Floor) -> None:
        assert sync.due_companies(now=floor.now) == [make.COMPANY]
        floor.poll()
        assert sync.due_companies(now=floor.now + 10 * SECOND) == []
        assert sync.due_companies(now=floor.now + 29 * SECOND) == [make.COMPANY]

    def test_many_days_later(self, floor: Floor) -> None:
        floor.start()
        floor.poll()

        assert floor.poll(after=3 * DAY).is_done
        assert len(activities()) == 1


class TestHalt:
    def test_one_that_fails_halts_with_a_sentence_and_the_rest_go_on(self, floor: Floor) -> None:
        floor.poll()
        floor.start()
        good = floor.events.pop()
        bad = good | {"id": "bad", "type": "epicor.job.changed", "data": good["data"] | {"Row": {"ProdQty": "many"}}}
        worked = floor.hear([bad, good])

        assert (worked.done, worked.halted) == (1, 1)
        assert len(activities()) == 1
        (row,) = queries.halted(make.COMPANY)
        assert "many" in row.halt
        assert row.halt.endswith("then requeue.")

    def test_a_company_that_is_not_set_up_waits_for_the_plant_file(self, floor: Floor) -> None:
        event = {"specversion": "1.0", "id": "1", "source": "s", "type": "epicor.job.closed",
                 "time": "2026-03-08T06:00:00Z", "data": {"Company": "NEW", "JobNum": "1"}}  # fmt: skip
        inbox.store([Arrived("NEW", event)], now=floor.now)
        worked = flow_inbox.work(now=floor.now)

        assert (worked.done, worked.halted) == (0, 1)
        assert "NEW is not set up" in queries.halted("NEW")[0].halt

    def test_a_requeued_event_takes_effect(self, floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
        floor.poll()
        floor.start()

        def broken(*_args: object, **_options: object) -> None:
            raise ValueError("not today")

        with monkeypatch.context() as patched:
            patched.setattr(flow_inbox.erp, "apply", broken)
            floor.hear()
        assert activities() == []
        assert inbox.requeue([row.pk for row in queries.halted()]) == 1

        flow_inbox.work(now=floor.now)
        assert len(activities()) == 1


class TestOneBadFact:
    def test_is_put_aside_and_the_others_take_effect(self, floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = look.erp.apply

        def apply(facts: ErpFacts, *, now: int) -> None:
            if any(fact.carried.get("EmployeeNum") == "E8" for fact in facts.labor):
                raise ValueError("E8 is nobody")
            whole(facts, now=now)

        floor.start(employee="E7")
        floor.start(employee="E8")
        floor.start(employee="E9")
        monkeypatch.setattr(look.erp, "apply", apply)
        result = floor.poll()
        floor.poll(after=30 * SECOND)

        assert result.is_done
        assert [row[6] for row in activities()] == ["E7", "E9"]
        (question,) = queries.halted(make.COMPANY)
        assert "E8 is nobody" in question.halt

    def test_a_database_in_trouble_ends_the_look_and_keeps_its_place(
        self, floor: Floor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_args: object, **_options: object) -> None:
            raise OperationalError("database is locked")

        floor.start()
        with monkeypatch.context() as patched:
            patched.setattr(look.erp, "apply", broken)
            with pytest.raises(OperationalError):
                floor.poll()

        assert queries.halted() == []
        assert floor.poll(after=SECOND).is_done
        assert len(activities()) == 1


class TestRequeuedQuestion:
    def test_is_done_and_the_next_look_asks_no_more(self, floor: Floor) -> None:
        key = floor.start()
        floor.poll()
        floor.site.do(lambda: floor.site.company.delete_labor(key))
        floor.poll(after=30 * SECOND)
        inbox.requeue([queries.halted()[0].pk])
        flow_inbox.work(now=floor.now)
        floor.poll(after=30 * SECOND)

        assert queries.halted() == []
        assert len(activities()) == 1
