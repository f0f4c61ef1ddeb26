"""Deltas to shares, one stretch of binding each, and scrap (SEMANTICS §7)."""

from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.binding import Binding
from tests.oracle.counts import Delta
from tests.oracle.facts import Scrap
from tests.oracle.instants import SECOND
from tests.oracle.states import State, touches_no_signal

GAP = 10 * SECOND
Stretch = tuple[int, int, Binding]


@dataclass
class Share:
    """A delta, or its share over one stretch; scrap moves its good to reject."""

    start: int
    end: int
    binding: Binding
    good: int
    reject: int
    ideal: bool

    @property
    def last(self) -> int:
        """§7: "a delta belongs to the window that holds its last instant"."""
        return self.end - 1


def apportion(figure: int, lengths: list[int]) -> list[int]:
    """§7: "by overlap, whole parts by largest remainder (ties to the earlier; a negative figure as the positive one
    with its sign)"."""
    exact = [Fraction(abs(figure) * length, sum(lengths)) for length in lengths]
    whole = [int(quota) for quota in exact]
    by_remainder = sorted(range(len(lengths)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[: abs(figure) - sum(whole)]:
        whole[i] += 1
    return [-part for part in whole] if figure < 0 else whole


def _shared(delta: Delta, stretches: list[Stretch]) -> list[tuple[Stretch, int, int]]:
    """§7: over at most 10 s "the run in force at its last instant"; beyond, "shared over the runs, and the stretches
    without one, in the interval"."""
    if delta.end - delta.start <= GAP:
        binding = next(b for s, e, b in stretches if s <= delta.end - 1 < e)
        return [((delta.start, delta.end, binding), delta.good, delta.reject)]
    inside = [(max(s, delta.start), min(e, delta.end), b) for s, e, b in stretches if s < delta.end and delta.start < e]
    lengths = [e - s for s, e, _ in inside]
    return list(zip(inside, apportion(delta.good, lengths), apportion(delta.reject, lengths), strict=True))


def shares(deltas: list[Delta], stretches: list[Stretch], states: list[State]) -> list[Share]:
    """§7: parts "over `no_signal`, which is one whose span touches that state, count … in no ideal time"."""
    return [
        Share(start, end, binding, good, reject, not touches_no_signal(states, start, end))
        for delta in deltas
        for (start, end, binding), good, reject in _shared(delta, stretches)
        if good or reject
    ]


def take_scrap(made: list[Share], scraps: list[Scrap]) -> int:
    """§7: "moves parts from good to reject …; never below zero: it takes the line's latest good parts of deltas that
    had ended by then, whichever the operation; what finds none is … not counted". Returns how many found none."""
    lost = 0
    for scrap in sorted(scraps, key=lambda scrap: (scrap.at, scrap.qty, scrap.code, scrap.by)):
        left = scrap.qty
        for share in sorted(made, key=lambda share: share.end, reverse=True):
            if share.end <= scrap.at:
                moved = min(left, max(share.good, 0))
                share.good, share.reject, left = share.good - moved, share.reject + moved, left - moved
        lost += left
    return lost
