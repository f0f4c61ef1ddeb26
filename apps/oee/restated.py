"""Figures that had been settled and were worked out anew: when, over which time, and what made it so."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from apps.oee.models import Restatement

_COLUMNS = ("line_id", "at", "start", "end", "why")


class Restated(NamedTuple):
    """At `at`, the settled figures of [start, end) of a line became other ones, because of `why` (no full stop)."""

    line_id: int
    at: int
    start: int
    end: int
    why: str


def note(found: Restated) -> None:
    """Keep what was restated."""
    Restatement.objects.create(**found._asdict())


def restated_between(line_ids: Collection[int], start: int, end: int, *, most: int) -> list[Restated]:
    """What was restated of [start, end) of these lines, the latest first; of more than `most` only those."""
    rows = Restatement.objects.filter(line_id__in=line_ids, end__gt=start, start__lt=end).order_by("-at", "-pk")
    return together(Restated(*row) for row in rows.values_list(*_COLUMNS)[:most])


def together(rows: Iterable[Restated]) -> list[Restated]:
    """Rows of one line and reason as one, in the order of the latest: what was buffered comes in many batches."""
    found: dict[tuple[int, str], Restated] = {}
    for row in rows:
        one = found.setdefault((row.line_id, row.why), row)
        hull = one._replace(at=max(one.at, row.at), start=min(one.start, row.start), end=max(one.end, row.end))
        found[row.line_id, row.why] = hull
    return sorted(found.values(), key=lambda one: -one.at)


def hull(ranges: Sequence[tuple[int, int]], until: int) -> tuple[int, int] | None:
    """From the first to the last instant of what lies before `until`; None where nothing does."""
    before = [(start, min(end, until)) for start, end in ranges if start < until]
    if not before:
        return None
    return min(start for start, _end in before), max(end for _start, end in before)
