"""Paretos (SEMANTICS §9, FORMATS §4)."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.oracle.instants import SECOND, seconds
from tests.oracle.slices import Slice, Story, cut
from tests.oracle.world import World

LOSSES = ("micro_stop", "setup", "downtime")


@dataclass
class Bar:
    key: str
    label: str | None = None
    micros: int = 0
    stops: set[str] = field(default_factory=set)

    def measured(self, measure: str) -> Fraction:
        return Fraction(len(self.stops)) if measure == "stops" else Fraction(self.micros, SECOND)


def _untagged(piece: Slice) -> str:
    """§9: "by reason and by category, untagged micro-stops and untagged setup … are bars of their own too"."""
    return "" if piece.bucket == "downtime" else f"~{piece.bucket}"


def _key(world: World, story: Story, piece: Slice, by: str) -> tuple[str, str | None]:
    """The bar of a slice and its label, where the contract says one. §9: "What has no reason (or category, fault, part,
    operation) is a bar of its own"."""
    operation = piece.binding.operation
    if by == "reason":
        return (piece.reason.code, piece.reason.description) if piece.reason else (_untagged(piece), None)
    if by == "category":
        return (piece.reason.category or "") if piece.reason else _untagged(piece), None
    if by == "fault":
        return str(piece.stop.fault) if piece.stop and piece.stop.fault else "", None
    if by == "line":
        return story.line.slug, None
    if by == "part":
        return (world.operations[operation].part or "") if operation else "", None
    if by == "operation":
        return "/".join(str(field) for field in operation[1:]) if operation else "", None
    return piece.shift.name if piece.shift else "", None


def bars(world: World, pieces: list[tuple[Story, Slice]], by: str, measure: str = "seconds") -> list[Bar]:
    """§9: "sums the seconds of the slices in `micro_stop`, `setup` and `downtime`, and their stops …, sorted by the
    chosen measure, ties by code"; "A bar counts a stop once"; "by reason always shown" is the bar without one."""
    found = {"": Bar("")} if by == "reason" else {}
    for story, piece in pieces:
        if piece.bucket in LOSSES and piece.stop is not None:
            key, label = _key(world, story, piece, by)
            bar = found.setdefault(key, Bar(key, label))
            bar.micros += piece.end - piece.start
            bar.stops.add(piece.stop.id)
    return sorted(found.values(), key=lambda bar: (-bar.measured(measure), bar.key))


def pareto(
    world: World,
    start: int,
    end: int,
    by: str,
    *,
    line: str | None = None,
    job: str | None = None,
    measure: str = "seconds",
) -> list[dict[str, Any]]:
    """FORMATS §4: "of the chosen measure …, `null` when it sums to 0"; §9: "the cumulative line ends at 100 %"."""
    pieces = [
        (story, piece)
        for story in world.lines(line)
        for piece in cut(story, start, end)
        if job is None or (piece.binding.operation and piece.binding.operation[1] == job)
    ]
    found = bars(world, pieces, by, measure)
    whole = sum((bar.measured(measure) for bar in found), Fraction(0))
    so_far = Fraction(0)
    rows = []
    for bar in found:
        so_far += bar.measured(measure)
        rows.append(
            {
                "key": bar.key,
                "label": bar.label,
                "seconds": seconds(bar.micros),
                "stops": len(bar.stops),
                "share": float(bar.measured(measure) / whole) if whole else None,
                "cumulative": float(so_far / whole) if whole else None,
            }
        )
    return rows
