"""Renewing the summaries of operations: time alone settles what was open when they completed."""

from apps.jobs.models import ClosingRecord
from apps.jobs.queries import completed_oper_ids
from apps.oee import summaries
from apps.shared.instants import DAY

_LATELY = 2 * DAY


def refresh_recent(*, now: int) -> int:
    """Make or renew the summary of each operation that completed in the last two days. Returns how many changed."""
    recent = ClosingRecord.objects.filter(at__gte=now - _LATELY, at__lte=now)
    changed = 0
    for job_num in sorted(set(recent.values_list("job_num", flat=True))):
        changed += summaries.refresh(completed_oper_ids(job_num=job_num), now=now)
    return changed
