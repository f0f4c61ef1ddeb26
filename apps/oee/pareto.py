"""Paretos (SEMANTICS.md §9): the seconds and stops of the losses by reason, category, line, part, operation, shift, fault."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from apps.jobs.queries import opers
from apps.jobs.types import OperView
from apps.lines.types import LinePolicy
from apps.oee import timeline
from apps.oee.tails import tails
from apps.oee.types import Bucket, SliceRow

LOSSES = frozenset({Bucket.MICRO_STOP, Bucket.SETUP, Bucket.DOWNTIME})
UNTAGGED = ""
_OWN_BARS = {Bucket.MICRO_STOP: "~micro_stop", Bucket.SETUP: "~setup"}


class Bar(NamedTuple):
    """One bar: microseconds, stops; of the chosen measure its part, that of the bars up to it, and the whole."""

    key: str
    us: int
    stops: int
    part: int
    so_far: int
    whole: int

    @property
    def share(self) -> Fraction | None:
        """Its share of the measure; None where that sums to 0."""
        return Fraction(self.part, self.whole) if self.whole else None

    @property
    def cumulative(self) -> Fraction | None:
        """The share of the bars up to it."""
        return Fraction(self.so_far, self.whole) if self.whole else None


class Loss(NamedTuple):
    """A slice that is a loss, with its line and (where it has one) its operation."""

    policy: LinePolicy
    oper: OperView | None
    row: SliceRow
    category: str


def losses(policies: Sequence[LinePolicy], start: int, end: int, now: int, job_num: str | None = None) -> list[Loss]:
    """The slices of [start, end) in micro_stop, setup and downtime, of one job if it is named."""
    tail_of = tails(policies, now)
    rows = [
        (policy, tail_of[policy.line_id], row)
        for policy in policies
        if policy.line_id in tail_of
        for row in timeline.slices(policy, tail_of[policy.line_id], start, min(end, now))
        if row.bucket in LOSSES
    ]
    found = opers(row.oper_id for _policy, _tail, row in rows if row.oper_id is not None)
    made = [
        Loss(
            policy,
            found.get(row.oper_id) if row.oper_id is not None else None,
            row,
            tail.facts.categories.get(row.reason, "") if row.reason else "",
        )
        for policy, tail, row in rows
    ]
    return made if job_num is None else [loss for loss in made if loss.oper and loss.oper.job_num == job_num]


def reason_bar(row: SliceRow) -> str:
    """The bar of a slice by reason: its code; untagged micro-stops and setup, which nobody is asked to tag, apart."""
    return row.reason or _OWN_BARS.get(Bucket(row.bucket), UNTAGGED)


def _operation(loss: Loss) -> str:
    return f"{loss.oper.job_num}/{loss.oper.assembly_seq}/{loss.oper.opr_seq}" if loss.oper else ""


BARS: Mapping[str, Callable[[Loss], str]] = {
    "reason": lambda loss: reason_bar(loss.row),
    "category": lambda loss: loss.category or _OWN_BARS.get(Bucket(loss.row.bucket), UNTAGGED),
    "fault": lambda loss: str(loss.row.fault) if loss.row.fault else "",
    "line": lambda loss: loss.policy.slug,
    "part": lambda loss: loss.oper.part_num if loss.oper else "",
    "operation": _operation,
    "shift": lambda loss: loss.row.shift,
}


BY = tuple(BARS)


def bar_of(loss: Loss, by: str) -> str:
    """The key of the bar that a loss belongs to."""
    return BARS[by](loss)


def bars(found: Iterable[Loss], by: str, measure: str = "seconds") -> list[Bar]:
    """The bars, the largest first, ties by key; by reason the untagged one is always there."""
    time: dict[str, int] = {UNTAGGED: 0} if by == "reason" else {}
    stops: dict[str, set[tuple[int, int | None]]] = {}
    for loss in found:
        key = bar_of(loss, by)
        time[key] = time.get(key, 0) + loss.row.end - loss.row.start
        stops.setdefault(key, set()).add((loss.policy.line_id, loss.row.stop_start))
    return shared([(key, us, len(stops.get(key, ()))) for key, us in time.items()], measure)


def shared(rows: Iterable[tuple[str, int, int]], measure: str) -> list[Bar]:
    """(key, microseconds, stops) as bars with their shares of the measure, in order."""
    column = 1 if measure == "seconds" else 2
    ordered = sorted(rows, key=lambda row: (-int(row[column]), row[0]))
    parts = [int(row[column]) for row in ordered]
    whole = sum(parts)
    return [
        Bar(key, us, stops, part, so_far, whole)
        for (key, us, stops), part, so_far in zip(ordered, parts, accumulate(parts), strict=True)
    ]
