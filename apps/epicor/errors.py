"""What can go wrong when we ask Epicor, sorted by what we do next. The texts are for people and hold no secret."""

import json
from dataclasses import dataclass
from typing import Any

_MAX_TEXT = 300


class EpicorError(Exception):
    """Epicor did not give what we asked for."""


class EpicorUnavailable(EpicorError):
    """Timeout, refused, 429 or 5xx: try again later. `retry_after_s` is what Epicor asked for, if it did."""

    def __init__(self, text: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class EpicorRejected(EpicorError):
    """Epicor said no: a person must look. `status` is the HTTP status, `correlation_id` finds it in the server log."""

    def __init__(self, text: str, *, status: int = 0, correlation_id: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.correlation_id = correlation_id


class EpicorSurprise(EpicorError):
    """Not the shape that we know: a developer must look."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error body says, whichever of the four shapes it has."""

    text: str
    kind: str = ""
    correlation_id: str = ""


def read_complaint(body: str, content_type: str) -> Complaint:
    """Epicor's main and short JSON bodies, OData's (v2 and v1), and HTML or plain text from IIS or a gateway."""
    try:
        raw = json.loads(body)
    except ValueError:
        raw = None
    if not isinstance(raw, dict):
        is_page = "html" in content_type or body.lstrip().startswith("<")
        return Complaint("a web page instead of an answer: is it the right address?" if is_page else _short(body))
    correlation_id = str(raw.get("CorrelationId") or "")
    if "ErrorMessage" in raw:
        return Complaint(_short(raw["ErrorMessage"]), _short(raw.get("ErrorType")), correlation_id)
    inner = raw.get("error") or raw.get("odata.error")
    if isinstance(inner, dict):
        return Complaint(_odata_text(inner), _short(inner.get("code")), correlation_id)
    return Complaint(_short(raw.get("ReasonPhrase")), "", correlation_id)


def _odata_text(inner: dict[str, Any]) -> str:
    # OData 3 wraps the text: {"message": {"lang": "en", "value": "…"}}.
    message = inner.get("message")
    return _short(message.get("value") if isinstance(message, dict) else message)


def _short(text: Any) -> str:
    return " ".join(str(text or "").split())[:_MAX_TEXT]
