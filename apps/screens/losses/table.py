"""The rows of the losses table, and the small picture by day in each. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from apps.oee.pareto import Bar
from apps.screens.losses.address import Asked, Stretch
from apps.screens.losses.names import MICRO, NONE, SETUP
from apps.screens.losses.reads import LossFacts
from apps.shared import format as say

VITAL = Fraction(8, 10)
_MOST_DAYS = 31
_BOX = 96, 22
_BIG_LOSS = {
    "equipment_failure": "Breakdowns",
    "setup_adjustment": "Setup",
    "minor_stop": "Minor stops",
    "planned": "Planned",
    "process_defect": "Rejects",
    "startup_reject": "Start-up rejects",
    "other": "Other stops",
}
# Which field of the address a click on a bar sets.
_SETS = {"reason": "reason", "line": "line", "part": "part", "shift": "shift"}


class Day(NamedTuple):
    """A bar of the small picture by day, in its box of 96 × 22."""

    x: float
    y: float
    width: float
    height: float
    is_last: bool


class Row(NamedTuple):
    """A row of the table."""

    code: str
    text: str
    big_loss: str
    stops: str
    time: str
    per_stop: str
    share: str
    cumulative: str
    is_vital: bool
    is_need: bool
    href: str
    days: tuple[Day, ...]


class Ground(NamedTuple):
    """What all rows share."""

    facts: LossFacts
    asked: Asked
    stretch: Stretch
    path: str


def rows_of(ground: Ground, bars: Sequence[Bar], texts: Callable[[str], str]) -> tuple[Row, ...]:
    """A row for each bar, in their order."""
    before = Fraction(0)
    rows = []
    for bar in bars:
        rows.append(_row(ground, bar, texts(bar.key), ground.facts.by_day.get(bar.key, {}), is_vital=before < VITAL))
        before = bar.cumulative or Fraction(0)
    return tuple(rows)


def _row(ground: Ground, bar: Bar, text: str, days: Mapping[date, int], *, is_vital: bool) -> Row:
    is_reason = ground.asked.by == "reason"
    reason = ground.facts.reasons.get(bar.key) if is_reason else None
    return Row(
        code=bar.key if reason else "",
        text=text,
        big_loss=_big_loss(bar.key, reason.category if reason else "") if is_reason else "",
        stops=say.whole(bar.stops),
        time=say.summed_hours(bar.us),
        per_stop=say.summed_hours(bar.us // bar.stops) if bar.stops else say.NOTHING,
        share=say.percent_sign(bar.share, 1),
        cumulative=say.percent_sign(bar.cumulative, 1),
        is_vital=is_vital,
        is_need=is_reason and bar.key == "",
        href=_href(ground, bar.key),
        days=_days(days, ground.stretch.days[-_MOST_DAYS:]),
    )


def _big_loss(key: str, category: str) -> str:
    own = {MICRO: "Minor stops", SETUP: "Setup", "": "Not known"}
    return own.get(key, _BIG_LOSS.get(category, ""))


def _href(ground: Ground, key: str) -> str:
    """A click on a bar sets its filter; a second one takes it away."""
    field = _SETS.get(ground.asked.by)
    if field is None or (not key and field != "reason"):
        return ""
    value = key or NONE
    return ground.asked.address(ground.path, **{field: "" if getattr(ground.asked, field) == value else value})


def _days(days: Mapping[date, int], wanted: Sequence[date]) -> tuple[Day, ...]:
    if len(wanted) < 2:
        return ()
    width, height = _BOX
    step, top = width / len(wanted), max([days.get(day, 0) for day in wanted] + [1])
    return tuple(
        _bar(index * step, max(1.5, step - 2), days.get(day, 0) / top * height, is_last=day == wanted[-1])
        for index, day in enumerate(wanted)
    )


def _bar(x: float, width: float, height: float, *, is_last: bool) -> Day:
    shown = max(height, 1) if height else 0
    return Day(round(x, 1), round(_BOX[1] - shown, 1), round(width, 1), round(shown, 1), is_last)
