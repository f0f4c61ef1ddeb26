"""What people say of stops: kept, and what depends on it derived again, in one transaction each.

`now` is when it was said; what was said later stands. Every function answers whether it was new.
"""

from collections.abc import Callable

from django.db import transaction

from apps.downtime import operations as downtime
from apps.downtime.models import ReasonTag, SplitMark
from apps.flow.derive import Effect, derive
from apps.lines.operations import lock
from apps.lines.queries import policies
from apps.lines.types import LinePolicy
from apps.states import operations as states


def tag(*, line: str, at: int, code: str, by: str, now: int, comment: str = "") -> bool:
    """Give a reason to the stop part that holds `at`."""
    action = ReasonTag.Action.TAG
    return _say(
        line, at, now,
        lambda policy: downtime.record_tag(
            line_id=policy.line_id, at=at, action=action, code=code, by=by, tagged_at=now, comment=comment
        ),
    )  # fmt: skip


def untag(*, line: str, at: int, by: str, now: int) -> bool:
    """Take back the reason of the stop part that holds `at`."""
    action = ReasonTag.Action.UNTAG
    return _say(
        line, at, now,
        lambda policy: downtime.record_tag(
            line_id=policy.line_id, at=at, action=action, code="", by=by, tagged_at=now, comment=""
        ),
    )  # fmt: skip


def split(*, line: str, at: int, by: str, now: int) -> bool:
    """Cut the stop that holds `at` into two parts there."""
    action = SplitMark.Action.SPLIT
    return _say(
        line, at, now,
        lambda policy: downtime.record_split(line_id=policy.line_id, at=at, action=action, by=by, tagged_at=now),
    )  # fmt: skip


def unsplit(*, line: str, at: int, by: str, now: int) -> bool:
    """Take back the cut at `at`."""
    action = SplitMark.Action.UNSPLIT
    return _say(
        line, at, now,
        lambda policy: downtime.record_split(line_id=policy.line_id, at=at, action=action, by=by, tagged_at=now),
    )  # fmt: skip


def report_scrap(*, line: str, at: int, qty: int, code: str, by: str, now: int) -> bool:
    """Move parts that were counted good by `at` to reject."""
    return _say(
        line, at, now,
        lambda policy: states.report_scrap(line_id=policy.line_id, at=at, qty=qty, code=code, by=by),
        effect=Effect.SCRAP,
    )  # fmt: skip


def _say(line: str, at: int, now: int, record: Callable[[LinePolicy], bool], *, effect: Effect = Effect.SLICES) -> bool:
    policy = policies([line])[line]
    with transaction.atomic():
        lock([policy.line_id])
        is_new = record(policy)
        if is_new:
            derive({line: policy}, {line: [(at, at)]}, now=now, why="something was said of a stop", effect=effect)
    return is_new
