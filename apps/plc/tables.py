"""Reading a line's `plc` table into a Device: every mistake is one sentence. Pure."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from apps.plc.types import BIT_AREAS, COUNTERS, FUNCTIONS, SIGNALS, WIDTHS, Area, Device, MapError, Signal

_NUMBERS: dict[str, tuple[int, int]] = {
    "port": (1, 65_535),
    "device_id": (0, 255),
    "poll_ms": (20, 3_600_000),
    "timeout_ms": (10, 60_000),
    "connect_timeout_ms": (10, 60_000),
    "pause_ms": (0, 10_000),
    "pause_after_connect_ms": (0, 60_000),
    "max_registers": (1, 125),
    "max_bits": (1, 2000),
    "max_gap": (0, 124),
    "demote_after": (1, 1000),
    "heartbeat_ms": (100, 3_600_000),
}
_OTHER = frozenset({"host", "signals", "backoff_ms", "holes", "address_base", "word_order"})
_SIGNAL_KEYS = frozenset({"type", "word_order", "bit", "invert", "values"})
# What people copy from a vendor's manual: 4xxxx is holding register xxxx - 1.
_MODICON: dict[Area, int] = {"discrete": 10_001, "input": 30_001, "holding": 40_001}


def read_table(table: Mapping[str, Any]) -> Device:
    """The device that a `[plant.line.plc]` table describes. Raises MapError with one sentence."""
    if not isinstance(table, Mapping):
        raise MapError("plc must be a table with host and signals.")
    _known(table, _NUMBERS.keys() | _OTHER, "plc")
    host = table.get("host")
    if not isinstance(host, str) or not host.strip():
        raise MapError("plc has no host: give the machine's address or name.")
    found: dict[str, Any] = {
        key: _number(table[key], key, low, high) for key, (low, high) in _NUMBERS.items() if key in table
    }
    if "backoff_ms" in table:
        found["backoff_ms"] = _pair(table["backoff_ms"], "backoff_ms")
    if "holes" in table:
        found["holes"] = tuple(_pair(hole, "holes") for hole in _list(table["holes"], "holes"))
    device = Device(host=host.strip(), signals=_signals(table), **found)
    _check_signals(device)
    return device


def pollable(table: Mapping[str, Any]) -> Device:
    """The same for a line that is to be polled now: a map that is still being filled in may be loaded, not polled."""
    device = read_table(table)
    if device.signal("running") is None:
        raise MapError("plc.signals has no running: without it nobody knows whether the line runs.")
    return device


def _signals(table: Mapping[str, Any]) -> tuple[Signal, ...]:
    signals = table.get("signals")
    if not isinstance(signals, Mapping) or not signals:
        raise MapError("plc.signals is empty: name what is read, running first of all.")
    named = {("good" if name == "good_count" else name): spec for name, spec in signals.items()}
    if len(named) != len(signals):
        raise MapError("plc.signals has good and good_count: they are the same counter, keep one.")
    _known(named, frozenset(SIGNALS), "plc.signals")
    order = _order(table.get("word_order", "big"), "plc.word_order")
    # Always in one order: PostgreSQL gives the keys of a table back in another than they were written.
    return tuple(_signal(name, named[name], table.get("address_base"), order) for name in SIGNALS if name in named)


def _signal(name: str, spec: Any, base: Any, order: str) -> Signal:
    where = f"plc.signals.{name}"
    if not isinstance(spec, Mapping):
        raise MapError(f"{where} must be a table like {{ holding = 100 }}.")
    _known(spec, _SIGNAL_KEYS | FUNCTIONS.keys(), where)
    areas: list[Area] = [area for area in FUNCTIONS if area in spec]
    if len(areas) != 1:
        raise MapError(f"{where} needs exactly one of coil, discrete, holding and input.")
    area = areas[0]
    bit = spec.get("bit")
    if bit is not None:
        bit = _number(bit, f"{where}.bit", 0, 15)
    return Signal(
        name=name,
        area=area,
        address=_address(spec[area], area, base, where),
        type=_type(name, spec, area),
        word_order=_order(spec.get("word_order", order), f"{where}.word_order"),
        bit=bit,
        invert=_flag(spec.get("invert", False), f"{where}.invert"),
        values=tuple(_number(one, f"{where}.values", 0, 65_535) for one in _list(spec.get("values", []), where)),
    )


def _type(name: str, spec: Mapping[str, Any], area: Area) -> str:
    where = f"plc.signals.{name}"
    single = area in BIT_AREAS or "bit" in spec
    # A counter without a type is 32 bits wide, as everywhere (FORMATS.md §2).
    kind = spec.get("type", "bool" if single else "uint32" if name in COUNTERS else "uint16")
    if area in BIT_AREAS and "bit" in spec:
        raise MapError(f"{where}.bit is for registers: a {area} is one bit already.")
    if kind == "bool" and not single:
        raise MapError(f"{where} is a whole register: say which bit, or give it a number type.")
    if kind != "bool" and single:
        raise MapError(f"{where} is one bit and can't be read as {kind}.")
    if kind != "bool" and kind not in WIDTHS:
        raise MapError(f"{where}.type is {kind!r}: use {', '.join(WIDTHS)}, or bool.")
    return str(kind)


def _address(raw: Any, area: Area, base: Any, where: str) -> int:
    if base not in (None, 0, 1):
        raise MapError(f"plc.address_base is {base!r}: use 0 or 1.")
    address = _number(raw, f"{where}.{area}", 0, 65_535)
    first = _MODICON.get(area)
    if base is None and first is not None and first <= address < first + 9_999:
        raise MapError(
            f"{where}: {area} = {address} looks like a number from a manual: write {address - first}, "
            f"or set address_base = 0 if it is the protocol address."
        )
    if base == 1 and address == 0:
        raise MapError(f"{where}: {area} = 0 does not exist where address_base is 1.")
    return address - (base or 0)


def _check_signals(device: Device) -> None:
    for signal in device.signals:
        _check_use(signal)
    if all(device.signal(name) for name in COUNTERS):
        raise MapError("plc.signals has total, good and reject: read two of them, the third follows.")
    ordered = sorted(device.signals, key=lambda signal: (signal.area, signal.address))
    for before, after in pairwise(ordered):
        if before.area == after.area and after.address < before.end and not _both_bits(before, after):
            raise MapError(f"plc.signals: {before.name} and {after.name} both read {after.area} {after.address}.")


def _check_use(signal: Signal) -> None:
    where = f"plc.signals.{signal.name}"
    is_bit = signal.type == "bool"
    if signal.end > 65_536:
        raise MapError(f"{where} reaches beyond {signal.area} 65535.")
    if signal.name in COUNTERS and (is_bit or signal.values or signal.invert):
        raise MapError(f"{where} is a counter: give it registers and a number type.")
    if signal.name == "running" and not is_bit and not signal.values:
        raise MapError(f"{where} is a number: say which bit, or which values mean that the line runs.")
    if signal.values and signal.type != "uint16":
        raise MapError(f"{where}.values needs a uint16 register.")
    if signal.invert and not is_bit:
        raise MapError(f"{where}.invert is for single bits.")
    if signal.name == "fault" and signal.type == "uint64":
        raise MapError(f"{where} is a code of 32 bits at most.")


def _both_bits(before: Signal, after: Signal) -> bool:
    """Two different bits of one register are two signals, not a mistake."""
    return before.bit is not None and after.bit is not None and before.bit != after.bit


def _known(table: Mapping[str, Any], keys: "frozenset[str] | set[str]", where: str) -> None:
    strange = sorted(set(table) - set(keys))
    if strange:
        raise MapError(f"{where} has an unknown key {strange[0]!r}: known are {', '.join(sorted(keys))}.")


def _number(raw: Any, where: str, low: int, high: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not low <= raw <= high:
        raise MapError(f"{where} is {raw!r}: use a whole number from {low} to {high}.")
    return raw


def _flag(raw: Any, where: str) -> bool:
    if not isinstance(raw, bool):
        raise MapError(f"{where} is {raw!r}: use true or false.")
    return raw


def _order(raw: Any, where: str) -> str:
    if raw not in ("big", "little"):
        raise MapError(f"{where} is {raw!r}: use big (high word first) or little.")
    return str(raw)


def _list(raw: Any, where: str) -> list[Any]:
    if not isinstance(raw, (list, tuple)):
        raise MapError(f"{where} is {raw!r}: use a list.")
    return list(raw)


def _pair(raw: Any, where: str) -> tuple[int, int]:
    found = [_number(one, where, 0, 65_535) for one in _list(raw, where)]
    if len(found) != 2 or found[0] > found[1]:
        raise MapError(f"{where} is {raw!r}: use two numbers, the smaller first.")
    return found[0], found[1]
