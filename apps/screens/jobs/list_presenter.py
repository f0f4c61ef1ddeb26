"""The list of jobs: one row a job, those in process worst first against plan. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.jobs.models import Job
from apps.jobs.types import OperView
from apps.live.types import BoardMessage
from apps.oee.reports import figures_of
from apps.oee.types import Figures
from apps.screens.jobs.address import TABS, Asked, job_address
from apps.screens.jobs.due import due_text, is_late
from apps.screens.jobs.list_reads import MOST, ListFacts
from apps.screens.jobs.spine import ELSEWHERE, quantity_of, title_of
from apps.screens.scope import PlantChoice
from apps.shared import format as say

_NOTHING = {
    "process": ("No job is in process", "A job appears here with the first labour that Epicor tells of it."),
    "next": ("No job is waiting", "Jobs that are released in Epicor and have not begun appear here."),
    "closed": ("No job closed in 7 days", "A job appears here once it is closed in Epicor."),
}


class Tab(NamedTuple):
    """A tab with how many jobs it holds."""

    label: str
    href: str
    number: str
    is_here: bool


class JobRow(NamedTuple):
    """One job. `board` is of the line that is on `oper` now; without one `state` says how it is."""

    number: str
    suffix: str
    href: str
    part: str
    description: str
    oper: str
    line: str
    board: BoardMessage | None
    state: str
    good: str
    ordered: str
    progress: float | None
    oee: str
    is_over: bool
    more: str
    ended: str
    due: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class ListPage:
    """Everything on the page."""

    tabs: tuple[Tab, ...]
    tab: str
    rows: tuple[JobRow, ...]
    kept: tuple[tuple[str, str], ...]
    find: str
    plants: tuple[tuple[str, str, bool], ...]
    socket: str
    note: str
    empty_title: str
    empty_text: str
    clear: str


class ListScene(NamedTuple):
    """What was asked for, where, and which lines the principal may see."""

    choice: PlantChoice
    asked: Asked
    seen: frozenset[str]
    zone: ZoneInfo
    now: int
    path: str


class _Rated(NamedTuple):
    """A row with what it is sorted by: those behind plan first, then those that only run, then the rest by time."""

    order: tuple[int, float, str]
    row: JobRow


def present(facts: ListFacts, scene: ListScene) -> ListPage:
    """The page."""
    asked = scene.asked
    rated = [_rated(facts, scene, job) for job in facts.jobs]
    title, text = _NOTHING[asked.tab]
    clear = asked._replace(find="").address(scene.path)
    plant = scene.choice
    return ListPage(
        tabs=tuple(
            Tab(label, asked.address(scene.path, tab=tab, find=""), say.whole(facts.counts[tab]), tab == asked.tab)
            for tab, label in TABS
        ),
        tab=asked.tab,
        rows=tuple(one.row for one in sorted(rated, key=lambda one: one.order)),
        kept=tuple((name, value) for name, value in asked._asdict().items() if value and name != "find"),
        find=asked.find,
        plants=tuple((value, name, value == plant.value) for value, name in plant.known)
        if len(plant.known) > 1
        else (),
        socket=f"/ws/plant/{plant.value}/",
        note=f"the first {MOST} of {say.whole(facts.found)}" if facts.found > MOST else "",
        empty_title=f"No job matches “{asked.find}”" if asked.find else title,
        empty_text="Searched in numbers, parts and lines of this tab." if asked.find else text,
        clear=clear if asked.find else "",
    )


def empty(path: str) -> ListPage:
    """The page of somebody who may study no plant."""
    return ListPage(
        (), "process", (), (), "", (), "", "", "No plant to show",
        "An administrator gives you a role in a plant; its jobs then appear here.", "",
    )  # fmt: skip


def _rated(facts: ListFacts, scene: ListScene, job: Job) -> _Rated:
    ids = facts.oper_ids.get(job.pk, [])
    views = [facts.window.opers[oper_id] for oper_id in ids]
    on = _running(facts, views)
    oper, board = on[0] if on else (_latest(facts, views), None)
    figures = _figures(facts, ids)
    own = _figures(facts, [oper.oper_id]) if oper else figures
    ordered = quantity_of(oper) if oper else job.prod_qty
    head, dash, tail = job.job_num.rpartition("-")
    last = _last(facts, ids)
    row = JobRow(
        number=head if dash else job.job_num,
        suffix=f"-{tail}" if dash else "",
        href=job_address(job.company.code, job.job_num),
        part=job.part_num,
        description=job.part_description,
        oper=title_of(oper) if oper else "",
        line=_line(facts, scene, oper, board),
        board=board,
        state=_state(facts, job, views),
        good=say.whole(own.good) if own.total or board else "",
        ordered=say.whole(ordered) if ordered else "",
        progress=round(own.good / ordered * 100, 1) if ordered else None,
        oee=say.percent_sign(figures.oee),
        is_over=figures.oee is not None and figures.oee > 1,
        more=f"and {len(on) - 1} more" if len(on) > 1 else "",
        ended=_ended(facts, job, scene, last),
        due=due_text(job.due_date),
        is_late=is_late(job.due_date, scene.now, scene.zone) and job.job_num not in facts.closed,
    )
    plan = board["plan"] if board else None
    group = 0 if plan else 1 if board else 2
    if scene.asked.tab == "next":
        # They come as they are due.
        return _Rated((0, 0.0, ""), row)
    return _Rated((group, plan["delta"] if plan else -float(last or 0), job.job_num), row)


def _running(facts: ListFacts, views: Iterable[OperView]) -> list[tuple[OperView, BoardMessage]]:
    """The operations that a line is on, with its board, the furthest behind plan first."""
    found = []
    for oper in views:
        for span in facts.spans.get(oper.oper_id, ()):
            board = facts.boards.get(span.line_id) if span.end is None else None
            on = board["job"] if board else None
            if board and on and (on["JobNum"], on["AssemblySeq"], on["OprSeq"]) == oper[3:6]:
                found.append((oper, board))
    return sorted(found, key=lambda pair: (pair[1]["plan"] or {"delta": 0})["delta"])


def _latest(facts: ListFacts, views: list[OperView]) -> OperView | None:
    """The operation that ran last; without one the first that is still to do."""
    begun = [oper for oper in views if facts.spans.get(oper.oper_id)]
    if begun:
        return max(begun, key=lambda oper: max(span.start for span in facts.spans[oper.oper_id]))
    return views[0] if views else None


def _figures(facts: ListFacts, oper_ids: list[int]) -> Figures:
    return figures_of(facts.window, [cell for oper_id in oper_ids for cell in facts.cells.get(oper_id, ())])


def _line(facts: ListFacts, scene: ListScene, oper: OperView | None, board: BoardMessage | None) -> str:
    if board is not None:
        return board["name"] if board["line"] in scene.seen else ELSEWHERE
    spans = facts.spans.get(oper.oper_id, []) if oper else []
    if not spans:
        return ""
    line_id = spans[-1].line_id
    return facts.names[line_id] if facts.slugs[line_id] in scene.seen else ELSEWHERE


def _state(facts: ListFacts, job: Job, views: list[OperView]) -> str:
    if job.job_num in facts.closed:
        return "Closed"
    begun = [oper for oper in views if facts.spans.get(oper.oper_id)]
    if not begun:
        return "Not begun"
    if all(oper.oper_id in facts.done for oper in views):
        return "Complete"
    latest = _latest(facts, views)
    return "Between operations" if latest and latest.oper_id in facts.done else "Paused"


def _ended(facts: ListFacts, job: Job, scene: ListScene, last: int | None) -> str:
    """When it closed, else when it last ran."""
    at = facts.closed.get(job.job_num, last)
    return "" if at is None else say.moment(at, scene.now, scene.zone)


def _last(facts: ListFacts, oper_ids: list[int]) -> int | None:
    ends = [span.end for oper_id in oper_ids for span in facts.spans.get(oper_id, ()) if span.end is not None]
    return max(ends, default=None)
