"""From registers to numbers, in both word orders."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.plc.decode import number, reading, values
from apps.plc.types import Block, Device, Signal
from apps.simulators.plant.bank import words_of

HOLDING = Block("holding", 100, 6)


def signal(kind: str, order: str = "big", **more: object) -> Signal:
    return Signal("fault", "holding", 100, kind, word_order=order, **more)  # type: ignore[arg-type]


class TestNumber:
    @pytest.mark.parametrize(
        ("kind", "order", "words", "expected"),
        [
            ("uint16", "big", (65_535,), 65_535),
            ("int16", "big", (65_535,), -1),
            ("uint32", "big", (1, 2), 65_538),
            ("uint32", "little", (2, 1), 65_538),
            ("int32", "big", (0xFFFF, 0xFFFE), -2),
            ("int32", "little", (0xFFFE, 0xFFFF), -2),
            ("uint64", "big", (0, 1, 0, 0), 1 << 32),
            ("uint64", "little", (0, 0, 1, 0), 1 << 32),
        ],
    )
    def test_is_what_the_registers_hold(self, kind: str, order: str, words: tuple[int, ...], expected: int) -> None:
        assert number(signal(kind, order), words) == expected

    @pytest.mark.parametrize(("bit", "expected"), [(0, 1), (1, 0), (8, 1), (15, 0)])
    def test_a_bit_is_counted_from_the_low_end(self, bit: int, expected: int) -> None:
        assert number(signal("bool", bit=bit), (0x0101,)) == expected

    def test_an_inverted_bit_is_the_other_one(self) -> None:
        assert number(signal("bool", bit=0, invert=True), (0,)) == 1
        assert number(Signal("running", "coil", 0, "bool", invert=True), (1,)) == 0

    @settings(deadline=None)
    @given(
        st.integers(0, 2**64 - 1), st.sampled_from(["uint16", "uint32", "uint64"]), st.sampled_from(["big", "little"])
    )
    def test_undoes_what_the_simulated_controller_does(self, value: int, kind: str, order: str) -> None:
        value %= 2 ** int(kind.removeprefix("uint"))

        assert number(signal(kind, order), words_of(value, kind, order)) == value


def device(*signals: Signal) -> Device:
    return Device("h", (Signal("running", "coil", 3, "bool"), *signals))


def coil(on: int) -> dict[Block, tuple[int, ...]]:
    return {Block("coil", 3, 1): (on,)}


class TestReading:
    def test_takes_each_signal_from_its_place_in_a_block(self) -> None:
        found = reading(
            device(Signal("total", "holding", 101, "uint32"), Signal("fault", "holding", 105, "uint16")),
            coil(1) | {HOLDING: (9, 0, 1200, 9, 9, 12)},
        )

        assert (found.running, found.total, found.good, found.reject, found.fault) == (True, 1200, None, None, 12)

    def test_a_signed_counter_that_turned_over_runs_on(self) -> None:
        one = device(Signal("total", "holding", 100, "int16"))

        assert reading(one, coil(1) | {HOLDING: (0x8000, 0, 0, 0, 0, 0)}).total == 32_768

    def test_a_fault_code_fits_the_database(self) -> None:
        one = device(Signal("fault", "holding", 100, "uint32"))

        assert reading(one, coil(0) | {HOLDING: (0xFFFF, 0xFFFF, 0, 0, 0, 0)}).fault == -1

    @pytest.mark.parametrize(("status", "expected"), [(6, True), (16, True), (9, False)])
    def test_running_may_be_one_of_several_state_numbers(self, status: int, expected: bool) -> None:
        one = Device("h", (Signal("running", "holding", 100, "uint16", values=(6, 16)),))

        assert reading(one, {HOLDING: (status, 0, 0, 0, 0, 0)}).running is expected

    def test_a_signal_that_no_block_brought_is_an_error_not_a_zero(self) -> None:
        with pytest.raises(KeyError):
            values(device(Signal("total", "input", 100, "uint16")), coil(1) | {HOLDING: (0,) * 6})
