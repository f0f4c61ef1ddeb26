"""From Epicor's local labour times to instants. Pure.

A time of day that the clock shows twice means the first (SEMANTICS.md §2); the second is kept beside it,
because only an event can tell which one it was. One that the clock skips means as much later.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.epicor.dto import LaborRow
from apps.epicor.errors import EpicorSurprise
from apps.shared.instants import MINUTE, SECOND, to_us

_MS_OF_HOUR = 3_600_000
_DAY_MINUTES = 1440
# Hours with four places or fewer stand for minutes: people and screens round them.
_COARSE_PLACES = 4


class Moment(NamedTuple):
    """A local time as an instant: `at`, the other one it may mean where the clock shows it twice, how exact it is."""

    at: int
    again: int
    within: int

    def agrees_with(self, known: int) -> bool:
        """Whether this is the same moment as one that we know better, as far as the column can tell."""
        return min(abs(self.at - known), abs(self.again - known)) < self.within


def started(row: LaborRow, zone: ZoneInfo) -> Moment:
    """When the activity began. Raises EpicorSurprise without a date."""
    return _moment(_day(row), row.clock_in_hours, zone)


def ended(row: LaborRow, zone: ZoneInfo) -> Moment:
    """When an activity that is over ended: earlier on the clock than it began means after midnight."""
    return _moment(_day(row) + timedelta(days=_days_later(row)), row.clock_out_hours, zone)


def _day(row: LaborRow) -> date:
    if row.clock_in_date is None:
        raise EpicorSurprise(f"Labour {row.hed_seq}/{row.dtl_seq} has no ClockInDate.")
    return row.clock_in_date


def _days_later(row: LaborRow) -> int:
    crossed = 1 if row.clock_out_hours < row.clock_in_hours else 0
    if not row.clock_in_minute or not row.clock_out_minute:
        return crossed
    # The minute columns count on over midnight, so they know of a second one; believed where they agree with the hours.
    minutes = row.clock_out_minute - row.clock_in_minute
    by_hours = (row.clock_out_hours - row.clock_in_hours) * 60 + crossed * _DAY_MINUTES
    days, rest = divmod(minutes - by_hours + 1, _DAY_MINUTES)
    return crossed + int(days) if 0 <= rest <= 2 and days > 0 else crossed


def _moment(day: date, hours: float, zone: ZoneInfo) -> Moment:
    # To the millisecond: eight decimals of an hour are 36 µs, and no clock of Epicor's knows more.
    local = datetime.combine(day, time()) + timedelta(milliseconds=round(hours * _MS_OF_HOUR))
    first, second = (to_us(local.replace(tzinfo=zone, fold=fold).astimezone(UTC)) for fold in (0, 1))
    is_coarse = round(hours, _COARSE_PLACES) == hours
    # A skipped time has two readings too, of which the second lies before the first: it means the first.
    return Moment(first, max(first, second), MINUTE if is_coarse else SECOND)
