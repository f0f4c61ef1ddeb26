"""Stops, their parts and their reasons (SEMANTICS.md §4). Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import attrgetter

from apps.downtime.types import Cut, Part, PhysicalStop, StateSpan, TagMark
from apps.states.types import Change, State

MACHINE = "machine"
_at = attrgetter("at")


def state_spans(changes: Iterable[Change], until: int) -> list[StateSpan]:
    """Maximal stretches of one state up to `until`, from changes in order; what has no time is left out."""
    found: list[StateSpan] = []
    ordered = list(changes)
    for index, change in enumerate(ordered):
        end = ordered[index + 1].at if index + 1 < len(ordered) else until
        end = min(end, until)
        if end <= change.at:
            continue
        last = found[-1] if found else None
        if last is not None and last.state == change.state and last.end == change.at:
            found[-1] = StateSpan(last.start, end, last.state, last.fault or change.fault)
        else:
            found.append(StateSpan(change.at, end, str(change.state), change.fault))
    return found


def standing_cuts(cuts: Iterable[Cut]) -> list[int]:
    """The instants at which a split stands, in order."""
    last: dict[int, Cut] = {}
    for cut in cuts:
        if cut.at not in last or cut > last[cut.at]:
            last[cut.at] = cut
    return sorted(at for at, cut in last.items() if not cut.is_unsplit)


def stops_of(
    spans: Iterable[StateSpan],
    tags: Sequence[TagMark],
    cuts: Sequence[Cut],
    *,
    known_codes: frozenset[str],
    fault_reasons: dict[int, str],
) -> list[PhysicalStop]:
    """Every stop among the spans with its parts as they are now; tags must be in order of `at`.

    A tag with a code that the dictionary does not hold waits for it, as if it were not there.
    """
    standing = standing_cuts(cuts)
    known = [tag for tag in tags if tag.is_untag or tag.code in known_codes]
    found = []
    for span in spans:
        if span.state != State.STOPPED:
            continue
        machine = fault_reasons.get(span.fault, "") if span.fault else ""
        machine = machine if machine in known_codes else ""
        inner = standing[bisect_left(standing, span.start + 1) : bisect_left(standing, span.end)]
        edges = [span.start, *inner, span.end]
        parts = tuple(_part(first, last, known, machine) for first, last in pairwise(edges))
        found.append(PhysicalStop(span.start, span.end, span.fault, parts))
    return found


def _part(start: int, end: int, tags: Sequence[TagMark], machine: str) -> Part:
    inside = tags[bisect_left(tags, start, key=_at) : bisect_left(tags, end, key=_at)]
    last = max(inside, default=None)
    if last is not None and not last.is_untag:
        return Part(start, end, last.code, last.by, last.comment)
    return Part(start, end, machine, MACHINE if machine else "", "")
