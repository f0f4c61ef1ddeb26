"""A line with a long past behind it: told for its last week, and before that written by SQL. For measurements only."""

from typing import TYPE_CHECKING

from bench import _year, synthetic

if TYPE_CHECKING:
    from apps.lines.types import LinePolicy

TOLD_DAYS = 7
# The week begins with a production day; the past before it is made of whole ones.
TOLD_FROM_S = synthetic.START_S + 6 * 3600
PART_EVERY_S = 8
STOPS_PER_DAY = 60
# Of the past that is only there to be long: a count a minute, as the presses of the demo tell.
COUNTS_PER_SLOT = _year.SLOT_S // 60


def make(line: int, days: int) -> "LinePolicy":
    """Give a line of `synthetic.prepare` so many days (whole weeks, or one day more than such) up to `end_s()`."""
    from django.db import transaction

    from apps.flow.causes import always
    from apps.flow.derive import derive
    from apps.lines.queries import policies

    slug = f"line-{line:03}"
    policy = policies([slug])[slug]
    if days > TOLD_DAYS:
        _fill(policy, line, days - TOLD_DAYS)
    synthetic.tell(line, TOLD_DAYS, part_every_s=PART_EVERY_S, stops_per_day=STOPS_PER_DAY, start_s=TOLD_FROM_S)
    if days > TOLD_DAYS:
        _join(policy, days - TOLD_DAYS)
    with transaction.atomic():
        derive({slug: policy}, {slug: []}, now=end_s() * 1_000_000, why=always(""))
    return policy


def end_s() -> int:
    """The last second that was told."""
    return TOLD_FROM_S + TOLD_DAYS * synthetic.DAY_S


def analyze() -> None:
    """Let the planner know what was written."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE")


def _start(days: int) -> int:
    return (TOLD_FROM_S - days * synthetic.DAY_S) * 1_000_000


def _fill(policy: "LinePolicy", line: int, days: int) -> None:
    from apps.flow.retention import BIG
    from apps.jobs.models import Job, JobOper
    from apps.lines.models import Company
    from apps.shared import partitions
    from apps.shared.instants import DAY

    company = Company.objects.get(code=policy.company)
    jobs = [Job(company=company, plant=policy.plant, job_num=f"{line}-W{week}") for week in range(days // 7 + 1)]
    rows = [
        JobOper(job=job, assembly_seq=0, opr_seq=10, prod_standard=12.0, std_format="SP")
        for job in Job.objects.bulk_create(jobs)
    ]
    opers = [oper.pk for oper in JobOper.objects.bulk_create(rows)]
    start, end = _start(days), TOLD_FROM_S * 1_000_000
    for model in BIG:
        partitions.ensure(model._meta.db_table, range(start, start + (days + TOLD_DAYS + 2) * DAY, DAY))
    past = _year.Past([policy.line_id], start, end, end, days)
    _year.fill([opers], past, shape=_year.Shape(counts=COUNTS_PER_SLOT), say=lambda _text: None)


def _join(policy: "LinePolicy", days: int) -> None:
    """What is told goes on where the written past ends."""
    from apps.oee.models import LineLedger
    from apps.states.models import LineSnapshot

    snapshot = LineSnapshot.objects.get(line_id=policy.line_id)
    snapshot.first_good_at = snapshot.body["first_good_at"] = _start(days)
    snapshot.save()
    told = TOLD_FROM_S * 1_000_000
    anchor = told - _year.SLOT_S * 1_000_000
    LineLedger.objects.create(
        line_id=policy.line_id, settled_until=told, anchor=anchor, rolled_until=told, days_until=told
    )
