"""Deriving a line again from its facts: the same function as live, over everything or over a stretch."""

from django.db import transaction

from apps.flow.causes import always
from apps.flow.derive import derive
from apps.jobs.activities import keys_of_line, remake, remake_runs
from apps.lines.operations import lock_companies, locked
from apps.lines.types import LinePolicy
from apps.oee import kept
from apps.oee.digest import derived_rows, differing, forget
from apps.shared.periods import FOREVER


def rebuild(policy: LinePolicy, *, start: int = 0, end: int = FOREVER, now: int) -> list[str]:
    """Derive [start, end) of a line again. Returns the rows that were not as they should have been."""
    with transaction.atomic():
        lock_companies([policy.company])
        policy = locked([policy.slug])[policy.slug]
        before = derived_rows(policy.line_id)
        if (start, end) == (0, FOREVER):
            forget(policy.line_id)
        remake(keys_of_line(policy.line_id))
        remake_runs(policy, [(start, end)])
        derive(
            {policy.slug: policy}, {policy.slug: [(start, end)]}, now=now, why=always("Everything was derived again")
        )
        return differing(before, derived_rows(policy.line_id))


def begins_at(policy: LinePolicy) -> int | None:
    """The instant at which a rebuild of a line begins because retention dropped facts before it; None: at its beginning."""
    return kept.of_line(policy.line_id).facts_from


def check(policy: LinePolicy, *, start: int = 0, end: int = FOREVER, now: int) -> list[str]:
    """The same, and everything put back as it was: what it returns is what a rebuild would change."""
    with transaction.atomic():
        found = rebuild(policy, start=start, end=end, now=now)
        transaction.set_rollback(True)
    return found
