"""The plant page: bands of lines in the order of their trouble, state counts that filter, areas. Pure."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from apps.live.types import BoardMessage, PlantMessage
from apps.shared import format as say
from apps.shared.instants import MINUTE

# In the order in which they stand on the page; the last three columns: which looks it holds, and whether a wall has it.
_STATES: tuple[tuple[str, str, tuple[str, ...], bool], ...] = (
    ("stop", "Stopped", ("untag", "stop"), True),
    ("micro", "Micro-stop", ("micro",), True),
    ("setup", "Changeover", ("setup",), True),
    ("run", "Running", ("run", "slow"), True),
    ("planned", "Planned", ("planned",), False),
    ("nojob", "No job", ("nojob",), False),
    ("nosig", "No signal", ("nosig",), True),
    ("untag", "Without a reason", (), False),
)
_BANDS = (
    ("now", "Needs someone now", True),
    ("watch", "Watch", True),
    ("pace", "On pace", False),
    ("unscheduled", "Not scheduled", False),
)
KEPT = ("plant", "area", "state", "view", "theme")
# columns = ceil(sqrt(lines × 1.6)): cells as wide as the screen is
_WALL_SHAPE = 1.6


class Filters(NamedTuple):
    """What the address says."""

    plant: str = ""
    area: str = ""
    state: str = ""
    view: str = ""
    theme: str = ""

    def address(self, path: str, **changes: str) -> str:
        """The same address with something else in it; what is empty is left out."""
        wanted = {name: value for name, value in (self._asdict() | changes).items() if value}
        return f"{path}?{urlencode(wanted)}" if wanted else path


class Option(NamedTuple):
    """A plant or an area to choose."""

    label: str
    value: str
    href: str
    number: int
    is_here: bool


class StateCount(NamedTuple):
    """A state with the number of lines in it: key, summary and filter at once."""

    state: str
    label: str
    number: int
    is_on: bool
    on_wall: bool


class Band(NamedTuple):
    """Lines of neighbouring ranks; `lines` are (message, words for a line that runs behind)."""

    key: str
    title: str
    size: str
    is_tiles: bool
    lines: tuple[tuple[BoardMessage, str], ...]


@dataclass(frozen=True, slots=True)
class PlantPage:
    """Everything on the plant page and on the wall."""

    name: str
    has_lines: bool
    # Every line of the plant is counted, so that the live counts of the plant may patch the page.
    is_whole: bool
    areas: tuple[Option, ...]
    plants: tuple[Option, ...]
    counts: tuple[StateCount, ...]
    bands: tuple[Band, ...]
    lines: tuple[tuple[BoardMessage, str], ...]
    kept: tuple[tuple[str, str], ...]
    oee: str
    shift_name: str
    columns: int
    socket: str
    boot: str
    wall: str
    desk: str
    clear: str
    bands_url: str
    nothing: str
    empty_title: str = "No lines mapped in this plant"
    empty_text: str = "Map at least one work centre to a line and it appears here within a minute."


class Plants(NamedTuple):
    """The plants to choose from as (value, name), and which one this is."""

    known: Sequence[tuple[str, str]]
    value: str
    name: str


def present(
    head: PlantMessage, boards: Sequence[BoardMessage], plants: Plants, filters: Filters, *, path: str, bands: str
) -> PlantPage:
    """The page. `boards` come in the order of their trouble; `path` is the page's address, `bands` its fragment's."""
    here = [board for board in boards if not filters.area or board["area"] == filters.area]
    shown = [board for board in here if _matches(board, filters.state)]
    is_whole = len(here) == len(boards) and len(boards) == len(head["order"])
    return PlantPage(
        name=plants.name,
        has_lines=bool(boards),
        is_whole=is_whole,
        areas=_areas(boards, filters, path),
        plants=_plants(plants, path),
        counts=_counts(here, filters.state),
        bands=_bands(shown),
        lines=tuple((board, _lag(board)) for board in shown),
        kept=tuple((name, value) for name, value in filters._asdict().items() if value and name != "state"),
        oee=head["k"]["oee"],
        shift_name=re.sub(r" \d\d:.*", "", head["k"].get("shift") or ""),
        columns=max(1, math.ceil(math.sqrt(len(shown) * _WALL_SHAPE))),
        socket=f"/ws/plant/{plants.value}/",
        boot=head["boot"],
        wall=filters.address(path, view="wall"),
        desk=filters.address(path, view=""),
        clear=filters.address(path, state="", area=""),
        bands_url=filters.address(bands),
        nothing=_nothing(filters),
    )


def empty(plants: Plants, path: str) -> PlantPage:
    """The page of somebody who may see no plant, or of an installation that has none yet."""
    blank: Any = {"k": {"oee": say.NOTHING}, "boot": "", "order": []}
    return replace(
        present(blank, [], plants, Filters(), path=path, bands=path),
        socket="",
        empty_title="No plant to show",
        empty_text="An administrator gives you a role in a plant; its lines then appear here.",
    )


def _matches(board: BoardMessage, state: str) -> bool:
    if not state:
        return True
    if state == "untag":
        return board["need"]["count"] > 0
    return board["state"] in next((looks for key, _label, looks, _wall in _STATES if key == state), ())


def _counts(boards: Iterable[BoardMessage], chosen: str) -> tuple[StateCount, ...]:
    found = list(boards)
    numbers = {key: sum(1 for board in found if board["state"] in looks) for key, _label, looks, _wall in _STATES}
    numbers["untag"] = sum(board["need"]["count"] for board in found)
    return tuple(
        StateCount(key, label, numbers[key], key == chosen, on_wall) for key, label, _looks, on_wall in _STATES
    )


def _bands(boards: Sequence[BoardMessage]) -> tuple[Band, ...]:
    by_band: dict[str, list[BoardMessage]] = {}
    for board in boards:
        by_band.setdefault(board["band"], []).append(board)
    return tuple(
        Band(key, title, _lines(len(found)), is_tiles, tuple((board, _lag(board)) for board in found))
        for key, title, is_tiles in _BANDS
        if (found := by_band.get(key))
    )


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines"


def _lag(board: BoardMessage) -> str:
    """How far behind in time: the parts stand in the corner already."""
    plan = board["plan"]
    if board["state"] != "slow" or plan is None or plan["minutes"] >= 0:
        return ""
    return f"about {say.span(-plan['minutes'] * MINUTE)} behind"


def _areas(boards: Sequence[BoardMessage], filters: Filters, path: str) -> tuple[Option, ...]:
    numbers: dict[str, int] = {}
    for board in boards:
        if board["area"]:
            numbers[board["area"]] = numbers.get(board["area"], 0) + 1
    if len(numbers) < 2:
        return ()
    everything = Option("All", "", filters.address(path, area=""), len(boards), not filters.area)
    return everything, *(
        Option(area, area, filters.address(path, area=area), number, area == filters.area)
        for area, number in sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    )


def _plants(plants: Plants, path: str) -> tuple[Option, ...]:
    if len(plants.known) < 2:
        return ()
    return tuple(
        Option(name, value, Filters(plant=value).address(path), 0, value == plants.value)
        for value, name in plants.known
    )


def _nothing(filters: Filters) -> str:
    label: Mapping[str, str] = {key: label for key, label, _looks, _wall in _STATES}
    where = f" in {filters.area}" if filters.area else ""
    if filters.state == "untag":
        return f"Every stop{where} has a reason."
    return f"No line{where} is in the state {label.get(filters.state, filters.state)} now." if filters.state else ""
