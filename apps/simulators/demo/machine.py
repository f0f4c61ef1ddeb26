"""One machine as it runs along: spells of running with a piece every cycle or so, and spells of standing still."""

from dataclasses import dataclass, field
from random import Random

from apps.simulators.demo.types import Spell

# One piece in so many takes half as long again: a hard spot, a second try.
_SLOW_PIECE = 40


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast pieces come and how many are bad: one cycle in microseconds, its scatter, and a share of rejects."""

    cycle: float
    scatter: float
    scrap: float


@dataclass(slots=True)
class Machine:
    """Where the machine is in its story: `at`, and how far the piece in it still has to go."""

    at: int
    random: Random
    spells: list[Spell] = field(default_factory=list)
    left: int = 0
    # Good and bad pieces so far, whatever any counter shows.
    good: int = 0
    bad: int = 0
    # Set after a reboot: the next spell begins with the counters at zero.
    restarts: bool = False

    def stand(self, until: int, *, cause: str = "", fault: int = 0) -> None:
        """Stand still until then; a piece in the machine stays there half made."""
        if until > self.at:
            self.spells.append(Spell(self.at, until, running=False, fault=fault, cause=cause, restarts=self._restart()))
            self.at = until

    def run(self, until: int, pace: Pace, want: int | None = None) -> int:
        """Run until then, or until `want` more good pieces are made; returns how many good ones were."""
        if until <= self.at:
            return 0
        parts: list[int] = []
        bad: list[int] = []
        chance, limit = self.random.random, want if want is not None else 1 << 60
        done = self.at + (self.left or self._cycle(pace))
        while done < until:
            parts.append(done)
            if chance() < pace.scrap:
                bad.append(done)
            if len(parts) - len(bad) >= limit:
                until = done + 1
            done += self._cycle(pace)
        self.left = done - until
        self.spells.append(self._ran(until, parts, bad))
        self.at = until
        self.good += len(parts) - len(bad)
        self.bad += len(bad)
        return len(parts) - len(bad)

    def _ran(self, until: int, parts: list[int], bad: list[int]) -> Spell:
        return Spell(self.at, until, running=True, parts=tuple(parts), bad=tuple(bad), restarts=self._restart())

    def empty(self) -> None:
        """Take out what is in it: the next piece begins from nothing (a changeover)."""
        self.left = 0

    def _cycle(self, pace: Pace) -> int:
        chance = self.random.random()
        cycle = pace.cycle * (1 + pace.scatter * (2 * chance - 1))
        return int(cycle * 1.5 if chance * _SLOW_PIECE % 1 < 1 / _SLOW_PIECE else cycle)

    def _restart(self) -> bool:
        restarts, self.restarts = self.restarts, False
        return restarts
