"""The demo's machines behind Modbus TCP: each line's story, shown in the registers that its plant-file row names."""

from bisect import bisect_right
from collections.abc import Callable, Mapping

from apps.shared.instants import SECOND
from apps.simulators.demo.floor import DemoLine
from apps.simulators.demo.plan import DemoPlan
from apps.simulators.demo.plant_toml import Endpoint, signals
from apps.simulators.demo.samples import Registers
from apps.simulators.demo.story import chapters
from apps.simulators.demo.types import Chapter, Spell
from apps.simulators.plant.machine import Signals
from apps.simulators.plant.plant import SimulatedPlant
from apps.simulators.plant.server import ModbusServer

# How long the restart bit shows after a reboot.
_RESTARTED = 5 * SECOND


class StoryMachine:
    """A machine that lives its line's story, for a simulated controller to show."""

    def __init__(self, plan: DemoPlan, line: DemoLine) -> None:
        self._chapters = chapters(plan, line)
        self._registers = Registers(line)
        self._chapter: Chapter = next(self._chapters)
        self._place = -1
        self._counted = 0
        self._restarted_at: int | None = None
        self._enter_next()

    def advance(self, to_us: int) -> Signals:
        """Live up to an instant and show the signals then. An instant in the past shows what was shown last."""
        self._count(to_us)
        while self._spell.end <= to_us:
            self._enter_next()
            self._count(to_us)
        sample = self._registers.read(to_us)
        restarted_at = self._restarted_at
        return Signals(
            running=sample.running,
            total=self._registers.total,
            reject=sample.reject or 0,
            fault=sample.fault,
            restarted=restarted_at is not None and to_us < restarted_at + _RESTARTED,
            silent=any(start <= to_us < end for start, end in self._chapter.silences),
        )

    @property
    def _spell(self) -> Spell:
        return self._chapter.spells[self._place]

    def _enter_next(self) -> None:
        self._place += 1
        while self._place == len(self._chapter.spells):
            self._chapter, self._place = next(self._chapters), 0
        self._counted = 0
        self._registers.enter(self._spell)
        if self._spell.restarts:
            self._restarted_at = self._spell.start

    def _count(self, until: int) -> None:
        spell = self._spell
        made = bisect_right(spell.parts, until)
        if made > self._counted:
            fresh = spell.parts[self._counted : made]
            bad = bisect_right(spell.bad, until) - bisect_right(spell.bad, fresh[0] - 1)
            self._registers.count(len(fresh), bad)
            self._counted = made


class Controllers:
    """The controllers of every line. Lines of the welding area share one gateway, the others have a port each."""

    def __init__(self, plan: DemoPlan, clock: Callable[[], int], ports: Mapping[str, int]) -> None:
        self._plant = SimulatedPlant(clock)
        self._servers: dict[str, ModbusServer] = {}
        self._units: dict[str, tuple[str, int]] = {}
        for line in plan.lines:
            name = endpoint_of(line)
            server = self._servers.setdefault(name, ModbusServer({}, port=ports.get(name, 0)))
            unit = len(server.banks) + 1
            self._units[line.slug] = name, unit
            self._plant.add(line.slug, StoryMachine(plan, line), signals(line), server=server, unit=unit)

    async def start(self) -> None:
        """Listen. Raises OSError where a port that was asked for is taken."""
        await self._plant.start()

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        await self._plant.stop()

    @property
    def ports(self) -> dict[str, int]:
        """The port of each endpoint once it listens: give them again at the next start."""
        return {name: server.port for name, server in self._servers.items()}

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """Where each line's controller answers, by slug: for the plant file."""
        found = {}
        for slug, (name, unit) in self._units.items():
            server = self._servers[name]
            found[slug] = Endpoint(server.host, server.port, unit)
        return found


def endpoint_of(line: DemoLine) -> str:
    """The name of the endpoint behind which a line's controller is."""
    return f"gateway-{line.plant.code}-{line.copy}" if line.area == "Welding" else line.slug
