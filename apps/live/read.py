"""Reading what boards are composed of: any number of lines of a plant in the same number of queries.

The rules are those of every report (apps/oee); only the way in is made for many lines at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.jobs.queries import opers
from apps.lines.models import Line
from apps.lines.queries import calendar_of, policy_of
from apps.lines.rules import shift_at
from apps.lines.types import Calendar, LinePolicy, ShiftSpan
from apps.live import progress, stretch
from apps.live.types import BoardFacts, Machine, Progress
from apps.oee.cells import add_parts, add_slices
from apps.oee.reports import Window, cycle_s, figures_of
from apps.oee.tails import Tail, tails
from apps.oee.timeline import clip
from apps.oee.types import Cells, SliceRow
from apps.reasons.queries import dictionary
from apps.reasons.types import ReasonView
from apps.shared.instants import HOUR, MINUTE

# Lines, shifts, exceptions; where else the operations ran; snapshots, ledgers, changes, tags, cuts, runs, categories;
# slices, hours, counts, scrap, runs, silences; operations, their hours; the dictionary.
QUERIES = 20
HOLD = 5 * MINUTE  # the final picture of a shift stays this long
NO_SHIFT = 8 * HOUR  # what is shown outside shifts


class Place(NamedTuple):
    """A line with what the tables say of it beside its policy."""

    policy: LinePolicy
    area: str
    rev: int


class Frame(NamedTuple):
    """Which stretch a board shows: the shift so far; for a moment the one that just ended; else the last hours."""

    shift: ShiftSpan | None
    start: int
    end: int
    in_shift: bool


def frame_at(calendar: Calendar, now: int) -> Frame:
    """The stretch that the boards of a plant show at an instant."""
    held = shift_at(calendar, now - HOLD)
    present = shift_at(calendar, now)
    if held is not None and held.end <= now:
        return Frame(held, held.start, held.end, in_shift=present is not None)
    if present is not None:
        return Frame(present, present.start, now, in_shift=True)
    return Frame(None, (now - NO_SHIFT) // HOUR * HOUR, now, in_shift=False)


def places(slugs: Iterable[str]) -> list[Place]:
    """The named lines with their policies, by slug; unknown names are left out."""
    calendars: dict[int, Calendar] = {}
    found = []
    for line in Line.objects.filter(slug__in=list(slugs)).select_related("plant__company", "area").order_by("slug"):
        if line.plant_id not in calendars:
            calendars[line.plant_id] = calendar_of(line.plant)
        policy = policy_of(line, calendars[line.plant_id])
        found.append(Place(policy, line.area.name if line.area else "", line.rev))
    return found


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read for all lines together."""

    tails: dict[int, Tail]
    made: stretch.Stretch
    current: dict[int, SliceRow]
    window: Window
    so_far: dict[int, Progress]
    reasons: dict[str, dict[str, ReasonView]]


def board_facts(slugs: Iterable[str], now: int) -> dict[str, BoardFacts]:
    """Everything that the boards of these lines show at `now`, by slug; unknown names are left out."""
    asked = set(slugs)
    everywhere = places([*asked, *progress.elsewhere(asked, now)]) if asked else []
    wanted = [place for place in everywhere if place.policy.slug in asked]
    if not wanted:
        return {}
    frames = {place.policy.line_id: frame_at(place.policy.calendar, now) for place in wanted}
    reading = _read([place.policy for place in everywhere], frames, now)
    return {place.policy.slug: _facts(place, frames[place.policy.line_id], reading) for place in wanted}


def _read(policies: list[LinePolicy], frames: dict[int, Frame], now: int) -> _Reading:
    known = tails(policies, now)
    # Lines elsewhere are read for what is not rolled up of them.
    since = {
        line_id: min(frames[line_id].start, tail.rolled_until) if line_id in frames else tail.rolled_until
        for line_id, tail in known.items()
    }
    made = stretch.read(policies, known, since, now)
    current = {line_id: rows[-1] for line_id, rows in made.slices.items() if rows and rows[-1].end >= now}
    bound = {row.oper_id for line_id, row in current.items() if line_id in frames}
    seen = opers(row.oper_id for rows in made.slices.values() for row in rows if row.oper_id is not None)
    return _Reading(
        tails=known,
        made=made,
        current=current,
        window=Window({policy.line_id: policy for policy in policies}, {}, seen),
        so_far=progress.totals((oper_id for oper_id in bound if oper_id is not None), made, known),
        reasons={company: dictionary(company) for company in sorted({policy.company for policy in policies})},
    )


def _facts(place: Place, frame: Frame, reading: _Reading) -> BoardFacts:
    policy = place.policy
    row = reading.current.get(policy.line_id)
    slices = tuple(_cut(reading.made.slices.get(policy.line_id, []), frame))
    made = reading.made.parts.get(policy.line_id, [])
    parts = tuple(part for part in made if frame.start < part.end <= frame.end)
    cells: Cells = {}
    add_slices(cells, policy.line_id, slices)
    add_parts(cells, policy.line_id, parts)
    known = reading.window.opers
    return BoardFacts(
        policy=policy,
        zone=ZoneInfo(policy.calendar.time_zone),
        area=place.area,
        rev=place.rev,
        machine=machine_of(reading.tails.get(policy.line_id)),
        window=(frame.start, frame.end),
        shift=frame.shift,
        in_shift=frame.in_shift,
        current=row,
        slices=slices,
        parts=parts,
        cells=cells,
        figures=figures_of(reading.window, cells.items()),
        progress=reading.so_far.get(row.oper_id) if row is not None and row.oper_id is not None else None,
        opers=dict(known),
        cycles={oper_id: cycle_s(policy, oper) for oper_id, oper in known.items()},
        reasons=reading.reasons[policy.company],
        target_oee=settings.TARGET_OEE,
    )


def machine_of(tail: Tail | None) -> Machine:
    """What the machine itself says, as the end of its facts tells it."""
    if tail is None or not tail.partition.spans:
        return Machine()
    last = tail.partition.spans[-1]
    return Machine(last.state, last.start, last.fault, tail.known.last_good_at)


def _cut(rows: list[SliceRow], frame: Frame) -> list[SliceRow]:
    return [clip(row, frame.start, frame.end) for row in rows if row.start < frame.end and row.end > frame.start]
