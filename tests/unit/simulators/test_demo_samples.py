"""What a poller would have read of the demo's machines, and what the step makes of it."""

from functools import cache
from itertools import pairwise, takewhile

import pytest

from apps.lines import plant_file
from apps.shared.instants import DAY, SECOND, parse_us
from apps.simulators.demo.controllers import StoryMachine, endpoint_of
from apps.simulators.demo.dictionary import reasons
from apps.simulators.demo.floor import STALE_AFTER, DemoLine
from apps.simulators.demo.history import LinePast
from apps.simulators.demo.plan import DemoPlan, make_plan
from apps.simulators.demo.plant_toml import Endpoint, plant_toml
from apps.simulators.demo.story import chapters
from apps.states.types import LineFacts, Sample, State

START = parse_us("2026-05-04T09:13:27Z")
UNTIL = START + 3 * DAY
PLAN = make_plan(seed=11, start=START)
SLUGS = [line.slug for line in PLAN.lines]


def line_called(slug: str, plan: DemoPlan = PLAN) -> DemoLine:
    return next(line for line in plan.lines if line.slug == slug)


@cache
def samples_of(slug: str) -> list[Sample]:
    return list(LinePast(PLAN, line_called(slug)).samples(UNTIL))


@cache
def facts_of(slug: str) -> LineFacts:
    facts = LinePast(PLAN, line_called(slug)).facts(UNTIL)
    assert facts is not None
    return facts


def made_of(slug: str) -> int:
    """How many parts the machine really finished while polls could see them."""
    last = samples_of(slug)[-1].at
    told = takewhile(lambda chapter: chapter.start < UNTIL, chapters(PLAN, line_called(slug)))
    return sum(part <= last for chapter in told for spell in chapter.spells for part in spell.parts)


class TestSamples:
    @pytest.mark.parametrize("slug", SLUGS)
    def test_are_in_order_and_never_as_far_apart_as_silence(self, slug: str) -> None:
        found = samples_of(slug)

        assert all(before.at < after.at for before, after in pairwise(found))
        assert all(
            after.at - before.at <= STALE_AFTER for before, after in pairwise(found) if before.good and after.good
        )

    @pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "lathe-1"])
    def test_count_every_part_over_wraps_and_silences(self, slug: str) -> None:
        deltas = facts_of(slug).deltas

        assert sum(delta.good + delta.reject for delta in deltas) == made_of(slug)
        assert not facts_of(slug).alerts

    def test_a_reboot_loses_no_more_than_what_was_made_unseen(self) -> None:
        counted = sum(delta.good + delta.reject for delta in facts_of("lathe-1").deltas)

        assert 0 <= made_of("lathe-1") - counted <= 3
        assert any(sample.restarted for sample in samples_of("lathe-1"))

    def test_a_sixteen_bit_counter_wraps(self) -> None:
        totals = [sample.total for sample in samples_of("press-160t") if sample.total is not None]

        assert max(totals) < 65_536
        assert any(after < before for before, after in pairwise(totals))

    def test_a_line_may_count_good_parts_instead_of_all(self) -> None:
        assert all(one.total is None and one.good_count is not None for one in samples_of("mill-2") if one.good)

    @pytest.mark.parametrize("slug", SLUGS)
    def test_only_silent_controllers_have_no_signal(self, slug: str) -> None:
        has_gaps = any(change.state == State.NO_SIGNAL for change in facts_of(slug).changes)

        assert has_gaps or slug != "press-400t"
        assert not has_gaps or slug in {"press-400t", "lathe-1"}

    @pytest.mark.parametrize("slug", ["mill-1", "laser-2"])
    def test_deltas_are_short_enough_to_belong_to_one_run(self, slug: str) -> None:
        assert all(delta.end - delta.start <= 10 * SECOND for delta in facts_of(slug).deltas)


class TestStoryMachine:
    @pytest.mark.parametrize("slug", SLUGS)
    def test_shows_what_the_samples_of_the_past_have(self, slug: str) -> None:
        line = line_called(slug)
        machine = StoryMachine(PLAN, line)

        for sample in samples_of(slug):
            shown = machine.advance(sample.at)
            assert shown.silent != sample.good
            if sample.good:
                good = shown.total - shown.reject if line.good_counter else None
                total = None if line.good_counter else shown.total
                assert (shown.running, shown.fault, total, good, shown.reject) == (
                    sample.running, sample.fault, sample.total, sample.good_count, sample.reject,
                )  # fmt: skip

    def test_is_the_same_when_it_is_asked_only_now(self) -> None:
        line = line_called("press-160t")
        often = StoryMachine(PLAN, line)
        for at in range(START, UNTIL, 600 * SECOND):
            often.advance(at)

        assert StoryMachine(PLAN, line).advance(UNTIL) == often.advance(UNTIL)


class TestPlantFile:
    def text(self, count: int = 12) -> str:
        plan = make_plan(seed=1, start=START, count=count)
        return plant_toml(plan, {line.slug: Endpoint("127.0.0.1", 5020, line.index % 200 + 1) for line in plan.lines})

    def test_is_one_that_jobline_takes(self) -> None:
        found = plant_file.parse(self.text())

        assert [len(plant.lines) for plant in found.plants] == [9, 3]
        assert len({(plant.code, line.area) for plant in found.plants for line in plant.lines}) == 5
        assert [plant.time_zone for plant in found.plants] == ["America/Chicago", "Europe/Berlin"]
        assert all(len(plant.shifts) == 3 and all(shift.breaks for shift in plant.shifts) for plant in found.plants)

    def test_says_how_samples_are_read_as_the_history_reads_them(self) -> None:
        entries = {line.slug: line for plant in plant_file.parse(self.text()).plants for line in plant.lines}

        for line in PLAN.lines:
            entry, limits = entries[line.slug], line.limits
            assert (int(entry.debounce_s * SECOND), int(entry.stale_after_s * SECOND)) == (
                limits.debounce_us, limits.stale_after_us,
            )  # fmt: skip
            assert entry.max_rate_per_s == limits.max_rate_per_s
            widths = {name: spec["type"] for name, spec in (entry.plc or {})["signals"].items() if name in limits.bits}
            assert widths == {name: f"uint{bits}" for name, bits in limits.bits.items()}

    def test_uses_what_a_plant_may_configure(self) -> None:
        plants = plant_file.parse(self.text()).plants
        lines = [line for plant in plants for line in plant.lines]

        assert {line.concurrent_jobs for line in lines} == {"flag", "newest"}
        assert any(line.no_job_reason for line in lines)
        assert any(line.part_cycles for line in lines)
        assert any(line.fault_reasons for line in lines)
        assert all(plant.fault_reasons for plant in plants)
        assert any(line.resource_groups for line in lines)
        assert any(plant.exceptions for plant in plants)

    def test_has_sixty_codes_in_eight_groups(self) -> None:
        assert 55 <= len(reasons()) <= 65
        assert len({one.group for one in reasons()}) == 8
        assert len({one.code for one in reasons()}) == len(reasons())
        assert {one.category for one in reasons()} == set(plant_file.CATEGORIES)

    def test_names_only_codes_of_the_dictionary(self) -> None:
        found = plant_file.parse(self.text())
        codes = {(one.company, one.code) for one in found.reasons}

        for plant in found.plants:
            for line in plant.lines:
                named = {line.no_job_reason, *line.fault_reasons.values(), *plant.fault_reasons.values()} - {""}
                assert {(plant.company, code) for code in named} <= codes

    def test_grows_by_repeating_the_lines_under_new_names(self) -> None:
        plants = plant_file.parse(self.text(100)).plants
        lines = [line for plant in plants for line in plant.lines]

        assert len({line.slug for line in lines}) == len({line.name for line in lines}) == 100
        assert len({resource for line in lines for resource in line.resources + line.resource_groups}) == 100

    def test_the_welding_cells_share_a_gateway(self) -> None:
        assert endpoint_of(line_called("weld-cell-a")) == endpoint_of(line_called("weld-cell-b"))
        assert len({endpoint_of(line) for line in PLAN.lines}) == 11
