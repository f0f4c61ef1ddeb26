"""The day on which a job is wanted, as Epicor tells it: an ISO date, "" where nobody told. Pure."""

from datetime import date
from zoneinfo import ZoneInfo

from apps.shared.instants import from_us


def due_text(due: str, *, with_weekday: bool = False) -> str:
    """ "15 May", or "Fri 15 May"; "" where nobody told."""
    if not due:
        return ""
    day = date.fromisoformat(due)
    text = f"{day.day} {day:%b}"
    return f"{day:%a} {text}" if with_weekday else text


def is_late(due: str, now: int, zone: ZoneInfo) -> bool:
    """Whether that day is over in the plant."""
    return bool(due) and date.fromisoformat(due) < from_us(now).astimezone(zone).date()
