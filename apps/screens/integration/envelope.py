"""From the body of a post to events that can be stored, or the first thing that is wrong with it. Pure but for its imports."""

import json
from http import HTTPStatus
from typing import Any

from apps.epicor.events import company_of, problem_of
from apps.epicor.inbox import Arrived

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


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
        problem = problem_of(event)
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
