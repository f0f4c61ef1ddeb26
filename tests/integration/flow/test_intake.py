"""Facts of machines in any order, and what becomes of those whose content no table holds."""

import pytest
from django.db import DataError

from apps.flow import intake, rebuild, reporting
from apps.jobs.types import LaborFact
from apps.lines.queries import policies
from apps.oee.models import DayRollup, Slice
from apps.plc.models import SpoolReject
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, parse_us
from apps.shared.storable import GREATEST
from apps.states.models import CounterAlert, LineSnapshot, StateChange
from apps.states.rules import step
from apps.states.types import Alert, Change, LineFacts, LineNow, Sample
from apps.states.wire import encode, encode_now
from tests.make import boards

pytestmark = pytest.mark.django_db

START = parse_us("2026-03-02T14:00:00Z")
NOW = START + 6 * HOUR
MORNING = [(1800, True, 0), (300, False, 7), (1500, True, 0)]


@pytest.fixture(autouse=True)
def mill() -> None:
    """A line on which nothing happened yet."""
    boards.plant("mill-1", round_the_clock=True)


def unsound() -> list[str]:
    """What a rebuild would change."""
    return rebuild.check(policies()["mill-1"], now=NOW)


def slices() -> list[tuple[int, int, str]]:
    """The settled time of the line."""
    return list(Slice.objects.order_by("start").values_list("start", "end", "bucket"))


class TestOrder:
    def test_a_spool_that_was_copied_back_tells_nothing_new(self) -> None:
        first = boards.run("mill-1", MORNING, start=START)
        boards.run("mill-1", MORNING, start=START + HOUR, before=first)
        before, snapshot = slices(), LineSnapshot.objects.get()

        boards.run("mill-1", MORNING, start=START)

        assert slices() == before
        assert LineSnapshot.objects.get().body == snapshot.body
        assert unsound() == []

    def test_who_does_not_reach_the_machine_knows_less_of_it_however_late_he_asked(self) -> None:
        first = boards.run("mill-1", MORNING, start=START)
        boards.run("mill-1", MORNING, start=START + HOUR, before=first)
        known = LineSnapshot.objects.get()
        for at in range(START + 2 * HOUR, START + 2 * HOUR + 10 * MINUTE, 5 * SECOND):
            first = step(first, Sample(at, good=False), boards.LIMITS).now

        intake.accept([LineFacts("mill-1", (), (), (), first)], now=NOW)

        row = LineSnapshot.objects.get()
        assert (row.last_good_at, row.body["counters"]) == (known.last_good_at, known.body["counters"])
        assert row.last_at == first.last_at
        (figures,) = reporting.oee_rows(by="line", start=START, end=START + 3 * HOUR, line=None, now=NOW)
        assert figures["buckets_s"]["no_signal"] >= 3600
        assert unsound() == []

    def test_facts_from_before_the_first_that_came_belong_to_the_line_too(self) -> None:
        boards.run("mill-1", MORNING, start=START + 2 * HOUR)

        boards.run("mill-1", MORNING, start=START)

        row = LineSnapshot.objects.get()
        assert (row.first_good_at, row.last_at) == (START, START + 3 * HOUR - 5 * SECOND)
        assert slices()[0][0] == START
        assert unsound() == []

    def test_a_start_that_moves_from_where_settled_time_ends_leaves_no_cut(self) -> None:
        boards.run("mill-1", [(90 * 60, True, 0)], start=START)
        boards.tell([boards.job("A-1")], [boards.sign_on("mill-1", "A-1", START + HOUR, seq=1)], now=NOW)
        assert slices() == [(START, START + HOUR, "running")]
        carried = boards.sign_on("mill-1", "A-1", 0, seq=1).carried

        later = LaborFact("test", "again", boards.COMPANY, 1, 1, "started", START + 70 * MINUTE, 9, carried)
        boards.tell(labor=[later], now=NOW)

        assert slices() == [(START, START + 70 * MINUTE, "running")]
        assert unsound() == []


class TestContent:
    def test_a_counter_that_jumped_further_than_a_column_reaches_is_told_as_far_as_it_goes(self) -> None:
        now = LineNow(START, START, START, "running")
        facts = LineFacts("mill-1", (), (), (Alert(START, "jump", "total", 2**64 - 1),), now)

        intake.accept_spool(spool_id="s", source="edge", rows=[(1, encode(facts))], now=NOW)

        assert CounterAlert.objects.get().parts == GREATEST
        assert not SpoolReject.objects.exists()

    def test_an_ideal_cycle_may_be_as_long_as_it_is(self) -> None:
        boards.tell([boards.job("A-1", per_hour=7.77e-70)], now=NOW)
        boards.tell(labor=[boards.sign_on("mill-1", "A-1", START + MINUTE, seq=1)], now=NOW)

        told = boards.run("mill-1", MORNING, start=START)
        boards.run("mill-1", MORNING, start=START + DAY, before=told)

        kept = DayRollup.objects.filter(oper__isnull=False).values_list("cycle", flat=True)
        assert {len(cycle) > 70 for cycle in kept} == {True}
        assert unsound() == []

    @pytest.mark.parametrize("spoilt", [{"counters": []}, {"last_at": "x"}, {"pending": 5}])
    def test_a_row_that_is_not_well_formed_is_set_aside_and_the_next_one_taken(self, spoilt: dict[str, object]) -> None:
        number, body = _stop(START, 1)
        bad = {**body, "now": {**encode_now(LineNow(START, START, START, "running")), **spoilt}}

        cursor = intake.accept_spool(
            spool_id="s", source="edge", rows=[(number, bad), _stop(START + MINUTE, 2)], now=NOW
        )

        assert cursor == 2
        assert SpoolReject.objects.get().body["now"] == bad["now"]
        assert StateChange.objects.count() == 1

    def test_a_row_with_a_character_that_no_table_holds_is_set_aside_without_it(self) -> None:
        number, body = _stop(START, 1)

        intake.accept_spool(spool_id="s", source="edge", rows=[(number, {**body, "line": "mill\0-1"})], now=NOW)

        assert SpoolReject.objects.get().body["line"] == "mill�-1"

    def test_no_fact_goes_because_its_figures_can_not_be_written(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def refused(*_args: object, **_how: object) -> None:
            raise DataError("value too long")

        rows = [_stop(START, 1), _stop(START + MINUTE, 2)]
        with monkeypatch.context() as patch:
            patch.setattr(intake, "derive", refused)
            cursor = intake.accept_spool(spool_id="s", source="edge", rows=rows[:1], now=NOW)
        intake.accept_spool(spool_id="s", source="edge", rows=rows, now=NOW)

        assert cursor == 1
        assert not SpoolReject.objects.exists()
        assert "rebuild --line mill-1" in caplog.text
        assert StateChange.objects.count() == 2
        assert unsound() == []


def _stop(at: int, seq: int) -> tuple[int, dict[str, object]]:
    change = Change(at, "running" if seq % 2 else "stopped", 0)
    return seq, encode(LineFacts("mill-1", (change,), (), (), LineNow(START, at, at, str(change.state))))
