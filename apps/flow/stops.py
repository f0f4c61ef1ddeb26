"""What people say of stops: kept, and what depends on it derived again, in one transaction each.

`now` is when it was said; what was said later stands. Every function answers whether it was new. What has a `key` is
taken in once under that key, whatever else differs when it comes again.
"""

from collections.abc import Callable

from django.db import transaction

from apps.accounts import sayings
from apps.downtime import operations as downtime
from apps.downtime.models import ReasonTag, SplitMark
from apps.flow import causes
from apps.flow.derive import Effect, derive
from apps.lines.operations import locked
from apps.lines.types import LinePolicy
from apps.states import operations as states


def tag(*, line: str, at: int, code: str, by: str, now: int, comment: str = "", key: str = "") -> bool:
    """Give a reason to the stop part that holds `at`."""
    return _mark(line, ReasonTag.Action.TAG, at=at, code=code, by=by, now=now, comment=comment, key=key)


def untag(*, line: str, at: int, by: str, now: int, key: str = "") -> bool:
    """Take back the reason of the stop part that holds `at`."""
    return _mark(line, ReasonTag.Action.UNTAG, at=at, by=by, now=now, key=key)


def split(*, line: str, at: int, by: str, now: int, key: str = "") -> bool:
    """Cut the stop that holds `at` into two parts there."""
    return _mark(line, SplitMark.Action.SPLIT, at=at, by=by, now=now, key=key)


def unsplit(*, line: str, at: int, by: str, now: int, key: str = "") -> bool:
    """Take back the cut at `at`."""
    return _mark(line, SplitMark.Action.UNSPLIT, at=at, by=by, now=now, key=key)


def report_scrap(*, line: str, at: int, qty: int, code: str, by: str, now: int, key: str = "") -> bool:
    """Move parts that were counted good by `at` to reject."""

    def record(policy: LinePolicy) -> bool:
        return states.report_scrap(line_id=policy.line_id, at=at, qty=qty, code=code, by=by)

    why = causes.scrap(at, qty, code, by, now)
    return _say(line, at, now, record, key=key, effect=Effect.SCRAP, why=why)


def _mark(
    line: str, action: str, *, at: int, by: str, now: int, code: str = "", comment: str = "", key: str = ""
) -> bool:
    def record(policy: LinePolicy) -> bool:
        return downtime.record_mark(
            line_id=policy.line_id, at=at, action=action, code=code, by=by, tagged_at=now, comment=comment
        )

    why = causes.mark(action, at, code, by, now)
    return _say(line, at, now, record, key=key, effect=Effect.SLICES, why=why)


def _say(
    line: str, at: int, now: int, record: Callable[[LinePolicy], bool], *, key: str, effect: Effect, why: causes.Why
) -> bool:
    with transaction.atomic():
        policy = locked([line])[line]
        is_new = sayings.take(key, now=now) and record(policy)
        if is_new:
            derive({line: policy}, {line: [(at, at)]}, now=now, why=why, effect=effect)
    return is_new
