"""What retention has left of a line: from when slices are stored, and from when it can be derived again at all.

Slices that were dropped are derived from the facts whenever somebody reads them; rollups of their time stay.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Max, Min, Q

from apps.downtime.queries import cuts_between, tags_between
from apps.downtime.rules import state_spans
from apps.jobs.queries import runs_between
from apps.lines.types import LinePolicy
from apps.oee import ledger
from apps.oee.models import LineLedger, Slice
from apps.oee.partition import Facts, partition
from apps.oee.types import SliceRow
from apps.reasons.queries import categories
from apps.states.models import CountDelta, StateChange
from apps.states.queries import changes_around
from apps.states.types import State

_REACH = ("settled_until", "anchor", "rolled_until", "days_until")


def slices_between(policy: LinePolicy, start: int, end: int, *, stored_from: int | None) -> list[SliceRow]:
    """The slices of a line before its settled end that overlap [start, end), stored or not, in order."""
    if stored_from is None or start >= stored_from:
        return ledger.slices_between(policy.line_id, start, end)
    made = _from_facts(policy, start, min(end, stored_from))
    return made + (ledger.slices_between(policy.line_id, stored_from, end) if end > stored_from else [])


def _from_facts(policy: LinePolicy, start: int, end: int) -> list[SliceRow]:
    """What `settle` would store: a stop at an edge is looked at whole, because its length and tags decide."""
    first, last = start, end
    changes = changes_around(policy.line_id, start, end)
    if not changes:
        return []
    for span in state_spans(changes, max(end, changes[-1].at)):
        if span.state == State.STOPPED and span.start <= end and span.end >= start:
            first, last = min(first, span.start), max(last, span.end)
    changes = changes_around(policy.line_id, first, last)
    facts = Facts(
        changes=changes,
        tags=tags_between(policy.line_id, first, last),
        cuts=cuts_between(policy.line_id, first, last),
        runs=runs_between(policy.line_id, first, last),
        categories=categories(policy.company),
    )
    made = partition(policy, facts, first, last, until=max(last, changes[-1].at))
    return [row for row in made.slices if row.start < end and row.end > start]


class Kept(NamedTuple):
    """From when a line's slices are stored, and from when its facts let derive; None where nothing was dropped."""

    slices_from: int | None
    facts_from: int | None

    @property
    def told_from(self) -> int:
        """The instant from which slices can be had, stored or derived; 0: from the line's beginning."""
        return 0 if self.facts_from is None else min(self.facts_from, self.slices_from or 0)

    def tells_of(self, at: int) -> bool:
        """Whether the slices from this instant on can still be had, one way or the other."""
        return at >= self.told_from


def of_line(line_id: int) -> Kept:
    """What is kept of one line."""
    row = LineLedger.objects.filter(line_id=line_id).values_list("slices_from", "facts_from").first()
    return Kept(*row) if row else Kept(None, None)


def needed_from(*, facts: bool) -> int | None:
    """The instant from which slices (or `facts`) are needed to go on deriving: no line's is earlier. None without lines.

    A line's hour and day that are not over are made of what tells its state from their beginning on, and of whole stops:
    where it stood for months that begins months ago, and may go once the day is over. Slices of that are derived.
    """
    needed = []
    for line_id, *reach in LineLedger.objects.values_list("line_id", *_REACH):
        reached = [at for at in reach if at is not None]
        if reached:
            needed.append(_known_since(line_id, min(reached)) if facts else min(reached))
    return min(needed, default=None)


def _known_since(line_id: int, at: int) -> int:
    """The last change at or before an instant that is not a stop, so that the state from then on is known."""
    before = StateChange.objects.filter(line_id=line_id, at__lte=at)
    going = before.exclude(state=State.STOPPED).aggregate(at=Max("at"))["at"]
    # A line may stand from its first sample on.
    found = going if going is not None else before.aggregate(at=Min("at"))["at"]
    return at if found is None else int(found)


def note_slices_from(line_ids: Iterable[int], edge: int) -> None:
    """Let each line's stored slices begin with the first that starts at or after `edge`. The caller holds the locks."""
    for row in LineLedger.objects.filter(line_id__in=line_ids):
        if row.slices_from is not None and row.slices_from >= edge:
            continue
        pieces = Slice.objects.filter(line_id=row.line_id)
        if not pieces.filter(start__lt=edge).exists():
            continue
        first = pieces.filter(start__gte=edge).aggregate(at=Min("start"))["at"]
        row.slices_from = first if first is not None else row.settled_until
        row.save(update_fields=["slices_from"])


def note_facts_from(line_ids: Iterable[int], edge: int) -> None:
    """Let each line be derived only from the first state after `edge` that is surely known. The caller holds the locks."""
    for row in LineLedger.objects.filter(line_id__in=line_ids):
        if row.facts_from is not None and row.facts_from >= edge:
            continue
        changes = StateChange.objects.filter(line_id=row.line_id, at__lt=edge)
        if changes.exists() or CountDelta.objects.filter(line_id=row.line_id, end__lt=edge).exists():
            row.facts_from = _first_known(row, edge)
            row.save(update_fields=["facts_from"])


def _first_known(row: LineLedger, edge: int) -> int | None:
    """The first change into another state than `stopped` at which a slice begins: rows before it stay as they are."""
    surely = Q(at__gte=edge, at__lte=row.settled_until) & ~Q(state=State.STOPPED)
    found = StateChange.objects.filter(surely, line_id=row.line_id).order_by("at").values_list("at", flat=True)[:100]
    begin = set(Slice.objects.filter(line_id=row.line_id, start__in=list(found)).values_list("start", flat=True))
    return next((at for at in found if at in begin or at < (row.slices_from or 0)), row.anchor)
