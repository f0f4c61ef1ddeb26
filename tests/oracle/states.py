"""From samples to the state timeline (SEMANTICS §3, FORMATS §2)."""

from fractions import Fraction

from tests.oracle.facts import Sample
from tests.oracle.instants import joined

State = tuple[int, int, str]


def raw(samples: list[Sample], stale_after: Fraction, now: int) -> list[State]:
    """FORMATS §2: "State between two good samples not further apart than `stale_after_s` is that of the earlier
    one; further apart, it is `no_signal` from the earlier sample until the later one. After the last one, now is
    the later one."""
    good = [sample for sample in samples if sample.good]
    result = []
    for sample, until in zip(good, [later.at for later in good[1:]] + [now], strict=False):
        said = "running" if sample.running else "stopped"
        state = said if until - sample.at <= stale_after else "no_signal"
        if sample.at < until:
            result.append((sample.at, until, state))
    return joined(result)


def timeline(samples: list[Sample], stale_after: Fraction, debounce: Fraction, now: int) -> list[State]:
    """§3: "a change between `running` and `stopped` counts once it has held for the line's `debounce_s`, and is then
    dated at the first sample that showed it; a shorter one leaves the state as it was. The first state after
    `no_signal` counts at once."""
    result = []
    current = "no_signal"
    for start, end, state in raw(samples, stale_after, now):
        if "no_signal" in (state, current) or end - start >= debounce:
            current = state
        result.append((start, end, current))
    return joined(result)


def commissioned(samples: list[Sample]) -> int | None:
    """§3: "since a line was commissioned (its first good sample)"."""
    return next((sample.at for sample in samples if sample.good), None)


def touches_no_signal(states: list[State], start: int, end: int) -> bool:
    """§7: "one whose span touches that state": some instant of the span lies in it."""
    return any(state == "no_signal" and s < end and start < e for s, e, state in states)
