"""What a simulated controller holds: four areas of one unit, read and written as Modbus does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_BITS = {1: "coils", 2: "discretes", 5: "coils", 15: "coils"}
_WORDS = {3: "holding", 4: "inputs", 6: "holding", 16: "holding"}
SIZE = 65_536


@dataclass(slots=True)
class Bank:
    """One unit's coils, discrete inputs, holding and input registers, by zero-based address; unset is 0.

    `refresh` is called before every read: the machine brings its values up to now, and says False when the
    controller does not answer at all.
    """

    coils: dict[int, int] = field(default_factory=dict)
    discretes: dict[int, int] = field(default_factory=dict)
    holding: dict[int, int] = field(default_factory=dict)
    inputs: dict[int, int] = field(default_factory=dict)
    refresh: Callable[[], bool] = lambda: True
    # Registers that this device refuses with exception 2, [first, last].
    refused: tuple[tuple[int, int], ...] = ()

    def area(self, function: int) -> dict[int, int] | None:
        """The area that a function code reads or writes; None for a function that the device does not know."""
        name = _BITS.get(function) or _WORDS.get(function)
        found: dict[int, int] | None = getattr(self, name) if name else None
        return found

    def refuses(self, start: int, count: int) -> bool:
        """Whether the device does not have all of these addresses."""
        end = start + count
        return end > SIZE or any(first < end and start <= last for first, last in self.refused)

    def put(self, area: str, address: int, words: Sequence[int]) -> None:
        """Set registers or bits from an address on. `area` is coil, discrete, holding or input."""
        target = {"coil": self.coils, "discrete": self.discretes, "holding": self.holding, "input": self.inputs}[area]
        for offset, word in enumerate(words):
            target[address + offset] = word


def words_of(value: int, kind: str, order: str = "big") -> tuple[int, ...]:
    """A number as registers: `kind` as in the plant file (uint16 … uint64), high word first unless order is little."""
    width = {"uint16": 1, "int16": 1, "uint32": 2, "int32": 2, "uint64": 4}[kind]
    words = tuple(value >> shift & 0xFFFF for shift in range(16 * (width - 1), -1, -16))
    return words if order == "big" else words[::-1]
