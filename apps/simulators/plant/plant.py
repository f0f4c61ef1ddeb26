"""Machines behind servers: each machine's signals stand where its line's `plc` table says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from apps.simulators.plant.bank import Bank, words_of
from apps.simulators.plant.machine import Signals
from apps.simulators.plant.server import ModbusServer

_AREAS = ("coil", "discrete", "holding", "input")
Clock = Callable[[], int]


class Advancing(Protocol):
    """Whatever lives along in time and shows signals: a Machine, or another model of one."""

    def advance(self, to_us: int) -> Signals:
        """What it shows at an instant; those asked for only ever rise."""
        ...


@dataclass(slots=True)
class SimulatedMachine:
    """One machine with its controller: reading a register first brings the machine up to now.

    `frozen` keeps the registers as a test has set them.
    """

    machine: Advancing
    signals: Mapping[str, Mapping[str, Any]]
    clock: Clock
    bank: Bank
    frozen: bool = False

    def refresh(self) -> bool:
        """Bring the registers up to now; False while the controller is silent."""
        if self.frozen:
            return True
        shown = self.machine.advance(self.clock())
        self.show(shown)
        return not shown.silent

    def show(self, shown: Signals) -> None:
        """Put signals where the table says."""
        found = {**shown._asdict(), "good": shown.total - shown.reject}
        found["good_count"] = found["good"]
        for name, spec in self.signals.items():
            place(self.bank, spec, int(found.get(name, 0)))


def place(bank: Bank, spec: Mapping[str, Any], value: int) -> None:
    """Set one signal of the plant file's short form, `{ holding = 100, type = "uint32" }`, to a value."""
    area = next(area for area in _AREAS if area in spec)
    address = int(spec[area])
    if spec.get("invert"):
        value = int(not value)
    if "bit" in spec:
        words = bank.holding if area == "holding" else bank.inputs
        mask = 1 << int(spec["bit"])
        words[address] = words.get(address, 0) & ~mask | (mask if value else 0)
    elif area in ("coil", "discrete"):
        bank.put(area, address, [int(bool(value))])
    else:
        if "values" in spec:
            value = int(spec["values"][0]) if value else 0
        kind = str(spec.get("type", "uint16")).replace("int", "uint").replace("uuint", "uint")
        bits = {"uint16": 16, "uint32": 32, "uint64": 64}[kind]
        bank.put(area, address, words_of(value & (1 << bits) - 1, kind, str(spec.get("word_order", "big"))))


class SimulatedPlant:
    """All simulated machines of a plant, by line; one server for each host and port."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.machines: dict[str, SimulatedMachine] = {}
        self.servers: list[ModbusServer] = []

    def add(
        self, line: str, machine: Advancing, signals: Mapping[str, Any], *, server: ModbusServer, unit: int
    ) -> None:
        """Put a machine behind a server as a unit; `signals` as in the line's `plc.signals`."""
        bank = Bank()
        simulated = SimulatedMachine(machine, signals, self._clock, bank)
        bank.refresh = simulated.refresh
        server.banks[unit] = bank
        self.machines[line] = simulated
        if server not in self.servers:
            self.servers.append(server)

    def add_table(self, line: str, machine: Advancing, table: Mapping[str, Any]) -> ModbusServer:
        """Put a machine where a line's `plc` table points (host, port, device_id), on a server of its own or the one
        that listens there already."""
        host, port = str(table["host"]), int(table.get("port", 502))
        server = next((one for one in self.servers if port and (one.host, one.port) == (host, port)), None)
        server = server or ModbusServer({}, host=host, port=port)
        self.add(line, machine, table["signals"], server=server, unit=int(table.get("device_id", 1)))
        return server

    async def start(self) -> None:
        """Listen on every server."""
        for server in self.servers:
            await server.start()

    async def stop(self) -> None:
        """Stop every server."""
        for server in self.servers:
            await server.stop()
