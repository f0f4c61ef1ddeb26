"""Reading what people said of stops."""

from collections.abc import Iterable, Mapping
from typing import Any

from apps.downtime.models import ReasonTag, SplitMark
from apps.downtime.types import Cut, TagMark
from apps.shared import spans
from apps.shared.spans import Span

_TAG = ("id", "at", "tagged_at", "action", "code", "at", "by", "comment")
_CUT = ("tagged_at", "action", "at")


def tags_since(since: Mapping[int, int]) -> dict[int, list[TagMark]]:
    """Each line's tags and untags for instants at or after its own, in order of `at`."""
    return {line_id: _tags(found) for line_id, found in spans.since(ReasonTag, "at", _TAG, since).items()}


def _in_order(row: tuple[Any, ...]) -> tuple[int, int]:
    return row[1], row[0]


def cuts_since(since: Mapping[int, int]) -> dict[int, list[Cut]]:
    """Each line's splits and unsplits at or after its instant."""
    return {line_id: _cuts(found) for line_id, found in spans.since(SplitMark, "at", _CUT, since).items()}


def tags_between(line_id: int, start: int, end: int) -> list[TagMark]:
    """The tags and untags of one line in [start, end), in order of `at`."""
    asked = [Span(line_id, start, end)]
    return _tags(spans.rows(ReasonTag, _TAG, asked, spans.starting("at"))[0])


def cuts_between(line_id: int, start: int, end: int) -> list[Cut]:
    """The splits and unsplits of one line in [start, end)."""
    asked = [Span(line_id, start, end)]
    return _cuts(spans.rows(SplitMark, _CUT, asked, spans.starting("at"))[0])


def _tags(rows: Iterable[tuple[Any, ...]]) -> list[TagMark]:
    return [_mark(row[2:]) for row in sorted(rows, key=_in_order)]


def _cuts(rows: Iterable[tuple[Any, ...]]) -> list[Cut]:
    return [Cut(tagged_at, action == SplitMark.Action.UNSPLIT, at) for tagged_at, action, at in rows]


def _mark(row: tuple[Any, ...]) -> TagMark:
    tagged_at, action, code, at, by, comment = row
    return TagMark(tagged_at, action == ReasonTag.Action.UNTAG, code, at, by, comment)


def places_of_codes(codes: set[str]) -> dict[int, list[tuple[int, str]]]:
    """(instant, code) of every tag that names one of these codes, by line."""
    found: dict[int, list[tuple[int, str]]] = {}
    for line_id, at, code in ReasonTag.objects.filter(code__in=codes).values_list("line_id", "at", "code"):
        found.setdefault(line_id, []).append((at, code))
    return found
