"""The demo's story: the same for the same seed, however it is read, and with everything in it that a plant knows."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest

from apps.oee.rules import standard_cycle_s
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, from_us, parse_us
from apps.simulators.demo.floor import NORTH, WERK_2, DemoLine
from apps.simulators.demo.history import history
from apps.simulators.demo.plan import DemoPlan, make_plan
from apps.simulators.demo.products import PRODUCTS, cycle_of
from apps.simulators.demo.shifts import windows
from apps.simulators.demo.story import chapters
from apps.simulators.demo.types import Act, Chapter

START = parse_us("2026-05-04T09:13:27Z")
END = START + 14 * DAY


@cache
def told() -> dict[str, list[Chapter]]:
    """Fourteen days of every line. Reading them takes half a second, so it is done once."""
    plan = plan_of(7)
    return {line.slug: chapters_until(plan, line, END) for line in plan.lines}


@cache
def plan_of(seed: int, count: int = 12) -> DemoPlan:
    return make_plan(seed=seed, start=START, count=count)


def chapters_until(plan: DemoPlan, line: DemoLine, end: int) -> list[Chapter]:
    return list(takewhile(lambda chapter: chapter.start < end, chapters(plan, line)))


def acts() -> Iterator[Act]:
    for told_of_line in told().values():
        for chapter in told_of_line:
            yield from chapter.acts


def line_called(slug: str) -> DemoLine:
    return next(line for line in plan_of(7).lines if line.slug == slug)


class TestSeed:
    def test_the_same_seed_tells_the_same_story(self) -> None:
        first = list(history(make_plan(seed=3, start=START, count=3), START + DAY))
        second = list(history(make_plan(seed=3, start=START, count=3), START + DAY))

        assert first == second

    def test_another_seed_tells_another(self) -> None:
        line = line_called("mill-1")

        assert chapters_until(plan_of(8), line, START + DAY) != chapters_until(plan_of(7), line, START + DAY)

    def test_more_lines_leave_the_others_as_they_are(self) -> None:
        line = plan_of(7, 14).lines[4]

        assert chapters_until(plan_of(7, 14), line, START + 2 * DAY) == chapters_until(
            plan_of(7), line, START + 2 * DAY
        )

    def test_it_does_not_matter_how_it_is_cut_into_batches(self) -> None:
        plan = make_plan(seed=5, start=START, count=4)
        hours = list(history(plan, START + DAY, batch=HOUR))
        whole = next(iter(history(plan, START + DAY, batch=DAY)))

        assert [row for batch in hours for row in batch.told] == list(whole.told)
        for facts in whole.facts:
            mine = [one for batch in hours for one in batch.facts if one.slug == facts.slug]
            assert tuple(change for one in mine for change in one.changes) == facts.changes
            assert tuple(delta for one in mine for delta in one.deltas) == facts.deltas
            assert mine[-1].now == facts.now


class TestMachines:
    def test_spells_follow_one_another_without_a_gap(self) -> None:
        for told_of_line in told().values():
            spells = [spell for chapter in told_of_line for spell in chapter.spells]
            assert spells[0].start == START
            assert all(before.end == after.start for before, after in pairwise(spells))
            assert all(
                spell.start < part < spell.end and spell.running for spell in spells for part in spell.parts
            )  # fmt: skip
            assert all(set(spell.bad) <= set(spell.parts) for spell in spells)

    @pytest.mark.parametrize("slug", [line.slug for line in plan_of(7).lines])
    def test_every_line_has_micro_stops_longer_stops_and_good_and_bad_parts(self, slug: str) -> None:
        line = line_called(slug)
        spells = [spell for chapter in told()[slug] for spell in chapter.spells]
        lengths = [(spell.end - spell.start) / SECOND for spell in spells if not spell.running]

        assert sum(length < line.micro_stop_s for length in lengths) > 40
        assert sum(line.micro_stop_s < length < 3600 for length in lengths) > 30
        assert sum(len(spell.parts) for spell in spells) > 500
        assert 0 < sum(len(spell.bad) for spell in spells) < 0.15 * sum(len(spell.parts) for spell in spells)

    def test_faults_changeovers_reboots_and_silences_occur(self) -> None:
        spells = [spell for told_of_line in told().values() for chapter in told_of_line for spell in chapter.spells]
        silent = {slug for slug, found in told().items() if any(chapter.silences for chapter in found)}
        rebooting = {
            slug for slug, found in told().items() for chapter in found for one in chapter.spells if one.restarts
        }

        assert len({spell.fault for spell in spells}) > 10
        assert silent == {"press-400t", "lathe-1"}
        assert rebooting == {"lathe-1"}

    def test_a_machine_runs_outside_shifts_now_and_then(self) -> None:
        saturdays = [
            spell
            for chapter in told()["assembly-1"]
            for spell in chapter.spells
            if spell.running and from_us(spell.start).astimezone(ZoneInfo("Europe/Berlin")).weekday() == 5
        ]

        assert saturdays

    def test_every_standard_says_the_cycle_that_it_is_said_to_mean(self) -> None:
        for product in PRODUCTS:
            for step in product.steps:
                cycle = standard_cycle_s(
                    step.standard, step.std_format, basis=step.std_basis, ops_per_part=step.ops_per_part,
                    qty_per_cycle=step.qty_per_cycle, run_qty=product.qty,
                )  # fmt: skip
                assert float(cycle or 0) == pytest.approx(step.cycle_s, abs=0.01), (product.part_num, step.opr_seq)
                assert cycle_of(step) > 0

    def test_standards_come_in_many_formats(self) -> None:
        formats = {step.std_format for product in PRODUCTS for step in product.steps}

        assert formats == {"PH", "PM", "HP", "MP", "OH", "OM", "CH", "CM", "HR"}


class TestPeople:
    def test_forty_jobs_with_two_to_four_operations_are_released(self) -> None:
        jobs = plan_of(7).jobs(END)

        assert len(jobs) == 40
        assert len({(job.product.company, job.number) for job in jobs}) == 40
        assert {len(job.product.steps) for job in jobs} == {2, 3, 4}

    def test_setup_comes_before_production(self) -> None:
        first: dict[tuple[str, int, str], str] = {}
        for act in sorted(acts(), key=lambda one: one.at):
            if act.edge == "started" and act.resource != "DEBR-01":
                first.setdefault((act.job_num, act.opr_seq, act.resource or act.resource_group), act.labor_type)

        assert Counter(first.values())["S"] > 0.9 * len(first)

    def test_every_activity_ends_once_and_operations_complete(self) -> None:
        edges = Counter((act.company, act.key, act.edge) for act in acts() if act.key)
        ended = {(company, key) for company, key, edge in edges if edge == "ended"}

        assert set(edges.values()) == {1}
        assert len({(company, key) for company, key, edge in edges if edge == "started"} - ended) <= 12
        assert Counter(act.edge for act in acts())["completed"] > 60

    def test_clocking_off_is_forgotten_and_two_jobs_overlap(self) -> None:
        overlaps = forgotten = 0
        for slug, found in told().items():
            stays = stays_of(slug)
            overlaps += sum(
                after.at < before_end and (after.job_num, after.opr_seq) != (before.job_num, before.opr_seq)
                for (before, before_end), (after, _) in pairwise(stays)
            )
            shift_ends = [chapter.end for chapter in found]
            forgotten += sum(
                any(start.at < end - HOUR and stay_end > end + 30 * MINUTE for end in shift_ends)
                for start, stay_end in stays
            )

        assert overlaps > 5
        assert forgotten > 10

    def test_machines_run_while_nobody_is_signed_on(self) -> None:
        stays = [(start.at, end) for start, end in stays_of("mill-1")]
        alone = [
            spell
            for chapter in told()["mill-1"]
            for spell in chapter.spells
            for part in spell.parts
            if not any(start <= part < end for start, end in stays)
        ]

        assert len(alone) > 20

    def test_messages_come_late_and_twice(self) -> None:
        assert sum(act.told - act.at > 20 * MINUTE for act in acts()) > 10
        assert sum(act.again > 0 for act in acts()) > 10
        assert all(act.at <= act.told for act in acts())
        assert all(act.at % 1000 == 0 for act in acts())

    def test_someone_works_where_no_line_stands(self) -> None:
        assert any(act.resource == "DEBR-01" for act in acts())

    def test_most_stops_are_tagged_and_some_are_not(self) -> None:
        kinds: Counter[str] = Counter()
        for told_of_line in told().values():
            for chapter in told_of_line:
                kinds.update(said.body["t"] for said in chapter.said)
                assert all(said.told >= chapter.start for said in chapter.said)
        longer = sum(
            not spell.running
            and bool(spell.cause)
            and spell.end - spell.start > line_called(slug).micro_stop_s * SECOND
            for slug, found in told().items()
            for chapter in found
            for spell in chapter.spells
        )

        assert set(kinds) == {"tag", "untag", "split", "unsplit", "scrap", "resolve"}
        assert 0.5 * longer < kinds["tag"] < 1.1 * longer

    def test_nobody_points_at_an_instant_that_is_still_to_come(self) -> None:
        for told_of_line in told().values():
            for said in (one for chapter in told_of_line for one in chapter.said):
                assert parse_us(said.body.get("at", said.body.get("end"))) <= said.told


class TestShifts:
    def test_a_night_lasts_nine_hours_when_clocks_go_back_and_seven_when_they_go_on(self) -> None:
        lengths = {}
        for day in ("2026-11-01", "2026-03-08"):
            noon_before = parse_us(f"{day}T12:00:00Z") - DAY
            shifts = takewhile(lambda window: window.start < noon_before + 2 * DAY, windows(NORTH, noon_before))  # noqa: B023
            lengths[day] = {(shift.end - shift.start) // HOUR for shift in shifts if shift.shift == "Night"}

        assert lengths == {"2026-11-01": {8, 9}, "2026-03-08": {7, 8}}

    def test_no_shift_starts_on_a_works_holiday(self) -> None:
        day = min(plan_of(7).closed[WERK_2.code])
        zone = ZoneInfo(WERK_2.time_zone)
        found = takewhile(lambda one: one.start < END, windows(WERK_2, START, frozenset({day})))

        assert all(
            from_us(one.start).astimezone(zone).date() != day for one in found if one.shift and one.start > START
        )

    def test_windows_tile_the_time(self) -> None:
        found = list(takewhile(lambda one: one.start < END, windows(WERK_2, START)))

        assert found[0].start == START
        assert all(before.end == after.start for before, after in pairwise(found))
        assert {one.shift for one in found} == {"", "Früh", "Spät", "Nacht"}


def stays_of(slug: str) -> list[tuple[Act, int]]:
    """The activities on the line in order of their start: the act that began each, and its end."""
    mine = [act for chapter in told()[slug] for act in chapter.acts if act.key and act.resource != "DEBR-01"]
    ends = {act.key: act.at for act in mine if act.edge == "ended"}
    begun = sorted((act for act in mine if act.edge == "started"), key=lambda act: act.at)
    return [(act, ends.get(act.key, END)) for act in begun]
