"""Instants are whole microseconds since 1970 in UTC; intervals are half-open (SEMANTICS §2)."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
T = TypeVar("T")


def parse(text: str) -> int:
    """FORMATS: "All times are ISO 8601 with an offset or `Z`"."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return (moment - EPOCH) // timedelta(microseconds=1)


def show(instant: int) -> str:
    """The same notation, in UTC."""
    return (EPOCH + timedelta(microseconds=instant)).isoformat().replace("+00:00", "Z")


def seconds(micros: Fraction | int) -> float:
    """FORMATS: "seconds are numbers with up to six decimals"."""
    return round(float(Fraction(micros) / SECOND), 6)


def of_clock(zone: ZoneInfo, day: date, clock: time) -> int:
    """§2: "A local time that comes twice means the first; one that the clock skips means as much later".

    Both are what `fold=0` means: of two the first; a skipped one is read with the offset from before the skip.
    """
    return (datetime.combine(day, clock, tzinfo=zone).replace(fold=0) - EPOCH) // timedelta(microseconds=1)


def local_date(zone: ZoneInfo, instant: int) -> date:
    """The calendar date on the plant's wall at an instant."""
    return (EPOCH + timedelta(microseconds=instant)).astimezone(zone).date()


def pieces(cuts: set[int], start: int, end: int) -> list[tuple[int, int]]:
    """The stretches between neighbouring cuts inside `[start, end)`."""
    if start >= end:
        return []
    inside = sorted({start, end} | {cut for cut in cuts if start < cut < end})
    return list(pairwise(inside))


def joined(stretches: list[tuple[int, int, T]]) -> list[tuple[int, int, T]]:
    """Neighbours that touch and say the same become one, so that each is maximal."""
    result: list[tuple[int, int, T]] = []
    for start, end, value in stretches:
        if result and result[-1][1] == start and result[-1][2] == value:
            result[-1] = (result[-1][0], end, value)
        else:
            result.append((start, end, value))
    return result
