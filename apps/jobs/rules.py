"""From labour messages to activities, and from activities to Runs (SEMANTICS.md §5, FORMATS.md §3). Pure."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from apps.shared.periods import FOREVER

PRODUCTION = "production"
SETUP = "setup"
_KINDS = {"P": PRODUCTION, "S": SETUP}
FIELDS = ("JobNum", "AssemblySeq", "OprSeq", "LaborType", "ResourceID", "ResourceGrpID", "EmployeeNum")


class Told(NamedTuple):
    """One message about an activity, in the order in which messages win: SysRevID, then time, then id."""

    sys_rev_id: int
    at: int
    fact_id: str
    edge: str
    carried: dict[str, str | int]


class Merged(NamedTuple):
    """What all messages about one activity say together; `start` is None until a `started` came."""

    start: int | None
    end: int | None
    carried: dict[str, str | int]

    @property
    def kind(self) -> str:
        """`production`, `setup`, or "" for labour that is neither."""
        return _KINDS.get(str(self.carried.get("LaborType", "")), "")


def merge(told: Iterable[Told]) -> Merged:
    """One activity from its messages, whatever their order: the greatest `started` gives the start, the greatest

    `ended` the end, and for each other field the greatest message that carries it.
    """
    start = end = None
    carried: dict[str, str | int] = {}
    for message in sorted(told, key=lambda row: (row.sys_rev_id, row.at, row.fact_id, row.edge)):
        if message.edge == "started":
            start = message.at
        else:
            end = message.at
        carried.update(message.carried)
    return Merged(start, end, carried)


def closed_at(start: int, end: int | None, closings: Iterable[int]) -> int | None:
    """When an activity ended: at its own end, or when its operation completed (or job closed) while it was open."""
    later = [at for at in closings if at > start]
    if not later:
        return end
    first = min(later)
    return first if end is None or end > first else end


class Stay(NamedTuple):
    """One activity that takes effect on a line: [start, end), FOREVER while it is open."""

    start: int
    end: int
    key: tuple[str, int, int]
    oper_id: int
    oper: tuple[str, int, int]  # JobNum, AssemblySeq, OprSeq
    kind: str


class Chosen(NamedTuple):
    """A supervisor's choice, ordered so that the greatest stands: by `tagged_at`, then the operation."""

    tagged_at: int
    oper: tuple[str, int, int]
    start: int
    end: int


class RunSpan(NamedTuple):
    """A maximal stretch of one binding: an operation with a kind, or (oper_id None) an ambiguous stretch."""

    start: int
    end: int
    oper_id: int | None
    kind: str


def runs(stays: Sequence[Stay], choices: Sequence[Chosen], *, is_newest: bool) -> list[RunSpan]:
    """The Runs of a line made of all the stays that touch the stretch asked for; stretches without any are left out."""
    stays = [stay for stay in stays if stay.end > stay.start]
    cuts = sorted(
        {at for stay in stays for at in (stay.start, stay.end)}
        | {at for choice in choices for at in (choice.start, choice.end)}
    )
    starting: dict[int, list[Stay]] = {}
    for stay in stays:
        starting.setdefault(stay.start, []).append(stay)
    open_now: list[Stay] = []
    found: list[RunSpan] = []
    for first, last in pairwise(cuts):
        open_now = [stay for stay in open_now if stay.end > first] + starting.get(first, [])
        bound = _binding(open_now, choices, first, is_newest=is_newest)
        if bound is None:
            continue
        oper_id, kind = bound
        if found and found[-1].end == first and found[-1][2:] == (oper_id, kind):
            found[-1] = found[-1]._replace(end=last)
        else:
            found.append(RunSpan(first, last, oper_id, kind))
    return found


def _binding(
    open_now: list[Stay], choices: Sequence[Chosen], at: int, *, is_newest: bool
) -> tuple[int | None, str] | None:
    """What a line is bound to while exactly these activities are open; None is none, (None, "") is ambiguous."""
    if not open_now:
        return None
    opers = {stay.oper_id for stay in open_now}
    if len(opers) == 1:
        return _with_kind(open_now, opers.pop())
    if is_newest:
        winner = max(open_now, key=lambda stay: (stay.start, stay.key))
        return _with_kind(open_now, winner.oper_id)
    by_key = {stay.oper: stay.oper_id for stay in open_now}
    holding = [choice for choice in choices if choice.start <= at < choice.end and choice.oper in by_key]
    if holding:
        return _with_kind(open_now, by_key[max(holding).oper])
    return None, ""


def _with_kind(open_now: list[Stay], oper_id: int) -> tuple[int, str]:
    kinds = {stay.kind for stay in open_now if stay.oper_id == oper_id}
    return oper_id, PRODUCTION if PRODUCTION in kinds else SETUP


def is_forever(end: int) -> bool:
    """Whether a stay or run is still open."""
    return end >= FOREVER
