"""The losses page: one sentence, a Pareto, the way from planned to good time, and the table. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from apps.screens.losses import charts
from apps.screens.losses.address import GROUPS, Asked, Stretch
from apps.screens.losses.filters import Filter, filters_of
from apps.screens.losses.names import Names, texts_of
from apps.screens.losses.reads import LossFacts
from apps.screens.losses.sentence import Piece, plain, sentence
from apps.screens.losses.table import Ground, Row, rows_of
from apps.screens.losses.waterfall import waterfall_of
from apps.shared import format as say
from apps.shared.instants import to_us


@dataclass(frozen=True, slots=True)
class LossesPage:
    """Everything on the page."""

    filters: tuple[Filter, ...]
    groups: tuple[tuple[str, str, bool], ...]
    own_dates: tuple[str, str] | None
    sentence: tuple[Piece, ...]
    title: str
    rows: tuple[Row, ...]
    stops: str
    read_at: str
    pareto: Mapping[str, Any]
    waterfall: Mapping[str, Any]
    waterfall_note: str
    axis_note: str
    export: str
    clear: str
    kept: tuple[tuple[str, str], ...]
    nothing: str
    group_word: str
    is_reasons: bool


class Scene(NamedTuple):
    """What was asked for, of which plant, when, and the addresses of the page and of its export."""

    names: Names
    asked: Asked
    stretch: Stretch
    zone: ZoneInfo
    now: int
    path: str
    export: str


def present(facts: LossFacts, scene: Scene) -> LossesPage:
    """The page."""
    names, asked, stretch = scene.names, scene.asked, scene.stretch
    bars = [bar for bar in facts.bars if bar.us]
    texts = texts_of(facts, names, asked.by)
    rows = rows_of(Ground(facts, asked, stretch, scene.path), bars, texts)
    drawn = [
        charts.ParetoBar(bar.us, row.text, row.time, row.is_need, row.href) for bar, row in zip(bars, rows, strict=True)
    ]
    label, word = next((label, word) for key, label, word in GROUPS if key == asked.by)
    waterfall = waterfall_of(facts.figures)
    return LossesPage(
        filters=filters_of(facts, names, asked, stretch),
        groups=tuple((asked.address(scene.path, by=key), text, key == asked.by) for key, text, _word in GROUPS),
        own_dates=(stretch.days[0].isoformat(), stretch.days[-1].isoformat()) if asked.days == "own" else None,
        sentence=sentence(bars, texts, facts, stretch) if asked.by == "reason" else plain(bars, stretch),
        title=f"Stop time by {word}",
        rows=rows,
        stops=f"{say.whole(facts.stops)} {'stop' if facts.stops == 1 else 'stops'}",
        read_at=say.moment(to_us(facts.read_at), scene.now, scene.zone) if facts.read_at else "",
        pareto=charts.pareto(drawn, f"{word}s"),
        waterfall=waterfall.figure,
        waterfall_note="of all that ran, whatever the reason" if asked.reason else "",
        axis_note=waterfall.note,
        export=asked.address(scene.export),
        clear=Asked(plant=asked.plant).address(scene.path),
        kept=(("by", asked.by),) if asked.by != "reason" else (),
        nothing=f"No line lost any time to stops, {stretch.label}, under these filters.",
        group_word=label,
        is_reasons=asked.by == "reason",
    )
