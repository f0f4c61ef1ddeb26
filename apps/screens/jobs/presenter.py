"""The page of a job: how it stands, the spine of its operations, one of them in detail, and all figures. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from apps.jobs.types import OperView
from apps.lines.rules import segments
from apps.lines.types import Calendar
from apps.live.types import BoardMessage
from apps.oee.types import Figures
from apps.screens.jobs import figures as tables
from apps.screens.jobs.address import oper_text
from apps.screens.jobs.detail_reads import MOST_STOPS, OperFacts
from apps.screens.jobs.due import due_text, is_late
from apps.screens.jobs.events import Event, events_of
from apps.screens.jobs.figures import FigureRow, Ratio, TimeRow
from apps.screens.jobs.hours import HourChart, chart_of
from apps.screens.jobs.reads import JobFacts
from apps.screens.jobs.spine import Ground, Spine, quantity_of, spine_of, title_of, when_of
from apps.screens.jobs.stops import StopRow, stop_rows
from apps.screens.working.address import address_of
from apps.shared import format as say
from apps.shared.instants import DAY, MINUTE, from_us

_LOOKS_AHEAD = 14 * DAY
_DENSE_FROM = 13


class Working(NamedTuple):
    """Where the figures of the operation on one line are explained."""

    line: str
    href: str


@dataclass(frozen=True, slots=True)
class OperParts:
    """Everything below the spine, of one operation."""

    key: str
    title: str
    opr_seq: int
    oee: str
    factors: tuple[Ratio, ...]
    times: tuple[TimeRow, ...]
    caveats: tuple[str, ...]
    workings: tuple[Working, ...]
    stops: tuple[StopRow, ...]
    stops_note: str
    has_lines: bool
    chart: HourChart
    events: tuple[Event, ...]
    earlier: str


class Standing(NamedTuple):
    """Where the job is now: the operation, how far it is, and what the line that is on it says of it."""

    board: BoardMessage | None
    key: str
    label: str
    state: str
    good: str
    ordered: str
    reject: str
    ends: str


@dataclass(frozen=True, slots=True)
class JobPage:
    """Everything on the page."""

    number: str
    suffix: str
    part: str
    about: str
    standing: Standing
    oee: str
    summary: str
    closed: str
    due: str
    is_late: bool
    spine: Spine
    is_dense: bool
    kept_from: str
    parts: OperParts | None
    rows: tuple[FigureRow, ...]
    buckets: tuple[str, ...]
    losses: str
    socket: str
    report: str


class Scene(NamedTuple):
    """What the page is made from, its plant's name and calendar, and when."""

    ground: Ground
    detail: OperFacts | None
    calendar: Calendar
    plant_name: str
    target: float
    now: int
    losses_path: str
    working_path: str


def present(scene: Scene) -> JobPage:
    """The page."""
    facts, job = scene.ground.facts, scene.ground.facts.job
    head, dash, tail = job.job_num.rpartition("-")
    return JobPage(
        number=head if dash else job.job_num,
        suffix=f"-{tail}" if dash else "",
        part=job.part_num,
        about=_about(scene),
        standing=_standing(scene),
        oee=say.percent_sign(facts.whole.oee, 1),
        summary=_summary(facts),
        closed=say.moment(facts.closed_at, scene.now, scene.ground.zone) if facts.closed_at is not None else "",
        due=due_text(job.due_date, with_weekday=True),
        is_late=facts.closed_at is None and is_late(job.due_date, scene.now, scene.ground.zone),
        spine=spine_of(scene.ground, scene.now),
        is_dense=len(facts.opers) >= _DENSE_FROM,
        kept_from=_kept_from(scene),
        parts=parts_of(scene),
        rows=tables.figure_rows(scene.ground),
        buckets=tuple(name for _key, name in tables.BUCKETS),
        losses=_losses(scene),
        socket=f"/ws/plant/{job.company.code}/{job.plant}/",
        report=f"manage.py oee --by operation --from {_iso_first(facts)}",
    )


def parts_of(scene: Scene) -> OperParts | None:
    """The parts of the chosen operation; None for a job without any."""
    detail, ground = scene.detail, scene.ground
    if detail is None:
        return None
    oper = detail.oper
    figures = ground.facts.figures[oper.oper_id]
    rows = stop_rows(ground, detail, scene.now)
    events, earlier = events_of(ground, detail, scene.now)
    return OperParts(
        key=oper_text(oper.assembly_seq, oper.opr_seq),
        title=title_of(oper),
        opr_seq=oper.opr_seq,
        oee=say.percent_sign(figures.oee, 1),
        factors=tables.factors_of(figures),
        times=tables.time_rows(figures),
        caveats=tuple(tables.caveats_of(figures)),
        workings=_workings(scene, oper),
        stops=rows,
        stops_note=_stops_note(rows, is_cut=detail.is_cut),
        has_lines=len({row.line for row in rows}) > 1,
        chart=chart_of(detail.hours, ground.facts.window, ground.zone, target=scene.target),
        events=events,
        earlier=f"{earlier} earlier" if earlier else "",
    )


def chosen_of(facts: JobFacts, wanted: str) -> OperView | None:
    """The operation that an address names, else the one a line is on, else the last one that was begun, else the first."""
    by_key = {oper_text(oper.assembly_seq, oper.opr_seq): oper for oper in facts.opers}
    if wanted in by_key:
        return by_key[wanted]
    by_when = {
        when: [oper for oper in facts.opers if when_of(facts, oper.oper_id) == when] for when in ("now", "begun")
    }
    if by_when["now"]:
        return by_when["now"][0]
    if facts.spans:
        return facts.window.opers[max(facts.spans, key=lambda span: span.start).oper_id]
    return facts.opers[0] if facts.opers else None


def _about(scene: Scene) -> str:
    job = scene.ground.facts.job
    assemblies = {oper.assembly_seq for oper in scene.ground.facts.opers} or {0}
    shown = f"Assembly {next(iter(assemblies))}" if len(assemblies) == 1 else f"{len(assemblies)} assemblies"
    ordered = f"{say.whole(job.prod_qty)} ordered" if job.prod_qty else ""
    place = f"Company {job.company.code}, plant {scene.plant_name}"
    return " · ".join(text for text in (job.part_description, ordered, shown, place) if text)


def _standing(scene: Scene) -> Standing:
    facts = scene.ground.facts
    oper = next((one for one in facts.opers if when_of(facts, one.oper_id) == "now"), None)
    if oper is None:
        return Standing(None, "", "", _at_rest(facts), "", "", "", "")
    figures, ordered = facts.figures[oper.oper_id], quantity_of(oper)
    board = facts.board_of(oper.oper_id)
    return Standing(
        board=board,
        key=oper_text(oper.assembly_seq, oper.opr_seq),
        label=f"op {oper.opr_seq}",
        state="",
        good=say.whole(figures.good),
        ordered=say.whole(ordered) if ordered else "",
        reject=say.whole(figures.reject),
        ends=_ends(scene, figures, ordered, board),
    )


def _at_rest(facts: JobFacts) -> str:
    if facts.closed_at is not None:
        return "Closed in Epicor"
    if facts.opers and all(oper.oper_id in facts.done for oper in facts.opers):
        return "Every operation complete"
    return "On no line" if facts.spans else "Not begun"


def _ends(scene: Scene, figures: Figures, ordered: float, board: BoardMessage | None) -> str:
    """When the rest is made at the plan's rate, in the time that the plant works; "" where it can't be told."""
    plan = board["plan"] if board is not None else None
    if plan is None or plan["rate"] <= 0 or figures.good >= ordered:
        return ""
    needed = int((ordered - figures.good) / plan["rate"] * MINUTE)
    for piece in segments(scene.calendar, scene.now, scene.now + _LOOKS_AHEAD):
        if piece.shift_date is None or piece.is_break:
            continue
        if needed <= piece.end - piece.start:
            return say.moment(piece.start + needed, scene.now, scene.ground.zone)
        needed -= piece.end - piece.start
    return ""


def _summary(facts: JobFacts) -> str:
    done = sum(oper.oper_id in facts.done for oper in facts.opers)
    return f"{done} of {len(facts.opers)} operations complete" if facts.opers else "no operations told"


def _kept_from(scene: Scene) -> str:
    """From when on slices are stored, where the job began earlier: hours before that only have sums."""
    facts = scene.ground.facts
    edges = [row.slices_from for row in facts.ledgers.values() if row.slices_from is not None]
    first = min((span.start for span in facts.spans), default=None)
    if not edges or first is None or max(edges) <= first:
        return ""
    return say.moment(max(edges), scene.now, scene.ground.zone)


def _stops_note(rows: tuple[StopRow, ...], *, is_cut: bool) -> str:
    if is_cut:
        return f"the latest {MOST_STOPS}"
    return f"{len(rows)} in all" if rows else ""


def _workings(scene: Scene, oper: OperView) -> tuple[Working, ...]:
    """One for each line that the operation ran on: from its first run there to the end of its last."""
    facts, found = scene.ground.facts, []
    for span in facts.spans_of(oper.oper_id):
        policy = facts.lines[span.line_id]
        end = scene.now if span.end is None else min(span.end, scene.now)
        href = address_of(scene.working_path.replace("LINE", policy.slug), span.start, end)
        if href and policy.slug in scene.ground.seen:
            found.append(Working(policy.name, href))
    return tuple(found)


def _losses(scene: Scene) -> str:
    """The losses of this job, over the production days on which it ran."""
    facts, job = scene.ground.facts, scene.ground.facts.job
    if not facts.spans:
        return ""
    first = min(span.start for span in facts.spans)
    last = max(scene.now if span.end is None else span.end for span in facts.spans)
    # Dates of the losses page are production days: one more at the front, as a day may begin after midnight.
    days = [
        (from_us(at).astimezone(scene.ground.zone) - timedelta(days=back)).date()
        for at, back in ((first, 1), (last, 0))
    ]
    asked = {
        "plant": f"{job.company.code}/{job.plant}", "job": job.job_num, "days": "own",
        "start": days[0].isoformat(), "end": days[1].isoformat(),
    }  # fmt: skip
    return f"{scene.losses_path}?{urlencode(asked)}"


def _iso_first(facts: JobFacts) -> str:
    first = min((span.start for span in facts.spans), default=0)
    return from_us(first).isoformat().replace("+00:00", "Z")
