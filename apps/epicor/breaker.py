"""When to leave Epicor alone: a circuit breaker over the poll's own record, and a pace for calls. Pure."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from apps.shared.instants import SECOND

# A blip is not an outage: the breaker opens at the third failure in a row.
OPENS_AT = 3
_FIRST_WAIT = 5 * SECOND
_LONGEST_WAIT = 300 * SECOND


class State(StrEnum):
    """Closed: ask as usual. Open: don't ask. Half open: one try decides."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Verdict(NamedTuple):
    """What the breaker says now, and when the next try is due (µs; 0 while closed)."""

    state: State
    next_try: int


def verdict(*, failures: int, tried_at: int | None, now: int, seed: str) -> Verdict:
    """The breaker of a connection whose last `failures` looks in a row failed, the latest at `tried_at` (µs).

    `seed` (the company) spreads the tries of many connections: the jitter is fixed for a seed and a count.
    """
    if failures < OPENS_AT or tried_at is None:
        return Verdict(State.CLOSED, 0)
    next_try = tried_at + wait_after(failures, seed)
    return Verdict(State.HALF_OPEN if now >= next_try else State.OPEN, next_try)


def wait_after(failures: int, seed: str) -> int:
    """How long to wait after so many failures in a row, in µs: doubling from 5 s to 5 min, 20 % either way."""
    doubled = min(_FIRST_WAIT << min(max(failures - OPENS_AT, 0), 10), _LONGEST_WAIT)
    draw = hashlib.sha256(f"{seed}:{failures}".encode()).digest()[0]
    return doubled * (800 + draw * 400 // 255) // 1000


@dataclass(slots=True)
class Pace:
    """A token bucket: `per_second` calls in the long run, `burst` at once. Times are seconds of any steady clock."""

    per_second: float
    burst: float
    _tokens: float | None = None
    _at: float = 0.0

    def wait(self, now: float) -> float:
        """Take a token; how many seconds the caller has to wait for it (0 for none)."""
        self._refill(now)
        tokens = (self._tokens or 0.0) - 1
        self._tokens = tokens
        return max(-tokens / self.per_second, 0.0)

    def allows(self, now: float) -> float:
        """Take a token if there is one: 0, else nothing is taken and it is the seconds until there is one."""
        self._refill(now)
        tokens = self._tokens or 0.0
        if tokens < 1:
            return (1 - tokens) / self.per_second
        self._tokens = tokens - 1
        return 0.0

    def _refill(self, now: float) -> None:
        if self._tokens is None:
            self._tokens = self.burst
        else:
            self._tokens = min(self._tokens + max(now - self._at, 0.0) * self.per_second, self.burst)
        self._at = now
