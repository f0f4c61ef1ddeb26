"""A look that its task's time limit cuts off: what was taken in stays, the next one goes on, and no fact is blamed."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from apps.epicor import health, queries
from apps.epicor.client import EpicorClient
from apps.epicor.models import InboxEvent, PollCursor
from apps.flow import look, look_jobs
from apps.jobs.models import Job, JobOper
from apps.jobs.types import ErpFacts
from apps.shared.instants import SECOND
from tests.make import epicor as make
from tests.make.floor import Floor, activities

pytestmark = pytest.mark.django_db(transaction=True)
apply, get = look.erp.apply, EpicorClient._get


class Limited:
    """`erp.apply` until the time is over; which jobs took effect."""

    def __init__(self, calls: int) -> None:
        self.left = calls
        self.jobs: list[str] = []

    def __call__(self, facts: ErpFacts, *, now: int) -> None:
        if not self.left:
            raise SoftTimeLimitExceeded
        self.left -= 1
        apply(facts, now=now)
        self.jobs += [job.job_num for job in facts.jobs]


def limited_calls(calls: int) -> Callable[[EpicorClient, str, dict[str, str]], dict[str, Any]]:
    """`EpicorClient._get` until the time is over."""
    left = iter(range(calls))

    def limited(client: EpicorClient, path: str, options: dict[str, str]) -> dict[str, Any]:
        if next(left, None) is None:
            raise SoftTimeLimitExceeded
        return get(client, path, options)

    return limited


@pytest.fixture
def cut_off(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """A look that may apply facts so many times. Returns the jobs that it took in."""

    def poll(calls: int) -> list[str]:
        limited = Limited(calls)
        with monkeypatch.context() as patched:
            patched.setattr(look.erp, "apply", limited)
            with pytest.raises(SoftTimeLimitExceeded):
                floor.poll(after=30 * SECOND)
        return limited.jobs

    return poll


@pytest.fixture
def rest(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A look that is not cut off. Returns the jobs that it took in."""

    def poll() -> list[str]:
        limited = Limited(-1)
        with monkeypatch.context() as patched:
            patched.setattr(look.erp, "apply", limited)
            assert floor.poll(after=30 * SECOND).is_done
        return limited.jobs

    return poll


def release(floor: Floor, count: int, prefix: str = "J") -> set[str]:
    names = {f"{prefix}{number:03d}" for number in range(count)}
    for name in sorted(names):
        floor.site.do(lambda name=name: make.add_job(floor.site.company, name, at=floor.now))
    return names


def begin_transaction(floor: Floor) -> tuple[dict[str, Any], dict[str, Any]]:
    """Some looks, then an operation is written: (its row as others see it, and as it is once it is committed)."""
    for _ in range(3):
        floor.poll(after=30 * SECOND)
    row = floor.site.do(lambda: floor.site.company.write("JobOper", ("004512", 0, 20), ProdStandard=99.0))
    written = dict(row)
    # It has its revision, and nobody else sees it yet.
    floor.site.do(lambda: row.update(ProdStandard=120.0, SysRevID=1))
    return row, written


class TestFirstLook:
    def test_goes_on_where_it_was_cut_off(
        self, floor: Floor, cut_off: Callable[[int], list[str]], rest: Callable[[], list[str]]
    ) -> None:
        names = release(floor, 170) | {"004512"}
        first, second, third = cut_off(2), cut_off(2), rest()

        assert len(first) == len(second) == 80
        assert sorted([*first, *second, *third]) == sorted(names)
        assert Job.objects.count() == 171
        assert rest() == []

    def test_loses_nothing_that_changed_meanwhile(
        self, floor: Floor, cut_off: Callable[[int], list[str]], rest: Callable[[], list[str]]
    ) -> None:
        release(floor, 100)
        done = cut_off(1)[0]
        floor.site.do(lambda: floor.site.company.change_operation(done, 20, at=floor.now, ProdStandard=90.0))
        rest()
        rest()

        assert JobOper.objects.get(job__job_num=done, opr_seq=20).prod_standard == 90

    def test_leaves_a_trace_for_the_breaker_and_for_people(
        self, floor: Floor, cut_off: Callable[[int], list[str]], rest: Callable[[], list[str]]
    ) -> None:
        cut_off(0)
        whole = PollCursor.objects.get(table="Epicor")
        assert (whole.failures, whole.read_at) == (1, None)
        assert "too long" in whole.problem
        assert "too long" in health.connections(now=floor.now)[0].problem
        assert not queries.due_connections(now=floor.now)

        rest()
        assert not PollCursor.objects.get(table="Epicor").problem


class TestLaterLook:
    def test_goes_on_where_it_was_cut_off(
        self, floor: Floor, cut_off: Callable[[int], list[str]], rest: Callable[[], list[str]]
    ) -> None:
        floor.poll()
        names = release(floor, 250)
        first = cut_off(4)
        assert len(first) == 160
        second = rest()

        assert {*first, *second} == names
        # What was noted is not read again; the portion that was not noted yet is.
        assert len(second) <= len(names) - 80
        floor.poll(after=30 * SECOND)
        assert Job.objects.count() == 251

    @pytest.mark.parametrize("count", [30, 170])
    def test_a_transaction_that_ends_after_the_look_is_read_however_much_changed_meanwhile(
        self, floor: Floor, count: int
    ) -> None:
        row, written = begin_transaction(floor)
        release(floor, count)
        assert floor.poll(after=30 * SECOND).is_done
        floor.site.do(lambda: row.update(written))
        floor.poll(after=30 * SECOND)

        assert JobOper.objects.get(job__job_num="004512", opr_seq=20).prod_standard == 99

    def test_a_transaction_that_ends_after_a_look_in_pieces_is_read(
        self, floor: Floor, cut_off: Callable[[int], list[str]], rest: Callable[[], list[str]]
    ) -> None:
        row, written = begin_transaction(floor)
        release(floor, 170)
        cut_off(2)
        rest()
        floor.site.do(lambda: row.update(written))
        rest()

        assert JobOper.objects.get(job__job_num="004512", opr_seq=20).prod_standard == 99

    def test_looking_back_over_more_than_one_look_can_take_in_comes_to_its_end(
        self, floor: Floor, cut_off: Callable[[int], list[str]], rest: Callable[[], list[str]]
    ) -> None:
        floor.poll()
        names = release(floor, 200)
        told = {*cut_off(2), *cut_off(2), *rest()}
        assert told == names

        # The next one begins before all of them again, and is cut off as often.
        again = {*cut_off(2), *cut_off(2), *rest()}
        assert again == names
        assert rest() == []

    def test_more_than_one_look_has_time_to_read_is_taken_in_from_the_first_rows_on(
        self, floor: Floor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(look_jobs, "_ROWS_AT_ONCE", 100)
        floor.poll()
        floor.poll(after=30 * SECOND)
        release(floor, 250)
        counts = []
        for _ in range(5):
            with monkeypatch.context() as patched, suppress(SoftTimeLimitExceeded):
                # Of the 750 rows it can read not half before the time is over.
                patched.setattr(EpicorClient, "_get", limited_calls(12))
                floor.poll(after=30 * SECOND)
            counts.append(Job.objects.count())

        assert counts == sorted({*counts})
        for _ in range(2):
            assert floor.poll(after=30 * SECOND).is_done
        assert Job.objects.count() == 251
        assert floor.poll(after=30 * SECOND).facts == 0

    def test_one_round_after_the_other_tells_each_job_once(
        self, floor: Floor, monkeypatch: pytest.MonkeyPatch, rest: Callable[[], list[str]]
    ) -> None:
        monkeypatch.setattr(look_jobs, "_ROWS_AT_ONCE", 90)
        floor.poll()
        names = release(floor, 120)

        assert sorted(rest()) == sorted(names)
        # Back to where the look before began, and nothing is left.
        assert {*rest()} == names
        assert rest() == []

    def test_a_change_of_many_operations_goes_on_too(
        self, floor: Floor, cut_off: Callable[[int], list[str]], rest: Callable[[], list[str]]
    ) -> None:
        names = sorted(release(floor, 200))
        floor.poll()
        floor.poll(after=30 * SECOND)
        for name in names:
            floor.site.do(lambda name=name: floor.site.company.write("JobOper", (name, 0, 20), ProdStandard=90.0))
        first, second = cut_off(3), rest()

        assert {*first, *second} == set(names)
        assert len(second) < len(names)
        assert JobOper.objects.filter(prod_standard=90).count() == 200

    def test_labor_that_was_taken_in_stays(
        self, floor: Floor, cut_off: Callable[[int], list[str]], rest: Callable[[], list[str]]
    ) -> None:
        floor.poll()
        for number in range(250):
            floor.start(employee=f"E{number}")
        cut_off(1)
        assert len(activities()) == 200
        rest()

        assert len(activities()) == 250


class TestNoFactIsBlamed:
    def test_where_facts_are_tried_one_by_one(
        self, floor: Floor, monkeypatch: pytest.MonkeyPatch, rest: Callable[[], list[str]]
    ) -> None:
        def broken(facts: ErpFacts, *, now: int) -> None:
            if len(facts.jobs) == 1:
                raise SoftTimeLimitExceeded
            raise ValueError("not so many at once")

        names = release(floor, 3)
        with monkeypatch.context() as patched:
            patched.setattr(look.erp, "apply", broken)
            with pytest.raises(SoftTimeLimitExceeded):
                floor.poll()

        assert queries.halted() == []
        assert {*rest()} == names | {"004512"}

    def test_of_the_inbox(self, floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
        floor.poll()
        floor.start()
        with monkeypatch.context() as patched:
            patched.setattr(look.erp, "apply", Limited(0))
            assert floor.hear().done == 0

        assert InboxEvent.objects.get().halt == ""
        floor.hear()
        assert len(activities()) == 1


def test_an_error_of_ours_is_noted_without_its_text(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_look: look.Look, _kind: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(look.Look, "start_of", broken)
    with pytest.raises(RuntimeError):
        floor.poll()

    problem = PollCursor.objects.get(table="Epicor").problem
    assert "RuntimeError" in problem
    assert "secret" not in problem
