"""Slices and attributed parts of many lines over one stretch, in four queries. The rules are those of apps/oee."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from apps.downtime.types import StateSpan
from apps.jobs.queries import runs_since
from apps.lines.rules import segments
from apps.lines.types import LinePolicy
from apps.oee import ledger
from apps.oee.attribution import Ground, Move, attribute, moved
from apps.oee.models import ScrapMove
from apps.oee.tails import Tail
from apps.oee.timeline import clip
from apps.oee.types import Bucket, PartsRow, SliceRow
from apps.states.models import CountDelta
from apps.states.types import Delta, State


@dataclass(frozen=True, slots=True)
class Stretch:
    """Slices (cut to the stretch, in order) and parts (that ended in it) of each line, by line id."""

    slices: dict[int, list[SliceRow]]
    parts: dict[int, list[PartsRow]]


def read(policies: Sequence[LinePolicy], tails: Mapping[int, Tail], start: int, end: int) -> Stretch:
    """What [start, end) holds of each commissioned line."""
    lines = [policy for policy in policies if policy.line_id in tails]
    ids = [policy.line_id for policy in lines]
    slices = _slices(ids, tails, start, end)
    deltas = _deltas(ids, start, end)
    moves = _moves(ids, start, end)
    first = {line_id: min([start, *(delta.start for delta in deltas[line_id])]) for line_id in ids}
    runs = runs_since(first)
    parts = {}
    for policy in lines:
        line_id = policy.line_id
        ground = Ground(
            runs=runs[line_id],
            segments=segments(policy.calendar, first[line_id], end),
            silences=_silences(tails[line_id], slices[line_id]),
        )
        rows = [*attribute(deltas[line_id], ground), *moved(moves[line_id], ground)]
        parts[line_id] = [row for row in rows if start < row.end <= end]
    return Stretch(slices, parts)


def _slices(ids: list[int], tails: Mapping[int, Tail], start: int, end: int) -> dict[int, list[SliceRow]]:
    found: dict[int, list[SliceRow]] = {line_id: [] for line_id in ids}
    settled = ledger.slices_of({line_id: tails[line_id].since for line_id in ids}, start, end)
    for line_id, rows in settled.items():
        since = tails[line_id].since
        found[line_id].extend(clip(row, start, min(end, since)) for row in rows if row.start < since)
    for line_id in ids:
        late = [row for row in tails[line_id].slices if row.start < end and row.end > start]
        found[line_id].extend(clip(row, start, end) for row in late)
    return found


def _silences(tail: Tail, slices: Sequence[SliceRow]) -> list[StateSpan]:
    """Where the line was silent. Inside shifts the slices say so; outside, only what the tail still holds is known."""
    in_shifts = [
        StateSpan(row.start, row.end, State.NO_SIGNAL, 0)
        for row in slices
        if row.bucket == Bucket.NO_SIGNAL and row.end <= tail.since
    ]
    return in_shifts + [span for span in tail.partition.spans if span.state == State.NO_SIGNAL]


def _deltas(ids: list[int], start: int, end: int) -> dict[int, list[Delta]]:
    found: dict[int, list[Delta]] = {line_id: [] for line_id in ids}
    inside = Q(is_gap=False, end__gt=start, end__lte=end)
    gaps = Q(is_gap=True, end__gt=start, start__lt=end)
    rows = CountDelta.objects.filter(inside | gaps, line_id__in=ids)
    for line_id, *row in rows.values_list("line_id", "start", "end", "good", "reject"):
        found[line_id].append(Delta(*row))
    return found


def _moves(ids: list[int], start: int, end: int) -> dict[int, list[Move]]:
    found: dict[int, list[Move]] = {line_id: [] for line_id in ids}
    rows = ScrapMove.objects.filter(line_id__in=ids, end__gt=start, end__lte=end)
    for line_id, at, code, first, last, qty in rows.values_list("line_id", "report_at", "code", "start", "end", "qty"):
        found[line_id].append(Move(at, code, first, last, qty))
    return found
