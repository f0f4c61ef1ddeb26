"""How a machine behaves: cycles with scatter, stops, faults, scrap, counters that turn over, reboots. Pure.

Everything follows from (profile, seed, start): the machine is the same whether it is asked every 100 ms or once a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

SECOND = 1_000_000
NEVER = 1 << 62


class Signals(NamedTuple):
    """What the controller shows at an instant. Counters are as they stand in their registers."""

    running: bool
    total: int
    reject: int
    fault: int
    restarted: bool
    # The controller does not answer at all.
    silent: bool


@dataclass(frozen=True, slots=True)
class Spell:
    """Something that comes again and again: on average `every_s` after the end of the last, lasting between the two
    lengths (short ones are commoner). `fault` is the code that the controller shows meanwhile, 0 for none."""

    every_s: float
    shortest_s: float
    longest_s: float
    fault: int = 0


@dataclass(frozen=True, slots=True)
class MachineProfile:
    """A machine's habits. Times in seconds, shares from 0 to 1."""

    cycle_s: float = 30.0
    # Standard deviation of a cycle as a share of it; no cycle is shorter than 60 % or longer than 3 times.
    scatter: float = 0.04
    scrap_share: float = 0.01
    # Micro-stops, faults, changeovers, waits: all of them stops, told apart by length and code.
    stops: tuple[Spell, ...] = ()
    # The network is gone; the machine works on.
    silences: Spell | None = None
    # The controller restarts: silent and stopped meanwhile, then its counters begin at 0.
    reboots: Spell | None = None
    # How long `restarted` is shown after a reboot.
    restarted_s: float = 5.0
    counter_bits: int = 32
    first_total: int = 0
    first_reject: int = 0


@dataclass(slots=True)
class _Timer:
    """When a spell begins next and ends now (NEVER while it is not on)."""

    spell: Spell
    dice: Random
    begins: int
    ends: int = NEVER

    def plan(self, after: int) -> None:
        """Decide the next beginning."""
        every = self.spell.every_s
        self.begins = after + int(self.dice.expovariate(1 / every) * SECOND) + 1 if every > 0 else NEVER
        self.ends = NEVER

    def length_us(self) -> int:
        """Roll how long it lasts this time."""
        spell = self.spell
        share = self.dice.betavariate(1.3, 4.0)
        return int((spell.shortest_s + (spell.longest_s - spell.shortest_s) * share) * SECOND) + 1


@dataclass(slots=True)
class Machine:
    """A simulated machine that has been advanced up to `now` (µs UTC). `made` and `scrapped` are the truth: every
    part since the start, whatever its counters show."""

    profile: MachineProfile
    seed: int | str
    now: int = 0
    made: int = 0
    scrapped: int = 0
    _timers: list[_Timer] = field(default_factory=list)
    _silence: _Timer | None = None
    _reboot: _Timer | None = None
    _stop: _Timer | None = None
    _held: tuple[int, int] | None = None
    _parts: Random = field(default_factory=Random)
    _next_part: int = NEVER
    # Work left on the part in the machine while it stands.
    _left: int = 0
    _restarted_until: int = 0
    # Lifetime counts at which the registers stood at 0.
    _zero: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        profile = self.profile
        self._parts = Random(f"{self.seed}:parts")
        self._timers = [self._timer(spell, f"stop{place}") for place, spell in enumerate(profile.stops)]
        self._silence = self._timer(profile.silences, "silence") if profile.silences else None
        self._reboot = self._timer(profile.reboots, "reboot") if profile.reboots else None
        self._zero = (-profile.first_total, -profile.first_reject)
        self._next_part = self.now + self._cycle()

    @property
    def running(self) -> bool:
        """Whether it is producing now."""
        return self._next_part != NEVER

    def signals(self) -> Signals:
        """What its controller shows now."""
        bits = (1 << self.profile.counter_bits) - 1
        rebooting = self._reboot is not None and self._reboot.ends != NEVER
        silent = rebooting or (self._silence is not None and self._silence.ends != NEVER)
        return Signals(
            running=self.running,
            total=self.made - self._zero[0] & bits,
            reject=self.scrapped - self._zero[1] & bits,
            fault=self._fault(),
            restarted=self.now < self._restarted_until,
            silent=silent,
        )

    def advance(self, to_us: int) -> Signals:
        """Live up to an instant and show the signals then. An instant in the past changes nothing."""
        while self._next() <= to_us:
            self._happen()
        self.now = max(self.now, to_us)
        return self.signals()

    def walk(self, to_us: int, step_us: int) -> Iterator[tuple[int, Signals]]:
        """Live up to an instant, showing the signals at every step and exactly where anything but a count changes."""
        due = self.now + step_us
        shown = self.signals()
        while self.now < to_us:
            upcoming = self._next()
            if upcoming > min(due, to_us):
                at = min(due, to_us)
                due = at + step_us
                shown = self.advance(at)
                yield at, shown
                continue
            seen = self.advance(upcoming)
            if seen._replace(total=0, reject=0) != shown._replace(total=0, reject=0):
                due = upcoming + step_us
                yield upcoming, seen
            shown = seen

    def hold(self, until_us: int = NEVER, fault: int = 0) -> None:
        """Stand still from now on until an instant or `release`, whatever else happens, showing this code."""
        self._held = (until_us, fault)
        self._stand()

    def release(self) -> None:
        """End a `hold`."""
        self._held = None
        self._go()

    def reboot(self, length_s: float = 1.0) -> None:
        """Restart the controller now."""
        timer = self._reboot or self._timer(Spell(0, 0, 0), "reboot")
        self._reboot = timer
        self._stand()
        timer.begins, timer.ends = NEVER, self.now + int(length_s * SECOND)

    def _timer(self, spell: Spell, name: str) -> _Timer:
        timer = _Timer(spell, Random(f"{self.seed}:{name}"), NEVER)
        timer.plan(self.now)
        return timer

    def _cycle(self) -> int:
        scatter = self._parts.gauss(1.0, self.profile.scatter)
        return max(1, int(self.profile.cycle_s * min(max(scatter, 0.6), 3.0) * SECOND))

    def _fault(self) -> int:
        if self._held is not None:
            return self._held[1]
        return self._stop.spell.fault if self._stop is not None else 0

    def _others(self) -> list[_Timer]:
        return [timer for timer in (self._silence, self._reboot) if timer is not None]

    def _next(self) -> int:
        """When something happens next."""
        soonest = self._next_part
        for timer in (*self._timers, *self._others()):
            soonest = min(soonest, timer.begins, timer.ends)
        if self.now < self._restarted_until:
            soonest = min(soonest, self._restarted_until)
        return min(soonest, self._held[0]) if self._held else soonest

    def _happen(self) -> None:
        """Let the next thing happen; a part that is ready at the same instant counts first."""
        at = self.now = self._next()
        if at == self._next_part:
            self._finish_part()
        elif self._held is not None and at == self._held[0]:
            self.release()
        elif at != self._restarted_until:
            self._turn(at)

    def _finish_part(self) -> None:
        self.made += 1
        self.scrapped += self._parts.random() < self.profile.scrap_share
        self._next_part = self.now + self._cycle()

    def _turn(self, at: int) -> None:
        for timer in (*self._timers, *self._others()):
            if timer.ends == at:
                self._end(timer)
                return
            if timer.begins == at:
                self._begin(timer)
                return

    def _begin(self, timer: _Timer) -> None:
        is_stop = timer is not self._silence
        if timer is not self._silence and timer is not self._reboot:
            if not self.running:
                # It already stands for another reason: this one comes another time.
                timer.plan(self.now)
                return
            self._stop = timer
        timer.begins, timer.ends = NEVER, self.now + timer.length_us()
        if is_stop:
            self._stand()

    def _end(self, timer: _Timer) -> None:
        timer.plan(self.now)
        if timer is self._reboot:
            self._zero = (self.made, self.scrapped)
            self._restarted_until = self.now + int(self.profile.restarted_s * SECOND)
        if timer is self._stop:
            self._stop = None
        self._go()

    def _stand(self) -> None:
        if self.running:
            self._left, self._next_part = self._next_part - self.now, NEVER

    def _go(self) -> None:
        """Run again, unless another reason to stand is left."""
        rebooting = self._reboot is not None and self._reboot.ends != NEVER
        if not self.running and self._held is None and self._stop is None and not rebooting:
            self._next_part = self.now + self._left
