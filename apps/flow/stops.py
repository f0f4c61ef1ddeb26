"""What people say of stops: kept, and what depends on it derived again, in one transaction each.

`now` is when it is taken in, `said_at` when it was said (now, where nothing else is given): a tablet without a network says
it later. What was said later stands. Every function answers whether it was new. What has a `key` is taken in once under that
key, whatever else differs when it comes again.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction

from apps.accounts import sayings
from apps.downtime import operations as downtime
from apps.downtime.models import ReasonTag, SplitMark
from apps.flow import causes
from apps.flow.derive import Effect, derive
from apps.lines.operations import locked
from apps.lines.types import LinePolicy
from apps.states import operations as states


def tag(
    *, line: str, at: int, code: str, by: str, now: int, said_at: int | None = None, comment: str = "", key: str = ""
) -> bool:
    """Give a reason to the stop part that holds `at`."""
    return _mark(
        line, ReasonTag.Action.TAG, at=at, code=code, by=by, now=now, said_at=said_at, comment=comment, key=key
    )


def untag(*, line: str, at: int, by: str, now: int, said_at: int | None = None, key: str = "") -> bool:
    """Take back the reason of the stop part that holds `at`."""
    return _mark(line, ReasonTag.Action.UNTAG, at=at, by=by, now=now, said_at=said_at, key=key)


def split(*, line: str, at: int, by: str, now: int, said_at: int | None = None, key: str = "") -> bool:
    """Cut the stop that holds `at` into two parts there."""
    return _mark(line, SplitMark.Action.SPLIT, at=at, by=by, now=now, said_at=said_at, key=key)


def unsplit(*, line: str, at: int, by: str, now: int, said_at: int | None = None, key: str = "") -> bool:
    """Take back the cut at `at`."""
    return _mark(line, SplitMark.Action.UNSPLIT, at=at, by=by, now=now, said_at=said_at, key=key)


def report_scrap(
    *, line: str, at: int, qty: int, code: str, by: str, now: int, said_at: int | None = None, key: str = ""
) -> bool:
    """Move parts that were counted good by `at` to reject."""
    said = now if said_at is None else said_at

    def record(policy: LinePolicy) -> bool:
        return states.report_scrap(line_id=policy.line_id, at=at, qty=qty, code=code, by=by)

    why = causes.scrap(at, qty, code, by, said)
    return _say(_Said(line, at, said, why, key), record, Effect.SCRAP, now=now)


def _mark(
    line: str,
    action: str,
    *,
    at: int,
    by: str,
    now: int,
    said_at: int | None,
    code: str = "",
    comment: str = "",
    key: str = "",
) -> bool:
    said = now if said_at is None else said_at

    def record(policy: LinePolicy) -> bool:
        return downtime.record_mark(
            line_id=policy.line_id, at=at, action=action, code=code, by=by, tagged_at=said, comment=comment
        )

    return _say(_Said(line, at, said, causes.mark(action, at, code, by, said), key), record, Effect.SLICES, now=now)


class _Said(NamedTuple):
    line: str
    at: int
    said_at: int
    why: causes.Why
    key: str


def _say(said: _Said, record: Callable[[LinePolicy], bool], effect: Effect, *, now: int) -> bool:
    with transaction.atomic():
        policy = locked([said.line])[said.line]
        is_new = sayings.take(said.key, now=now) and record(policy)
        if is_new:
            dirty = {said.line: [(said.at, said.at)]}
            derive({said.line: policy}, dirty, now=now, told_at=said.said_at, why=said.why, effect=effect)
    return is_new
