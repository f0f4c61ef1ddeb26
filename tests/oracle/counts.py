"""The counter rules (SEMANTICS §7): samples to deltas."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.facts import Sample
from tests.oracle.instants import SECOND

Span = tuple[int, int]


@dataclass(frozen=True)
class Reading:
    at: int
    value: int
    restarted: bool


@dataclass(frozen=True)
class Delta:
    start: int
    end: int
    good: int
    reject: int


def settle(  # noqa: C901 - the whole rule, in the order of its sentences
    readings: Iterable[Reading], width: int, max_rate: Fraction
) -> dict[Span, int]:
    """§7: the counts of one counter by span. The comments are the sentences of the first list."""
    counts: dict[Span, int] = {}

    def within(count: int, start: int, end: int) -> bool:
        # "The limit of a span is `max_rate_per_s` × its seconds, at least 1 s."
        return count <= max_rate * max(Fraction(end - start, SECOND), Fraction(1))

    def difference(before: Reading, now: Reading) -> int:
        # "d = (now − before) mod 2^width"
        return (now.value - before.value) % (1 << width)

    def agrees(before: Reading, now: Reading) -> bool:
        return within(difference(before, now), before.at, now.at)

    baseline: Reading | None = None
    held: Reading | None = None
    for now in readings:
        if baseline is None:
            # "The first sample ever gives 0."
            baseline = now
        elif now.restarted:
            # "a reset. Count `now` if it is within the limit, else 0; `now` is the baseline, and what was held is
            # dropped."
            counts[baseline.at, now.at] = now.value if within(now.value, baseline.at, now.at) else 0
            baseline, held = now, None
        elif agrees(baseline, now):
            # "`d` within the limit: count `d`; `now` is the baseline"; "the held value was a glitch: count from the
            # baseline"
            counts[baseline.at, now.at] = difference(baseline, now)
            baseline, held = now, None
        elif held is not None and agrees(held, now):
            # "Else if it is within the limit of the held value, that was true: where it was below the baseline it was a
            # reset (count the held value if within its limit, else 0, over the span up to it), where above a jump
            # (count 0); then count on from it."
            reset = held.value < baseline.value and within(held.value, baseline.at, held.at)
            counts[baseline.at, held.at] = held.value if reset else 0
            counts[held.at, now.at] = difference(held, now)
            baseline, held = now, None
        else:
            # "else hold: count nothing, keep the baseline"; "Else hold the new value instead of the old."
            held = now
    return counts


def readings(samples: list[Sample], name: str) -> list[Reading]:
    """The good samples that carry the counter."""
    return [Reading(s.at, s.counters[name], s.restarted) for s in samples if s.good and name in s.counters]


def deltas(samples: list[Sample], widths: dict[str, int], max_rate: Fraction) -> list[Delta]:
    """§7: "Two of total, good, reject may be read; the third follows. `total = good + reject`. Beside total or good
    alone, reject is 0"; "counts over the same span make one CountDelta, a count over a span of its own makes its own,
    with 0 for the other counter"."""
    settled = {}
    for name, width in widths.items():
        own = readings(samples, name)
        if own:
            settled[name] = settle(own, width, max_rate)
    result = []
    for start, end in sorted({span for counts in settled.values() for span in counts}):
        read = {name: counts.get((start, end), 0) for name, counts in settled.items()}
        if "good_count" in read:
            good = read["good_count"]
            reject = read["reject"] if "reject" in read else read.get("total", good) - good
        else:
            reject = read.get("reject", 0)
            good = read.get("total", reject) - reject
        if good or reject:
            result.append(Delta(start, end, good, reject))
    return result
