"""`oee`, `slices` and `summaries`, rows as FORMATS §4 prints them."""

from typing import Any

from tests.oracle.binding import Binding
from tests.oracle.instants import seconds, show
from tests.oracle.jobs import OpKey, ideal_cycle
from tests.oracle.pareto import bars
from tests.oracle.ratios import Heap, figures
from tests.oracle.schedule import ShiftDay, in_force, shift_days
from tests.oracle.slices import Story, cut
from tests.oracle.world import World

Row = dict[str, Any]
Key = tuple[Any, ...]
EVER = (-(2**62), 2**62)
NAMES = {
    "line": ("company", "plant", "line"),
    "operation": ("company", "plant", "JobNum", "AssemblySeq", "OprSeq"),
    "job": ("company", "plant", "JobNum"),
    "part": ("company", "plant", "PartNum"),
    "shift": ("company", "plant", "date", "shift"),
    "plant": ("company", "plant"),
}


def _key(world: World, story: Story, by: str, bound: Binding, shift: ShiftDay | None) -> Key | None:
    """FORMATS §4: "The key of the other rows". None where the time or the parts belong to no such row: §8, "unresolved
    and unbound time belong to the line only", so to no operation, job or part."""
    plant = story.line.plant
    if by == "line":
        return (plant.company, plant.code, story.line.slug)
    if by == "plant":
        return (plant.company, plant.code)
    if by == "shift":
        return (plant.company, plant.code, shift.date.isoformat() if shift else None, shift.name if shift else None)
    if bound.operation is None:
        return None
    company, job, assembly, step = bound.operation
    operation = world.operations[bound.operation]
    own = {"operation": (job, assembly, step), "job": (job,), "part": (operation.part,)}[by]
    return (company, operation.plant, *own)


def in_order(key: Key) -> list[tuple[bool, Any]]:
    """FORMATS §4: "sorted by key (numbers as numbers, `null` first)"."""
    return [(value is not None, value) for value in key]


class Table:
    """Heaps by row, and in a row by line and operation, which is what has one ideal cycle."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows: dict[Key, dict[tuple[str, OpKey | None], Heap]] = {}

    def heap(self, key: Key, story: Story, bound: Binding) -> Heap:
        """§8: time bound to none "count[s] as one more operation with the line's default cycle"."""
        operation = None if bound.operation is None else self.world.operations[bound.operation]
        of_row = self.rows.setdefault(key, {})
        return of_row.setdefault((story.line.slug, bound.operation), Heap(ideal_cycle(story.line, operation)))


def _table(world: World, by: str, start: int, end: int, line: str | None) -> Table:
    table = Table(world)
    for story in world.lines(line):
        for piece in cut(story, start, end):
            key = _key(world, story, by, piece.binding, piece.shift)
            if key is not None:
                table.heap(key, story, piece.binding).add_time(piece.bucket, piece.end - piece.start)
        days = shift_days(story.line.plant, story.slices[0].start, story.slices[-1].end) if story.slices else []
        for share in story.shares:
            if start <= share.last < end:
                key = _key(world, story, by, share.binding, in_force(days, share.last))
                if key is not None:
                    table.heap(key, story, share.binding).add_parts(share)
    return table


def _bound_seconds(world: World, slug: str, start: int, end: int, what: str) -> float:
    """FORMATS §4: "time in any bucket while the binding was ambiguous or none"."""
    return seconds(sum(s.end - s.start for s in cut(world.stories[slug], start, end) if s.binding.what == what))


def oee(world: World, start: int, end: int, by: str, line: str | None = None) -> list[Row]:
    """FORMATS §4: "one row for each key that has any time or parts in the window, sorted by key"."""
    rows = []
    for key, heaps in sorted(_table(world, by, start, end, line).rows.items(), key=lambda item: in_order(item[0])):
        if not any(heap.something for heap in heaps.values()):
            continue
        row: Row = {"by": by, **dict(zip(NAMES[by], key, strict=True)), "from": show(start), "to": show(end)}
        row |= figures(list(heaps.values()))
        if by == "line":
            row["unresolved_s"] = _bound_seconds(world, key[-1], start, end, "unresolved")
            row["unbound_s"] = _bound_seconds(world, key[-1], start, end, "none")
        rows.append(row)
    return rows


def slices(world: World, line: str, start: int, end: int) -> list[Row]:
    """FORMATS §4: "in order, joining neighbours that print the same"."""
    rows: list[Row] = []
    for piece in cut(world.stories[line], start, end) if line in world.stories else []:
        _, job, assembly, step = piece.binding.operation or (None, None, None, None)
        row = {
            "start": show(piece.start),
            "end": show(piece.end),
            "bucket": piece.bucket,
            "JobNum": job,
            "AssemblySeq": assembly,
            "OprSeq": step,
            "kind": piece.binding.kind,
            "reason": piece.reason.code if piece.reason else None,
            "stop": piece.stop.id if piece.stop else None,
        }
        if rows and rows[-1] | {"start": None, "end": None} == row | {"start": None, "end": None}:
            rows[-1]["end"] = row["end"]
        else:
            rows.append(row)
    return rows


def _runs(world: World, operation: OpKey) -> list[Row]:
    """FORMATS §4: "by start, then line; cut to the line's time, so one that is open ends now"."""
    mine = [
        (start, story.line.slug, end, bound.kind)
        for story in world.lines()
        for start, end, bound in story.runs
        if bound.operation == operation
    ]
    return [
        {"line": slug, "start": show(start), "end": show(end), "kind": kind} for start, slug, end, kind in sorted(mine)
    ]


def _losses(world: World, operation: OpKey) -> list[Row]:
    """FORMATS §4: "the first three bars of its Pareto by reason that have seconds"."""
    found = bars(
        world,
        [(story, s) for story in world.lines() for s in story.slices if s.binding.operation == operation],
        "reason",
    )
    return [{"key": bar.key, "seconds": seconds(bar.micros)} for bar in found if bar.micros][:3]


def summaries(world: World, job: str | None = None) -> list[Row]:
    """§10 and FORMATS §4: one row for each finished operation, "also where it has no time (all 0, ratios empty)"."""
    heaps = _table(world, "operation", *EVER, None).rows
    rows = []
    for operation in world.finished():
        company, number, assembly, step = operation.key
        key = (company, operation.plant, number, assembly, step)
        if job in (None, number):
            row: Row = dict(zip(NAMES["operation"], key, strict=True)) | {"revision": 1, "made_at": None}
            row |= figures(list(heaps.get(key, {}).values()))
            rows.append(row | {"losses": _losses(world, operation.key), "runs": _runs(world, operation.key)})
    return sorted(rows, key=lambda row: in_order(tuple(row[name] for name in NAMES["operation"])))
