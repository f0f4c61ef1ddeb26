"""Losses by bar over a window: whole production days from their rollup, the ragged ends from slices.

A stop counts once under a bar however many of its slices it holds. A day's row counts the stops whose first slice under
that bar lies in the day, so days add up; the stops that straddle an edge of the whole days are looked at one by one.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q, Sum

from apps.jobs.queries import opers
from apps.jobs.types import OperView
from apps.lines.types import LinePolicy
from apps.oee import kept, ledger, timeline
from apps.oee.models import LossMonth, LossRollup, Slice
from apps.oee.pareto import BARS, LOSSES, UNTAGGED, Bar, Loss, bar_of, bars, shared
from apps.oee.pareto import losses as job_losses
from apps.oee.plan import Plan, plan_of
from apps.oee.tails import Tail
from apps.oee.tails import tails as tails_of
from apps.oee.types import SliceRow
from apps.reasons.queries import categories
from apps.shared.bulk import insert

StopKey = tuple[int, int]
Measured = dict[str, tuple[int, int]]
_Days = tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]


class _Sum:
    """Microseconds and stops of one bar while they are added up."""

    __slots__ = ("seen", "stops", "us")

    def __init__(self) -> None:
        self.us = 0
        self.stops = 0
        self.seen: set[StopKey] = set()


def make_day(policy: LinePolicy, start: int, end: int) -> None:
    """Make the loss rows of one production day of a line again, from its slices; they stay where these can't be had."""
    known = kept.of_line(policy.line_id)
    if not known.tells_of(start):
        return
    whole_day = kept.slices_between(policy, start, end, stored_from=known.slices_from)
    rows = [row for row in whole_day if row.bucket in LOSSES]
    began = min((row.stop_start for row in rows if row.stop_start is not None), default=start)
    earlier = kept.slices_between(policy, began, start, stored_from=known.slices_from) if began < start else []
    whole = {row.start: row for row in (*earlier, *rows) if row.bucket in LOSSES}
    found = wrapped({policy.line_id: policy}, [(policy.line_id, row) for row in whole.values()])
    fresh = [
        (policy.line_id, start, by, key, us, stops)
        for by in BARS
        for key, (us, stops) in _day(found, by, start, end).items()
        if us
    ]
    LossRollup.objects.filter(line_id=policy.line_id, start=start).delete()
    insert(LossRollup, ("line", "start", "by", "key", "us", "stops"), fresh, ignore=False)


def _day(found: Iterable[Loss], by: str, start: int, end: int) -> Measured:
    """Microseconds of each bar in the day, and the stops whose first slice under it begins there."""
    first: dict[tuple[str, int | None], int] = {}
    time: dict[str, int] = {}
    for loss in found:
        key = bar_of(loss, by)
        time[key] = time.get(key, 0) + max(0, min(loss.row.end, end) - max(loss.row.start, start))
        stop = (key, loss.row.stop_start)
        first[stop] = min(first.get(stop, loss.row.start), loss.row.start)
    return {
        key: (us, sum(1 for (bar, _stop), at in first.items() if bar == key and start <= at < end))
        for key, us in time.items()
    }


def wrapped(policies: Mapping[int, LinePolicy], rows: Sequence[tuple[int, SliceRow]]) -> list[Loss]:
    """Loss slices with their line, operation and category."""
    views: Mapping[int, OperView] = opers(row.oper_id for _line, row in rows if row.oper_id is not None)
    words = {company: categories(company) for company in {policy.company for policy in policies.values()}}
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
    ragged: list[tuple[int, SliceRow]] = []
    whole: dict[_Days, list[int]] = {}
    for line_id, policy in by_id.items():
        tail = tails[line_id]
        plan = plan_of(policy, tail, start, end)
        if plan.whole:
            key = (tuple(plan.days), tuple(plan.months))
            whole.setdefault(key, []).append(line_id)
        for first, last in (*plan.hours, *plan.rows):
            slices = timeline.slices(policy, tail, first, last)
            ragged.extend((line_id, row) for row in slices if row.bucket in LOSSES)
    sums: dict[str, _Sum] = {}
    for loss in wrapped(by_id, ragged):
        _add(sums, loss, by)
    for (days, months), line_ids in whole.items():
        _add_days(sums, by_id, line_ids, Plan(days, months=months), by)
    return {key: (one.us, one.stops + len(one.seen)) for key, one in sums.items()}


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
    found = measured(policies, tails_of(policies, now), start, min(end, now), by)
    if by == "reason":
        found.setdefault(UNTAGGED, (0, 0))
    return shared([(key, us, stops) for key, (us, stops) in found.items()], measure)


def _add(sums: dict[str, _Sum], loss: Loss, by: str) -> None:
    one = sums.setdefault(bar_of(loss, by), _Sum())
    one.us += loss.row.end - loss.row.start
    one.seen.add((loss.policy.line_id, loss.row.stop_start or 0))


def _add_days(sums: dict[str, _Sum], by_id: Mapping[int, LinePolicy], line_ids: list[int], plan: Plan, by: str) -> None:
    for model, stretches in ((LossMonth, plan.months), (LossRollup, plan.days)):
        for first, last in stretches:
            rows = model._default_manager.filter(by=by, line_id__in=line_ids, start__gte=first, start__lt=last)
            for key, us, stops in rows.order_by().values_list("key").annotate(Sum("us"), Sum("stops")):
                one = sums.setdefault(key, _Sum())
                one.us += us
                one.stops += stops
    stretch = plan.whole or (0, 0)
    for stop, slices in _straddling(line_ids, stretch).items():
        found: dict[str, list[SliceRow]] = {}
        for loss in wrapped(by_id, [(stop[0], row) for row in slices]):
            found.setdefault(bar_of(loss, by), []).append(loss.row)
        for key, rows_of_bar in found.items():
            _mend(sums.get(key), stop, rows_of_bar, stretch)


def _mend(one: _Sum | None, stop: StopKey, slices: list[SliceRow], stretch: tuple[int, int]) -> None:
    """Count a stop that straddles an edge of the whole days once under its bar, however it was counted so far."""
    if one is None:
        return
    if stretch[0] <= min(row.start for row in slices) < stretch[1]:
        one.stops -= 1
    if any(row.start < stretch[1] and row.end > stretch[0] for row in slices):
        one.seen.add(stop)


def _straddling(line_ids: list[int], edges: tuple[int, int]) -> dict[StopKey, list[SliceRow]]:
    """The loss slices of every stop that goes on from one side of an edge to the other, whole."""
    holding: set[StopKey] = set()
    for edge in edges:
        for line_id, slices in ledger.slices_of(dict.fromkeys(line_ids, edge + 1), edge, edge + 1).items():
            holding |= {
                (line_id, row.stop_start) for row in slices if row.stop_start is not None and row.stop_start < edge
            }
    if not holding:
        return {}
    ends = ledger.ends_of_stops(holding)
    whole = Q(pk__in=[])
    for line_id, stop_start in holding:
        end = ends[line_id, stop_start]
        whole |= Q(line_id=line_id, stop_start=stop_start, start__gte=stop_start, start__lt=end)
    found: dict[StopKey, list[SliceRow]] = {}
    rows = Slice.objects.filter(whole, bucket__in=LOSSES).order_by("start")
    for line_id, *columns in rows.values_list("line_id", *SliceRow._fields):
        row = SliceRow(*columns)
        found.setdefault((line_id, row.stop_start or 0), []).append(row)
    return found
