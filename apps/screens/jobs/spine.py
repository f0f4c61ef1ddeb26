"""The operations of a job, one below the other: state, lines, ribbon, and how far each is. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.jobs.orders import OperSpan
from apps.jobs.types import OperView
from apps.lines.types import LinePolicy
from apps.live.ribbon import kind_of
from apps.live.types import BoardMessage
from apps.oee.types import Bucket, Figures, SliceRow
from apps.screens.jobs.address import job_address, oper_text
from apps.screens.jobs.axis import Axis
from apps.screens.jobs.reads import JobFacts
from apps.shared import format as say
from apps.shared.periods import FOREVER, overlap

# More stretches than that on one ribbon can't be told apart.
MOST = 160
# A screen reader is given each stretch of a short ribbon, and a summary of a long one.
_SPOKEN = 60
_ALL_SPOKEN = 300
_MOST_RIBBONS = 3
_WORDS = {
    "run": "Running", "micro": "Micro-stop", "setup": "Changeover", "planned": "Planned", "nosig": "No signal",
    "nojob": "No job", "untag": "Stopped, no reason", "stop": "Stopped",
}  # fmt: skip
ELSEWHERE = "another plant"
# Start, end (microseconds) and look of a piece of a ribbon.
Item = tuple[int, int, str]


class Stretch(NamedTuple):
    """A piece of a ribbon: from minute a to minute b of the axis, how it is drawn, and its words ("" in long ribbons)."""

    a: float
    b: float
    kind: str
    words: str


class Stage(NamedTuple):
    """One operation. `when` is "done", "now", "begun" or "next"; `board` is of the line that is on it now."""

    key: str
    title: str
    where: str
    when: str
    board: BoardMessage | None
    ribbons: tuple[tuple[Stretch, ...], ...]
    ribbon_label: str
    oee: str
    note: str
    href: str
    parts: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Spine:
    """All operations over one axis; `now` is a minute of it, None where the present is not on it."""

    axis: Axis
    now: float | None
    stages: tuple[Stage, ...]


class Ground(NamedTuple):
    """What all stages share; `seen` are the slugs of lines that the principal may see."""

    facts: JobFacts
    slices: Mapping[int, Sequence[tuple[int, SliceRow]]]
    seen: frozenset[str]
    axis: Axis
    zone: ZoneInfo
    chosen: int | None


def spine_of(ground: Ground, now: int) -> Spine:
    """The spine of a job."""
    first, last = ground.axis.starts[0], ground.axis.starts[-1] + ground.axis.width
    is_on_axis = first <= now <= last and ground.facts.closed_at is None
    count = sum(len(rows) for rows in ground.slices.values())
    stages = tuple(_stage(ground, oper, is_spoken=count <= _ALL_SPOKEN) for oper in ground.facts.opers)
    return Spine(ground.axis, ground.axis.at(now) if is_on_axis else None, stages)


def when_of(facts: JobFacts, oper_id: int) -> str:
    """How far an operation is: "now" where a line is on it, "done", "begun", or "next" where it never ran."""
    if facts.board_of(oper_id) is not None:
        return "now"
    if oper_id in facts.done:
        return "done"
    return "begun" if facts.spans_of(oper_id) else "next"


def title_of(oper: OperView) -> str:
    """The number and the words of an operation, with its assembly where there is more than one."""
    assembly = f"Asm {oper.assembly_seq} · " if oper.assembly_seq else ""
    return f"{assembly}{oper.opr_seq} {oper.op_desc}".strip()


def line_names(ground: Ground, oper_id: int) -> list[str]:
    """The lines that an operation ran on, in order of time, each once; none of a plant that the principal may not see."""
    policies = [ground.facts.lines[span.line_id] for span in ground.facts.spans_of(oper_id)]
    return list(dict.fromkeys(one.name if one.slug in ground.seen else ELSEWHERE for one in policies))


def quantity_of(oper: OperView) -> float:
    """How many parts an operation is to make; 0 where Epicor does not say."""
    return oper.run_qty or oper.prod_qty


def _stage(ground: Ground, oper: OperView, *, is_spoken: bool) -> Stage:
    facts = ground.facts
    when = when_of(facts, oper.oper_id)
    figures = facts.figures[oper.oper_id]
    rows = ground.slices.get(oper.oper_id, ())
    ribbons = _ribbons(ground, oper, rows, is_spoken=is_spoken)
    key = oper_text(oper.assembly_seq, oper.opr_seq)
    names = line_names(ground, oper.oper_id)
    return Stage(
        key=key,
        title=title_of(oper),
        where=" · ".join(names) if names else "Complete in Epicor, not counted" if when == "done" else "Not begun",
        when=when,
        board=facts.board_of(oper.oper_id),
        ribbons=ribbons,
        ribbon_label=_label(oper, figures, rows),
        oee=say.percent_sign(figures.oee),
        note=_note(oper, figures, when),
        href=job_address(oper.company, oper.job_num, key),
        parts=job_address(oper.company, oper.job_num, key, part="job-parts"),
        is_here=oper.oper_id == ground.chosen,
    )


def _note(oper: OperView, figures: Figures, when: str) -> str:
    ordered = quantity_of(oper)
    if when == "next" or (when == "done" and not figures.total):
        return f"{say.whole(ordered)} to make" if ordered and when == "next" else ""
    if when == "done":
        return f"{say.whole(figures.good)} good"
    return f"{say.whole(figures.good)} / {say.whole(ordered)}" if ordered else f"{say.whole(figures.good)} good"


def _label(oper: OperView, figures: Figures, rows: Sequence[tuple[int, SliceRow]]) -> str:
    stops = len({(line_id, row.stop_start) for line_id, row in rows if row.stop_start is not None})
    ran = figures.buckets["running"] + figures.buckets["micro_stop"]
    if not rows:
        return f"Operation {oper.opr_seq}: nothing yet"
    return (
        f"Operation {oper.opr_seq}: ran {say.summed_hours(ran)}, {stops} {'stop' if stops == 1 else 'stops'} to be seen"
    )


def _ribbons(
    ground: Ground, oper: OperView, rows: Sequence[tuple[int, SliceRow]], *, is_spoken: bool
) -> tuple[tuple[Stretch, ...], ...]:
    """One ribbon; several, one below the other, where lines were on the operation at the same time."""
    spans = ground.facts.spans_of(oper.oper_id)
    if not _overlap(spans):
        return (_drawn(ground, rows, is_spoken=is_spoken),)
    line_ids = list(dict.fromkeys(span.line_id for span in spans))
    shown, rest = line_ids[: _MOST_RIBBONS - 1], line_ids[_MOST_RIBBONS - 1 :]
    groups = [{line_id} for line_id in shown] + ([set(rest)] if rest else [])
    return tuple(_drawn(ground, [row for row in rows if row[0] in group], is_spoken=is_spoken) for group in groups)


def _overlap(spans: Sequence[OperSpan]) -> bool:
    """Whether two lines were on the operation at once; spans come in order of their start."""
    last = 0
    for span in spans:
        if span.start < last:
            return True
        last = FOREVER if span.end is None else max(last, span.end)
    return False


def _drawn(ground: Ground, rows: Sequence[tuple[int, SliceRow]], *, is_spoken: bool) -> tuple[Stretch, ...]:
    items = _items(ground.facts.lines, rows, ground.axis.finest)
    grain = ground.axis.finest * 4
    if len(items) > MOST:
        every = items
        while len(items) > MOST:
            items, grain = _mostly(every, grain), grain * 2
    with_words = is_spoken and len(items) <= _SPOKEN
    return tuple(_stretch(ground, item, with_words=with_words) for item in items)


def _items(lines: Mapping[int, LinePolicy], rows: Sequence[tuple[int, SliceRow]], gap: int) -> list[Item]:
    """Stretches of one look; neighbours that look the same are joined over a gap that is too short to be seen."""
    found: list[Item] = []
    for line_id, row in rows:
        if row.bucket == Bucket.UNSCHEDULED:
            continue
        kind = kind_of(row, lines[line_id].no_job_reason)
        if found and found[-1][2] == kind and row.start - found[-1][1] <= gap:
            found[-1] = (found[-1][0], max(found[-1][1], row.end), kind)
        else:
            found.append((row.start, row.end, kind))
    return found


def _mostly(items: Sequence[Item], grain: int) -> list[Item]:
    """The same coarser: in each stretch of `grain` what most of it was, so that neither stops nor running are made more."""
    spent: dict[int, dict[str, int]] = {}
    for start, end, kind in items:
        for index in range(start // grain, -(-end // grain)):
            piece = spent.setdefault(index, {})
            piece[kind] = piece.get(kind, 0) + overlap(start, end, index * grain, (index + 1) * grain)
    found: list[Item] = []
    for index in sorted(spent):
        kind = max(spent[index].items(), key=itemgetter(1))[0]
        start, end = max(items[0][0], index * grain), min(items[-1][1], (index + 1) * grain)
        if found and found[-1][2] == kind and found[-1][1] == start:
            found[-1] = (found[-1][0], end, kind)
        else:
            found.append((start, end, kind))
    return found


def _stretch(ground: Ground, item: Item, *, with_words: bool) -> Stretch:
    start, end, kind = item
    words = f"{say.clock(start, ground.zone)} to {say.clock(end, ground.zone)} {_WORDS[kind]}" if with_words else ""
    return Stretch(ground.axis.at(start), ground.axis.at(end), kind, words)
