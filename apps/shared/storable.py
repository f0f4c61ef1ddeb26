"""What the tables can hold, asked where a message or a file comes in: all databases then refuse the same things, in words.

SQLite takes a text of any length into any column; PostgreSQL ends the whole transaction. Pure.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

# Characters, by the name that Epicor's messages and FORMATS.md give a field.
LONGEST = {
    "id": 400,
    "source": 200,
    "company": 8,
    "Company": 8,
    "plant": 8,
    "Plant": 8,
    "JobNum": 20,
    "PartNum": 60,
    "OpCode": 20,
    "StdFormat": 2,
    "StdBasis": 1,
    "LaborType": 10,
    "ResourceID": 20,
    "ResourceGrpID": 20,
    "EmployeeNum": 20,
    "IndirectCode": 12,
    "ReasonCode": 12,
    "code": 12,
    "by": 40,
}
# Operations are counted in four bytes, everything else in eight.
_FOUR_BYTES = frozenset({"AssemblySeq", "OprSeq", "fault"})
GREATEST = 2**63 - 1
GREATEST_SEQ = 2**31 - 1
# Parts that one fact may tell of: the sums of a year of such facts still fit.
GREATEST_QTY = 10**12

Problem = tuple[str, str]
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def problem_of(told: Any, place: str = "") -> Problem | None:
    """(where, sentence) of the first text or number in this JSON value that no table could hold; None where all fit."""
    return next(_problems(told, place, name=""), None)


def whole(told: dict[str, Any], name: str, default: int | None = None, *, greatest: int = GREATEST) -> int:
    """A whole number, written as one or in digits; without a default it must be there.

    Raises KeyError where it is missing, ValueError with a sentence where it is none or no column holds it.
    """
    value = told.get(name, default) if default is not None else told[name]
    if value is None or value == "":
        value = default
    try:
        found = None if isinstance(value, bool | float) else int(value)
    except (TypeError, ValueError):
        found = None
    if found is None or abs(found) > greatest:
        raise ValueError(f"{name} must be a whole number, at most {greatest}.")
    return found


def _problems(told: Any, place: str, name: str) -> Iterator[Problem]:
    if name in LONGEST and isinstance(told, dict | list | bool):
        yield place, f"{place} must be a text."
    if isinstance(told, dict):
        for key, value in told.items():
            inner = f"{place}.{key}" if place else str(key)
            yield from _text(key, inner[:80], name="")
            yield from _problems(value, inner, key)
    elif isinstance(told, list):
        for value in told:
            yield from _problems(value, place, name)
    elif isinstance(told, str):
        yield from _text(told, place, name)
    elif isinstance(told, int | float):
        yield from _number(told, place, name)


def _number(told: float, place: str, name: str) -> Iterator[Problem]:
    greatest = GREATEST_SEQ if name in _FOUR_BYTES else GREATEST
    if not -greatest <= told <= greatest:
        yield place, f"{place} must lie between -{greatest} and {greatest}."


def _text(text: str, place: str, name: str) -> Iterator[Problem]:
    longest = LONGEST.get(name)
    if longest is not None and len(text) > longest:
        yield place, f"{place} may have {longest} characters."
    if not is_text(text):
        yield place, f"{place} holds a character that can't be stored (U+0000, or half of a pair)."


def is_text(text: str) -> bool:
    """Whether a text can be stored: neither PostgreSQL's text nor its JSON holds U+0000 or half a surrogate pair."""
    return "\0" not in text and encodes(text)


def mended(told: Any) -> Any:
    """This JSON value with what could not be stored replaced, for a person to look at.

    A number that is none becomes a text, a character that is none U+FFFD.
    """
    if isinstance(told, dict):
        return {mended(key): mended(value) for key, value in told.items()}
    if isinstance(told, list):
        return [mended(value) for value in told]
    if isinstance(told, str) and not is_text(told):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", told)
    return str(told) if isinstance(told, float) and not math.isfinite(told) else told


def encodes(text: str) -> bool:
    """Whether a text is one: half a surrogate pair is not, nor is a byte that was no UTF-8 where it was read."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
