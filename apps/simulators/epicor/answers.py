"""HTTP answers in Epicor's shapes: the envelope of rows, the error bodies (always with a CorrelationId), IIS's HTML."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

_UNAVAILABLE = """<!DOCTYPE html><html><head><title>Service Unavailable</title></head>
<body><h2>Service Unavailable</h2><hr><p>HTTP Error 503. The service is unavailable.</p></body></html>"""
_NOT_FOUND = """<!DOCTYPE html><html><head><title>404 - File or directory not found.</title></head>
<body><h2>404 - File or directory not found.</h2></body></html>"""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came; header names are lower case, the query is decoded."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A call that ends in an error body; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def rows(context: str, found: list[dict[str, Any]], count: int | None) -> Answer:
    """The v2 envelope of a list; there is never a nextLink."""
    envelope: dict[str, Any] = {"@odata.context": context}
    if count is not None:
        envelope["@odata.count"] = count
    return json_answer(200, envelope | {"value": found})


def json_answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Answer:
    """Any JSON body."""
    return Answer(status, json.dumps(body).encode(), headers=headers or {})


def error(status: int, message: str, kind: str, *, headers: dict[str, str] | None = None) -> Answer:
    """Epicor's main error body."""
    body = {
        "HttpStatus": status,
        "ReasonPhrase": "REST API Exception",
        "ErrorMessage": message,
        "ErrorType": kind,
        "ErrorDetails": [{"Message": message, "Type": "Error", "Program": "Epicor.ServiceModel.dll", "Method": "Call"}],
        "CorrelationId": str(uuid.uuid4()),
    }
    return json_answer(status, body, headers)


def short_error(status: int, phrase: str, *, headers: dict[str, str] | None = None) -> Answer:
    """The short body that the authentication layer sends."""
    body = {"HttpStatus": status, "ReasonPhrase": phrase, "CorrelationId": str(uuid.uuid4())}
    return json_answer(status, body, headers)


def odata_error(message: str) -> Answer:
    """A query that can't be read."""
    return error(400, message, "Microsoft.OData.ODataException")


def standard_error(status: int, message: str) -> Answer:
    """The OData library's own body, for what never reaches Epicor's code."""
    body = {"error": {"code": "", "message": message, "innererror": {"message": message}}}
    return json_answer(status, body | {"CorrelationId": str(uuid.uuid4())})


def maintenance() -> Answer:
    """IIS while the application pool is stopped: HTML, not JSON."""
    return Answer(503, _UNAVAILABLE.encode(), "text/html; charset=us-ascii")


def no_such_site() -> Answer:
    """IIS for a path outside the instance."""
    return Answer(404, _NOT_FOUND.encode(), "text/html")
