"""The summary of a completed operation (SEMANTICS.md §10): made once, and again under the next revision when it changes."""

from collections.abc import Iterable
from typing import Any, NamedTuple

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
    changed = 0
    asked = list(oper_ids)
    if not asked:
        return 0
    existing = {row.oper_id: row for row in OeeSummary.objects.filter(oper_id__in=asked)}
    for oper_id, figures in figures_now(asked, now).items():
        row = existing.get(oper_id)
        if row is None:
            OeeSummary.objects.create(oper_id=oper_id, made_at=now, figures=figures)
        elif row.figures != figures:
            row.revision, row.made_at, row.figures = row.revision + 1, now, figures
            row.save()
        else:
            continue
        changed += 1
    return changed


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
