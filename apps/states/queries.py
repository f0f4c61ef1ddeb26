"""Reading what the machines said."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Max, Min

from apps.shared import spans
from apps.shared.instants import DAY
from apps.shared.spans import Span, ending
from apps.states.models import CountDelta, CounterAlert, LineSnapshot, ReplayClock, ScrapReport, StateChange
from apps.states.types import Alert, Change, Delta, LineNow, State
from apps.states.wire import decode_now

_NEAR = 7 * DAY


def snapshots(line_ids: list[int]) -> dict[int, LineNow]:
    """What is known of each line after its last sample; lines that never spoke are left out."""
    rows = LineSnapshot.objects.filter(line_id__in=line_ids).values_list("line_id", "body")
    return {line_id: decode_now(body) for line_id, body in rows}


def changes_since(since: Mapping[int, int]) -> dict[int, list[Change]]:
    """Each line's changes at or after its instant, in order (a state without time before its no_signal)."""
    rows = spans.since(StateChange, "at", ("at", "state", "fault"), since)
    return {line_id: _changes(found) for line_id, found in rows.items()}


def changes_of(asked: Sequence[Span]) -> list[list[Change]]:
    """The changes in each span of a line, in order, the one in force at its start first; in one statement.

    Not what was said before: the beginning of a stop that holds the start is not known from them.
    """
    rows = spans.rows(StateChange, ("at", "state", "fault"), asked, spans.holding(StateChange, "at"))
    return [_changes(found) for found in rows]


def _changes(rows: Iterable[tuple[int, str, int]]) -> list[Change]:
    return sorted((Change(*row) for row in rows), key=_in_order)


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
    return _changes(changes.values_list("at", "state", "fault"))


def changes_in(line_id: int, start: int, end: int) -> list[Change]:
    """The changes of one line at [start, end], in order."""
    asked = [Span(line_id, start, end + 1)]
    return _changes(spans.rows(StateChange, ("at", "state", "fault"), asked, spans.starting("at"))[0])


def _in_order(change: Change) -> tuple[int, bool]:
    return change.at, change.state == State.NO_SIGNAL


def deltas_between(line_id: int, start: int, end: int) -> list[Delta]:
    """The deltas that may have parts in (start, end]: those that ended in it, and gaps that overlap it."""
    return deltas_of([Span(line_id, start, end)])[0]


def deltas_of(asked: Sequence[Span]) -> list[list[Delta]]:
    """The same for each span of a line, in one statement."""
    inside = f"NOT t.is_gap AND {ending('end')}"
    gaps = 't.is_gap AND t."end" > a.start_at AND t.start < a.end_at'
    return [_joined(rows) for rows in spans.rows(CountDelta, ("start", "end", "good", "reject"), asked, inside, gaps)]


def _joined(rows: Iterable[tuple[int, int, int, int]]) -> list[Delta]:
    """Counts over one and the same span are one delta: one counter was held and settled later than the other."""
    found: dict[tuple[int, int], Delta] = {}
    for start, end, good, reject in rows:
        same = found.get((start, end))
        more = (same.good, same.reject) if same else (0, 0)
        found[start, end] = Delta(start, end, good + more[0], reject + more[1])
    return list(found.values())


def gaps_touching(line_id: int, start: int, end: int) -> list[tuple[int, int]]:
    """(start, end) of the deltas longer than 10 s that overlap or touch [start, end]."""
    touching = 't.is_gap AND t."end" >= a.start_at AND t.start <= a.end_at'
    return [
        (row[0], row[1]) for row in spans.rows(CountDelta, ("start", "end"), [Span(line_id, start, end)], touching)[0]
    ]


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
