"""The simulated machine: the same for the same seed, however it is asked."""

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.simulators.plant.machine import SECOND, Machine, MachineProfile, Spell

DAY = 86_400 * SECOND
BUSY = MachineProfile(
    cycle_s=12,
    stops=(Spell(600, 5, 90), Spell(7200, 150, 1800, 12), Spell(20_000, 900, 3600)),
    silences=Spell(40_000, 15, 120),
    reboots=Spell(60_000, 20, 60),
    scrap_share=0.05,
)


class TestMachine:
    @settings(deadline=None, max_examples=20)
    @given(st.integers(0, 50), st.lists(st.integers(1, 3 * 3600 * SECOND), max_size=12))
    def test_is_the_same_however_often_it_is_asked(self, seed: int, steps: list[int]) -> None:
        once, often = Machine(BUSY, seed), Machine(BUSY, seed)
        end = sum(steps)

        for step in steps:
            often.advance(often.now + step)

        assert often.signals() == once.advance(end)
        assert (often.made, often.scrapped) == (once.made, once.scrapped)

    def test_walking_shows_every_change_where_it_happens(self) -> None:
        seen = list(Machine(BUSY, 3).walk(DAY, 60 * SECOND))
        edges = [at for at, _ in seen if at % (60 * SECOND)]

        assert len(edges) > 100
        assert [at for at, _ in seen] == sorted({at for at, _ in seen})
        for at, shown in seen[::50]:
            assert Machine(BUSY, 3).advance(at) == shown

    def test_makes_about_as_many_parts_as_its_cycle_says(self) -> None:
        machine = Machine(MachineProfile(cycle_s=10, scrap_share=0.1), 1)

        machine.advance(DAY)

        assert abs(machine.made - 8640) < 100
        assert 0.07 < machine.scrapped / machine.made < 0.13

    def test_a_narrow_counter_turns_over(self) -> None:
        machine = Machine(MachineProfile(cycle_s=1, counter_bits=16, first_total=65_530), 1)

        shown = machine.advance(100 * SECOND)

        assert shown.total == (65_530 + machine.made) % 65_536

    def test_after_a_reboot_counters_begin_at_zero_and_the_truth_goes_on(self) -> None:
        machine = Machine(MachineProfile(cycle_s=1), 1)
        machine.advance(60 * SECOND)
        before = machine.made

        machine.reboot(length_s=2)
        during = machine.advance(61 * SECOND)
        after = machine.advance(63 * SECOND)
        later = machine.advance(70 * SECOND)

        assert during.silent
        assert (after.restarted, later.restarted) == (True, False)
        assert (after.silent, later.silent) == (False, False)
        assert later.total == machine.made - before

    def test_a_held_machine_stands_and_finishes_its_part_later(self) -> None:
        machine = Machine(MachineProfile(cycle_s=10, scatter=0), 1)
        machine.advance(4 * SECOND)
        machine.hold(100 * SECOND, fault=7)

        held = machine.advance(99 * SECOND)
        machine.advance(105 * SECOND)
        early = machine.made
        machine.advance(107 * SECOND)

        assert (held.running, held.fault, held.total) == (False, 7, 0)
        assert (early, machine.made) == (0, 1)
