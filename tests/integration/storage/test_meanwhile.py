"""Who waits for a line's lock goes by what stands once it has it: a plant file or a standard may have changed meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import connection, connections, transaction

from apps.flow import erp, plant, rebuild, stops
from apps.jobs.types import Closing, ErpFacts, JobState
from apps.lines.queries import policies
from apps.oee import summaries
from apps.oee.models import DayRollup, OeeSummary, Slice
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, parse_us
from tests.make import boards

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

START = parse_us("2026-03-02T08:00:00Z")
MORNING = [(3000, True, 0), (100, False, 7), (2000, True, 0)]


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """A transaction during which somebody else begins some work, and has to wait for its end."""
    wrong: list[BaseException] = []

    def apart() -> None:
        try:
            work()
        except BaseException as problem:  # noqa: BLE001 - handed to the test's own thread
            wrong.append(problem)
        finally:
            connections.close_all()

    thread = threading.Thread(target=apart)
    with transaction.atomic():
        yield
        thread.start()
        _wait_for_who_waits()
    thread.join(20)
    assert wrong == []


def _wait_for_who_waits() -> None:
    for _ in range(200):
        with connection.cursor() as cursor:
            # Within a transaction the server goes on showing who was there when first asked.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    pytest.fail("Nobody waited for the line.")


def other_policy() -> None:
    """Stops of less than a minute are micro-stops, no longer those of less than two."""
    plant.load(plant.dump().replace('name = "Mill 1"', 'name = "Mill 1"\nmicro_stop_s = 60'), now=START + DAY)


def buckets() -> set[str]:
    """In which buckets the line's time is."""
    return set(Slice.objects.values_list("bucket", flat=True))


def test_facts_that_waited_for_a_plant_file_are_derived_by_it() -> None:
    boards.plant("mill-1", round_the_clock=True)

    with meanwhile(lambda: boards.run("mill-1", MORNING, start=START)):
        other_policy()

    assert buckets() == {"running", "downtime"}
    assert rebuild.check(policies()["mill-1"], now=START + DAY) == []


def test_what_somebody_said_waits_for_a_plant_file_too() -> None:
    boards.plant("mill-1", round_the_clock=True)
    boards.reason("M01", "Spindle fault")
    boards.run("mill-1", MORNING, start=START)
    at = START + 3050 * SECOND

    with meanwhile(lambda: stops.tag(line="mill-1", at=at, code="M01", by="E1", now=START + DAY)):
        other_policy()

    assert Slice.objects.get(reason="M01").bucket == "downtime"
    assert rebuild.check(policies()["mill-1"], now=START + DAY) == []


def test_a_day_that_was_made_meanwhile_gets_the_standard_that_came() -> None:
    boards.plant("mill-1", round_the_clock=True)
    boards.tell([boards.job("A-1")], now=START)
    boards.tell(labor=[boards.sign_on("mill-1", "A-1", START + MINUTE, seq=1)], now=START)
    told = boards.run("mill-1", [(3600, True, 0)], start=START)
    faster = boards.job("A-1", per_hour=90)

    with meanwhile(lambda: boards.tell([_newer(faster)], now=START + 2 * DAY)):
        boards.run("mill-1", [(600, True, 0)], start=(told.last_at or 0) + 30 * HOUR, before=told)

    assert set(DayRollup.objects.filter(oper__isnull=False).values_list("cycle", flat=True)) == {"40"}
    assert rebuild.check(policies()["mill-1"], now=START + 2 * DAY) == []


def _newer(job: JobState) -> JobState:
    opers = tuple(replace(oper, sys_rev_id=2) for oper in job.operations)
    return replace(job, sys_rev_id=2, operations=opers)


def on_two_lines() -> int:
    """A completed operation that was on two lines, on each with a stop; its id."""
    boards.plant("mill-1", "mill-2", round_the_clock=True)
    boards.reason("M01", "Spindle fault")
    on = [boards.sign_on(f"mill-{number}", "A-1", START + number * SECOND, seq=number) for number in (1, 2)]
    boards.tell([boards.job("A-1")], on, now=START)
    for slug in ("mill-1", "mill-2"):
        boards.run(slug, MORNING, start=START)
    done = Closing("test", "done", boards.COMPANY, "A-1", START + HOUR, 0, 20)
    erp.apply(ErpFacts(closings=(done,)), now=START + DAY)
    return OeeSummary.objects.get().oper_id


def say(slug: str) -> None:
    """The stop of a line has a reason now."""
    stops.tag(line=slug, at=START + 3050 * SECOND, code="M01", by="E1", now=START + DAY)


@pytest.mark.parametrize("is_first", [False, True])
def test_a_summary_has_what_was_said_of_two_lines_at_once(is_first: bool) -> None:
    oper_id = on_two_lines()
    if is_first:
        OeeSummary.objects.all().delete()

    with meanwhile(lambda: say("mill-2")):
        say("mill-1")

    row = OeeSummary.objects.get()
    assert row.figures["losses"] == [{"key": "M01", "seconds": 200}]
    assert row.figures == summaries.figures_now([oper_id], START + DAY)[oper_id]
    assert row.revision == (2 if is_first else 3)
