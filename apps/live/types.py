"""What a screen is told (docs/reference/live-message.md), and the facts it is composed of.

Facts keep instants in microseconds; messages carry milliseconds, as browsers count.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypedDict
from zoneinfo import ZoneInfo

from apps.jobs.types import OperView
from apps.lines.types import LinePolicy, ShiftSpan
from apps.oee.types import Cells, Figures, PartsRow, SliceRow
from apps.reasons.types import ReasonView

Look = Literal["untag", "stop", "nosig", "micro", "setup", "slow", "run", "planned", "nojob"]
RibbonItem = tuple[float, float, str, str]
Row = dict[str, str | float | None]


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine itself says: its state since when, its fault code, and the last good reading."""

    state: str = "no_signal"
    since: int | None = None
    fault: int = 0
    last_good_at: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """An operation so far on every line: its parts, and its planned time without setup in microseconds."""

    good: int = 0
    reject: int = 0
    planned_us: int = 0


@dataclass(frozen=True, slots=True)
class BoardFacts:
    """Everything that one line's picture is composed of, as it was read at one instant.

    `slices`, `parts`, `cells` and `figures` are those of `window`, the shift so far (`shift` is None outside shifts);
    `current` is the slice at the instant itself. `cycles` are ideal seconds a part on this line, by operation.
    """

    policy: LinePolicy
    zone: ZoneInfo
    area: str
    rev: int
    machine: Machine
    window: tuple[int, int]
    shift: ShiftSpan | None
    in_shift: bool
    current: SliceRow | None
    slices: tuple[SliceRow, ...]
    parts: tuple[PartsRow, ...]
    cells: Cells
    figures: Figures
    progress: Progress | None
    opers: dict[int, OperView]
    cycles: dict[int, Fraction | None]
    reasons: dict[str, ReasonView]
    target_oee: float


class JobNow(TypedDict):
    """The operation that the line is bound to, under Epicor's names."""

    company: str
    JobNum: str
    AssemblySeq: int
    OprSeq: int
    OpDesc: str
    PartNum: str
    PartDescription: str
    setup: bool


class PlanNow(TypedDict):
    """Where the operation should be: parts due, parts ahead (minus: behind), minutes of that, parts a minute."""

    position: int
    delta: int
    minutes: int
    rate: float


class ShiftNow(TypedDict):
    """The shift in force, in milliseconds."""

    name: str
    start: int
    end: int


class Need(TypedDict):
    """How many stops of the shift wait for a reason, and when the latest of them began (ms)."""

    count: int
    latest: int | None


class Ribbon(TypedDict):
    """States over the shift: `span` in minutes, items as (a, b, kind, label) in minutes from its start."""

    span: float
    items: list[RibbonItem]


class TileMessage(TypedDict):
    """A line as a tile, row or cell of the plant page shows it."""

    kind: str
    boot: str
    rev: int
    t: int
    line: str
    plant: str
    provisional: bool
    name: str
    area: str
    tz: str
    state: Look
    rank: int
    band: str
    weight: float
    word: str
    reason: str
    reason_text: str
    fault: int
    since: int | None
    last: int | None
    job: JobNow | None
    unresolved: bool
    good: int
    reject: int
    prod_qty: float | None
    plan: PlanNow | None
    shift: ShiftNow | None
    oee: float | None
    availability: float | None
    performance: float | None
    quality: float | None
    coverage: float | None
    worst: str | None
    need: Need
    ribbon: Ribbon
    k: dict[str, Any]


class BoardMessage(TileMessage):
    """A line as its board shows it."""

    hours: list[Row]
    axis: list[Row]
    losses: list[Row]
    apq: list[Row]


class PlantMessage(TypedDict):
    """The head of a plant page, and the order of its lines, worst first."""

    kind: str
    boot: str
    rev: int
    t: int
    plant: str
    order: list[tuple[str, int]]
    counts: dict[str, int]
    oee: float | None
    k: dict[str, Any]


class Ahead(TypedDict, total=False):
    """What a sample showed, ahead of the figures; instants in microseconds, counts are those of this sample."""

    at: int
    state: str
    since: int
    fault: int
    good: int
    reject: int
