"""Slices and attributed parts of many lines over one stretch, in seven queries. The rules are those of apps/oee.

Parts of hours that are rolled up come as the rollup has them, one row an hour, binding and shift: a shift's thousands of
counts are attributed once, not each time that somebody looks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery

from apps.downtime.rules import state_spans
from apps.downtime.types import StateSpan
from apps.jobs.queries import runs_since
from apps.lines.models import Line
from apps.lines.rules import segments
from apps.lines.types import LinePolicy
from apps.oee import ledger
from apps.oee.attribution import Ground, Move, attribute, moved
from apps.oee.models import HourRollup, ScrapMove
from apps.oee.tails import Tail
from apps.oee.timeline import clip
from apps.oee.types import PartsRow, SliceRow
from apps.shared.instants import HOUR
from apps.states.models import CountDelta, StateChange
from apps.states.queries import changes_since
from apps.states.types import Delta, State

_ROLLED = (
    "line_id", "start", "binding", "oper_id", "shift_date", "shift", "good", "reject", "ideal_good", "ideal_total",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """Slices (cut to the stretch, in order) and parts (that ended in it) of each line, by line id."""

    slices: dict[int, list[SliceRow]]
    parts: dict[int, list[PartsRow]]


def read(policies: Sequence[LinePolicy], tails: Mapping[int, Tail], since: Mapping[int, int], end: int) -> Stretch:
    """What each commissioned line holds from its own instant on, up to `end`."""
    lines = [policy for policy in policies if policy.line_id in tails]
    since = {policy.line_id: since[policy.line_id] for policy in lines}
    slices = _slices(tails, since, end)
    # From where on parts are attributed here; before it the rollups have them. They are of use from a full hour on.
    fresh = {
        line_id: max(start, tails[line_id].rolled_until) if start % HOUR == 0 else start
        for line_id, start in since.items()
    }
    parts = _rolled(since, fresh)
    begin = min(fresh.values(), default=end)
    deltas = _deltas(list(since), begin, end)
    moves = _moves(list(since), begin, end)
    first = {line_id: min([begin, *(delta.start for delta in deltas[line_id])]) for line_id in since}
    runs = runs_since(first)
    silences = _silences(first, end)
    for policy in lines:
        line_id = policy.line_id
        ground = Ground(
            runs=runs[line_id],
            segments=segments(policy.calendar, first[line_id], end),
            silences=silences.get(line_id, []),
        )
        rows = [*attribute(deltas[line_id], ground), *moved(moves[line_id], ground)]
        parts[line_id] += [row for row in rows if fresh[line_id] < row.end <= end]
    return Stretch(slices, parts)


def _rolled(since: Mapping[int, int], until: Mapping[int, int]) -> dict[int, list[PartsRow]]:
    """Each line's parts of the full hours between its two instants, those over no_signal apart."""
    found: dict[int, list[PartsRow]] = {line_id: [] for line_id in until}
    first, last = min(since.values(), default=0), max(until.values(), default=0)
    rows = HourRollup.objects.filter(line_id__in=until, start__gte=first, start__lt=last)
    for line_id, hour, binding, oper_id, day, shift, good, reject, ideal_good, ideal_total in rows.order_by(
        "start", "id"
    ).values_list(*_ROLLED):
        if not since[line_id] <= hour < until[line_id]:
            continue
        about = (hour, hour + HOUR, binding, oper_id, day, shift)
        seen = ideal_good, ideal_total - ideal_good
        for is_blind, (more_good, more_reject) in ((False, seen), (True, (good - seen[0], reject - seen[1]))):
            if more_good or more_reject:
                row = PartsRow(*about, more_good, more_reject, is_blind=is_blind, is_estimated=False)
                found[line_id].append(row)
    return found


def _slices(tails: Mapping[int, Tail], since: Mapping[int, int], end: int) -> dict[int, list[SliceRow]]:
    found: dict[int, list[SliceRow]] = {line_id: [] for line_id in since}
    settled = ledger.slices_of(
        {line_id: tails[line_id].since for line_id in since}, min(since.values(), default=end), end
    )
    for line_id, start in since.items():
        until = tails[line_id].since
        early = [
            clip(row, start, min(end, until))
            for row in settled.get(line_id, ())
            if start < row.end and row.start < until
        ]
        late = [clip(row, start, end) for row in tails[line_id].slices if row.start < end and row.end > start]
        found[line_id] = early + late
    return found


def _silences(since: Mapping[int, int], end: int) -> dict[int, list[StateSpan]]:
    """Where each line was silent from its own instant on. Stored changes only: none is open before a delta's end."""
    before = StateChange.objects.filter(line=OuterRef("pk"), at__lte=min(since.values(), default=end)).order_by("-at")
    lines = Line.objects.filter(pk__in=since).annotate(last_before=Subquery(before.values("at")[:1]))
    anchors = {
        line_id: at if at is not None else since[line_id] for line_id, at in lines.values_list("pk", "last_before")
    }
    return {
        line_id: [span for span in state_spans(changes, end) if span.state == State.NO_SIGNAL]
        for line_id, changes in changes_since(anchors).items()
    }


def _deltas(ids: list[int], start: int, end: int) -> dict[int, list[Delta]]:
    inside = Q(is_gap=False, end__gt=start, end__lte=end)
    gaps = Q(is_gap=True, end__gt=start, start__lt=end)
    rows = CountDelta.objects.filter(inside | gaps, line_id__in=ids)
    found: dict[int, dict[tuple[int, int], Delta]] = {line_id: {} for line_id in ids}
    for line_id, first, last, good, reject in rows.values_list("line_id", "start", "end", "good", "reject"):
        # Counters over one span are one delta.
        same = found[line_id].get((first, last))
        more = (same.good, same.reject) if same else (0, 0)
        found[line_id][first, last] = Delta(first, last, good + more[0], reject + more[1])
    return {line_id: list(deltas.values()) for line_id, deltas in found.items()}


def _moves(ids: list[int], start: int, end: int) -> dict[int, list[Move]]:
    found: dict[int, list[Move]] = {line_id: [] for line_id in ids}
    rows = ScrapMove.objects.filter(line_id__in=ids, end__gt=start, end__lte=end)
    for line_id, at, code, first, last, qty in rows.values_list("line_id", "report_at", "code", "start", "end", "qty"):
        found[line_id].append(Move(at, code, first, last, qty))
    return found
