"""What the page of a job needs of the tables, in the same number of queries for two operations and for fifty.

Everything is read by operation: rolled-up hours as sums, slices by their operation, and only the lines on which the job
ran after their last full hour are looked at as lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from apps.jobs.models import Job
from apps.jobs.orders import Completion, OperSpan, completions_of, oper_ids_of_jobs, spans_of
from apps.jobs.queries import opers
from apps.jobs.types import OperView
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.lines.types import LinePolicy
from apps.live import stretch
from apps.live.board import board_messages
from apps.live.types import BoardMessage
from apps.oee import of_opers
from apps.oee.ledger import ledgers
from apps.oee.models import LineLedger
from apps.oee.reports import Window, figures_of
from apps.oee.tails import Tail, tails
from apps.oee.types import CellKey, Cells, Figures, PartsRow, SliceRow, Sums

RibbonSlices = dict[int, list[tuple[int, SliceRow]]]


class Recent(NamedTuple):
    """The lines that hold something of the job after their last full hour, up to now; by line id."""

    tails: Mapping[int, Tail]
    slices: Mapping[int, list[SliceRow]]
    parts: Mapping[int, list[PartsRow]]

    @property
    def rolled_until(self) -> dict[int, int]:
        """From where on each of them is in no rolled-up hour."""
        return {line_id: tail.rolled_until for line_id, tail in self.tails.items()}


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job as it stands at one instant. `boards` are of the lines that an operation of it is open on, by line id.

    `spans` are ordered by time; `done` holds completed operations, all of them once the job closed. `figures` are of each
    operation over all of its time, `whole` of the job: seconds and parts add up, ratios divide once.
    """

    job: Job
    opers: tuple[OperView, ...]
    spans: tuple[OperSpan, ...]
    lines: Mapping[int, LinePolicy]
    ledgers: Mapping[int, LineLedger]
    completions: tuple[Completion, ...]
    done: frozenset[int]
    closed_at: int | None
    window: Window
    figures: Mapping[int, Figures]
    whole: Figures
    recent: Recent
    boards: Mapping[int, BoardMessage]

    def spans_of(self, oper_id: int) -> list[OperSpan]:
        """Where one operation was."""
        return [span for span in self.spans if span.oper_id == oper_id]

    def board_of(self, oper_id: int) -> BoardMessage | None:
        """The board of a line that is on this operation now."""
        open_on = [span.line_id for span in self.spans_of(oper_id) if span.end is None and span.line_id in self.boards]
        bound = [self.boards[line_id] for line_id in open_on if self.is_bound(self.boards[line_id], oper_id)]
        return min(bound, key=lambda board: board["rank"], default=None)

    def is_bound(self, board: BoardMessage, oper_id: int) -> bool:
        """Whether the line of a board is on this operation."""
        oper = self.window.opers[oper_id]
        on = board["job"]
        wanted = (oper.company, oper.job_num, oper.assembly_seq, oper.opr_seq)
        return on is not None and (on["company"], on["JobNum"], on["AssemblySeq"], on["OprSeq"]) == wanted


def job_facts(job: Job, now: int) -> JobFacts:
    """The facts of a job. Two more reads make the page: the slices of its operations, and one operation's detail."""
    views = opers(oper_ids_of_jobs([job.pk]).get(job.pk, []))
    ordered = tuple(sorted(views.values(), key=lambda oper: (oper.assembly_seq, oper.opr_seq)))
    spans = tuple(spans_of(views.keys()))
    line_ids = {span.line_id for span in spans}
    slugs = Line.objects.filter(pk__in=line_ids).values_list("slug", flat=True)
    lines = {policy.line_id: policy for policy in policies(slugs).values()}
    reach = ledgers(list(line_ids))
    late = of_opers.lines_with_more(((span.line_id, span.end) for span in spans), reach)
    recent = _recent([lines[line_id] for line_id in late], now)
    cells = of_opers.rolled(views.keys(), recent.rolled_until)
    of_opers.add_open(cells, views.keys(), rolled_until=recent.rolled_until, slices=recent.slices, parts=recent.parts)
    window = Window(lines, cells, views)
    by_oper = cells_by_oper(cells)
    told = tuple(completions_of(job.company.code, job.job_num))
    closed_at = next((one.at for one in told if one.opr_seq is None), None)
    return JobFacts(
        job=job,
        opers=ordered,
        spans=spans,
        lines=lines,
        ledgers=reach,
        completions=told,
        done=_done(ordered, told, is_closed=closed_at is not None),
        closed_at=closed_at,
        window=window,
        figures={oper_id: figures_of(window, by_oper.get(oper_id, ())) for oper_id in views},
        whole=figures_of(window, cells.items()),
        recent=recent,
        boards=_boards(spans, lines, now),
    )


def cells_by_oper(cells: Cells) -> dict[int, list[tuple[CellKey, Sums]]]:
    """The sums of each operation."""
    found: dict[int, list[tuple[CellKey, Sums]]] = {}
    for key, sums in cells.items():
        if key.oper_id is not None:
            found.setdefault(key.oper_id, []).append((key, sums))
    return found


def ribbon_slices(facts: JobFacts, least_us: int) -> RibbonSlices:
    """(line id, slice) by operation, in order of time; settled slices shorter than `least_us` are left out."""
    known = facts.recent.tails
    found: RibbonSlices = {}
    for line_id, row in of_opers.settled_slices(facts.window.opers.keys(), least_us=least_us):
        # What was settled after the tail was read is in the tail.
        if row.oper_id is not None and (line_id not in known or row.start < known[line_id].since):
            found.setdefault(row.oper_id, []).append((line_id, row))
    for line_id, tail in known.items():
        for row in tail.slices:
            if row.oper_id is not None and row.oper_id in facts.window.opers:
                found.setdefault(row.oper_id, []).append((line_id, row))
    return found


def hours_of(facts: JobFacts, oper_id: int) -> dict[int, Cells]:
    """What each UTC hour holds of one operation, by its first instant."""
    until = facts.recent.rolled_until
    found = of_opers.rolled_by_hour(oper_id, until)
    late = of_opers.open_by_hour(oper_id, rolled_until=until, slices=facts.recent.slices, parts=facts.recent.parts)
    for hour, cells in late.items():
        found.setdefault(hour, {}).update(cells)
    return found


def _recent(lines: list[LinePolicy], now: int) -> Recent:
    known = tails(lines, now)
    made = stretch.read(lines, known, {line_id: tail.rolled_until for line_id, tail in known.items()}, now)
    return Recent(known, made.slices, made.parts)


def _boards(spans: tuple[OperSpan, ...], lines: Mapping[int, LinePolicy], now: int) -> dict[int, BoardMessage]:
    by_slug = {lines[span.line_id].slug: span.line_id for span in spans if span.end is None}
    return {by_slug[slug]: board for slug, board in board_messages(by_slug, now).items()}


def _done(ordered: tuple[OperView, ...], told: tuple[Completion, ...], *, is_closed: bool) -> frozenset[int]:
    complete = {(one.assembly_seq, one.opr_seq) for one in told}
    return frozenset(oper.oper_id for oper in ordered if is_closed or (oper.assembly_seq, oper.opr_seq) in complete)
