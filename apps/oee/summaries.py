"""The summary of a completed operation (SEMANTICS.md §10): made once, and again under the next revision when it changes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from apps.jobs.queries import opers, runs_of_oper
from apps.jobs.rules import RunSpan
from apps.jobs.types import OperView
from apps.lines.queries import policies
from apps.lines.types import LinePolicy
from apps.oee import of_opers, timeline
from apps.oee.kept import Kept
from apps.oee.ledger import ledgers
from apps.oee.models import OeeSummary
from apps.oee.pareto import LOSSES, Loss, bars
from apps.oee.reports import Window, figures_of
from apps.oee.tails import Tail, tails
from apps.oee.types import CellKey, Figures, Sums
from apps.oee.wire import figures_json, seconds
from apps.shared.instants import HOUR, iso

Losses = list[dict[str, Any]]
Body = dict[str, Any]
_LOSSES_SHOWN = 3
# So many are locked and made at a time: a report of all must not hold up what comes in.
_BATCH = 100


class _Stretch(NamedTuple):
    """Where an operation was on one line: the hull of its runs, cut to the line's time."""

    policy: LinePolicy
    tail: Tail
    start: int
    end: int
    runs: list[RunSpan]


class _Oper(NamedTuple):
    """An operation, where it was, and its sums of all time."""

    view: OperView
    stretches: list[_Stretch]
    cells: list[tuple[CellKey, Sums]]


def refresh(oper_ids: Iterable[int], *, now: int) -> int:
    """Make the summary of each of these (completed) operations, or its next revision where a figure changed.

    Returns how many were made or changed.
    """
    asked = sorted(set(oper_ids))
    return sum(_refresh(asked[first : first + _BATCH], now) for first in range(0, len(asked), _BATCH))


def _refresh(oper_ids: list[int], now: int) -> int:
    """The same of a few, behind their locks: what is read then holds what others wrote of other lines meanwhile."""
    changed = 0
    with transaction.atomic():
        rows = _locked(oper_ids, now)
        stored = {oper_id: row.figures.get("losses", []) for oper_id, row in rows.items()}
        for oper_id, figures in figures_now(oper_ids, now, stored=stored).items():
            row = rows[oper_id]
            if row.figures != figures:
                row.revision, row.made_at, row.figures = row.revision + 1, now, figures
                row.save()
                changed += 1
    return changed


def _locked(oper_ids: list[int], now: int) -> dict[int, OeeSummary]:
    """The summaries, locked in one order for all; where there is none yet a revision 0 without figures, so that one can be."""
    asked = OeeSummary.objects.filter(oper_id__in=oper_ids)
    there = set(asked.values_list("oper_id", flat=True))
    OeeSummary.objects.bulk_create(
        [
            OeeSummary(oper_id=oper_id, revision=0, made_at=now, figures={})
            for oper_id in oper_ids
            if oper_id not in there
        ],
        ignore_conflicts=True,
    )
    return {row.oper_id: row for row in asked.select_for_update().order_by("oper_id")}


def figures_now(oper_ids: Iterable[int], now: int, *, stored: Mapping[int, Losses] | None = None) -> dict[int, Body]:
    """All figures of each operation over all of its time, its first losses and its runs, as JSON.

    Of time of which no slices can be had any more the losses are those that were `stored`, none where nothing was.
    """
    views = opers(oper_ids)
    by_id = {policy.line_id: policy for policy in policies().values()} if views else {}
    known = tails(list(by_id.values()), now) if views else {}
    stretches = {oper_id: _stretches(oper_id, by_id, known, now) for oper_id in views}
    told = _told_from(stretches)
    sums = _sums(stretches, now)
    found = {}
    for oper_id, view in views.items():
        own = _Oper(view, stretches[oper_id], sums.get(oper_id, []))
        is_told = all(part.start >= told[part.policy.line_id] for part in own.stretches)
        losses = _first_losses(own) if is_told else (stored or {}).get(oper_id, [])
        found[oper_id] = _figures(own, by_id, losses)
    return found


def _told_from(stretches: Mapping[int, Sequence[_Stretch]]) -> dict[int, int]:
    """From when on the slices of each of these lines can be had."""
    ids = {part.policy.line_id for own in stretches.values() for part in own}
    found = dict.fromkeys(ids, 0)
    for line_id, row in ledgers(sorted(ids)).items():
        found[line_id] = Kept(row.slices_from, row.facts_from).told_from
    return found


def _sums(stretches: Mapping[int, Sequence[_Stretch]], now: int) -> dict[int, list[tuple[CellKey, Sums]]]:
    """The sums of each operation: whole hours as they are rolled up and never dropped, what came after them from rows."""
    until = {
        part.policy.line_id: min(part.tail.rolled_until, now // HOUR * HOUR)
        for own in stretches.values()
        for part in own
    }
    cells = of_opers.rolled(stretches.keys(), until)
    for oper_id, own in stretches.items():
        for part in own:
            line_id, start = part.policy.line_id, max(part.start, until[part.policy.line_id])
            if start < part.end:
                of_opers.add_open(
                    cells,
                    [oper_id],
                    rolled_until={line_id: start},
                    slices={line_id: timeline.slices(part.policy, part.tail, start, part.end)},
                    parts={line_id: timeline.parts(part.policy, start, part.end)},
                )
    found: dict[int, list[tuple[CellKey, Sums]]] = {}
    for key, sums in cells.items():
        if key.oper_id is not None:
            found.setdefault(key.oper_id, []).append((key, sums))
    return found


def _stretches(oper_id: int, by_id: dict[int, LinePolicy], known: dict[int, Tail], now: int) -> list[_Stretch]:
    found: dict[int, list[RunSpan]] = {}
    for line_id, run in runs_of_oper(oper_id):
        if line_id not in known:
            continue
        start, end = max(run.start, known[line_id].commissioned), min(run.end, now)
        if start < end:
            found.setdefault(line_id, []).append(run._replace(start=start, end=end))
    return [
        _Stretch(by_id[line_id], known[line_id], runs[0].start, max(run.end for run in runs), runs)
        for line_id, runs in found.items()
    ]


def _figures(own: _Oper, by_id: Mapping[int, LinePolicy], losses: Losses) -> Body:
    figures: Figures = figures_of(Window(by_id, dict(own.cells), {own.view.oper_id: own.view}), own.cells)
    runs = sorted((run.start, part.policy.slug, run.end, run.kind) for part in own.stretches for run in part.runs)
    return {
        **figures_json(figures),
        "losses": losses,
        "runs": [{"line": slug, "start": iso(start), "end": iso(end), "kind": kind} for start, slug, end, kind in runs],
    }


def _first_losses(own: _Oper) -> Losses:
    found = [
        Loss(part.policy, own.view, row, "")
        for part in own.stretches
        for row in timeline.slices(part.policy, part.tail, part.start, part.end)
        if row.oper_id == own.view.oper_id and row.bucket in LOSSES
    ]
    shown = [bar for bar in bars(found, "reason") if bar.us][:_LOSSES_SHOWN]
    return [{"key": bar.key, "seconds": seconds(bar.us)} for bar in shown]
