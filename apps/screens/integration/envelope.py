"""From the body of a post to events that can be stored, or the first thing that is wrong with it. Pure but for its imports."""

import json
from http import HTTPStatus
from typing import Any

from apps.epicor.events import company_of, problem_of
from apps.epicor.inbox import Arrived

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
# As wide as the inbox's columns.
_LONGEST = {"id": 120, "source": 120}
_COMPANY_LENGTH = 8


class Refused(Exception):
    """An answer other than 202: its status, a sentence, and for 400 the first bad attribute and the event's place."""

    def __init__(
        self,
        status: int,
        text: str,
        *,
        attribute: str = "",
        index: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.title = HTTPStatus(status).phrase
        self.attribute = attribute
        self.index = index
        self.retry_after_s = retry_after_s


def arrived_of(body: bytes, content_type: str, *, company: str) -> list[Arrived]:
    """The events of a body, each for `company`. Raises Refused: 400 for what is no event, 403 for another company's."""
    if content_type not in {SINGLE, BATCH}:
        raise Refused(400, f"Content-Type must be {SINGLE} or {BATCH}.", attribute="content-type")
    told = _parsed(body)
    if (content_type == BATCH) != isinstance(told, list):
        raise Refused(400, "A batch is a JSON array of events, a single event is an object.", attribute="body")
    events = told if isinstance(told, list) else [told]
    for index, event in enumerate(events):
        problem = problem_of(event) or _unstorable(event)
        if problem is not None:
            raise Refused(400, problem[1], attribute=problem[0], index=index)
    for index, event in enumerate(events):
        if company_of(event) != company:
            raise Refused(403, f"This key may not speak for {company_of(event)[:20]}.", index=index)
    return [Arrived(company, event) for event in events]


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        why = "is too deeply nested" if isinstance(problem, RecursionError) else f"is no JSON: {str(problem)[:100]}"
        raise Refused(400, f"The body {why}.", attribute="body") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _unstorable(event: dict[str, Any]) -> tuple[str, str] | None:
    for name, longest in _LONGEST.items():
        if len(event[name]) > longest:
            return name, f"{name} may have {longest} characters."
    if len(company_of(event)) > _COMPANY_LENGTH:
        return "data.Company", f"data.Company may have {_COMPANY_LENGTH} characters."
    # Neither PostgreSQL's text nor its JSON holds them; half a surrogate pair is no text at all.
    if (place := _unwritable(event)) is not None:
        return place, f"{place} holds a character that can't be stored (U+0000, or half of a pair)."
    return None


def _unwritable(value: Any, place: str = "") -> str | None:
    if isinstance(value, str):
        return place if "\0" in value or not _encodes(value) else None
    if isinstance(value, dict):
        inner = [(item, f"{place}.{name}" if place else str(name)) for name, item in value.items()]
        inner += [(name, place or str(name)[:40]) for name in value]
    elif isinstance(value, list):
        inner = [(item, place) for item in value]
    else:
        return None
    return next((found for item, at in inner if (found := _unwritable(item, at)) is not None), None)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
