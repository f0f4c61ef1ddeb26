"""Numbers, times and durations as people read them: the one place where a figure becomes text.

Instants and spans are in microseconds. Values are rounded half to even on the exact value, and only here.
"""

from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, from_us

THIN = "\u202f"  # narrow no-break space: between thousands, and before a percent sign
MINUS = "\u2212"
EN_DASH = "\u2013"
NOTHING = "\u2013"  # what stands where nothing is known: never 0

_HALF_A_YEAR = timedelta(days=183)
_WEEK = timedelta(days=7)


def whole(value: int | float | Fraction | None) -> str:
    """1240 as "1 240"; a minus is U+2212; a dash where nothing is known."""
    if value is None:
        return NOTHING
    rounded = round(Fraction(value))
    digits = f"{abs(rounded):,}".replace(",", THIN)
    return f"{MINUS}{digits}" if rounded < 0 else digits


def signed(value: int | float | Fraction | None) -> str:
    """A difference: always with its sign, and zero plain. "+24", "−94", "0"."""
    if value is None:
        return NOTHING
    rounded = round(Fraction(value))
    return f"+{whole(rounded)}" if rounded > 0 else whole(rounded)


def decimal(value: float | Fraction | None, places: int = 1) -> str:
    """A number with a fixed count of decimals: 9.4, 1 204.0."""
    if value is None:
        return NOTHING
    scaled = round(Fraction(value) * 10**places)
    if not places:
        return whole(scaled)
    head, tail = divmod(abs(scaled), 10**places)
    sign = MINUS if scaled < 0 else ""
    return f"{sign}{whole(head)}.{tail:0{places}d}"


def percent(ratio: float | Fraction | None, places: int = 0) -> str:
    """The number of a ratio in percent, without its sign: 0.688 is "69", with one place "68.8"."""
    return decimal(None if ratio is None else Fraction(ratio) * 100, places)


def percent_sign(ratio: float | Fraction | None, places: int = 0) -> str:
    """A ratio in percent with a narrow space and the sign; only a dash where nothing is known."""
    return NOTHING if ratio is None else f"{percent(ratio, places)}{THIN}%"


def span_parts(span: int, *, ticking: bool = False) -> tuple[tuple[str, str], ...]:
    """A duration as (number, unit) pairs: (("14", "min"), ("32", "s")).

    `ticking` is for a span that still grows: it shows its seconds up to an hour. Whole units are those that are full,
    as on a clock.
    """
    seconds = max(span, 0) // SECOND
    days, hours, minutes, left = _units(seconds)
    if seconds < 60:
        return ((str(left), "s"),)
    if seconds < 3600:
        return ((str(minutes), "min"), (f"{left:02d}", "s")) if ticking else ((str(minutes), "min"),)
    if seconds < 86_400:
        return (str(hours), "h"), (f"{minutes:02d}", "min")
    return (str(days), "d"), (str(hours), "h")


def span(value: int | None, *, ticking: bool = False) -> str:
    """A duration with its units: "38 s", "14 min", "1 h 05 min", "2 d 3 h"; never with a colon."""
    if value is None:
        return NOTHING
    return " ".join(f"{number}{THIN}{unit}" for number, unit in span_parts(value, ticking=ticking))


def summed(value: int | None) -> str:
    """A sum of durations: rounded to the unit that it shows, where `span` takes the full ones."""
    return NOTHING if value is None else span(rounded_span(value))


def summed_hours(value: int | None) -> str:
    """The same, in hours however many: sums of lost time are compared with each other. "31 h 40 min"."""
    if value is None or value < DAY:
        return summed(value)
    full_hours, minutes = divmod(round(Fraction(value, MINUTE)), 60)
    return f"{whole(full_hours)}{THIN}h {minutes:02d}{THIN}min"


def rounded_span(value: int) -> int:
    """A span rounded half to even to the smallest unit that `span` shows of it."""
    seconds = round(Fraction(value, SECOND))
    if seconds < 60:
        return seconds * SECOND
    unit = MINUTE if value < DAY else HOUR
    return round(Fraction(value, unit)) * unit


def iso_span(value: int) -> str:
    """A span for the `datetime` attribute of a `<time>`: PT14M32S."""
    days, hours, minutes, seconds = _units(max(value, 0) // SECOND)
    total = days * 24 + hours
    parts = ((total, "H"), (minutes, "M"), (seconds, "S"))
    return "PT" + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0S")


def hours(value: int | None) -> str:
    """A span in hours with one decimal, without its unit: 312.0."""
    return NOTHING if value is None else decimal(Fraction(value, HOUR), 1)


def clock(at: int, zone: ZoneInfo) -> str:
    """The time of day in a plant: HH:MM."""
    return _local(at, zone).strftime("%H:%M")


def clock_range(start: int, end: int, zone: ZoneInfo) -> str:
    """Two times of day: 09:41–09:53."""
    return f"{clock(start, zone)}{EN_DASH}{clock(end, zone)}"


def moment(at: int, now: int, zone: ZoneInfo) -> str:
    """When something was or will be: "10:27" today, "Mon 07:00" within a week, else "Fri 15 May"."""
    then, today = _local(at, zone), _local(now, zone)
    if then.date() == today.date():
        return then.strftime("%H:%M")
    if abs(then.date() - today.date()) < _WEEK:
        return then.strftime("%a %H:%M")
    text = f"{then:%a} {then.day} {then:%b}"
    return text if abs(then - today) < _HALF_A_YEAR else f"{text} {then.year}"


def day(at: int, zone: ZoneInfo) -> str:
    """A date without its year: "29 Apr"."""
    then = _local(at, zone)
    return f"{then.day} {then:%b}"


def _local(at: int, zone: ZoneInfo) -> datetime:
    return from_us(at).astimezone(zone)


def _units(seconds: int) -> tuple[int, int, int, int]:
    days, rest = divmod(seconds, 86_400)
    full_hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    return days, full_hours, minutes, left
