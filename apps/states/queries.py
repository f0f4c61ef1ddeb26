"""Reading what the machines said."""

from collections.abc import Mapping
from itertools import chain

from django.db.models import Max, Min, Q

from apps.shared.instants import DAY
from apps.states.models import CountDelta, CounterAlert, LineSnapshot, ReplayClock, ScrapReport, StateChange
from apps.states.types import Alert, Change, Delta, LineNow, State
from apps.states.wire import decode_now

_NEAR = 7 * DAY


def snapshots(line_ids: list[int]) -> dict[int, LineNow]:
    """What is known of each line after its last sample; lines that never spoke are left out."""
    rows = LineSnapshot.objects.filter(line_id__in=line_ids).values_list("line_id", "body")
    return {line_id: decode_now(body) for line_id, body in rows}


def since_each(column: str, since: Mapping[int, int]) -> Q:
    """A condition that asks each line for what came at or after an instant of its own."""
    asked = Q(pk__in=[])
    for line_id, at in since.items():
        asked |= Q(line_id=line_id, **{f"{column}__gte": at})
    return asked


def changes_since(since: Mapping[int, int]) -> dict[int, list[Change]]:
    """Each line's changes at or after its instant, in order (a state without time before its no_signal)."""
    found: dict[int, list[Change]] = {line_id: [] for line_id in since}
    rows = StateChange.objects.filter(since_each("at", since)).values_list("line_id", "at", "state", "fault")
    for line_id, at, state, fault in rows:
        found[line_id].append(Change(at, state, fault))
    for changes in found.values():
        changes.sort(key=_in_order)
    return found


def changes_around(line_id: int, start: int, end: int) -> list[Change]:
    """The changes that tell the state over [start, end), whole stops at both edges included, in order."""
    changes = StateChange.objects.filter(line_id=line_id)
    not_stopped = changes.exclude(state=State.STOPPED)
    before = not_stopped.filter(at__lte=start)
    # Most often it is near: then no month but one or two is looked at.
    first = before.filter(at__gt=start - _NEAR).aggregate(at=Max("at"))["at"]
    if first is None:
        first = before.aggregate(at=Max("at"))["at"]
    last = not_stopped.filter(at__gte=end).aggregate(at=Min("at"))["at"]
    if first is not None:
        changes = changes.filter(at__gte=first)
    if last is not None:
        changes = changes.filter(at__lte=last)
    return sorted((Change(*row) for row in changes.values_list("at", "state", "fault")), key=_in_order)


def _in_order(change: Change) -> tuple[int, bool]:
    return change.at, change.state == State.NO_SIGNAL


def deltas_between(line_id: int, start: int, end: int) -> list[Delta]:
    """The deltas that may have parts in (start, end]: those that ended in it, and gaps that overlap it."""
    deltas = CountDelta.objects.filter(line_id=line_id)
    inside = deltas.filter(end__gt=start, end__lte=end, is_gap=False)
    gaps = deltas.filter(is_gap=True, end__gt=start, start__lt=end)
    columns = ("start", "end", "good", "reject")
    found: dict[tuple[int, int], Delta] = {}
    for row in chain(inside.values_list(*columns), gaps.values_list(*columns)):
        span = row[:2]
        same = found.get(span)
        found[span] = Delta(*row) if same is None else Delta(row[0], row[1], row[2] + same.good, row[3] + same.reject)
    return list(found.values())


def gaps_touching(line_id: int, start: int, end: int) -> list[tuple[int, int]]:
    """(start, end) of the deltas longer than 10 s that overlap or touch [start, end]."""
    rows = CountDelta.objects.filter(line_id=line_id, is_gap=True, end__gte=start, start__lte=end)
    return list(rows.values_list("start", "end"))


def alerts_between(line_id: int, start: int, end: int) -> list[Alert]:
    """What a person should know of the counters over (start, end], in order."""
    rows = CounterAlert.objects.filter(line_id=line_id, at__gt=start, at__lte=end).order_by("at", "counter", "what")
    return [Alert(*row) for row in rows.values_list("at", "what", "counter", "parts")]


def scrap_since(line_id: int, at: int) -> list[tuple[int, int, str]]:
    """(at, qty, code) of the scrap reports at or after an instant, in the order in which they take parts."""
    rows = ScrapReport.objects.filter(line_id=line_id, at__gte=at).order_by("at", "qty", "code", "by", "id")
    return list(rows.values_list("at", "qty", "code"))


def replay_now() -> int | None:
    """The greatest instant that was replayed; None where the real clock rules."""
    return ReplayClock.objects.order_by("-now_at").values_list("now_at", flat=True).first()
