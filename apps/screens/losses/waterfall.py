"""From planned time to good time as a plotly figure. Colours are names of tokens. Pure.

Plotly's own waterfall can't colour by family of loss, so these are bars on bases of their own.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from apps.oee.types import Figures
from apps.screens.losses.charts import STRONG, Figure
from apps.shared import format as say
from apps.shared.instants import HOUR, SECOND

_PLOT_PX = 292
_SMALLEST_PX = 4
_FACTORS = {
    "A": ("Availability", "availability"),
    "P": ("Performance", "performance"),
    "Q": ("Quality", "quality"),
}


class Waterfall(NamedTuple):
    """The figure, and what the panel head says of its axis."""

    figure: Figure
    note: str


class _Step(NamedTuple):
    """A loss: its words, its hue, its hours and the factor that it eats."""

    label: str
    color: str
    hours: float
    factor: str


def waterfall_of(figures: Figures) -> Waterfall:
    """From planned time to good time in hours, with a bracket for each factor of OEE."""
    buckets = figures.buckets
    planned = sum(buckets[name] for name in ("running", "micro_stop", "setup", "downtime")) / HOUR
    if planned <= 0:
        return Waterfall({}, "")
    steps = _steps(figures)
    good = planned - sum(step.hours for step in steps)
    floor = _floor(planned, good, [abs(step.hours) for step in steps if step.hours])
    labels = ["Planned", *(step.label for step in steps), "Good<br>time"]
    bases, heights = _bars(planned, steps, good, floor)
    note = f"hours, axis starts at {say.whole(floor)}" if floor else "hours"
    top = max(planned, *(base + height for base, height in zip(bases, heights, strict=True)))
    span = top - floor
    figure: Figure = {
        "data": [
            {
                "type": "bar",
                "x": list(range(len(labels))),
                "y": heights,
                "base": bases,
                "width": 0.81,
                "marker": {"color": ["--run", *(step.color for step in steps), "--ink-2"]},
                "hoverinfo": "skip",
            }
        ],
        "layout": {
            "height": 440,
            "margin": {"l": 8, "r": 8, "t": 34, "b": 104},
            "xaxis": {
                "tickvals": list(range(len(labels))),
                "ticktext": labels,
                "tickfont": {"color": "--ink-2", "size": 13},
                "showgrid": False,
                "showline": True,
                "linecolor": "--edge",
                "range": [-0.5, len(labels) - 0.5],
                "tickangle": 0,
            },
            "yaxis": {"range": [floor, top + span * 0.02], "showticklabels": False, "showgrid": False},
            "shapes": [
                *_joints(planned, steps),
                *(_break(x, floor, span) for x in ((0, len(labels) - 1) if floor else ())),
                *(_bracket(*_reach(steps, factor)) for factor in _FACTORS),
            ],
            "annotations": [*_values(planned, steps, good), *_factors(figures, steps, len(labels))],
        },
    }
    return Waterfall(figure, note)


def _steps(figures: Figures) -> list[_Step]:
    """The losses in the order of their factors; where the standard is unknown, that time is set apart."""
    buckets = figures.buckets
    basis = 1.0 if figures.performance_basis is None else float(figures.performance_basis)
    run_time = buckets["running"] + buckets["micro_stop"]
    ideal = float(Fraction(figures.ideal_s) * SECOND)
    quality = 1.0 if figures.quality is None else float(figures.quality)
    unknown = run_time * (1 - basis) if figures.performance is not None else float(run_time)
    slow = run_time - unknown - buckets["micro_stop"] * basis - ideal
    steps = [
        _Step("Breakdowns", "--stop", buckets["downtime"] / HOUR, "A"),
        _Step("Setup", "--setup", buckets["setup"] / HOUR, "A"),
        _Step("Minor<br>stops", "--slow", buckets["micro_stop"] * basis / HOUR, "P"),
        _Step("Reduced<br>speed", "--slow", slow / HOUR, "P"),
        _Step("Rejects", "--scrap", ideal * (1 - quality) / HOUR, "Q"),
    ]
    if unknown / HOUR > 0.05:
        steps.insert(2, _Step("No<br>standard", "--run-2", unknown / HOUR, ""))
    return steps


def _floor(planned: float, good: float, losses: Sequence[float]) -> float:
    """Where the axis starts: 0, unless the smallest loss would be under 4 px; then below the good time."""
    if not losses or min(losses) / planned * _PLOT_PX >= _SMALLEST_PX or good <= 0:
        return 0.0
    unit: float = 10 ** math.floor(math.log10(good))
    cut = math.floor(good * 0.9 / (unit / 2)) * unit / 2
    return max(0.0, cut) if cut < good else 0.0


def _bars(planned: float, steps: Sequence[_Step], good: float, floor: float) -> tuple[list[float], list[float]]:
    bases, heights, level = [floor], [planned - floor], planned
    for step in steps:
        level -= step.hours
        bases.append(min(level, level + step.hours))
        heights.append(abs(step.hours))
    return [*bases, floor], [*heights, good - floor]


def _joints(planned: float, steps: Sequence[_Step]) -> list[dict[str, Any]]:
    """The thin lines from bar to bar."""
    level, found = planned, []
    for index in range(len(steps) + 1):
        line = {"color": "--edge", "width": 1}
        found.append({"type": "line", "x0": index + 0.405, "x1": index + 0.595, "y0": level, "y1": level, "line": line})
        level -= steps[index].hours if index < len(steps) else 0
    return found


def _break(x: int, floor: float, span: float) -> dict[str, Any]:
    """A ragged gap in a bar whose foot was cut off."""
    low, high, tooth = floor + span * 0.035, floor + span * 0.06, span * 0.02
    left, right = x - 0.42, x + 0.42
    step = (right - left) / 4
    top = " ".join(f"L{right - step * i},{high + (tooth if i % 2 else 0)}" for i in range(5))
    path = f"M{left},{low} L{right},{low} {top} Z"
    return {"type": "path", "path": path, "fillcolor": "--panel", "line": {"width": 0}}


def _values(planned: float, steps: Sequence[_Step], good: float) -> list[dict[str, Any]]:
    strong = {"showarrow": False, "font": STRONG, "yshift": 12}
    notes = [strong | {"x": 0, "y": planned, "text": f"{say.decimal(planned)}{say.THIN}h"}]
    level = planned
    for index, step in enumerate(steps, 1):
        low = min(level, level - step.hours)
        level -= step.hours
        plain = {"showarrow": False, "font": {"color": "--ink-2", "size": 13}, "yshift": -12}
        notes.append(
            plain
            | {
                "x": index,
                "y": low,
                "text": say.decimal(-step.hours) if step.hours >= 0 else f"+{say.decimal(-step.hours)}",
            }
        )
    return [*notes, strong | {"x": len(steps) + 1, "y": good, "text": f"{say.decimal(good)}{say.THIN}h"}]


def _reach(steps: Sequence[_Step], factor: str) -> tuple[float, float]:
    """From where to where the losses of a factor stand."""
    at = [index for index, step in enumerate(steps, 1) if step.factor == factor]
    return at[0] - 0.42, at[-1] + 0.42


def _bracket(left: float, right: float) -> dict[str, Any]:
    path = f"M{left},-0.165 L{left},-0.18 L{right},-0.18 L{right},-0.165"
    return {"type": "path", "path": path, "xref": "x", "yref": "paper", "line": {"color": "--edge", "width": 1}}


def _factors(figures: Figures, steps: Sequence[_Step], count: int) -> list[dict[str, Any]]:
    """Under the brackets: Availability, Performance and Quality; and under the good time OEE."""
    found = []
    for factor, (word, name) in _FACTORS.items():
        left, right = _reach(steps, factor)
        found.append(_under((left + right) / 2, word, getattr(figures, name)))
    return [*found, _under(count - 1, "OEE", figures.oee)]


def _under(x: float, word: str, ratio: Fraction | None) -> dict[str, Any]:
    text = f"{word}<br>{say.percent_sign(ratio, 1)}"
    place = {"x": x, "y": -0.19, "yref": "paper", "yanchor": "top", "showarrow": False}
    return place | {"text": text, "font": STRONG}
