"""Reading what people said of stops."""

from collections.abc import Mapping
from typing import Any

from apps.downtime.models import ReasonTag, SplitMark
from apps.downtime.types import Cut, TagMark
from apps.shared import spans


def tags_since(since: Mapping[int, int]) -> dict[int, list[TagMark]]:
    """Each line's tags and untags for instants at or after its own, in order of `at`."""
    rows = spans.since(ReasonTag, "at", ("id", "at", "tagged_at", "action", "code", "at", "by", "comment"), since)
    return {line_id: [_mark(row[2:]) for row in sorted(found, key=_in_order)] for line_id, found in rows.items()}


def _in_order(row: tuple[Any, ...]) -> tuple[int, int]:
    return row[1], row[0]


def cuts_since(since: Mapping[int, int]) -> dict[int, list[Cut]]:
    """Each line's splits and unsplits at or after its instant."""
    rows = spans.since(SplitMark, "at", ("tagged_at", "action", "at"), since)
    return {
        line_id: [Cut(tagged_at, action == SplitMark.Action.UNSPLIT, at) for tagged_at, action, at in found]
        for line_id, found in rows.items()
    }


def tags_between(line_id: int, start: int, end: int) -> list[TagMark]:
    """The tags and untags of one line in [start, end), in order of `at`."""
    rows = ReasonTag.objects.filter(line_id=line_id, at__gte=start, at__lt=end).order_by("at")
    return [_mark(row) for row in rows.values_list("tagged_at", "action", "code", "at", "by", "comment")]


def cuts_between(line_id: int, start: int, end: int) -> list[Cut]:
    """The splits and unsplits of one line in [start, end)."""
    rows = SplitMark.objects.filter(line_id=line_id, at__gte=start, at__lt=end)
    return [
        Cut(tagged_at, action == SplitMark.Action.UNSPLIT, at)
        for tagged_at, action, at in rows.values_list("tagged_at", "action", "at")
    ]


def _mark(row: tuple[Any, ...]) -> TagMark:
    tagged_at, action, code, at, by, comment = row
    return TagMark(tagged_at, action == ReasonTag.Action.UNTAG, code, at, by, comment)


def places_of_codes(codes: set[str]) -> dict[int, list[tuple[int, str]]]:
    """(instant, code) of every tag that names one of these codes, by line."""
    found: dict[int, list[tuple[int, str]]] = {}
    for line_id, at, code in ReasonTag.objects.filter(code__in=codes).values_list("line_id", "at", "code"):
        found.setdefault(line_id, []).append((at, code))
    return found
