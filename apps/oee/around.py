"""What was told of one line around a stretch, and what is derived there: read once and handed from step to step."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter

from apps.downtime.queries import cuts_between, tags_between
from apps.downtime.types import Cut, PhysicalStop, TagMark
from apps.jobs.queries import opers, runs_between
from apps.jobs.rules import RunSpan
from apps.jobs.types import OperView
from apps.lines.rules import production_day
from apps.lines.types import LinePolicy
from apps.oee import kept, ledger, timeline
from apps.oee.attribution import attribute, moved
from apps.oee.ledger import StoredStop
from apps.oee.models import LineLedger
from apps.oee.types import PartsRow, SliceRow
from apps.reasons.queries import categories
from apps.shared.instants import HOUR
from apps.states.queries import changes_around, changes_in, deltas_between, snapshots
from apps.states.types import Change, LineNow, State

# What a late fact touches reaches some hours further: a whole stop, the hours that are made again.
_MARGIN = 4 * HOUR
_at = attrgetter("at")
_start = attrgetter("start")


def arounds(policies: Sequence[LinePolicy]) -> "list[Around]":
    """What is around each of these lines that was commissioned. The caller holds their locks."""
    ids = [policy.line_id for policy in policies]
    known, rows = snapshots(ids), ledger.ledgers(ids)
    found = []
    for policy in policies:
        line_id = policy.line_id
        if line_id not in known or known[line_id].first_good_at is None:
            continue
        row = rows.get(line_id) or LineLedger.objects.create(line_id=line_id)
        found.append(Around(policy, known[line_id], row))
    return found


class Around:
    """One line, and a stretch of its time at a time. The caller holds the line's lock.

    What lies outside of the stretch is read as it is asked for, so every answer is right and only some are dear.
    """

    def __init__(self, policy: LinePolicy, known: LineNow, row: LineLedger) -> None:
        self.policy = policy
        self.line_id = policy.line_id
        self.known = known
        self.row = row
        self._categories: dict[str, str] | None = None
        self._opers: dict[int, OperView] = {}
        self._look_at(0, 0)

    @property
    def first(self) -> int:
        """The line's first good sample."""
        return self.known.first_good_at or 0

    def look_at(self, start: int, end: int) -> None:
        """Read what is around [start, end] from now on, unless that lies well within what is looked at already."""
        if not self._is_near(start - _MARGIN // 2, end + _MARGIN // 2):
            self._look_at(start, end)

    def _look_at(self, start: int, end: int) -> None:
        self._asked = start, end
        self._near = start - _MARGIN, end + _MARGIN
        self._changes: list[Change] | None = None
        self._tags: list[TagMark] | None = None
        self._cuts: list[Cut] | None = None
        self._runs: list[RunSpan] | None = None
        self._stops: list[StoredStop] | None = None
        self._slices: list[SliceRow] | None = None
        self._days = self._near
        self._slice_ids: dict[int, int] = {}

    def _is_near(self, start: int, end: int) -> bool:
        return self._near[0] <= start and end <= self._near[1]

    def categories(self) -> dict[str, str]:
        """Category of every known code of the company."""
        if self._categories is None:
            self._categories = categories(self.policy.company)
        return self._categories

    def opers(self, oper_ids: Iterable[int]) -> dict[int, OperView]:
        """The operations by id; more than those asked for may be among them."""
        missing = set(oper_ids) - set(self._opers)
        if missing:
            self._opers.update(opers(missing))
        return self._opers

    def changes_around(self, start: int, end: int) -> list[Change]:
        """The changes that tell the state over [start, end), whole stops at both edges included, in order."""
        if self._is_near(start, end):
            if self._changes is None:
                self._changes = changes_in(self.line_id, *self._near)
            found = self._trimmed(self._changes, start, end)
            if found is not None:
                return found
        return changes_around(self.line_id, start, end)

    def _trimmed(self, changes: list[Change], start: int, end: int) -> list[Change] | None:
        """None where a stop at an edge reaches further than was read."""
        before = next((c.at for c in reversed(changes[: bisect_right(changes, start, key=_at)]) if _is_going(c)), None)
        after = next((c.at for c in changes[bisect_left(changes, end, key=_at) :] if _is_going(c)), None)
        if before is None and self._near[0] > self.first:
            return None
        if after is None and self._near[1] < (self.known.last_at or 0):
            return None
        first = 0 if before is None else bisect_left(changes, before, key=_at)
        last = len(changes) if after is None else bisect_right(changes, after, key=_at)
        return changes[first:last]

    def tags_between(self, start: int, end: int) -> list[TagMark]:
        """The tags and untags in [start, end), in order of `at`."""
        if not self._is_near(start, end):
            return tags_between(self.line_id, start, end)
        if self._tags is None:
            self._tags = tags_between(self.line_id, *self._near)
        return self._tags[bisect_left(self._tags, start, key=_at) : bisect_left(self._tags, end, key=_at)]

    def cuts_between(self, start: int, end: int) -> list[Cut]:
        """The splits and unsplits in [start, end)."""
        if not self._is_near(start, end):
            return cuts_between(self.line_id, start, end)
        if self._cuts is None:
            self._cuts = cuts_between(self.line_id, *self._near)
        return [cut for cut in self._cuts if start <= cut.at < end]

    def runs_between(self, start: int, end: int) -> list[RunSpan]:
        """The runs that touch [start, end], in order."""
        if not self._is_near(start, end):
            return runs_between(self.line_id, start, end)
        if self._runs is None:
            self._runs = runs_between(self.line_id, *self._near)
        return [run for run in self._runs if run.start <= end and run.end >= start]

    def parts(self, start: int, end: int) -> list[PartsRow]:
        """The attributed parts whose last instant lies in [start, end), scrap moved."""
        deltas = deltas_between(self.line_id, start, end)
        first = min([start, *(delta.start for delta in deltas)])
        last = max([end, *(delta.end for delta in deltas)])
        changes, runs = self.changes_around(first, last), self.runs_between(first, last)
        ground = timeline.ground_of(self.policy, changes, runs, first, last)
        rows = [*attribute(deltas, ground), *moved(timeline.moves_between(self.line_id, start, end), ground)]
        return [row for row in rows if start < row.end <= end]

    def stops_starting(self, start: int, end: int) -> list[StoredStop]:
        """The settled stops that start in [start, end) with their parts, in order."""
        if not self._is_near(start, end):
            return ledger.stored_stops(self.line_id, start, end)
        stops = self._near_stops()
        return stops[bisect_left(stops, start, key=_start) : bisect_left(stops, end, key=_start)]

    def stops_touching(self, start: int, end: int) -> list[tuple[int, int]]:
        """(start, end) of the settled stops that overlap or touch [start, end]."""
        if self._is_near(start, end):
            stops = self._near_stops()
            # Stops do not overlap: of those that began before `start` only the last can reach it.
            first = bisect_left(stops, start, key=_start)
            if first > 0 or self._near[0] <= self.first:
                found = stops[max(first - 1, 0) : bisect_right(stops, end, key=_start)]
                return [(stop.start, stop.end) for stop in found if stop.end >= start]
        return ledger.stops_touching(self.line_id, start, end)

    def _near_stops(self) -> list[StoredStop]:
        if self._stops is None:
            self._stops = ledger.stored_stops(self.line_id, *self._near)
        return self._stops

    def slices_starting(self, start: int, end: int) -> list[tuple[int, SliceRow]]:
        """(id, slice) of the settled slices that start in [start, end), in order."""
        if not self._is_near(start, end):
            return ledger.slices_starting(self.line_id, start, end)
        slices = self._near_slices()
        found = slices[bisect_left(slices, start, key=_start) : bisect_left(slices, end, key=_start)]
        if any(row.start not in self._slice_ids for row in found):
            # Written in this very transaction.
            return ledger.slices_starting(self.line_id, start, end)
        return [(self._slice_ids[row.start], row) for row in found]

    def slice_around(self, at: int) -> tuple[int, int]:
        """As `ledger.slice_around`: where the slice before an instant starts, and where the one that holds it ends."""
        if self._is_near(at, at):
            slices = self._near_slices()
            first = bisect_right(slices, at, key=_start)
            if first >= 2:
                return ledger.hull_at(at, [(row.start, row.end) for row in reversed(slices[first - 2 : first])])
        return ledger.slice_around(self.line_id, at)

    def slices_between(self, start: int, end: int) -> list[SliceRow]:
        """The slices before the settled end that overlap [start, end), whole, stored or not, in order."""
        stored_from = self.row.slices_from
        if start >= end:
            return []
        if stored_from is None or start >= stored_from:
            slices = self._near_slices()
            first = bisect_right(slices, start, key=_start)
            is_read = self._days[0] <= start and end <= self._days[1]
            if is_read and (first > 0 or self._days[0] <= self.first):
                found = slices[max(first - 1, 0) : bisect_left(slices, end, key=_start)]
                return [row for row in found if row.end > start]
        return kept.slices_between(self.policy, start, end, stored_from=stored_from)

    def put_slices(self, start: int, end: int, made: Sequence[SliceRow]) -> None:
        """Take note that these slices are those that start in [start, end) now."""
        if self._slices is None:
            return
        first, last = (bisect_left(self._slices, edge, key=_start) for edge in (start, end))
        self._slices[first:last] = made
        for row in made:
            self._slice_ids.pop(row.start, None)

    def replace_stops(self, start: int, end: int, made: Sequence[PhysicalStop]) -> None:
        """Make the stops that start in [start, end) equal to `made`."""
        if ledger.replace_stops(self.line_id, self.stops_starting(start, end), made, self.policy.micro_stop_us):
            self._stops = None

    def _near_slices(self) -> list[SliceRow]:
        """Of whole production days: what is lost in a day is made of all its slices."""
        if self._slices is None:
            first, last = self._near
            day = production_day(self.policy.calendar, self._asked[0])[1]
            over = production_day(self.policy.calendar, min(self._asked[1], self.known.last_at or 0))[2]
            self._days = min(first, day - _MARGIN), max(last, over)
            rows = ledger.slices_starting(self.line_id, *self._days)
            self._slices = [row for _pk, row in rows]
            self._slice_ids = {row.start: pk for pk, row in rows}
        return self._slices


def _is_going(change: Change) -> bool:
    return change.state != State.STOPPED
