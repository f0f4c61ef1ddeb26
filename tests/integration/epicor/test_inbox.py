"""The inbox: stored once, counted exactly, handed out in order, halted one by one."""

import threading
from typing import Any

import pytest
from django.db import connection

from apps.epicor import inbox, queries
from apps.epicor.inbox import Arrived
from apps.epicor.models import InboxEvent, SourceSequence
from apps.lines.models import Company
from apps.shared.instants import SECOND
from tests.make.events import event, labor

pytestmark = pytest.mark.django_db


def arrived(*events: dict[str, Any], company: str = "EPIC06") -> list[Arrived]:
    return [Arrived(company, one) for one in events]


class TestStore:
    def test_counts_new_and_repeated(self, now: int) -> None:
        first, second = event(), event()

        assert inbox.store(arrived(first, second), now=now)[:2] == (2, 0)
        assert inbox.store(arrived(second, event()), now=now)[:2] == (1, 1)
        assert InboxEvent.objects.count() == 3

    def test_a_repetition_within_a_batch_is_one(self, now: int) -> None:
        one = event()

        assert inbox.store(arrived(one, one), now=now)[:3] == (1, 1, 0)

    def test_the_same_id_of_another_source_is_another_event(self, now: int) -> None:
        stored = inbox.store(arrived(event(id_="1", source="a"), event(id_="1", source="b")), now=now)

        assert stored.accepted == 2

    def test_other_content_under_a_known_id_is_a_conflict_and_the_first_stands(self, now: int) -> None:
        inbox.store(arrived(labor(id_="1", OprSeq=20)), now=now)
        stored = inbox.store(arrived(labor(id_="1", OprSeq=30), labor(id_="1", OprSeq=20)), now=now)

        row = InboxEvent.objects.get()
        assert stored[:3] == (0, 2, 1)
        assert row.body["data"]["OprSeq"] == 20
        assert row.conflicts == 1

    def test_the_order_of_keys_is_no_content(self, now: int) -> None:
        one = event(id_="1")
        inbox.store(arrived(one), now=now)

        assert inbox.store(arrived(dict(reversed(one.items()))), now=now)[:3] == (0, 1, 0)

    def test_takes_a_thousand_at_once(self, now: int) -> None:
        events = [event() for _ in range(1000)]

        assert inbox.store(arrived(*events), now=now).accepted == 1000
        assert inbox.store(arrived(*events), now=now).duplicates == 1000

    def test_keeps_any_text(self, now: int) -> None:
        text = "ü 漢字 ' \" \\ %s %(x)s ? {} 🙂"
        inbox.store(arrived(event(Comment=text, id_="ü'\"%s")), now=now)

        row = InboxEvent.objects.get()
        assert row.body["data"]["Comment"] == text
        assert row.event_id == "ü'\"%s"


class TestSequence:
    def numbered(self, *numbers: int) -> list[Arrived]:
        return arrived(*(event(sequence=str(number)) for number in numbers))

    def test_starts_anywhere(self, now: int) -> None:
        assert inbox.store(self.numbered(41, 42), now=now).gaps == ()

    def test_a_gap_is_told_once_and_names_the_first_that_is_missing(self, now: int) -> None:
        inbox.store(self.numbered(1), now=now)

        assert inbox.store(self.numbered(4), now=now).gaps == ("/epicor/test",)
        assert inbox.store(self.numbered(5), now=now).gaps == ()
        row = SourceSequence.objects.get()
        assert (row.gap_from, row.sequence) == (2, 5)

    def test_order_within_a_batch_does_not_matter(self, now: int) -> None:
        assert inbox.store(self.numbered(3, 1, 2), now=now).gaps == ()

    def test_a_repetition_is_no_gap_and_goes_nowhere_back(self, now: int) -> None:
        one = self.numbered(1)
        inbox.store(one, now=now)
        inbox.store(self.numbered(2), now=now)
        inbox.store(one, now=now)

        assert inbox.store(self.numbered(3), now=now).gaps == ()

    def test_a_poll_closes_it(self, now: int) -> None:
        inbox.store(self.numbered(1), now=now)
        inbox.store(self.numbered(9), now=now)

        assert inbox.close_gaps("EPIC07") == 0
        assert inbox.close_gaps("EPIC06") == 1
        assert SourceSequence.objects.get().gap_at is None


class TestClaim:
    def test_is_in_order_of_arrival_and_per_company(self, now: int) -> None:
        for number in range(5):
            inbox.store(arrived(event(id_=f"{number}")), now=now + number)
        inbox.store(arrived(event(id_="other"), company="EPIC07"), now=now)

        assert inbox.waiting_companies() == ["EPIC06", "EPIC07"]
        assert [row.event_id for row in inbox.claim("EPIC06", limit=3)] == ["0", "1", "2"]

    def test_what_is_done_or_halted_does_not_come_again_until_requeued(self, now: int) -> None:
        inbox.store(arrived(event(id_="1"), event(id_="2"), event(id_="3")), now=now)
        one, two, _three = inbox.claim("EPIC06", limit=10)
        inbox.finish([one], now=now)
        inbox.halt(two, "Because. " * 100)

        assert [row.event_id for row in inbox.claim("EPIC06", limit=10)] == ["3"]
        assert len(queries.halted("EPIC06")[0].halt) == 300
        assert inbox.requeue([one.pk, two.pk]) == 1
        assert [row.event_id for row in inbox.claim("EPIC06", limit=10)] == ["2", "3"]

    def test_a_person_may_dismiss_what_halted(self, now: int) -> None:
        inbox.store(arrived(event()), now=now)
        row = inbox.claim("EPIC06", limit=1)[0]

        assert inbox.dismiss([row.pk], now=now) == 0
        inbox.halt(row, "No.")
        assert inbox.dismiss([row.pk], now=now) == 1
        assert queries.halted() == []

    def test_what_is_put_aside_is_asked_once(self, now: int) -> None:
        question = {"source": "poll:EPIC06", "event_id": "x", "company": "EPIC06", "body": {"type": "jobline.row"}}

        assert inbox.put_aside(**question, why="First.", now=now)
        assert not inbox.put_aside(**question, why="Second.", now=now + SECOND)
        assert [row.halt for row in queries.halted()] == ["First."]


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_posts_at_the_same_time_count_each_event_once(self, now: int) -> None:
        Company.objects.create(code="EPIC06", name="x")
        events = arrived(*(event(sequence=str(number)) for number in range(1, 61)))
        told: list[inbox.Stored] = []
        ready = threading.Barrier(6)

        def post() -> None:
            ready.wait(5)
            told.extend(inbox.store(events[start : start + 10], now=now) for start in range(0, 60, 10))
            connection.close()

        threads = [threading.Thread(target=post) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        assert sum(one.accepted for one in told) == 60
        assert sum(one.duplicates for one in told) == 300
        assert sum(one.conflicts for one in told) == 0
        assert InboxEvent.objects.count() == 60
        assert SourceSequence.objects.get().sequence == 60
