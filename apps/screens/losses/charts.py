"""The Pareto as a plotly figure. Colours are names of tokens: `chart.js` looks them up. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from apps.shared import format as say
from apps.shared.instants import HOUR

Figure = Mapping[str, Any]
MOST = 9
VITAL = 0.8
# Room for the two columns of labels left of the bars, in pixels.
_LEFT, _TIME_AT, _NAME_AT = 254, -12, -92
_NAME_LONGEST = 24
# A weight and not <b>: markup inside a label becomes a style attribute, which the page's policy forbids.
STRONG = {"color": "--ink", "size": 13, "weight": 650}


class ParetoBar(NamedTuple):
    """A bar: microseconds, words, the words of its time, whether nobody has explained it, and where a click leads."""

    us: int
    text: str
    time: str
    is_need: bool
    href: str


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
    place = {"xref": "paper", "x": 0, "y": index, "yref": "y", "xanchor": "right", "showarrow": False}
    plain = {"color": "--ink-2", "size": 13}
    name = {"text": safe, "xshift": _NAME_AT, "font": STRONG if is_vital or bar.is_need else plain}
    return [place | name, place | {"text": bar.time, "xshift": _TIME_AT, "font": plain}]
