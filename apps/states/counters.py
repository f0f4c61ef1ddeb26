"""The counter step (SEMANTICS.md §7): a PLC counter only tells differences. Pure."""

from collections.abc import Container
from typing import NamedTuple

from apps.shared.instants import SECOND
from apps.states.types import Alert, CounterNow, Limits, Sample


class Counted(NamedTuple):
    """Parts of one counter that one sample settled: (start, end, parts), and what a person should know."""

    now: CounterNow
    spans: tuple[tuple[int, int, int], ...] = ()
    alerts: tuple[tuple[str, int], ...] = ()


def within(parts: int, span_us: int, limits: Limits) -> bool:
    """Whether that many parts can have been made in the span: max_rate × its seconds, at least 1 s."""
    rate = limits.max_rate_per_s
    return parts * SECOND * rate.denominator <= rate.numerator * max(span_us, SECOND)


def count(before: CounterNow | None, at: int, value: int, bits: int, limits: Limits, *, restarted: bool) -> Counted:
    """Settle one good sample of one counter."""
    if before is None:
        return Counted(CounterNow(at, value))
    if restarted:
        return _restart(before, at, value, limits)
    parts = (value - before.value) % (1 << bits)
    if parts == 0 and before.held_at is None:
        return Counted(CounterNow(at, value))
    if within(parts, at - before.at, limits):
        # Also where a value was held: that was a glitch, and the baseline still stands.
        return Counted(CounterNow(at, value), ((before.at, at, parts),))
    if before.held_at is None:
        return Counted(CounterNow(before.at, before.value, at, value))
    since_held = (value - before.held_value) % (1 << bits)
    if not within(since_held, at - before.held_at, limits):
        return Counted(CounterNow(before.at, before.value, at, value))
    return _believe(before, at, value, since_held, limits)


def _restart(before: CounterNow, at: int, value: int, limits: Limits) -> Counted:
    if within(value, at - before.at, limits):
        return Counted(CounterNow(at, value), ((before.at, at, value),))
    return Counted(CounterNow(at, value), (), (("reset_lost", value),))


def _believe(before: CounterNow, at: int, value: int, since_held: int, limits: Limits) -> Counted:
    """The held value was true: a reset where it fell, a jump where it rose; then count on from it."""
    held_at = before.held_at or before.at
    rest = (held_at, at, since_held)
    if before.held_value > before.value:
        return Counted(CounterNow(at, value), (rest,), (("jump", before.held_value - before.value),))
    if within(before.held_value, held_at - before.at, limits):
        return Counted(CounterNow(at, value), ((before.at, held_at, before.held_value), rest))
    return Counted(CounterNow(at, value), (rest,), (("reset_lost", before.held_value),))


def read_of(sample: Sample) -> tuple[tuple[str, int], ...]:
    """The counters that a sample carries, by name."""
    found = []
    if sample.total is not None:
        found.append(("total", sample.total))
    if sample.good_count is not None:
        found.append(("good", sample.good_count))
    if sample.reject is not None:
        found.append(("reject", sample.reject))
    return tuple(found)


def split(counts: dict[str, int], read: Container[str]) -> tuple[int, int]:
    """(good, reject) of one span; of two counters that the line reads the third follows, unclamped."""
    total, good, reject = counts.get("total", 0), counts.get("good", 0), counts.get("reject", 0)
    if "total" not in read:
        return good, reject
    if "reject" in read:
        return total - reject, reject
    if "good" in read:
        return good, total - good
    return total, 0


def alerts_at(at: int, name: str, found: tuple[tuple[str, int], ...]) -> list[Alert]:
    """The alerts of one counter, dated to the sample that decided them."""
    return [Alert(at, what, name, parts) for what, parts in found]
