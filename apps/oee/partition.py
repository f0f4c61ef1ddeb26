"""From the facts of a stretch of one line to its slices and stops. Pure: the one function for live and rebuild."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.downtime.rules import state_spans, stops_of
from apps.downtime.types import Cut, PhysicalStop, StateSpan, TagMark
from apps.jobs.rules import RunSpan
from apps.lines.rules import segments
from apps.lines.types import LinePolicy
from apps.oee.slicing import StopRules, cut
from apps.oee.types import SliceRow
from apps.states.types import Change, State


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that decides a stretch: changes and tags from before the first stop in it, runs that touch it."""

    changes: Sequence[Change]
    tags: Sequence[TagMark]
    cuts: Sequence[Cut]
    runs: Sequence[RunSpan]
    # Category of each code of the company's dictionary.
    categories: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Partition:
    """A stretch cut into slices; `stops` are whole, also where they reach out of the stretch."""

    slices: list[SliceRow]
    stops: list[PhysicalStop]
    spans: list[StateSpan]


def partition(policy: LinePolicy, facts: Facts, start: int, end: int, *, until: int) -> Partition:
    """The slices of [start, end). States are known until `until`: a stop that is open then is as long as that."""
    spans = state_spans(facts.changes, until)
    known = frozenset(facts.categories)
    stops = stops_of(spans, facts.tags, facts.cuts, known_codes=known, fault_reasons=policy.fault_reasons)
    if not spans:
        return Partition([], [], [])
    start, end = max(start, spans[0].start), min(end, spans[-1].end)
    if start >= end:
        return Partition([], stops, spans)
    slices = cut(
        start,
        end,
        spans=spans,
        stops=stops,
        segments=segments(policy.calendar, start, end),
        runs=facts.runs,
        rules=StopRules(
            micro_stop_us=policy.micro_stop_us,
            no_job_reason=policy.no_job_reason if policy.no_job_reason in known else "",
            categories=facts.categories,
        ),
    )
    return Partition(slices, stops, spans)


def settled_point(made: Partition, horizon: int) -> int:
    """Up to where slices that reach `horizon` are final: the last one still grows, and so does a stop at the end."""
    last = made.slices[-1].start
    if made.stops and made.stops[-1].end >= horizon:
        return min(last, made.stops[-1].start)
    return last


def anchor_of(changes: Sequence[Change], at: int) -> int:
    """From which change on the state at `at` (never inside a stop) is known: the last that is not `stopped`."""
    before = [change.at for change in changes if change.at <= at and change.state != State.STOPPED]
    return before[-1] if before else changes[0].at
