"""The timeline of one line, cut at every boundary, with one bucket for each piece (SEMANTICS §6)."""

from dataclasses import dataclass

from tests.oracle import binding as bindings
from tests.oracle import counts, schedule, states, stops
from tests.oracle.activities import Activity
from tests.oracle.facts import Facts
from tests.oracle.instants import pieces
from tests.oracle.plant import Config, Line, Reason
from tests.oracle.shares import Share, Stretch, shares, take_scrap

BUCKETS = ("running", "unscheduled", "no_signal", "planned", "micro_stop", "setup", "downtime")


@dataclass(frozen=True)
class Slice:
    start: int
    end: int
    bucket: str
    binding: bindings.Binding
    shift: schedule.ShiftDay | None
    stop: stops.Stop | None
    reason: Reason | None


@dataclass
class Story:
    """All that is derived for one line."""

    line: Line
    slices: list[Slice]
    shares: list[Share]
    runs: list[Stretch]


def bucket(
    *, state: str, shift: schedule.ShiftDay | None, on_break: bool, micro: bool, reason: Reason | None, kind: str | None
) -> str:
    """§6: "Each slice gets the first bucket that fits", row by row of the table."""
    category = reason.category if reason else None
    if state == "running":
        return "running"
    if shift is None:
        return "unscheduled"
    if state == "no_signal":
        return "no_signal"
    if on_break or category == "planned":
        return "planned"
    if micro and kind != "setup":
        return "micro_stop"
    if category == "setup_adjustment" or (reason is None and kind == "setup"):
        return "setup"
    return "downtime"


def _reason(config: Config, line: Line, stop: stops.Stop | None, bound: bindings.Binding, at: int) -> Reason | None:
    """§6: "Where the line has a `no_job_reason`, a slice of a stop in which the line is bound to none, and that neither
    a person nor the machine has tagged, has that reason"."""
    if stop is None:
        return None
    tagged = stop.part_at(at).reason
    if tagged is None and bound.what == "none" and line.no_job_reason is not None:
        return config.reasons.get((line.plant.company, line.no_job_reason))
    return tagged


def tell(config: Config, facts: Facts, activities: list[Activity], line: Line) -> Story | None:
    """Everything about one line, from its first good sample to now; None where it was never commissioned.

    `activities` are those on the line whose operation is known.
    """
    samples = facts.samples.get(line.slug, [])
    first, now = states.commissioned(samples), facts.now
    if first is None or now is None:
        return None
    timeline = states.timeline(samples, line.stale_after, line.debounce, now)
    marks = [mark for mark in facts.marks if mark.line == line.slug]
    all_stops = stops.stops(config, line, samples, marks, timeline)
    resolves = [resolve for resolve in facts.resolves if resolve.line == line.slug]
    bound = bindings.stretches(line, activities, resolves, first, now)
    days = schedule.shift_days(line.plant, first, now)

    cuts = {edge for s, e, _ in timeline for edge in (s, e)} | {edge for s, e, _ in bound for edge in (s, e)}
    cuts |= {edge for stop in all_stops for part in stop.parts for edge in (part.start, part.end)}
    cuts |= schedule.cuts(days)
    slices = []
    for start, end in pieces(cuts, first, now):
        state = next(state for s, e, state in timeline if s <= start < e)
        binding = next(b for s, e, b in bound if s <= start < e)
        stop = next((stop for stop in all_stops if stop.start <= start < stop.end), None)
        shift = schedule.in_force(days, start)
        reason = _reason(config, line, stop, binding, start)
        on_break = shift is not None and shift.on_break(start)
        which = bucket(
            state=state,
            shift=shift,
            on_break=on_break,
            micro=stop is not None and stop.micro,
            reason=reason,
            kind=binding.kind,
        )
        slices.append(Slice(start, end, which, binding, shift, stop, reason))

    made = shares(counts.deltas(samples, line.widths, line.max_rate), bound, timeline)
    take_scrap(made, [scrap for scrap in facts.scraps if scrap.line == line.slug])
    return Story(line, slices, made, [run for run in bound if run[2].what == "run"])


def cut(story: Story, start: int, end: int) -> list[Slice]:
    """The slices inside a window. §3: "a window is cut to what lies between" commissioning and now."""
    return [
        Slice(max(s.start, start), min(s.end, end), s.bucket, s.binding, s.shift, s.stop, s.reason)
        for s in story.slices
        if s.start < end and start < s.end
    ]
