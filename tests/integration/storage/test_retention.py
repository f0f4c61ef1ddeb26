"""What is old enough goes, figures stay, and what is kept can still be derived again."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from apps.flow import erp, plant, rebuild, reporting, retention, stops
from apps.jobs.types import Closing, ErpFacts
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.oee.digest import derived_rows
from apps.oee.models import DayRollup, HourRollup, LineLedger, LossRollup, Restatement, Slice
from apps.shared import partitions
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, parse_us
from apps.shared.partitions import Month
from apps.states.models import CountDelta, StateChange
from tests.make import boards
from tests.make.reports import Row, apart
from tests.make.sisters import sisters

pytestmark = pytest.mark.django_db(transaction=True)

START = parse_us("2026-01-31T06:00:00Z")
EDGE = Month(2026, 2).start
END = START + 2 * DAY
NOW = parse_us("2026-04-10T06:00:00Z")


@pytest.fixture(autouse=True)
def past(settings: Settings) -> None:
    """Two days of one line over the turn of a month: 50 minutes of running, 10 of standing, over and over."""
    settings.RETAIN_MONTHS = {"slices": 0, "states": 0, "counts": 0, "late": 0}
    boards.plant("mill-1", round_the_clock=True)
    boards.reason("M01", "Spindle fault")
    known = boards.run("mill-1", [(3000, True, 0), (600, False, 7)] * (2 * 24), start=START)
    boards.tell([boards.job("A-1")], [boards.sign_on("mill-1", "A-1", START + 5 * HOUR, seq=1)], now=END)
    # What can still change is not old: the line went on.
    boards.run("mill-1", [(600, True, 0)], start=NOW - HOUR, before=known)


def keep(settings: Settings, **months: int) -> list[retention.Dropped]:
    """Drop what these settings do not keep."""
    settings.RETAIN_MONTHS = {"slices": 0, "states": 0, "counts": 0, "late": 0, **months}
    return retention.drop(now=NOW)


def figures() -> list[object]:
    """Reports over windows with ragged edges before, over and after the edge."""
    windows = [
        (START, END),
        (START + 7 * MINUTE, START + 5 * HOUR + 13 * SECOND),
        (EDGE - 90 * MINUTE, EDGE + 50 * MINUTE),
    ]
    found: list[object] = []
    for start, end in windows:
        found.append(reporting.oee_rows(by="operation", start=start, end=end, line=None, now=NOW))
        found.append(reporting.slice_rows(line="mill-1", start=start, end=end, now=NOW))
        found.extend(
            reporting.pareto_rows(by="reason", start=start, end=end, line=None, job=None, measure=measure, now=NOW)
            for measure in ("seconds", "stops")
        )
    return found


class TestSlices:
    def test_every_report_says_the_same(self, settings: Settings) -> None:
        before = figures()

        (dropped,) = keep(settings, slices=1)

        assert dropped.rows > 0
        assert not Slice.objects.filter(start__lt=Month(2026, 3).start).exists()
        assert figures() == before

    def test_a_late_word_about_dropped_time_changes_what_it_should(self, settings: Settings) -> None:
        word = {"line": "mill-1", "at": START + 50 * MINUTE + 1, "code": "M01", "by": "E1", "now": NOW}
        keep(settings, slices=1)

        stops.tag(**word)

        changed = figures()
        rolled = [sorted(map(repr, table.objects.values_list())) for table in (HourRollup, DayRollup)]
        assert not Slice.objects.filter(start__lt=Month(2026, 3).start).exists()
        LineLedger.objects.update(slices_from=None)
        rebuild.rebuild(policies()["mill-1"], now=NOW)
        assert figures() == changed
        assert len(rolled[0]) == HourRollup.objects.count()

    def test_a_rebuild_changes_nothing(self, settings: Settings) -> None:
        keep(settings, slices=1)
        before = derived_rows(Line.objects.get().pk)

        assert rebuild.check(policies()["mill-1"], now=NOW) == []
        rebuild.rebuild(policies()["mill-1"], now=NOW)

        after = derived_rows(Line.objects.get().pk)
        assert {name: rows for name, rows in after.items() if name != "Slice"} == {
            name: rows for name, rows in before.items() if name != "Slice"
        }


class TestLate:
    def test_what_is_told_of_old_late_facts_goes_and_figures_stay(self, settings: Settings) -> None:
        Restatement.objects.all().delete()
        for at, code in ((START, "M01"), (NOW - 30 * DAY, "")):
            Restatement.objects.create(line=Line.objects.get(), at=NOW, start=at, end=at + HOUR, why=f"said {code}")
        before = figures()

        (dropped,) = keep(settings, late=1)

        assert dropped == retention.Dropped("late", Month(2026, 3).start, 1, is_short=False)
        assert Restatement.objects.values_list("start", flat=True).get() == NOW - 30 * DAY
        assert LineLedger.objects.get().facts_from is None
        assert figures() == before


class TestFacts:
    def test_a_rebuild_begins_where_facts_begin_and_says_so(self, settings: Settings) -> None:
        before = figures()
        keep(settings, states=2, counts=2)
        said = StringIO()

        call_command("rebuild", "--check", stdout=said)

        assert not StateChange.objects.filter(at__lt=EDGE).exists()
        assert not CountDelta.objects.filter(end__lt=EDGE).exists()
        assert "facts before 2026-02-01T" in said.getvalue()
        assert "0 rows differ" in said.getvalue()
        rebuild.rebuild(policies()["mill-1"], now=NOW)
        assert DayRollup.objects.filter(start__lt=EDGE).exists()
        assert LossRollup.objects.filter(start__lt=EDGE).exists()
        assert figures()[:2] == before[:2]

    def test_a_word_about_time_before_them_changes_no_figure(self, settings: Settings) -> None:
        keep(settings, states=2, counts=2)
        before = derived_rows(Line.objects.get().pk)

        stops.tag(line="mill-1", at=START + 50 * MINUTE + 1, code="M01", by="E1", now=NOW)

        assert derived_rows(Line.objects.get().pk) == before

    def test_what_a_silent_line_needs_stays(self, settings: Settings) -> None:
        LineLedger.objects.update(anchor=START + HOUR)

        (dropped,) = keep(settings, states=1)

        assert dropped == retention.Dropped("states", Month(2026, 1).start, 0, is_short=True)
        assert StateChange.objects.filter(at__lt=EDGE).exists()


class TestSummaries:
    @pytest.fixture(autouse=True)
    def completed(self) -> Row:
        """The summary of an operation that began and ended within hours before the edge, and had stops with a reason."""
        edges = [boards.sign_off(START + 9 * HOUR, seq=1)]
        edges += [boards.sign_on("mill-1", "A-2", START + 10 * HOUR + 7 * MINUTE, seq=2)]
        edges += [boards.sign_off(START + 14 * HOUR + 13 * MINUTE, seq=2)]
        boards.tell([boards.job("A-2")], edges, now=END)
        stops.tag(line="mill-1", at=START + 11 * HOUR - 1, code="M01", by="E1", now=END)
        done = Closing("test", "done", boards.COMPANY, "A-2", START + 15 * HOUR, 0, 20)
        erp.apply(ErpFacts(closings=(done,)), now=END)
        (row,) = reporting.summary_rows(job="A-2", now=NOW)
        return row

    @pytest.mark.parametrize("kinds", [("counts",), ("states", "counts"), ("slices", "states", "counts")])
    def test_they_stay_as_they_are(self, settings: Settings, completed: Row, kinds: tuple[str, ...]) -> None:
        assert completed["total"] > 400
        assert [loss["key"] for loss in completed["losses"]] == ["", "M01"]

        keep(settings, **dict.fromkeys(kinds, 2))

        assert reporting.summary_rows(job="A-2", now=NOW) == [completed]

    def test_another_standard_changes_what_it_should(self, settings: Settings, completed: Row) -> None:
        keep(settings, slices=2, states=2, counts=2)
        job = boards.job("A-2", per_hour=60)

        boards.tell([replace(job, operations=(replace(job.operations[0], sys_rev_id=2),))], now=NOW)

        (row,) = reporting.summary_rows(job="A-2", now=NOW)
        changed = {name for name in row if row[name] != completed[name]}
        assert changed == {"revision", "made_at", "ideal_s", "performance", "oee"}
        assert row["ideal_s"] == 2 * completed["ideal_s"]


# Production days began at 12:00 UTC. Both let them begin at 06:00 UTC.
OTHER_DAYS = [('day_start = "06:00"', 'day_start = "00:00"'), ('time_zone = "America/Chicago"', 'time_zone = "UTC"')]
DAYS = [(START, START + DAY), (START + DAY, END), (START, END)]


@pytest.mark.parametrize("change", sisters(OTHER_DAYS, everywhere=OTHER_DAYS[:1]), ids=["day_start", "time_zone"])
class TestOtherDays:
    def change(self, change: tuple[str, str]) -> None:
        """Let production days begin at other instants."""
        assert plant.load(plant.dump().replace(*change), now=NOW)

    def oee(self) -> list[list[Row]]:
        """OEE of the new days and of the months that they make."""
        months = [(START - 30 * DAY, START + DAY), (START + DAY, START + 29 * DAY)]
        return [
            reporting.oee_rows(by="line", start=start, end=end, line=None, now=NOW) for start, end in [*DAYS, *months]
        ]

    def lost(self) -> list[list[tuple[int, int]]]:
        """(seconds, stops) lost in the new days."""
        return [
            [
                (row["seconds"], row["stops"])
                for row in reporting.pareto_rows(
                    by="line", start=start, end=end, line=None, job=None, measure="stops", now=NOW
                )
            ]
            for start, end in DAYS
        ]

    def test_days_before_the_kept_facts_are_made_of_their_hours(
        self, settings: Settings, change: tuple[str, str]
    ) -> None:
        def told() -> tuple[object, object]:
            self.change(change)
            return self.oee(), self.lost()

        expected = apart(told)
        keep(settings, states=2, counts=2)

        self.change(change)

        assert (self.oee(), self.lost()) == expected
        assert rebuild.check(policies()["mill-1"], now=NOW) == []

    def test_losses_whose_slices_went_stay_as_they_were_cut_and_none_counts_twice(
        self, settings: Settings, change: tuple[str, str]
    ) -> None:
        keep(settings, slices=2, states=2, counts=2)

        self.change(change)

        # A stop of ten minutes each hour, the last one of five seconds less. Of the first day six hours lay in a day that
        # was over long before facts begin.
        assert [sum(seconds for seconds, _stops in rows) for rows in self.lost()[1:]] == [14_395, 14_395 + 6 * 600]
        assert rebuild.check(policies()["mill-1"], now=NOW) == []


class TestCommand:
    def test_dry_run_changes_nothing(self, settings: Settings, clock: Any) -> None:
        clock(NOW)
        settings.RETAIN_MONTHS = {"slices": 1, "states": 0, "counts": 0, "late": 0}
        rows, said = Slice.objects.count(), StringIO()

        call_command("retention", "--dry-run", stdout=said)

        assert "slices: " in said.getvalue()
        assert " would go." in said.getvalue()
        assert Slice.objects.count() == rows

    def test_without_settings_everything_stays(self, clock: Any) -> None:
        clock(NOW)
        said = StringIO()

        call_command("retention", stdout=said)

        assert said.getvalue() == "Everything is kept for ever.\n"

    @pytest.mark.postgres
    def test_whole_months_go_and_months_come(self, settings: Settings) -> None:
        settings.RETAIN_MONTHS = {"slices": 1, "states": 0, "counts": 0, "late": 0}

        retention.work(now=NOW)

        months = {partition.month for partition in partitions.of("oee_slice")}
        assert Month(2026, 1) not in months
        assert Month(2026, 2) not in months
        assert {Month(2026, 4), Month(2026, 7)} <= months
        assert retention.strays() == []
