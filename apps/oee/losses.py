"""Losses by bar over a window: whole production days from their rollup, the ragged ends from slices.

A stop counts once under a bar however many of its slices it holds. A day's row counts the stops whose first slice under
that bar lies in the day, so days add up; the stops that straddle an edge of the whole days are looked at one by one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.downtime.models import Stop
from apps.jobs.queries import opers
from apps.jobs.types import OperView
from apps.lines.types import LinePolicy
from apps.oee import kept, stretches
from apps.oee.around import Around
from apps.oee.hours import standing
from apps.oee.models import LossMonth, LossRollup, LossRow, Slice
from apps.oee.pareto import BARS, LOSSES, UNTAGGED, Bar, Loss, bar_of, bars, shared
from apps.oee.pareto import losses as job_losses
from apps.oee.plan import plan_of
from apps.oee.tails import Tail
from apps.oee.tails import tails as tails_of
from apps.oee.types import SliceRow
from apps.reasons.queries import categories
from apps.shared import spans
from apps.shared.bulk import difference, write
from apps.shared.spans import Span, holding, starting

_LOSS = ("line", "start", "by", "key", "us", "stops")
_LOSS_KEYS = 4
StopKey = tuple[int, int]
Measured = dict[str, tuple[int, int]]


class _Sum:
    """Microseconds and stops of one bar while they are added up."""

    __slots__ = ("seen", "stops", "us")

    def __init__(self) -> None:
        self.us = 0
        self.stops = 0
        self.seen: set[StopKey] = set()


def make_day(around: Around, start: int, end: int) -> None:
    """Make the loss rows of one production day of a line again, from its slices; they stay where these can't be had."""
    known = kept.Kept(around.row.slices_from, around.row.facts_from)
    if not known.tells_of(start):
        return
    rows = [row for row in around.slices_between(start, end) if row.bucket in LOSSES]
    began = min((row.stop_start for row in rows if row.stop_start is not None), default=start)
    earlier = around.slices_between(max(began, known.told_from), start) if began < start else []
    there = standing(LossRollup, ("id", "line_id", *_LOSS[1:]), Span(around.line_id, start, start + 1))
    if there and not earlier and not known.tells_of(began):
        # Where the stop at its beginning was counted can't be seen any more.
        return
    whole = {row.start: row for row in (*earlier, *rows) if row.bucket in LOSSES}
    found = _wrapped(around, list(whole.values()))
    wanted = [
        (around.line_id, start, by, key, us, stops)
        for by in BARS
        for key, (us, stops) in _day(found, by, start, end).items()
        if us
    ]
    write(LossRollup, _LOSS, _LOSS_KEYS, difference(there, wanted, _LOSS_KEYS))


def _wrapped(around: Around, rows: Sequence[SliceRow]) -> list[Loss]:
    opers_by_id, words = around.opers(row.oper_id for row in rows if row.oper_id is not None), around.categories()
    return [
        Loss(around.policy, opers_by_id.get(row.oper_id) if row.oper_id else None, row, words.get(row.reason, ""))
        for row in rows
    ]


def _day(found: Iterable[Loss], by: str, start: int, end: int) -> Measured:
    """Microseconds of each bar in the day, and the stops whose first slice under it begins there."""
    first: dict[tuple[str, int | None], int] = {}
    time: dict[str, int] = {}
    bar = BARS[by]
    for loss in found:
        key, row = bar(loss), loss.row
        time[key] = time.get(key, 0) + max(0, min(row.end, end) - max(row.start, start))
        stop = (key, row.stop_start)
        first[stop] = min(first.get(stop, row.start), row.start)
    stops = Counter(key for (key, _stop), at in first.items() if start <= at < end)
    return {key: (us, stops[key]) for key, us in time.items()}


def wrapped(policies: Mapping[int, LinePolicy], rows: Sequence[tuple[int, SliceRow]], *, by: str = "") -> list[Loss]:
    """Loss slices with their line, operation and category; with `by` no more of these than that bar is made of."""
    views: Mapping[int, OperView] = {}
    if by in {"", "part", "operation"}:
        views = opers(row.oper_id for _line, row in rows if row.oper_id is not None)
    words: dict[str, Mapping[str, str]] = {policy.company: {} for policy in policies.values()}
    if by in {"", "category"}:
        words = {company: categories(company) for company in words}
    return [
        Loss(
            policies[line_id],
            views.get(row.oper_id) if row.oper_id is not None else None,
            row,
            words[policies[line_id].company].get(row.reason, "") if row.reason else "",
        )
        for line_id, row in rows
    ]


def measured(policies: Sequence[LinePolicy], tails: Mapping[int, Tail], start: int, end: int, by: str) -> Measured:
    """(microseconds, stops) of every bar over [start, end)."""
    by_id = {policy.line_id: policy for policy in policies if policy.line_id in tails}
    ragged: list[Span] = []
    whole: list[Span] = []
    rolled: dict[type[LossRow], list[Span]] = {LossMonth: [], LossRollup: []}
    for line_id, policy in by_id.items():
        plan = plan_of(policy, tails[line_id], start, end)
        ragged += [Span(line_id, *piece) for piece in (*plan.hours, *plan.rows)]
        whole += [Span(line_id, *plan.whole)] if plan.whole else []
        rolled[LossMonth] += [Span(line_id, *piece) for piece in plan.months]
        rolled[LossRollup] += [Span(line_id, *piece) for piece in plan.days]
    sums: dict[str, _Sum] = {}
    for loss in losses_in(by_id, tails, ragged, by):
        _add(sums, loss, by)
    for model, asked in rolled.items():
        for key, us, stops in spans.sums(model, ["t.key"], ["us", "stops"], asked, where=only(by)):
            one = sums.setdefault(key, _Sum())
            one.us += us
            one.stops += stops
    _mend_all(sums, by_id, whole, by)
    return {key: (one.us, one.stops + len(one.seen)) for key, one in sums.items()}


def only(by: str) -> str:
    """The condition for the rolled-up rows of one kind of bars. Raises ValueError for one that there is not."""
    if by not in BARS:
        raise ValueError(f"There are no bars by {by!r}.")
    return f"t.\"by\" = '{by}'"


def losses_in(by_id: Mapping[int, LinePolicy], tails: Mapping[int, Tail], asked: Sequence[Span], by: str) -> list[Loss]:
    """The losses of the spans, cut to them, with what the bars `by` are made of."""
    found = stretches.slices_of(by_id, tails, asked, buckets=LOSSES)
    rows = [(span.line_id, row) for span, slices in zip(asked, found, strict=True) for row in slices]
    return wrapped(by_id, rows, by=by)


def pareto(
    policies: Sequence[LinePolicy],
    start: int,
    end: int,
    now: int,
    *,
    by: str,
    measure: str = "seconds",
    job_num: str | None = None,
) -> list[Bar]:
    """The Pareto of [start, end): the largest bar first. That of one job is made of its slices alone."""
    if job_num is not None:
        return bars(job_losses(policies, start, end, now, job_num), by, measure)
    end = min(end, now)
    found = measured(policies, tails_of(policies, now, until=end), start, end, by)
    if by == "reason":
        found.setdefault(UNTAGGED, (0, 0))
    return shared([(key, us, stops) for key, (us, stops) in found.items()], measure)


def _add(sums: dict[str, _Sum], loss: Loss, by: str) -> None:
    one = sums.setdefault(bar_of(loss, by), _Sum())
    one.us += loss.row.end - loss.row.start
    one.seen.add((loss.policy.line_id, loss.row.stop_start or 0))


def _mend_all(sums: dict[str, _Sum], by_id: Mapping[int, LinePolicy], whole: Sequence[Span], by: str) -> None:
    """Count each stop that straddles an edge of its line's whole days once under each of its bars."""
    stretch_of = {span.line_id: (span.start, span.end) for span in whole}
    rows = [(line_id, row) for (line_id, _start), slices in _straddling(whole).items() for row in slices]
    found: dict[tuple[StopKey, str], list[SliceRow]] = {}
    for loss in wrapped(by_id, rows, by=by):
        stop = (loss.policy.line_id, loss.row.stop_start or 0)
        found.setdefault((stop, bar_of(loss, by)), []).append(loss.row)
    for (stop, key), rows_of_bar in found.items():
        _mend(sums.get(key), stop, rows_of_bar, stretch_of[stop[0]])


def _mend(one: _Sum | None, stop: StopKey, slices: list[SliceRow], stretch: tuple[int, int]) -> None:
    """Count a stop that straddles an edge of the whole days once under its bar, however it was counted so far."""
    if one is None:
        return
    if stretch[0] <= min(row.start for row in slices) < stretch[1]:
        one.stops -= 1
    if any(row.start < stretch[1] and row.end > stretch[0] for row in slices):
        one.seen.add(stop)


def _straddling(whole: Sequence[Span]) -> dict[StopKey, list[SliceRow]]:
    """The loss slices of every stop that goes on from one side of an edge of a span to the other, whole."""
    edges = [Span(line_id, edge, edge + 1) for line_id, *both in whole for edge in both]
    at_edges = spans.rows(Slice, ("stop_start", "end"), edges, holding(Slice, "start"))
    over = sorted(
        {
            (edge.line_id, stop_start)
            for edge, rows in zip(edges, at_edges, strict=True)
            for stop_start, end in rows
            if stop_start is not None and stop_start < edge.start < end
        }
    )
    begun = spans.rows(Stop, ("end",), [Span(line_id, at, at + 1) for line_id, at in over], starting("start"))
    stops = [Span(*stop, rows[0][0]) for stop, rows in zip(over, begun, strict=True)]
    slices = spans.rows(Slice, SliceRow._fields, stops, starting("start"))
    return {
        (stop.line_id, stop.start): sorted(row for row in map(_row, rows) if row.bucket in LOSSES)
        for stop, rows in zip(stops, slices, strict=True)
    }


def _row(columns: tuple[Any, ...]) -> SliceRow:
    return SliceRow(*columns)
