"""What a line's `plc` table says (FORMATS.md §1): one device behind one endpoint, and its signals. Plain Python."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Area = Literal["coil", "discrete", "holding", "input"]
# The function code that reads each area. There is none here that writes.
FUNCTIONS: dict[Area, int] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
BIT_AREAS = frozenset({"coil", "discrete"})
# Registers that a number takes.
WIDTHS = {"uint16": 1, "int16": 1, "uint32": 2, "int32": 2, "uint64": 4}
COUNTERS = ("total", "good", "reject")
# What a signal means to us: a yes or no, a number that only rises, or a code.
SIGNALS = ("running", *COUNTERS, "fault", "restarted", "heartbeat")


class MapError(ValueError):
    """A `plc` table that can't be used; the message is one sentence for the person who wrote it."""


class EndpointKey(NamedTuple):
    """Where a connection goes. Devices with the same key share one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Signal:
    """One value of a device: where it stands (zero-based protocol address) and how it is read.

    `type` is "bool" for coils, discrete inputs and single bits. `values` non-empty: yes when the number is one of them.
    """

    name: str
    area: Area
    address: int
    type: str
    word_order: str = "big"
    bit: int | None = None
    invert: bool = False
    values: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """Addresses that the value takes."""
        return WIDTHS.get(self.type, 1)

    @property
    def end(self) -> int:
        """The address after the last one."""
        return self.address + self.width


@dataclass(frozen=True, slots=True)
class Device:
    """One line's machine as the poller needs it; spans in milliseconds, addresses zero-based."""

    host: str
    signals: tuple[Signal, ...]
    port: int = 502
    device_id: int = 1
    poll_ms: int = 500
    timeout_ms: int = 500
    connect_timeout_ms: int = 2000
    pause_ms: int = 0
    pause_after_connect_ms: int = 0
    max_registers: int = 125
    max_bits: int = 2000
    max_gap: int = 16
    backoff_ms: tuple[int, int] = (200, 10_000)
    demote_after: int = 3
    heartbeat_ms: int = 5000
    # Register addresses [first, last] that are never read, not even to bridge a gap.
    holes: tuple[tuple[int, int], ...] = ()

    @property
    def endpoint(self) -> EndpointKey:
        """The connection that this device shares."""
        return EndpointKey(self.host, self.port)

    @property
    def bits(self) -> dict[str, int]:
        """Width in bits of each counter that is read, by name."""
        return {signal.name: 16 * signal.width for signal in self.signals if signal.name in COUNTERS}

    def signal(self, name: str) -> Signal | None:
        """The signal of that name, where the device has one."""
        return next((signal for signal in self.signals if signal.name == name), None)


@dataclass(frozen=True, slots=True)
class Block:
    """One read request: `count` registers or bits of an area from `start` on."""

    area: Area
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """The requests that one poll of a device takes, in order, and what they cost."""

    blocks: tuple[Block, ...]
    # Addresses that are wanted; the rest of what is read bridges gaps.
    wanted: int

    @property
    def read(self) -> int:
        """Registers and bits read in one poll."""
        return sum(block.count for block in self.blocks)

    @property
    def wasted(self) -> int:
        """Registers and bits that are read only to save a request."""
        return self.read - self.wanted
