"""The address of the losses page: every filter, and the stretch of time that its dates name. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from apps.lines.rules import day_start_us, production_day
from apps.lines.types import Calendar
from apps.shared import format as say

PRESETS: tuple[tuple[str, str], ...] = (
    ("1", "Today"),
    ("yesterday", "Yesterday"),
    ("7", "7 days"),
    ("14", "14 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("own", "Own dates"),
)
DEFAULT_DAYS = "14"
LONGEST = 366
GROUPS: tuple[tuple[str, str, str], ...] = (
    ("reason", "Reasons", "reason"),
    ("line", "Lines", "line"),
    ("part", "Parts", "part"),
    ("operation", "Operations", "operation"),
    ("shift", "Shifts", "shift"),
    ("fault", "Faults", "fault code"),
)


class Asked(NamedTuple):
    """What the address says; lines and shifts may be several, with commas between."""

    plant: str = ""
    line: str = ""
    job: str = ""
    part: str = ""
    op: str = ""
    reason: str = ""
    shift: str = ""
    days: str = DEFAULT_DAYS
    start: str = ""
    end: str = ""
    by: str = "reason"

    def address(self, path: str, **changes: str) -> str:
        """The same address with something else in it; what is usual is left out."""
        usual = Asked()._asdict()
        wanted = {name: value for name, value in (self._asdict() | changes).items() if value and value != usual[name]}
        return f"{path}?{urlencode(wanted)}" if wanted else path

    @property
    def lines(self) -> frozenset[str]:
        """The slugs asked for; empty is all."""
        return frozenset(slug for slug in self.line.split(",") if slug)

    @property
    def shifts(self) -> frozenset[str]:
        """The shifts asked for; empty is all."""
        return frozenset(name for name in self.shift.split(",") if name)


class Stretch(NamedTuple):
    """[start, end) in microseconds, the production days in it, and how it is said."""

    start: int
    end: int
    days: tuple[date, ...]
    label: str


def asked_of(query: Mapping[str, str]) -> Asked:
    """The filters of a query string; what is not understood is as if it were not there."""
    known = {name: query[name].strip()[:200] for name in Asked._fields if query.get(name)}
    if known.get("days") not in {value for value, _label in PRESETS}:
        known.pop("days", None)
    if known.get("by") not in {value for value, _label, _word in GROUPS}:
        known.pop("by", None)
    return Asked(**known)


def stretch_of(asked: Asked, calendar: Calendar, now: int) -> Stretch:
    """Whole production days of the plant, the last one up to now."""
    today = production_day(calendar, now)[0]
    first, last = _dates(asked, today)
    days = tuple(first + timedelta(days=index) for index in range((last - first).days + 1))
    start = day_start_us(calendar, first)
    end = min(day_start_us(calendar, last + timedelta(days=1)), now)
    return Stretch(start, max(start, end), days, _label(first, last))


def _dates(asked: Asked, today: date) -> tuple[date, date]:
    if asked.days == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    if asked.days == "own":
        last = min(_date(asked.end, today), today)
        first = min(_date(asked.start, last), last)
        return max(first, last - timedelta(days=LONGEST)), last
    return today - timedelta(days=int(asked.days) - 1), today


def _date(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _label(first: date, last: date) -> str:
    if first == last:
        return f"{last.day} {last:%b}"
    return f"{first.day} {first:%b}{say.EN_DASH}{last.day} {last:%b}"
