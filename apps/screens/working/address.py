"""The address of a working and the window that it names. Pure."""

from collections.abc import Mapping
from urllib.parse import urlencode

from apps.shared.instants import DAY, SECOND, iso, parse_us

# Counts are read one by one, so that a page shows where each came from: no more than a quarter at once.
LONGEST_DAYS = 92
_SHOWN = 40


def window_of(query: Mapping[str, str], otherwise: tuple[int, int]) -> tuple[int, int]:
    """[from, to) in microseconds; `otherwise` where neither is said. Raises ValueError with a sentence for people."""
    first, last = (query.get(name, "").strip()[:_SHOWN] for name in ("from", "to"))
    if not first and not last:
        return otherwise
    if not first or not last:
        raise ValueError("A window has both ends, from and to: the address names only one.")
    start, end = parse_us(first), parse_us(last)
    if start >= end:
        raise ValueError(f"The window has to end after it starts: {first} is not before {last}.")
    if end - start > LONGEST_DAYS * DAY:
        raise ValueError(f"The window is longer than {LONGEST_DAYS} days: ask for a shorter one.")
    return start, end


def address_of(path: str, start: int, end: int) -> str:
    """The address of a window at `path`, up to its last full second; "" for one that the page would not show."""
    last = end // SECOND * SECOND
    if not start < last <= start + LONGEST_DAYS * DAY:
        return ""
    return f"{path}?{urlencode({'from': iso(start), 'to': iso(last)})}"
