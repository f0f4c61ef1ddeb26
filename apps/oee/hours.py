"""Hours of a line, made again from its slices and parts; and what the days are made of, where that was just read."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from django.db import models

from apps.lines.rules import production_day
from apps.oee import timeline
from apps.oee.around import Around
from apps.oee.cells import SUMMED, add_parts, add_slices, hours_of
from apps.oee.models import HourRollup
from apps.oee.types import CellKey, Cells, PartsRow, Sums
from apps.shared import partitions, spans
from apps.shared.bulk import Difference, Row, difference, write
from apps.shared.instants import DAY, HOUR
from apps.shared.spans import Span, starting

KEY = ("line", "start", "binding", "oper", "shift_date", "shift")
READ = ("id", "line_id", "start", "binding", "oper_id", "shift_date", "shift", *SUMMED)
_COLUMNS = (*KEY, *SUMMED)
_CHUNK = 7 * DAY
# Of a row, where its parts begin: what comes before are the key and the times.
_COUNTED = len(KEY) + SUMMED.index("good")


class Hours:
    """The hours that one late fact (or the passing of time) makes again."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._line_id = around.line_id
        # The operations in rows that are other ones now, and the stretches that were made.
        self.oper_ids: set[int] = set()
        self.made: list[tuple[int, int]] = []
        # The rows of the days that were looked at last, as they stand there now.
        self._read = (0, 0)
        self._rows: list[Row] = []

    def make(self, start: int, end: int, *, with_parts: bool) -> None:
        """Make [start, end) again. Without parts those that are counted stay: only slices are other ones."""
        for first in range(start, end, _CHUNK):
            last = min(first + _CHUNK, end)
            self._around.look_at(first, last)
            there = self._look_at(first, last)
            inside = [found for found in there if first <= found[1][1] < last]
            by_hour = self._times(first, last)
            rows = None if with_parts else _with_counts(self._line_id, by_hour, [row for _pk, row in inside])
            if rows is None:
                for hour, parts in groupby(self._around.parts(first, last), key=_hour_of):
                    add_parts(by_hour.setdefault(hour, {}), self._line_id, parts)
                rows = rows_of(self._line_id, by_hour)
            found = difference(inside, rows, len(KEY))
            partitions.ensure(HourRollup._meta.db_table, (row[1] for row in found.fresh))
            write(HourRollup, _COLUMNS, len(KEY), found)
            self._rows = [row for _pk, row in there if not first <= row[1] < last] + rows
            self.oper_ids |= opers_in(found)
            self.made.append((first, last))

    def cells(self, start: int, end: int) -> Cells:
        """What the hours that start in [start, end) add up to."""
        if start < self._read[0] or end > self._read[1]:
            return hours_of(self._line_id, start, end)
        cells: Cells = {}
        for row in self._rows:
            if start <= row[1] < end:
                sums = cells.setdefault(CellKey(self._line_id, *row[2 : len(KEY)]), Sums())
                for name, value in zip(SUMMED, row[len(KEY) :], strict=True):
                    setattr(sums, name, getattr(sums, name) + value)
        return cells

    def _look_at(self, first: int, last: int) -> list[tuple[int, Row]]:
        """(id, row) of the hours of the days around a stretch."""
        calendar = self._around.policy.calendar
        start, end = production_day(calendar, first)[1], production_day(calendar, last - 1)[2]
        # A day need not begin on a full hour.
        self._read = min(first, start), max(last, end)
        return standing(HourRollup, READ, Span(self._line_id, *self._read))

    def _times(self, first: int, last: int) -> dict[int, Cells]:
        by_hour: dict[int, Cells] = {}
        for row in self._around.slices_between(first, last):
            for hour in range(max(row.start, first) // HOUR * HOUR, min(row.end, last), HOUR):
                piece = timeline.clip(row, hour, hour + HOUR)
                add_slices(by_hour.setdefault(hour, {}), self._line_id, [piece])
        return by_hour


def standing(model: type[models.Model], names: Sequence[str], span: Span) -> list[tuple[int, Row]]:
    """(id, the other columns) of the rows of a line that begin in a span; `names` are columns, `id` the first."""
    return [(row[0], row[1:]) for row in spans.rows(model, names, [span], starting("start"))[0]]


def rows_of(line_id: int, by_start: Mapping[int, Cells]) -> list[Row]:
    """Sums as rows: the key, then the sums."""
    return [
        (
            line_id, at, str(key.binding), key.oper_id, key.shift_date, key.shift,
            *(getattr(sums, name) for name in SUMMED),
        )
        for at, cells in by_start.items()
        for key, sums in cells.items()
    ]  # fmt: skip


def opers_in(found: Difference) -> set[int]:
    """The operations in rows that are other ones now, old and new."""
    return {row[3] for row in (*found.before, *found.after) if row[3] is not None}


def _hour_of(part: PartsRow) -> int:
    """The hour that parts belong to: that of their last instant."""
    return (part.end - 1) // HOUR * HOUR


def _with_counts(line_id: int, by_hour: Mapping[int, Cells], there: Sequence[Row]) -> list[Row] | None:
    """The times with the parts that stand there; None where they are not told apart by the same keys."""
    counts = {row[: len(KEY)]: row[_COUNTED:] for row in there}
    rows = [(row[:_COUNTED], row[: len(KEY)]) for row in rows_of(line_id, by_hour)]
    if {key for _row, key in rows} != set(counts):
        return None
    return [(*row, *counts[key]) for row, key in rows]
