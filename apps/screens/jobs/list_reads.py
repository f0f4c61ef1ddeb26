"""What the list of jobs needs of the tables: the jobs of one tab with their sums, and the boards of the lines they are on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.jobs import orders
from apps.jobs.models import Job, Run
from apps.jobs.orders import OperSpan
from apps.jobs.queries import completed_oper_ids, opers
from apps.lines.models import Line, Plant
from apps.lines.queries import policies
from apps.live import stretch
from apps.live.board import board_messages
from apps.live.types import BoardMessage
from apps.oee import of_opers
from apps.oee.ledger import ledgers
from apps.oee.reports import Window
from apps.oee.tails import tails
from apps.oee.types import CellKey, Sums
from apps.screens.jobs.address import TABS, Asked
from apps.screens.jobs.reads import cells_by_oper
from apps.shared.instants import DAY

MOST = 100
CLOSED_US = 7 * DAY


@dataclass(frozen=True, slots=True)
class ListFacts:
    """The jobs of one tab, at most MOST; `counts` of every tab without the search, `found` of this one with it."""

    jobs: tuple[Job, ...]
    counts: Mapping[str, int]
    found: int
    oper_ids: Mapping[int, list[int]]
    spans: Mapping[int, list[OperSpan]]
    done: frozenset[int]
    closed: Mapping[str, int]
    window: Window
    cells: Mapping[int, list[tuple[CellKey, Sums]]]
    boards: Mapping[int, BoardMessage]
    slugs: Mapping[int, str]
    names: Mapping[int, str]


def list_facts(plant: Plant, asked: Asked, now: int) -> ListFacts:
    """The jobs of a plant as an address asks for them."""
    company, site = plant.company.code, plant.code
    tabs = {
        "process": orders.in_process(company, site, now).order_by("-pk"),
        "next": orders.coming(company, site),
        "closed": orders.closed_since(company, site, now - CLOSED_US).order_by("-pk"),
    }
    wanted = _matching(tabs[asked.tab], asked.find)
    jobs = tuple(wanted.select_related("company")[:MOST])
    oper_ids = orders.oper_ids_of_jobs(job.pk for job in jobs)
    every = {oper_id for ids in oper_ids.values() for oper_id in ids}
    spans: dict[int, list[OperSpan]] = {}
    for span in orders.spans_of(every):
        spans.setdefault(span.oper_id, []).append(span)
    counts = {tab: tabs[tab].count() for tab, _label in TABS}
    known = _lines({span.line_id for held in spans.values() for span in held})
    open_on = {span.line_id for held in spans.values() for span in held if span.end is None}
    window = _window(every, spans, now)
    boards = board_messages([known[line_id].slug for line_id in open_on], now)
    return ListFacts(
        jobs=jobs,
        counts=counts,
        found=len(jobs) if len(jobs) < MOST else wanted.count(),
        oper_ids=oper_ids,
        spans=spans,
        done=frozenset(completed_oper_ids(every)) if every else frozenset(),
        closed=orders.closings_of(company, [job.job_num for job in jobs]),
        window=window,
        cells=cells_by_oper(window.cells),
        boards={line_id: boards[known[line_id].slug] for line_id in open_on if known[line_id].slug in boards},
        slugs={line_id: line.slug for line_id, line in known.items()},
        names={line_id: line.name for line_id, line in known.items()},
    )


def _matching(jobs: QuerySet[Job], find: str) -> QuerySet[Job]:
    if not find:
        return jobs
    words = Q(job_num__icontains=find) | Q(part_num__icontains=find) | Q(part_description__icontains=find)
    on = Run.objects.filter(oper__job_id=OuterRef("pk"), line__name__icontains=find)
    return jobs.filter(words | Exists(on))


def _lines(line_ids: Iterable[int]) -> dict[int, Line]:
    return {line.pk: line for line in Line.objects.filter(pk__in=line_ids)}


def _window(every: set[int], spans: Mapping[int, Sequence[OperSpan]], now: int) -> Window:
    """The sums of all operations over all of their time, as the page of each job has them."""
    held = [span for found in spans.values() for span in found]
    line_ids = {span.line_id for span in held}
    slugs = Line.objects.filter(pk__in=line_ids).values_list("slug", flat=True)
    lines = {policy.line_id: policy for policy in policies(slugs).values()}
    reach = ledgers(list(line_ids))
    late = of_opers.lines_with_more(((span.line_id, span.end) for span in held), reach)
    known = tails([lines[line_id] for line_id in late], now)
    until = {line_id: tail.rolled_until for line_id, tail in known.items()}
    made = stretch.read([lines[line_id] for line_id in late], known, until, now)
    cells = of_opers.rolled(every, until)
    of_opers.add_open(cells, every, rolled_until=until, slices=made.slices, parts=made.parts)
    return Window(lines, cells, opers(every))
