"""Which operation a line is on at an instant (SEMANTICS §5)."""

from dataclasses import dataclass

from tests.oracle.activities import Activity
from tests.oracle.facts import Resolve
from tests.oracle.instants import joined, pieces
from tests.oracle.jobs import OpKey
from tests.oracle.plant import Line


@dataclass(frozen=True)
class Binding:
    """`what` is run, none or unresolved; only a run has an operation and a kind."""

    what: str
    operation: OpKey | None = None
    kind: str | None = None


NONE, UNRESOLVED = Binding("none"), Binding("unresolved")


def _chosen(line: Line, resolves: list[Resolve], operations: set[OpKey], at: int) -> OpKey | None:
    """§5: "the choice holds wherever in it the line is ambiguous and that operation is open". FORMATS §2: the greatest
    `tagged_at` stands; ties to the greater (JobNum, AssemblySeq, OprSeq)."""
    company = line.plant.company
    holding = [
        resolve
        for resolve in resolves
        if resolve.start <= at < resolve.end and (company, *resolve.operation) in operations
    ]
    best = max(holding, key=lambda resolve: (resolve.tagged_at, resolve.operation), default=None)
    return None if best is None else (company, *best.operation)


def binding_at(line: Line, activities: list[Activity], resolves: list[Resolve], at: int) -> Binding:
    """§5: "At an instant a line is bound to" one operation, none, or is ambiguous; "`production` wins where both are
    open on the same operation". With `newest` "the activity that started last wins, ties by the greater key"."""
    here = [activity for activity in activities if activity.open_at(at)]
    operations = {activity.operation for activity in here if activity.operation is not None}
    if not operations:
        return NONE
    if len(operations) == 1:
        bound: OpKey | None = next(iter(operations))
    elif line.newest:
        bound = max(here, key=lambda activity: (activity.start, activity.key)).operation
    else:
        bound = _chosen(line, resolves, operations, at)
    if bound is None:
        return UNRESOLVED
    setup = all(activity.setup for activity in here if activity.operation == bound)
    return Binding("run", bound, "setup" if setup else "production")


def stretches(
    line: Line, activities: list[Activity], resolves: list[Resolve], start: int, end: int
) -> list[tuple[int, int, Binding]]:
    """§5: "A **Run** is a maximal interval in which the line is bound to the same operation with the same kind"; and
    the maximal stretches of none and of unresolved between them, together all of `[start, end)`."""
    cuts = {activity.start for activity in activities}
    cuts |= {activity.end for activity in activities if activity.end is not None}
    cuts |= {edge for resolve in resolves for edge in (resolve.start, resolve.end)}
    return joined([(s, e, binding_at(line, activities, resolves, s)) for s, e in pieces(cuts, start, end)])
