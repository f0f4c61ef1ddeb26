"""What a plant file may say of a machine, and what it is told when it says something else."""

from typing import Any

import pytest

from apps.lines.queries import counter_bits
from apps.plc.tables import pollable, read_table
from apps.plc.types import MapError

RUNNING = {"running": {"coil": 0}}


def table(signals: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"host": "10.20.0.11", "signals": RUNNING | (signals or {}), **more}


class TestReadTable:
    def test_the_example_of_the_plant_file_is_understood(self) -> None:
        device = read_table(
            {
                "host": "10.20.0.11",
                "port": 502,
                "device_id": 1,
                "poll_ms": 500,
                "signals": {
                    "running": {"coil": 0},
                    "total": {"holding": 100, "type": "uint32", "word_order": "big"},
                    "reject": {"holding": 102, "type": "uint32", "word_order": "big"},
                    "fault": {"holding": 110, "type": "uint16"},
                },
            }
        )

        assert device.endpoint == ("10.20.0.11", 502)
        assert [(one.name, one.area, one.address, one.type) for one in device.signals] == [
            ("running", "coil", 0, "bool"),
            ("total", "holding", 100, "uint32"),
            ("reject", "holding", 102, "uint32"),
            ("fault", "holding", 110, "uint16"),
        ]

    def test_defaults_are_those_of_the_documentation(self) -> None:
        device = read_table(table())

        assert (device.port, device.device_id, device.poll_ms, device.timeout_ms) == (502, 1, 500, 500)
        assert (device.max_registers, device.max_gap, device.backoff_ms, device.demote_after) == (
            125,
            16,
            (200, 10_000),
            3,
        )

    def test_good_count_is_another_name_for_good(self) -> None:
        device = read_table(table({"good_count": {"holding": 4}}))

        assert device.bits == {"good": 32}

    def test_an_address_counted_from_one_is_shifted(self) -> None:
        device = read_table(table({"running": {"coil": 1}, "total": {"holding": 101}}, address_base=1))

        assert [one.address for one in device.signals] == [0, 100]

    def test_two_bits_of_one_register_are_two_signals(self) -> None:
        device = read_table(table({"running": {"holding": 3, "bit": 0}, "fault": {"holding": 3, "bit": 5}}))

        assert [one.bit for one in device.signals] == [0, 5]

    @pytest.mark.parametrize(
        "spec", [{"type": "uint16"}, {"type": "int16"}, {"type": "uint32"}, {"type": "uint64"}, {}]
    )
    def test_counters_are_as_wide_here_as_in_the_line_s_policy(self, spec: dict[str, Any]) -> None:
        plc = table({"total": {"holding": 10, **spec}, "good_count": {"input": 10, **spec}})

        assert read_table(plc).bits == counter_bits(plc)


class TestMistakes:
    @pytest.mark.parametrize(
        ("plc", "sentence"),
        [
            ({"signals": RUNNING}, "plc has no host: give the machine's address or name."),
            ({"host": "h"}, "plc.signals is empty: name what is read"),
            (table(prot=502), "plc has an unknown key 'prot'"),
            (table({"running": {"coil": 0, "typ": "bool"}}), "plc.signals.running has an unknown key 'typ'"),
            (table({"speed": {"holding": 4}}), "plc.signals has an unknown key 'speed'"),
            (table(port=70_000), "port is 70000: use a whole number from 1 to 65535."),
            (table(device_id=True), "device_id is True: use a whole number from 0 to 255."),
            (table(poll_ms=0.5), "poll_ms is 0.5"),
            (table({"total": {"holding": 70_000}}), "plc.signals.total.holding is 70000"),
            (table({"total": {"holding": 65_535}}), "plc.signals.total reaches beyond holding 65535."),
            (table({"total": {"holding": 1, "coil": 2}}), "needs exactly one of coil, discrete, holding and input."),
            (table({"total": {"holding": 1, "type": "float32"}}), "plc.signals.total.type is 'float32'"),
            (table({"total": {"coil": 1}}), "plc.signals.total is a counter"),
            (table({"total": {"holding": 1, "word_order": "middle"}}), "plc.signals.total.word_order is 'middle'"),
            (table({"running": {"holding": 1}}), "plc.signals.running is a number"),
            (table({"running": {"coil": 1, "bit": 2}}), "plc.signals.running.bit is for registers"),
            (table({"running": {"holding": 1, "bit": 16}}), "plc.signals.running.bit is 16"),
            (table({"fault": {"holding": 1, "type": "uint64"}}), "plc.signals.fault is a code of 32 bits at most."),
            (table({"total": {"holding": 40_101}}), "write 100, or set address_base = 0"),
            (table({"total": {"holding": 0}}, address_base=1), "coil = 0 does not exist"),
            (table({"good": {"holding": 1}, "good_count": {"holding": 5}}), "the same counter, keep one"),
            (table(holes=[[9, 3]]), "holes is [9, 3]"),
        ],
    )
    def test_is_refused_with_a_sentence(self, plc: dict[str, Any], sentence: str) -> None:
        with pytest.raises(MapError) as caught:
            read_table(plc)

        assert sentence in str(caught.value)

    def test_two_registers_at_one_address_are_refused_by_name(self) -> None:
        with pytest.raises(MapError) as caught:
            read_table(table({"total": {"holding": 100, "type": "uint32"}, "reject": {"holding": 101}}))

        assert str(caught.value) == "plc.signals: total and reject both read holding 101."

    def test_three_counters_would_contradict_each_other(self) -> None:
        counters = {"total": {"holding": 0}, "good": {"holding": 2}, "reject": {"holding": 4}}

        with pytest.raises(MapError, match="read two of them"):
            read_table(table(counters))

    def test_a_line_without_running_may_be_loaded_and_not_polled(self) -> None:
        plc = {"host": "h", "signals": {"total": {"holding": 1}}}

        assert read_table(plc).bits == {"total": 32}
        with pytest.raises(MapError, match=r"plc.signals has no running"):
            pollable(plc)
