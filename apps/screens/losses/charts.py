"""The two charts of the losses page as plotly figures. Colours are names of tokens: `chart.js` looks them up. Pure."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from apps.oee.types import Figures
from apps.shared import format as say
from apps.shared.instants import HOUR, SECOND

Figure = Mapping[str, Any]
MOST = 9
VITAL = 0.8
# Room for the two columns of labels left of the bars, in pixels.
_LEFT, _TIME_AT, _NAME_AT = 254, -12, -92
_NAME_LONGEST = 24
_PLOT_PX = 292
_SMALLEST_PX = 4
# A weight and not <b>: markup inside a label becomes a style attribute, which the page's policy forbids.
_STRONG = {"color": "--ink", "size": 13, "weight": 650}


class ParetoBar(NamedTuple):
    """A bar: microseconds, words, the words of its time, whether nobody has explained it, and where a click leads."""

    us: int
    text: str
    time: str
    is_need: bool
    href: str


class Waterfall(NamedTuple):
    """The figure, and what the panel head says of its axis."""

    figure: Figure
    note: str


def pareto(bars: Sequence[ParetoBar], noun: str) -> Figure:
    """Horizontal bars, the worst on top, with one scale: the value axis ends at the total, so the percent axis fits."""
    shown = _with_rest([bar for bar in bars if bar.us], noun)
    if not shown:
        return {}
    total = sum(bar.us for bar in shown)
    shares = _cumulative([bar.us for bar in shown], total)
    before = [0.0, *shares[:-1]]
    at = list(range(len(shown)))
    ticks = [total * step / 5 for step in range(6)]
    vital = [share < VITAL and index < MOST for index, share in enumerate(before)]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [bar.us for bar in shown],
                "y": at,
                "marker": {
                    "color": [_bar_color(bar, is_vital=v) for bar, v in zip(shown, vital, strict=True)],
                    "line": {
                        "color": ["--stop" if bar.is_need else "transparent" for bar in shown],
                        "width": [2 if bar.is_need else 0 for bar in shown],
                    },
                },
                "customdata": [bar.href for bar in shown],
                "hovertext": [f"{bar.text}: {bar.time}" for bar in shown],
                "hoverinfo": "text",
            },
            {
                "type": "scatter",
                "mode": "lines+markers+text",
                "x": [share * total for share in shares],
                "y": at,
                "xaxis": "x2",
                "line": {"color": "--ink", "width": 2},
                "marker": {"color": "--panel", "size": 8, "line": {"color": "--ink", "width": 2}},
                "text": [f"\u00a0{say.percent_sign(share)}" for share in shares],
                "textposition": "middle right",
                "textfont": {"color": "--ink-2", "size": 13},
                "cliponaxis": False,
                "hoverinfo": "skip",
            },
        ],
        "layout": {
            "height": 448,
            "margin": {"l": _LEFT, "r": 60, "t": 28, "b": 28},
            "bargap": 0.42,
            "xaxis": {
                "range": [0, total],
                "tickvals": ticks,
                "ticktext": [_hours_tick(tick, total) for tick in ticks],
                "gridcolor": "--line",
            },
            "xaxis2": {
                "range": [0, total],
                "overlaying": "x",
                "side": "top",
                "tickmode": "array",
                "tickvals": ticks,
                "ticktext": [say.percent_sign(step / 5) for step in range(6)],
                "showgrid": False,
            },
            "yaxis": {
                "range": [len(shown) - 0.4, -0.6],
                "showticklabels": False,
                "showgrid": False,
                "showline": True,
                "linecolor": "--edge",
            },
            "shapes": [_vertical(VITAL * total)],
            "annotations": [
                note for index, bar in enumerate(shown) for note in _labels(index, bar, is_vital=vital[index])
            ],
        },
    }


def _with_rest(bars: Sequence[ParetoBar], noun: str) -> list[ParetoBar]:
    """At most nine bars and one for all the others."""
    if len(bars) <= MOST + 1:
        return list(bars)
    kept, rest = list(bars[:MOST]), list(bars[MOST:])
    for bar in [bar for bar in rest if bar.is_need]:
        # What nobody has explained is never hidden among the others.
        rest[rest.index(bar)] = kept.pop()
        kept.append(bar)
    us = sum(bar.us for bar in rest)
    return [*kept, ParetoBar(us, f"All other, {len(rest)} {noun}", say.summed_hours(us), is_need=False, href="")]


def _cumulative(values: Sequence[int], total: int) -> list[float]:
    so_far, found = 0, []
    for value in values:
        so_far += value
        found.append(so_far / total)
    return found


def _bar_color(bar: ParetoBar, *, is_vital: bool) -> str:
    if bar.is_need:
        return "transparent"
    return "--ink-2" if is_vital else "--run"


def _hours_tick(us: float, total: int) -> str:
    hours = us / HOUR
    return f"{say.whole(hours) if total >= 10 * HOUR or not us else say.decimal(hours)}{say.THIN}h"


def _vertical(x: float) -> dict[str, Any]:
    line = {"color": "--ink", "width": 1.5, "dash": "5px,4px"}
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": line, "layer": "below"}


def _labels(index: int, bar: ParetoBar, *, is_vital: bool) -> list[dict[str, Any]]:
    text = bar.text.replace("\u00ad", "")
    short = text if len(text) <= _NAME_LONGEST else f"{text[: _NAME_LONGEST - 1].rstrip()}…"
    safe = short.replace("<", "‹").replace(">", "›")
    where = {"xref": "paper", "x": 0, "y": index, "yref": "y", "xanchor": "right", "showarrow": False}
    name = {"text": safe, "xshift": _NAME_AT}
    is_strong = is_vital or bar.is_need
    name["font"] = _STRONG if is_strong else {"color": "--ink-2", "size": 13}
    return [where | name, where | {"text": bar.time, "xshift": _TIME_AT, "font": {"color": "--ink-2", "size": 13}}]


class _Step(NamedTuple):
    """A loss: its words, its hue, its hours and the factor that it eats."""

    label: str
    color: str
    hours: float
    factor: str


def waterfall(figures: Figures) -> Waterfall:
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
    figure = {
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
                *(shape for shape, _note in _brackets(figures, steps, len(labels))),
            ],
            "annotations": [
                *_values(planned, steps, good),
                *(note_ for _shape, note_ in _brackets(figures, steps, len(labels))),
            ],
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
    strong = {"showarrow": False, "font": _STRONG, "yshift": 12}
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


def _brackets(figures: Figures, steps: Sequence[_Step], count: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Under the bars: which of them eat Availability, Performance and Quality, and what those are; and OEE."""
    words = {
        "A": ("Availability", figures.availability),
        "P": ("Performance", figures.performance),
        "Q": ("Quality", figures.quality),
    }
    found = []
    for factor, (word, ratio) in words.items():
        at = [index for index, step in enumerate(steps, 1) if step.factor == factor]
        left, right = at[0] - 0.42, at[-1] + 0.42
        path = f"M{left},-0.165 L{left},-0.18 L{right},-0.18 L{right},-0.165"
        shape = {"type": "path", "path": path, "xref": "x", "yref": "paper", "line": {"color": "--edge", "width": 1}}
        found.append((shape, _under((left + right) / 2, f"{word}<br>{say.percent_sign(ratio, 1)}")))
    found.append(
        (
            {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 0, "line": {"width": 0}},
            _under(count - 1, f"OEE<br>{say.percent_sign(figures.oee, 1)}"),
        )
    )
    return found


def _under(x: float, text: str) -> dict[str, Any]:
    return {
        "x": x,
        "y": -0.19,
        "yref": "paper",
        "yanchor": "top",
        "showarrow": False,
        "text": text,
        "font": _STRONG,
    }
