"""What the parts below the spine need of one operation: stops with their words, who did what when, summaries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q

from apps.accounts.queries import names_of
from apps.downtime.models import ReasonTag, StopPart
from apps.jobs.orders import Attendance, attendances_of
from apps.jobs.queries import runs_of_oper
from apps.jobs.types import OperView
from apps.oee import of_opers
from apps.oee.models import OeeSummary
from apps.oee.pareto import LOSSES
from apps.oee.restated import Restated, restated_between
from apps.oee.types import Cells, PartView, SliceRow
from apps.reasons.queries import dictionary
from apps.reasons.types import ReasonView
from apps.screens.jobs.reads import JobFacts, hours_of
from apps.shared.periods import FOREVER
from apps.states.models import ScrapReport

MOST_STOPS = 60
_MOST_SAID = 60
_MOST_RESTATED = 40
_TAG = ("line_id", "at", "tagged_at", "code", "by", "comment")
StopKey = tuple[int, int]


class Said(NamedTuple):
    """That a person said (or took back: no code) why a stop was: `at` lies in the stop. For scrap `qty` is set."""

    line_id: int
    at: int
    said_at: int
    code: str
    by: str
    comment: str
    qty: int = 0


@dataclass(frozen=True, slots=True)
class OperFacts:
    """One operation in detail. `stops` are the slices of its latest stops, latest first, and `parts` what was said of them."""

    oper: OperView
    hours: Mapping[int, Cells]
    stops: tuple[tuple[int, SliceRow], ...]
    is_cut: bool
    parts: Mapping[StopKey, tuple[PartView, ...]]
    attendances: tuple[Attendance, ...]
    said: tuple[Said, ...]
    summary: tuple[int, int] | None
    restated: tuple[Restated, ...]
    names: Mapping[str, str]
    reasons: Mapping[str, ReasonView]


def oper_facts(facts: JobFacts, oper: OperView) -> OperFacts:
    """The detail of one operation of a job."""
    stops, is_cut = _stops(facts, oper.oper_id)
    parts = _parts(facts, {(line_id, row.stop_start) for line_id, row in stops if row.stop_start is not None})
    attendances = tuple(attendances_of(oper.oper_id))
    said = _said(facts, oper.oper_id, stops)
    people = {one.employee for one in attendances} | {one.by for one in said}
    people |= {part.by for held in parts.values() for part in held}
    summary = OeeSummary.objects.filter(oper_id=oper.oper_id).values_list("revision", "made_at").first()
    return OperFacts(
        oper=oper,
        hours=hours_of(facts, oper.oper_id),
        stops=tuple(stops),
        is_cut=is_cut,
        parts=parts,
        attendances=attendances,
        said=tuple(said),
        summary=(summary[0], summary[1]) if summary else None,
        restated=tuple(_restated(facts, oper.oper_id)),
        names=names_of(oper.company, people),
        reasons=dictionary(oper.company),
    )


def _stops(facts: JobFacts, oper_id: int) -> tuple[list[tuple[int, SliceRow]], bool]:
    known = facts.recent.tails
    settled = [
        (line_id, row)
        for line_id, row in of_opers.stop_slices(oper_id, MOST_STOPS + 1)
        if line_id not in known or row.start < known[line_id].since
    ]
    late = [
        (line_id, row)
        for line_id, tail in known.items()
        for row in tail.slices
        if row.oper_id == oper_id and row.stop_start is not None and (row.bucket in LOSSES or row.reason)
    ]
    every = sorted([*late, *settled], key=lambda one: -one[1].start)
    return every[:MOST_STOPS], len(every) > MOST_STOPS


def _restated(facts: JobFacts, oper_id: int) -> list[Restated]:
    """What was restated of the operation's own time, cut to it."""
    held = facts.spans_of(oper_id)
    if not held:
        return []
    spans = [(span.line_id, span.start, FOREVER if span.end is None else span.end) for span in held]
    first, last = min(start for _line, start, _end in spans), max(end for _line, _start, end in spans)
    rows = restated_between({line_id for line_id, _start, _end in spans}, first, last, most=_MOST_RESTATED)
    return [
        row._replace(start=max(row.start, start), end=min(row.end, end))
        for row in rows
        for line_id, start, end in spans
        if line_id == row.line_id and row.start < end and row.end > start
    ]


def _parts(facts: JobFacts, stops: set[StopKey]) -> dict[StopKey, tuple[PartView, ...]]:
    """The stretches of these stops with their reasons, settled or not."""
    asked = Q(pk__in=[])
    for line_id in {line_id for line_id, _start in stops}:
        starts = [start for line, start in stops if line == line_id]
        asked |= Q(stop__line_id=line_id, stop__start__in=starts)
    found: dict[StopKey, list[PartView]] = {}
    rows = StopPart.objects.filter(asked).order_by("start")
    columns = ("stop__line_id", "stop__start", "start", "end", "reason", "by", "comment")
    for line_id, stop_start, *part in rows.values_list(*columns):
        found.setdefault((line_id, stop_start), []).append(PartView(*part))
    for line_id, tail in facts.recent.tails.items():
        for stop in tail.partition.stops:
            if (line_id, stop.start) in stops:
                found[line_id, stop.start] = [PartView(*part) for part in stop.parts]
    return {key: tuple(held) for key, held in found.items()}


def _said(facts: JobFacts, oper_id: int, stops: list[tuple[int, SliceRow]]) -> list[Said]:
    """What people said of the stops that are shown, and of scrap while a line was on the operation."""
    asked = Q(pk__in=[])
    for span in facts.spans_of(oper_id):
        asked |= Q(line_id=span.line_id, at__gte=span.start, at__lt=FOREVER if span.end is None else span.end)
    tags = ReasonTag.objects.filter(asked).order_by("-tagged_at").values_list(*_TAG)[:_MOST_SAID]
    found = [Said(*row) for row in tags if any(line == row[0] and one.start <= row[1] < one.end for line, one in stops)]
    reports = ScrapReport.objects.filter(asked).order_by("-at").values_list("line_id", "at", "code", "by", "qty")
    runs = runs_of_oper(oper_id)
    found += [
        Said(line_id, at, at, code, by, "", qty)
        for line_id, at, code, by, qty in reports[:_MOST_SAID]
        if any(line == line_id and run.start <= at < run.end for line, run in runs)
    ]
    return found
