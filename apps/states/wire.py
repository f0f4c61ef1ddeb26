"""LineFacts as JSON: what a spool keeps and the server takes in. Lists instead of objects keep rows short."""

from typing import Any

from apps.shared.storable import is_text
from apps.states.types import Alert, Change, CounterNow, Delta, LineFacts, LineNow, Pending


def encode(facts: LineFacts) -> dict[str, Any]:
    """A JSON-able dict that `decode` turns back into equal LineFacts."""
    return {
        "line": facts.slug,
        "changes": [list(change) for change in facts.changes],
        "deltas": [list(delta) for delta in facts.deltas],
        "alerts": [list(alert) for alert in facts.alerts],
        "now": encode_now(facts.now),
    }


def decode(body: dict[str, Any]) -> LineFacts:
    """LineFacts from a wire dict. Raises ValueError with a sentence for anything else."""
    try:
        return LineFacts(
            slug=_slug(body["line"]),
            changes=tuple(Change(int(at), str(state), int(fault)) for at, state, fault in body["changes"]),
            deltas=tuple(Delta(*map(int, delta)) for delta in body["deltas"]),
            alerts=tuple(Alert(int(at), str(what), str(name), int(n)) for at, what, name, n in body["alerts"]),
            now=decode_now(body["now"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise ValueError(f"not a row of line facts: {problem!r}") from problem


def encode_now(now: LineNow) -> dict[str, Any]:
    """A snapshot as a JSON-able dict."""
    pending = now.pending
    return {
        "first_good_at": now.first_good_at,
        "last_at": now.last_at,
        "last_good_at": now.last_good_at,
        "state": str(now.state),
        "fault": now.fault,
        "pending": [pending.at, str(pending.state), pending.fault, [list(seen) for seen in pending.faults]]
        if pending
        else None,
        "counters": {name: list(counter) for name, counter in now.counters},
    }


def decode_now(body: dict[str, Any]) -> LineNow:
    """A snapshot from its dict; an empty dict is a line of which nothing is known."""
    if not body:
        return LineNow()
    pending = body["pending"]
    return LineNow(
        first_good_at=_instant(body["first_good_at"]),
        last_at=_instant(body["last_at"]),
        last_good_at=_instant(body["last_good_at"]),
        state=body["state"],
        fault=body["fault"],
        pending=Pending(pending[0], pending[1], pending[2], tuple((at, fault) for at, fault in pending[3]))
        if pending
        else None,
        counters=tuple((name, CounterNow(*counter)) for name, counter in body["counters"].items()),
    )


def _slug(value: object) -> str:
    slug = str(value)
    if is_text(slug):
        return slug
    raise ValueError(f"{slug!r} is no name of a line")


def _instant(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    raise ValueError(f"{value!r} is no instant")
