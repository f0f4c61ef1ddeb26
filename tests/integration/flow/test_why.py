"""Restated figures say from when on they are other ones, and why in words that people know."""

from collections.abc import Callable

import pytest

from apps.flow import causes, erp, intake, plant, stops
from apps.jobs.types import Choice, Closing, ErpFacts, JobState, LaborFact, OperState
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.oee.models import Restatement
from apps.oee.restated import Restated, note, restated_between
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, parse_us
from apps.states.types import Change, LineFacts
from tests.make import boards

pytestmark = pytest.mark.django_db

# Eight in the morning in Chicago; the plant's clock is six hours behind.
START = parse_us("2026-03-02T14:00:00Z")
NOW = START + 5 * HOUR
STOP = START + 50 * MINUTE


@pytest.fixture(autouse=True)
def morning() -> None:
    """A line that ran for an operation, with a stop from 08:50 to 09:00; it has been told until 12:00."""
    boards.plant("mill-1")
    boards.reason("M01", "Spindle fault")
    told = boards.run("mill-1", [(3000, True, 0), (600, False, 7), (10_800, True, 0)], start=START)
    jobs = [boards.job("A-1"), boards.job("A-2")]
    boards.tell(jobs, [boards.sign_on("mill-1", "A-1", START + 5 * MINUTE, seq=1)], now=NOW)
    boards.run("mill-1", [(600, False, 0)], start=(told.last_at or 0) + 5 * SECOND, before=told)
    Restatement.objects.all().delete()


def _labor() -> None:
    told = [boards.sign_on("mill-1", "A-2", STOP - 20 * MINUTE, seq=2), boards.sign_off(STOP - 10 * MINUTE, seq=2)]
    erp.apply(ErpFacts(labor=tuple(told)), now=NOW)


def _moved_start() -> None:
    carried = boards.sign_on("mill-1", "A-1", START, seq=1).carried
    fact = LaborFact("test", "again", boards.COMPANY, 1, 1, "started", START + 2 * MINUTE, 9, carried)
    erp.apply(ErpFacts(labor=(fact,)), now=NOW)


def _choice() -> None:
    _labor()
    made = Choice("mill-1", STOP - 20 * MINUTE, STOP - 15 * MINUTE, "A-2", 0, 20, "S1", NOW)
    erp.resolve(made, now=NOW)


def _completed() -> None:
    closing = Closing("test", "done", boards.COMPANY, "A-1", STOP + HOUR, 0, 20)
    erp.apply(ErpFacts(closings=(closing,)), now=NOW)


def _standard() -> None:
    oper = OperState(0, 20, "MILL", "CNC Mill", 2000, 90, "PH", sys_rev_id=2)
    job = JobState(boards.COMPANY, boards.PLANT, "A-1", "BRKT-2210", "Bracket, hinge LH", 2000, 1, (oper,))
    erp.apply(ErpFacts(jobs=(job,)), now=NOW)


def _machine() -> None:
    now = boards.LineNow(START, NOW, NOW, "running")
    intake.accept([LineFacts("mill-1", (Change(STOP - 5 * MINUTE, "stopped", 0),), (), (), now)], now=NOW)


def _micro_stop() -> None:
    text = plant.dump().replace('name = "Mill 1"', 'name = "Mill 1"\nmicro_stop_s = 900')
    plant.load(text, now=NOW)


def _mapping() -> None:
    text = plant.dump().replace('"MILL-1"', '"MILL-9"')
    plant.load(text, now=NOW)


SAID: dict[str, tuple[Callable[[], object], str, int]] = {
    "a tag": (
        lambda: stops.tag(line="mill-1", at=STOP + MINUTE, code="M01", by="E100", now=NOW),
        "Stop at 08:51 tagged M01 by E100", STOP,
    ),
    "a split": (
        lambda: stops.split(line="mill-1", at=STOP + 2 * MINUTE, by="E100", now=NOW), "Stop split at 08:52 by E100", STOP,
    ),
    "a tag of yesterday": (
        lambda: stops.tag(line="mill-1", at=STOP + MINUTE, code="M01", by="E100", now=NOW + DAY),
        "Stop at 2026-03-02 08:51 tagged M01 by E100", STOP,
    ),
    "scrap": (
        lambda: stops.report_scrap(line="mill-1", at=STOP, qty=4, code="S07", by="E100", now=NOW),
        "4 parts before 08:50 reported as scrap (S07) by E100", STOP - 100 * SECOND,
    ),
    "labour": (_labor, "Labor 1/2 of A-2 started at 08:30 and 1 more", START + 5 * MINUTE),
    "a corrected start": (_moved_start, "Labor 1/1 of A-1 started at 08:02", START),
    "a choice": (_choice, "A-2 0/20 chosen from 08:30 to 08:35 by S1", STOP - 20 * MINUTE),
    "a completion": (_completed, "A-1 0/20 completed at 09:50", STOP + 10 * MINUTE),
    "a standard": (_standard, "Standard of A-1 0/20 is 90 PH now", START + 5 * MINUTE),
    "late facts of the machine": (_machine, "Facts of the machine came at 13:00", START + 5 * MINUTE),
    "the policy": (_micro_stop, "Configured: line mill-1: micro_stop_s 120", STOP),
    "a mapping": (_mapping, "Configured: line mill-1: resources", START),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_it_is_said_since_when_and_why(name: str) -> None:
    tell, why, since = SAID[name]

    tell()

    row = Restatement.objects.order_by("pk").last()
    assert row is not None
    assert row.why.startswith(why)
    assert row.start == since < row.end <= NOW + DAY
    assert row.at == (NOW + DAY if "yesterday" in name else NOW)
    assert len(row.why) <= causes.LONGEST


def test_what_is_said_of_the_present_restates_nothing() -> None:
    stops.tag(line="mill-1", at=NOW - 55 * MINUTE, code="M01", by="E100", now=NOW)

    assert not Restatement.objects.exists()


def test_every_late_fact_of_a_window_is_told_the_latest_first() -> None:
    stops.tag(line="mill-1", at=STOP + MINUTE, code="M01", by="E100", now=NOW)
    stops.split(line="mill-1", at=STOP + 2 * MINUTE, by="E101", now=NOW + MINUTE)
    line = Line.objects.get()

    told = restated_between([line.pk], STOP, STOP + 10 * MINUTE, most=9)
    elsewhere = restated_between([line.pk], START, STOP, most=9)

    assert [row.why for row in told] == ["Stop split at 08:52 by E101", "Stop at 08:51 tagged M01 by E100"]
    assert [(row.start, row.end) for row in told] == [(STOP, STOP + 10 * MINUTE)] * 2
    assert elsewhere == []


def test_what_was_buffered_and_came_in_batches_is_one_late_fact() -> None:
    line = Line.objects.get()
    for batch in range(3):
        start = START + batch * MINUTE
        note(Restated(line.pk, NOW + batch, start, start + MINUTE, "Facts of the machine came at 13:00"))

    told = restated_between([line.pk], START, NOW, most=9)

    assert [tuple(row) for row in told] == [
        (line.pk, NOW + 2, START, START + 3 * MINUTE, "Facts of the machine came at 13:00")
    ]


def test_long_names_are_cut_to_the_room_that_there_is() -> None:
    policy = policies()["mill-1"]
    facts = ErpFacts(closings=tuple(Closing("s", str(n), "C", "J" * 200, NOW, 0, 10) for n in range(12)))

    said = causes.erp(facts, NOW)(policy)

    assert len(said) == causes.LONGEST
    assert said.endswith("… and 11 more")
    assert Line.objects.count() == 1
