"""From a device's signals to as few read requests as its limits allow. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from apps.plc.types import BIT_AREAS, Area, Block, Device, MapError, ReadPlan, Signal

# 16 bits travel like one register: a gap of bits may be as much wider.
_BITS_A_REGISTER = 16


def plan(device: Device) -> ReadPlan:
    """The read requests of one poll: gaps are bridged up to `max_gap`, no value and no limit is cut.

    Raises MapError where a value can't be read whole (a hole in it, or more registers than the device gives).
    """
    blocks: list[Block] = []
    wanted = 0
    # The counters' block goes first: after a reconnect they are what must not wait.
    for area in ("holding", "input", "coil", "discrete"):
        spans = _spans(signal for signal in device.signals if signal.area == area)
        wanted += len({address for start, end in spans for address in range(start, end)})
        blocks.extend(_merge(device, area, spans))
    return ReadPlan(tuple(blocks), wanted)


def without_gaps(device: Device) -> ReadPlan:
    """The plan that reads wanted addresses only: for a device that refuses a block with a gap in it."""
    return plan(replace(device, max_gap=0))


def _spans(signals: Iterable[Signal]) -> list[tuple[int, int]]:
    """[start, end) of every value in order; bits of one register are one span."""
    return sorted({(signal.address, signal.end) for signal in signals})


def _merge(device: Device, area: Area, spans: Sequence[tuple[int, int]]) -> list[Block]:
    bits = area in BIT_AREAS
    limit = device.max_bits if bits else device.max_registers
    gap = device.max_gap * (_BITS_A_REGISTER if bits else 1)
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if end - start > limit or (not bits and _in_hole(device, start, end)):
            raise MapError(f"plc: {area} {start} to {end - 1} can't be read in one request of this device.")
        before = found[-1] if found else None
        joins = before is not None and start - before[1] <= gap and max(end, before[1]) - before[0] <= limit
        if before is not None and joins and (bits or not _in_hole(device, before[1], start)):
            found[-1] = (before[0], max(end, before[1]))
        else:
            found.append((start, end))
    return [Block(area, start, end - start) for start, end in found]


def _in_hole(device: Device, start: int, end: int) -> bool:
    return any(first < end and start <= last for first, last in device.holes)
