"""Instants as whole microseconds since 1970-01-01 UTC: exact, cheap to compare, the same on every database."""

from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 3600 * SECOND
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = 946_684_800 * SECOND, 4_102_444_800 * SECOND


def to_us(moment: datetime) -> int:
    """Microseconds since the epoch of an aware datetime, without going through a float."""
    span = moment - _EPOCH
    return (span.days * 86_400 + span.seconds) * SECOND + span.microseconds


def from_us(at: int) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + timedelta(microseconds=at)


def parse_us(text: str) -> int:
    """An instant from ISO 8601 with an offset or `Z`. Raises ValueError with a sentence for people."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"{text!r} is not a time: write it like 2026-03-02T12:00:00Z.") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset: add Z or one like -06:00.")
    return to_us(moment)


def happened_us(text: str) -> int:
    """The same for a fact: a clock that lost its battery says 1970, and a line's time would begin there."""
    at = parse_us(text)
    if not _EARLIEST <= at < _LATEST:
        raise ValueError(f"{text!r} is not between 2000 and 2100: a clock is wrong.")
    return at


def iso(at: int) -> str:
    """ISO 8601 in UTC with a `Z`, with as many decimals as it needs (none, or six)."""
    return from_us(at).isoformat().replace("+00:00", "Z")
