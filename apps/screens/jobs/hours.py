"""OEE of an operation by hour, as bars of a drawing of 620 by 230. Pure."""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.oee.reports import Window, figures_of
from apps.oee.types import Cells
from apps.shared import format as say

_LEFT, _RIGHT, _TOP, _BASE = 40.0, 620.0, 16.0, 200.0
_MOST = 24
_SHORT = Fraction(9, 10)
_WIDEST = 66.5
# A number of two digits needs so much room inside a bar, and a clock time so much under it.
_NUMBER_NEEDS, _LABEL_NEEDS = 20.0, 58.0


class Bar(NamedTuple):
    """An hour: where its bar stands, the number in (or over) it, the clock time under it, and its words."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    number: str
    number_y: float
    is_short: bool
    is_inside: bool
    label: str
    words: str


class HourChart(NamedTuple):
    """The bars, the lines of the ground as (y, text), the height of the target line, and what the head says."""

    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, str], ...]
    target_y: float
    target: str
    note: str


def chart_of(hours: Mapping[int, Cells], window: Window, zone: ZoneInfo, *, target: float) -> HourChart:
    """The last hours in which the operation had planned time; those without a known pace have no bar."""
    known = [(start, figures_of(window, hours[start].items()).oee) for start in sorted(hours)]
    rated = [(start, oee) for start, oee in known if oee is not None]
    shown = rated[-_MOST:]
    goal = Fraction(str(target))
    top = max([Fraction(1), goal, *(oee for _start, oee in shown)])
    step = (_RIGHT - _LEFT) / max(len(shown), 8)
    every = max(1, -(-int(_LABEL_NEEDS) // int(step)))
    bars = tuple(
        _bar((index, start, oee), step, top, zone, goal=goal, is_labelled=index % every == 0)
        for index, (start, oee) in enumerate(shown)
    )
    steps = [Fraction(0), Fraction(1, 2), Fraction(1)]
    aim = f"target {say.percent_sign(goal)}"
    note = f"percent; dashed: {aim}"
    if len(rated) > len(shown):
        note += f"; the last {len(shown)} of {len(rated)} hours"
    grid = tuple((_y(step, top), say.percent(step)) for step in steps)
    return HourChart(bars, grid, _y(goal, top), aim, note)


def _bar(
    hour: tuple[int, int, Fraction], step: float, top: Fraction, zone: ZoneInfo, *, goal: Fraction, is_labelled: bool
) -> Bar:
    index, start, oee = hour
    width = round(min(_WIDEST, step * 0.92), 1)
    x = round(_LEFT + index * step, 1)
    y = _y(oee, top)
    is_inside = _BASE - y > 24
    clock = say.clock(start, zone)
    return Bar(
        x=x,
        y=y,
        width=width,
        height=round(_BASE - y, 1),
        middle=round(x + width / 2, 1),
        number=say.percent(oee) if width >= _NUMBER_NEEDS else "",
        # At the foot: up there the target line crosses it.
        number_y=_BASE - 8 if is_inside else y - 6,
        is_short=oee < goal * _SHORT,
        is_inside=is_inside,
        label=clock if is_labelled else "",
        words=f"{say.day(start, zone)} {clock}: {say.percent_sign(oee, 1)}",
    )


def _y(value: Fraction, top: Fraction) -> float:
    return round(_BASE - float(value / top) * (_BASE - _TOP), 1)
