"""Reading what people said of stops."""

from collections.abc import Mapping

from apps.downtime.models import ReasonTag, SplitMark
from apps.downtime.types import Cut, TagMark
from apps.states.queries import since_each


def tags_since(since: Mapping[int, int]) -> dict[int, list[TagMark]]:
    """Each line's tags and untags for instants at or after its own, in order of `at`."""
    found: dict[int, list[TagMark]] = {line_id: [] for line_id in since}
    rows = ReasonTag.objects.filter(since_each("at", since)).order_by("at")
    for row in rows.values_list("line_id", "tagged_at", "action", "code", "at", "by", "comment"):
        found[row[0]].append(_mark(row[1:]))
    return found


def cuts_since(since: Mapping[int, int]) -> dict[int, list[Cut]]:
    """Each line's splits and unsplits at or after its instant."""
    found: dict[int, list[Cut]] = {line_id: [] for line_id in since}
    rows = SplitMark.objects.filter(since_each("at", since))
    for line_id, tagged_at, action, at in rows.values_list("line_id", "tagged_at", "action", "at"):
        found[line_id].append(Cut(tagged_at, action == SplitMark.Action.UNSPLIT, at))
    return found


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


def _mark(row: tuple[int, str, str, int, str, str]) -> TagMark:
    tagged_at, action, code, at, by, comment = row
    return TagMark(tagged_at, action == ReasonTag.Action.UNTAG, code, at, by, comment)


def places_of_codes(codes: set[str]) -> dict[int, list[tuple[int, str]]]:
    """(instant, code) of every tag that names one of these codes, by line."""
    found: dict[int, list[tuple[int, str]]] = {}
    for line_id, at, code in ReasonTag.objects.filter(code__in=codes).values_list("line_id", "at", "code"):
        found.setdefault(line_id, []).append((at, code))
    return found
