"""Jobs and operations under Epicor's names, the labour facts that say who works on what, and the Runs made of them."""

from django.db import models

from apps.lines.models import Company, Line
from apps.shared.fields import InstantField


class Job(models.Model):
    """A job (JobHead) in the state with the greatest SysRevID that we were told."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    plant = models.CharField(max_length=8)
    job_num = models.CharField(max_length=20)
    part_num = models.CharField(max_length=60, blank=True)
    part_description = models.CharField(max_length=120, blank=True)
    prod_qty = models.FloatField(default=0)
    # The day on which Epicor wants it, as an ISO date; "" where nobody told.
    due_date = models.CharField(max_length=10, blank=True)
    sys_rev_id = models.BigIntegerField(default=-1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "job_num"], name="job_once_per_company")]


class JobOper(models.Model):
    """An operation of a job (JobOper) in the state with the greatest SysRevID that we were told."""

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="operations")
    assembly_seq = models.IntegerField()
    opr_seq = models.IntegerField()
    op_code = models.CharField(max_length=20, blank=True)
    op_desc = models.CharField(max_length=120, blank=True)
    run_qty = models.FloatField(default=0)
    prod_standard = models.FloatField(default=0)
    std_format = models.CharField(max_length=2, blank=True)
    std_basis = models.CharField(max_length=1, default="E")
    ops_per_part = models.FloatField(default=1)
    qty_per_cycle = models.FloatField(default=1)
    sys_rev_id = models.BigIntegerField(default=-1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "assembly_seq", "opr_seq"], name="oper_once_per_job"),
        ]


class LaborRecord(models.Model):
    """One message about an activity: that it started or ended, and the fields it carried. Never edited."""

    class Edge(models.TextChoices):
        STARTED = "started"
        ENDED = "ended"

    source = models.CharField(max_length=200)
    fact_id = models.CharField(max_length=400)
    company = models.CharField(max_length=8)
    labor_hed_seq = models.BigIntegerField()
    labor_dtl_seq = models.BigIntegerField()
    edge = models.CharField(max_length=8, choices=Edge.choices)
    at = InstantField()
    sys_rev_id = models.BigIntegerField(default=-1)
    carried = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "fact_id"], name="labor_record_once")]
        indexes = [models.Index(fields=["company", "labor_hed_seq", "labor_dtl_seq"], name="labor_record_activity")]


class ClosingRecord(models.Model):
    """That an operation completed or (without an operation) a job closed. Never edited."""

    source = models.CharField(max_length=200)
    fact_id = models.CharField(max_length=400)
    company = models.CharField(max_length=8)
    job_num = models.CharField(max_length=20)
    assembly_seq = models.IntegerField(null=True)
    opr_seq = models.IntegerField(null=True)
    at = InstantField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "fact_id"], name="closing_record_once")]
        indexes = [models.Index(fields=["company", "job_num"], name="closing_record_job")]


class LaborActivity(models.Model):
    """One stay of one operation on one resource, made of its LaborRecords; takes effect where `problem` is empty.

    Derived: always equal to what its records, the closings, the jobs and the mapping say together.
    """

    class Problem(models.TextChoices):
        UNKNOWN_OPERATION = "unknown_operation"
        UNMAPPED_RESOURCE = "unmapped_resource"

    company = models.CharField(max_length=8)
    labor_hed_seq = models.BigIntegerField()
    labor_dtl_seq = models.BigIntegerField()
    job_num = models.CharField(max_length=20, blank=True)
    assembly_seq = models.IntegerField(null=True)
    opr_seq = models.IntegerField(null=True)
    # "production", "setup", or "" for what is neither.
    kind = models.CharField(max_length=10, blank=True)
    resource_id = models.CharField(max_length=20, blank=True)
    resource_grp_id = models.CharField(max_length=20, blank=True)
    employee = models.CharField(max_length=20, blank=True)
    # Null until a `started` came: it takes effect with it.
    started_at = InstantField(null=True)
    ended_at = InstantField(null=True)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, null=True)
    oper = models.ForeignKey(JobOper, on_delete=models.PROTECT, null=True)
    problem = models.CharField(max_length=20, choices=Problem.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "labor_hed_seq", "labor_dtl_seq"], name="activity_once"),
        ]
        indexes = [
            models.Index(fields=["line", "started_at"], name="activity_on_line"),
            models.Index(fields=["company", "job_num"], name="activity_of_job"),
        ]


class Resolution(models.Model):
    """A supervisor's choice among the operations of an ambiguous stretch. Never edited; the latest stands."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT)
    start = InstantField()
    end = InstantField()
    job_num = models.CharField(max_length=20)
    assembly_seq = models.IntegerField()
    opr_seq = models.IntegerField()
    by = models.CharField(max_length=40, blank=True)
    tagged_at = InstantField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "start", "end", "job_num", "assembly_seq", "opr_seq", "by", "tagged_at"],
                name="resolution_once",
            ),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="resolution_has_time"),
        ]


class Run(models.Model):
    """A maximal stretch in which a line is bound to one operation with one kind, or is ambiguous. Derived.

    An open end is null. Stretches without any operation have no row.
    """

    line = models.ForeignKey(Line, on_delete=models.PROTECT, db_index=False)
    start = InstantField()
    end = InstantField(null=True)
    # Null where the line is ambiguous.
    oper = models.ForeignKey(JobOper, on_delete=models.PROTECT, db_index=False, null=True)
    kind = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "start"], name="run_once")]
        indexes = [
            models.Index(fields=["oper", "start"], name="run_of_oper"),
            # What is open at or after an instant: the boards ask it of every line.
            models.Index(fields=["line", "end"], name="run_by_end"),
        ]
