"""The summary of a completed operation (SEMANTICS.md §10): made once, and again under the next revision when it changes."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import transaction

from apps.jobs.queries import opers, runs_of_oper
from apps.jobs.rules import RunSpan
from apps.jobs.types import OperView
from apps.lines.queries import policies
from apps.lines.types import LinePolicy
from apps.oee.cells import cells_of
from apps.oee.models import OeeSummary
from apps.oee.pareto import LOSSES, Loss, bars
from apps.oee.reports import Window, figures_of
from apps.oee.tails import Tail, tails
from apps.oee.timeline import slices
from apps.oee.types import Figures
from apps.oee.wire import figures_json, seconds
from apps.shared.instants import iso

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
        for oper_id, figures in figures_now(oper_ids, now).items():
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


def figures_now(oper_ids: Iterable[int], now: int) -> dict[int, dict[str, Any]]:
    """All figures of each operation over all of its time, its first losses and its runs, as JSON."""
    views = opers(oper_ids)
    by_id = {policy.line_id: policy for policy in policies().values()} if views else {}
    known = tails(list(by_id.values()), now) if views else {}
    return {oper_id: _figures(view, _stretches(oper_id, by_id, known, now), now) for oper_id, view in views.items()}


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


def _figures(view: OperView, stretches: list[_Stretch], now: int) -> dict[str, Any]:
    cells = {}
    losses = []
    for part in stretches:
        found = cells_of([part.policy], {part.policy.line_id: part.tail}, part.start, part.end, with_shift=False)
        cells.update({key: sums for key, sums in found.items() if key.oper_id == view.oper_id})
        losses.extend(_losses(view, part))
    made = Window({part.policy.line_id: part.policy for part in stretches}, cells, {view.oper_id: view})
    figures: Figures = figures_of(made, cells.items())
    runs = sorted((run.start, part.policy.slug, run.end, run.kind) for part in stretches for run in part.runs)
    return {
        **figures_json(figures),
        "losses": [{"key": bar.key, "seconds": seconds(bar.us)} for bar in bars(losses, "reason") if bar.us][
            :_LOSSES_SHOWN
        ],
        "runs": [{"line": slug, "start": iso(start), "end": iso(end), "kind": kind} for start, slug, end, kind in runs],
    }


def _losses(view: OperView, part: _Stretch) -> list[Loss]:
    return [
        Loss(part.policy, view, row, "")
        for row in slices(part.policy, part.tail, part.start, part.end)
        if row.oper_id == view.oper_id and row.bucket in LOSSES
    ]
