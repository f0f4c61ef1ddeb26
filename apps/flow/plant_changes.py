"""What another configuration means for what is derived. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from apps.lines.rules import day_start_us
from apps.lines.types import Calendar, LinePolicy
from apps.shared.periods import FOREVER

_ALWAYS = (0, FOREVER)
Codes = Mapping[tuple[str, str], str]


@dataclass(slots=True)
class Changes:
    """Ranges to derive again by line, bindings to make again by line id, and what else to refresh."""

    dirty: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    rerun: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    # (company, code) that the dictionary did not hold before.
    new_codes: set[tuple[str, str]] = field(default_factory=set)
    # Lines whose ideal cycles changed, and lines whose production days begin at other instants.
    new_cycles: set[int] = field(default_factory=set)
    new_days: set[int] = field(default_factory=set)


def changes_between(
    before: Mapping[str, LinePolicy], after: Mapping[str, LinePolicy], codes_before: Codes, codes_after: Codes
) -> Changes:
    """What to derive again because lines have another policy, or codes another category."""
    found = Changes(new_codes=set(codes_after) - set(codes_before))
    recategorised = {key[0] for key, category in codes_after.items() if codes_before.get(key, category) != category}
    for slug, policy in after.items():
        old = before.get(slug)
        if old is None:
            continue
        ranges = _dirty(old, policy)
        if policy.company in recategorised:
            ranges = [_ALWAYS]
        if ranges:
            found.dirty[slug] = ranges
        if old.is_newest != policy.is_newest:
            found.rerun[policy.line_id] = [_ALWAYS]
        if (old.ideal_cycle_s, old.part_cycles) != (policy.ideal_cycle_s, policy.part_cycles):
            found.new_cycles.add(policy.line_id)
        if _days_of(old.calendar) != _days_of(policy.calendar):
            found.new_days.add(policy.line_id)
    return found


def _days_of(calendar: Calendar) -> tuple[str, object]:
    return calendar.time_zone, calendar.day_start


def _dirty(old: LinePolicy, new: LinePolicy) -> list[tuple[int, int]]:
    if (old.micro_stop_us, old.no_job_reason, old.fault_reasons) != (
        new.micro_stop_us, new.no_job_reason, new.fault_reasons,
    ):  # fmt: skip
        return [_ALWAYS]
    if old.calendar == new.calendar:
        return []
    same = Calendar(old.calendar.time_zone, old.calendar.day_start, old.calendar.shifts, new.calendar.exceptions)
    if same != new.calendar:
        return [_ALWAYS]
    changed = {day for day, _shifts in {*old.calendar.exceptions} ^ {*new.calendar.exceptions}}
    return [_around(new.calendar, day) for day in sorted(changed)]


def _around(calendar: Calendar, day: date) -> tuple[int, int]:
    """Everything that shifts which start on a date can reach, overnight ones and their breaks too."""
    return (
        day_start_us(calendar, day - timedelta(days=1)),
        day_start_us(calendar, day + timedelta(days=3)),
    )
