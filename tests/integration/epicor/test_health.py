"""How fresh Epicor is, as screens and the log are told; and the tasks that run by the clock."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from structlog.testing import capture_logs

from apps.epicor import health, inbox, operations, queries
from apps.epicor.breaker import State
from apps.epicor.inbox import Arrived
from apps.epicor.models import Connection, InboxEvent
from apps.epicor.types import WHOLE
from apps.flow import freshness, schedule, tasks
from apps.flow import inbox as flow_inbox
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, from_us
from tests.make import epicor as make
from tests.make.events import event

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    return make.jobline("http://127.0.0.1:1/nowhere")


def of(now: int) -> health.ConnectionHealth:
    (row,) = health.connections(now=now)
    return row


class TestConnections:
    def test_never_read(self, connection: Connection, now: int) -> None:
        assert (of(now).status, of(now).read_at, of(now).tables) == ("never read", None, ())

    def test_healthy_then_late(self, connection: Connection, now: int) -> None:
        operations.note_read(connection, WHOLE, now=now)

        assert of(now + 89 * SECOND).status == "healthy"
        assert of(now + 91 * SECOND).status == "late"

    def test_down_while_the_breaker_is_open(self, connection: Connection, now: int) -> None:
        for number in range(3):
            operations.note_failure(connection, WHOLE, "503", now=now + number)
        row = of(now + SECOND)

        assert (row.status, row.breaker, row.problem) == ("down", State.OPEN, "503")
        assert row.next_try > now

    def test_paused_by_a_person(self, connection: Connection, now: int) -> None:
        operations.pause(connection, until=now + HOUR, by="Ada")

        assert (of(now).status, of(now).paused_by) == ("paused", "Ada")
        assert queries.due_connections(now=now) == []
        assert of(now + HOUR).status == "never read"

    def test_a_table_is_late_by_its_own_interval(self, connection: Connection, now: int) -> None:
        operations.note_read(connection, "LaborDtl", now=now)
        operations.note_read(connection, "Reason", now=now)
        operations.note_failure(connection, "Indirect", "403", now=now)
        late = {row.table: row.is_late for row in of(now + 2 * MINUTE).tables}

        assert late == {"LaborDtl": True, "Reason": False, "Indirect": True}

    def test_marks_that_are_no_tables_are_not_shown(self, connection: Connection, now: int) -> None:
        assert operations.begin_look(connection, now=now, patience_s=300)
        operations.note_read(connection, "LaborDtl, seen", now=now)

        assert of(now).tables == ()


class TestInboxOf:
    def test_counts(self, connection: Connection, now: int) -> None:
        inbox.store([Arrived("EPIC06", event(sequence="1")), Arrived("EPIC06", event(sequence="5"))], now=now)
        inbox.store([Arrived("EPIC07", event(source="other"))], now=now)
        inbox.halt(inbox.claim("EPIC06", limit=1)[0], "No.")
        told = health.inbox_of("EPIC06")

        assert (told.waiting, told.halted, told.gaps, told.oldest, told.last_received) == (1, 1, 1, now, now)

    def test_nothing(self) -> None:
        assert health.inbox_of("EPIC06") == health.InboxHealth(0, None, 0, 0, 0, None)


class TestWatch:
    def test_each_thing_is_said_once_and_its_end_too(self, connection: Connection, now: int) -> None:
        freshness._SAID.clear()
        inbox.store([Arrived("EPIC06", event())], now=now)
        operations.note_read(connection, WHOLE, now=now)
        with capture_logs() as logs:
            freshness.watch(now=now + SECOND)
            assert logs == []
            freshness.watch(now=now + 2 * MINUTE)
            freshness.watch(now=now + 2 * MINUTE)
            flow_inbox.work(now=now)
            operations.note_read(connection, WHOLE, now=now + 2 * MINUTE)
            freshness.watch(now=now + 2 * MINUTE + SECOND)

        said = [(row["event"], row["what"]) for row in logs if row["event"].startswith("epicor.")]
        assert said == [
            ("epicor.late", "EPIC06: Epicor is late."),
            ("epicor.late", "EPIC06: Events wait longer than a minute."),
            ("epicor.well_again", "EPIC06: Epicor is late."),
            ("epicor.well_again", "EPIC06: Events wait longer than a minute."),
        ]


class TestPrune:
    def test_forgets_only_what_was_done_long_ago(self, connection: Connection, now: int) -> None:
        inbox.store([Arrived("EPIC06", event(id_=name)) for name in ("old", "halted", "young")], now=now)
        old, halted, young = inbox.claim("EPIC06", limit=3)
        inbox.finish([old], now=now)
        inbox.halt(halted, "No.")
        InboxEvent.objects.filter(pk=young.pk).update(done_at=from_us(now + DAY))

        assert flow_inbox.prune(now=now + 90 * DAY + 1) == 1
        assert set(InboxEvent.objects.values_list("event_id", flat=True)) == {"halted", "young"}


class TestTasks:
    def test_every_entry_of_the_schedule_names_a_task_with_a_queue_that_is_served(self) -> None:
        current_app.loader.import_default_modules()

        for entry in schedule.BEAT.values():
            assert entry["task"] in current_app.tasks
            assert schedule.ROUTES[entry["task"]]["queue"] in schedule.QUEUES
            assert 0 < entry["options"]["expires"] <= entry["schedule"]

    def test_a_look_is_asked_for_where_it_is_due(
        self, connection: Connection, monkeypatch: pytest.MonkeyPatch, clock: Callable[[int], None]
    ) -> None:
        asked: list[Any] = []
        monkeypatch.setattr(tasks.poll_epicor, "apply_async", lambda **options: asked.append(options["kwargs"]))
        tasks.poll_due(newer="argument")

        assert asked == [{"company": "EPIC06"}]

    def test_a_dictionary_that_changed_asks_for_a_look(
        self, connection: Connection, monkeypatch: pytest.MonkeyPatch, now: int, clock: Callable[[int], None]
    ) -> None:
        asked: list[Any] = []
        monkeypatch.setattr(tasks.poll_epicor, "apply_async", lambda **options: asked.append(options["kwargs"]))
        inbox.store([Arrived("EPIC06", event())], now=now)
        tasks.work_inbox()

        assert asked == [{"company": "EPIC06", "at_once": True}]

    def test_a_company_without_a_connection_is_no_error(self, clock: Callable[[int], None]) -> None:
        tasks.poll_epicor(company="EPIC09", at_once=True)
        tasks.refresh_summaries()
        tasks.watch_freshness()
        tasks.prune_inbox()
