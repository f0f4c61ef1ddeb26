"""From signals to requests: few, within limits, and no value ever cut."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.plc.plan import plan, without_gaps
from apps.plc.types import BIT_AREAS, WIDTHS, Block, Device, MapError, Signal


def device(*signals: Signal, **more: int) -> Device:
    return replace(Device("h", signals), **more)  # type: ignore[arg-type]


def register(address: int, kind: str = "uint16", name: str = "fault") -> Signal:
    return Signal(name, "holding", address, kind)


class TestPlan:
    def test_near_registers_share_a_request(self) -> None:
        found = plan(device(register(100, "uint32"), register(110)))

        assert found.blocks == (Block("holding", 100, 11),)
        assert (found.read, found.wasted) == (11, 8)

    def test_far_registers_do_not(self) -> None:
        found = plan(device(register(100), register(118)))

        assert found.blocks == (Block("holding", 100, 1), Block("holding", 118, 1))

    def test_a_gap_of_just_the_limit_is_bridged(self) -> None:
        assert len(plan(device(register(0), register(17))).blocks) == 1
        assert len(plan(device(register(0), register(18))).blocks) == 2

    def test_a_block_stops_at_the_device_s_limit_without_cutting_a_value(self) -> None:
        found = plan(device(register(0), register(3, "uint64"), max_registers=6))

        assert found.blocks == (Block("holding", 0, 1), Block("holding", 3, 4))

    def test_a_hole_is_never_read(self) -> None:
        found = plan(replace(device(register(0), register(9)), holes=((4, 5),)))

        assert found.blocks == (Block("holding", 0, 1), Block("holding", 9, 1))

    def test_a_value_in_a_hole_is_refused(self) -> None:
        with pytest.raises(MapError, match="holding 4 to 5"):
            plan(replace(device(register(4, "uint32")), holes=((5, 5),)))

    def test_a_value_larger_than_a_request_is_refused(self) -> None:
        with pytest.raises(MapError):
            plan(device(register(4, "uint64"), max_registers=2))

    def test_counters_are_asked_before_bits(self) -> None:
        found = plan(device(Signal("running", "coil", 0, "bool"), register(7)))

        assert [block.area for block in found.blocks] == ["holding", "coil"]

    def test_two_bits_of_one_register_are_read_once(self) -> None:
        bits = [Signal(name, "holding", 5, "bool", bit=bit) for name, bit in (("running", 0), ("fault", 9))]

        assert plan(device(*bits)) == plan(device(bits[0]))

    def test_without_gaps_nothing_is_wasted(self) -> None:
        found = without_gaps(device(register(0), register(1), register(9)))

        assert found.blocks == (Block("holding", 0, 2), Block("holding", 9, 1))
        assert found.wasted == 0


_SIGNALS = st.builds(
    Signal,
    name=st.just("fault"),
    area=st.sampled_from(["coil", "discrete", "holding", "input"]),
    address=st.integers(0, 400),
    type=st.sampled_from(sorted(WIDTHS)),
).map(lambda one: replace(one, type="bool") if one.area in BIT_AREAS else one)
_DEVICES = st.builds(
    Device,
    host=st.just("h"),
    signals=st.lists(_SIGNALS, min_size=1, max_size=12).map(tuple),
    max_registers=st.integers(4, 125),
    max_bits=st.integers(1, 2000),
    max_gap=st.integers(0, 40),
)


class TestAnyPlan:
    @settings(deadline=None)
    @given(_DEVICES)
    def test_reads_every_value_whole_and_within_the_limits(self, one: Device) -> None:
        found = plan(one)

        for signal in one.signals:
            assert any(
                block.area == signal.area and block.start <= signal.address and signal.end <= block.start + block.count
                for block in found.blocks
            )
        for block in found.blocks:
            assert 1 <= block.count <= (one.max_bits if block.area in BIT_AREAS else one.max_registers)
        assert found.wasted >= 0

    @settings(deadline=None)
    @given(_DEVICES)
    def test_needs_no_more_requests_than_without_bridging(self, one: Device) -> None:
        assert len(plan(one).blocks) <= len(without_gaps(one).blocks)
