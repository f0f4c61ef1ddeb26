"""The pieces that a line's story is made of. Instants and spans are in microseconds."""

from dataclasses import dataclass
from typing import Any, NamedTuple


class Spell(NamedTuple):
    """A stretch [start, end) of one machine in which it ran, or did not.

    `parts` are the instants at which a piece was finished, `bad` those of them that were rejects. `restarts`:
    the controller came up at `start` with its counters at zero. `cause` is the reason that a person would give
    for a stop, "" where nobody would.
    """

    start: int
    end: int
    running: bool
    fault: int = 0
    parts: tuple[int, ...] = ()
    bad: tuple[int, ...] = ()
    cause: str = ""
    restarts: bool = False


class LaborKey(NamedTuple):
    """The key of a labour row within its company."""

    hed_seq: int
    dtl_seq: int


class Act(NamedTuple):
    """Something that Epicor was told on the floor: an activity began or ended, an operation or job was finished.

    `edge` is "started", "ended", "completed" or "closed"; the last two have no key. `at` is in whole milliseconds,
    as Epicor keeps it. `told` is when Jobline hears of it: mostly at once, sometimes hours later, and again where
    `again` is not 0.
    """

    at: int
    told: int
    edge: str
    company: str
    plant: str
    job_num: str
    opr_seq: int
    part_num: str = ""
    copy: int = 0
    key: LaborKey | None = None
    labor_type: str = ""
    resource: str = ""
    resource_group: str = ""
    employee: str = ""
    again: int = 0
    # What the operator reports at the end, in pieces; people round.
    good: int = 0
    scrap: int = 0


class Said(NamedTuple):
    """What a person told Jobline itself: `body` is a line of the facts file, `told` is when."""

    told: int
    body: dict[str, Any]


class Window(NamedTuple):
    """A stretch of a plant's time: one shift with its breaks, or what lies between two ("" is no shift)."""

    start: int
    end: int
    shift: str
    breaks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """One window of a line's story: what the machine did, when its controller was silent, what people did and said.

    Acts and sayings of a chapter may be told after its end, never before its start.
    """

    start: int
    end: int
    spells: tuple[Spell, ...]
    silences: tuple[tuple[int, int], ...]
    acts: tuple[Act, ...]
    said: tuple[Said, ...]
