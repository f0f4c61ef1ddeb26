"""The figures of a heap of seconds and parts (SEMANTICS §8)."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.oracle.instants import seconds
from tests.oracle.shares import Share
from tests.oracle.slices import BUCKETS


@dataclass
class Heap:
    """Time and parts of one operation on one line (or of what is bound to none there); `cycle` in seconds."""

    cycle: Fraction | None
    buckets: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BUCKETS, 0))
    good: int = 0
    reject: int = 0
    ideal_total: int = 0
    ideal_good: int = 0

    def add_time(self, bucket: str, micros: int) -> None:
        self.buckets[bucket] += micros

    def add_parts(self, share: Share) -> None:
        """§7: parts over `no_signal` "count in total, good and reject, but in no ideal time"."""
        self.good += share.good
        self.reject += share.reject
        if share.ideal:
            self.ideal_total += share.good + share.reject
            self.ideal_good += share.good

    @property
    def run_time(self) -> int:
        """§8: "RT = running + micro_stop"."""
        return self.buckets["running"] + self.buckets["micro_stop"]

    @property
    def planned_time(self) -> int:
        """§8: "PPT = RT + setup + downtime"."""
        return self.run_time + self.buckets["setup"] + self.buckets["downtime"]

    @property
    def something(self) -> bool:
        return any(self.buckets.values()) or self.good != 0 or self.reject != 0


def _over(top: Fraction | int, bottom: Fraction | int) -> Fraction | None:
    return Fraction(top) / Fraction(bottom) if bottom else None


def _quality(known: list[Heap], good: int, total: int) -> Fraction | None:
    """§8: Q "over the same; good / total where no operation with time or parts there has a cycle"; "Q is empty too
    where there are operations with a cycle and none of their parts counts in ideal time"."""
    if not known:
        return _over(good, total)
    earned = sum((heap.cycle or 0) * heap.ideal_good for heap in known)
    return _over(earned, sum((heap.cycle or 0) * heap.ideal_total for heap in known))


def _oee(known: list[Heap], run: int, planned: int) -> Fraction | None:
    """§8: "PPT = 0: A and OEE are empty"; "PPT > 0 and RT = 0: … OEE = 0"; "P and OEE are over that part (its RT, PPT
    and parts), and empty at 0"."""
    if planned == 0:
        return None
    if run == 0:
        return Fraction(0)
    if sum(heap.run_time for heap in known) == 0:
        return None
    earned = sum((heap.cycle or 0) * heap.ideal_good for heap in known)
    return _over(earned * 1_000_000, sum(heap.planned_time for heap in known))


def _plain(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def figures(heaps: list[Heap]) -> dict[str, Any]:
    """FORMATS §4, from `buckets_s` to `performance_basis`. Nothing is averaged: it "adds up seconds and parts, and
    divides once"."""
    heaps = [heap for heap in heaps if heap.something]
    buckets = {name: sum(heap.buckets[name] for heap in heaps) for name in BUCKETS}
    good, reject = sum(heap.good for heap in heaps), sum(heap.reject for heap in heaps)
    run, planned = sum(heap.run_time for heap in heaps), sum(heap.planned_time for heap in heaps)
    known = [heap for heap in heaps if heap.cycle is not None]
    known_run = sum(heap.run_time for heap in known)
    ideal = sum(((heap.cycle or 0) * heap.ideal_total for heap in known), Fraction(0))
    return {
        "buckets_s": {name: seconds(micros) for name, micros in buckets.items()},
        "total": good + reject,
        "good": good,
        "reject": reject,
        "ideal_s": round(float(ideal), 6),
        "availability": _plain(_over(run, planned)),
        "performance": _plain(_over(ideal * 1_000_000, known_run)),
        "quality": _plain(_quality(known, good, good + reject)),
        "oee": _plain(_oee(known, run, planned)),
        "yield": _plain(_over(good, good + reject)),
        "coverage": _plain(_over(planned, planned + buckets["no_signal"])),
        "performance_basis": _plain(_over(known_run, run)),
    }
