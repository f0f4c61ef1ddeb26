"""Derived rows: the partition of each line's time, its rollups, and the summaries of operations.

Where an index of the table begins with the line (or operation), the foreign key has none of its own.
"""

from django.db import models

from apps.jobs.models import JobOper
from apps.lines.models import Line
from apps.shared.fields import InstantField


class Slice(models.Model):
    """A stretch of one line's time with one bucket: never cut further than state, schedule, run and stop part cut it.

    Settled time only; what came after `LineLedger.settled_until` is derived when it is read.
    """

    line = models.ForeignKey(Line, on_delete=models.PROTECT, db_index=False)
    start = InstantField()
    end = InstantField()
    bucket = models.CharField(max_length=12)
    # "bound", "none" or "unresolved".
    binding = models.CharField(max_length=10)
    oper = models.ForeignKey(JobOper, on_delete=models.PROTECT, db_index=False, null=True)
    kind = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=12, blank=True)
    # Start and fault of the stop it lies in; null and 0 outside stops.
    stop_start = InstantField(null=True)
    fault = models.IntegerField(default=0)
    # The production day and name of the shift; null and "" outside shifts.
    shift_date = models.DateField(null=True)
    shift = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "start"], name="slice_once")]
        indexes = [models.Index(fields=["oper", "start"], name="slice_of_oper")]


class ScrapMove(models.Model):
    """Parts that a ScrapReport took from good to reject, in the delta (or share) that ended at `end`. Derived."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, db_index=False)
    report_at = InstantField()
    code = models.CharField(max_length=12, blank=True)
    start = InstantField()
    end = InstantField()
    qty = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["line", "end"], name="scrap_move_by_end")]


class Added(models.Model):
    """Sums of one line and binding over a stretch; recomputed, never added to. Times in µs.

    The `ideal_*` parts are those not made over `no_signal`.
    """

    line = models.ForeignKey(Line, on_delete=models.PROTECT, db_index=False)
    start = InstantField()
    binding = models.CharField(max_length=10)
    oper = models.ForeignKey(JobOper, on_delete=models.PROTECT, null=True)
    running = models.BigIntegerField(default=0)
    unscheduled = models.BigIntegerField(default=0)
    no_signal = models.BigIntegerField(default=0)
    planned = models.BigIntegerField(default=0)
    micro_stop = models.BigIntegerField(default=0)
    setup = models.BigIntegerField(default=0)
    downtime = models.BigIntegerField(default=0)
    good = models.BigIntegerField(default=0)
    reject = models.BigIntegerField(default=0)
    ideal_good = models.BigIntegerField(default=0)
    ideal_total = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class SumsRow(Added):
    """The same by shift: what hours and days have."""

    shift_date = models.DateField(null=True)
    shift = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True


class HourRollup(SumsRow):
    """The sums of a full UTC hour; `start` is its first instant."""

    class Meta:
        indexes = [models.Index(fields=["line", "start"], name="hour_of_line")]


class DayRollup(SumsRow):
    """The sums of a full production day of the line's plant (23 to 25 hours); `start` is its first instant.

    `cycle` is the ideal cycle in seconds as an exact fraction such as "36/7" ("" is unknown): reports over months add
    up by it in the database. It follows the standard and the line's policy, and is no fact of its own.
    """

    cycle = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["line", "start"], name="day_of_line")]


class MonthRollup(Added):
    """What the days of a full production month of a line add up to; `start` is the month's first instant."""

    cycle = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["line", "start"], name="month_of_line")]


class LossRow(models.Model):
    """Microseconds lost in a stretch of a line under one bar of a Pareto, and the stops that began there."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, db_index=False)
    start = InstantField()
    # reason, category, fault, line, part, operation or shift.
    by = models.CharField(max_length=10)
    key = models.CharField(max_length=80, blank=True)
    us = models.BigIntegerField()
    stops = models.IntegerField()

    class Meta:
        abstract = True


class LossMonth(LossRow):
    """What the loss rows of the days of a full production month add up to."""

    class Meta:
        indexes = [
            models.Index(fields=["by", "line", "start"], name="loss_months_of_line"),
            models.Index(fields=["line", "start"], name="losses_of_month"),
        ]


class LossRollup(LossRow):
    """The losses of one production day of a line.

    `stops` counts a stop in the day of its first slice in that bar, so that days add up without counting it twice.
    """

    class Meta:
        indexes = [
            models.Index(fields=["by", "line", "start"], name="losses_of_line"),
            models.Index(fields=["line", "start"], name="losses_of_day"),
        ]


class LineLedger(models.Model):
    """How far a line's derived rows reach: slices to `settled_until`, hours to `rolled_until`, days to `days_until`,

    months to `months_until`.
    """

    line = models.OneToOneField(Line, on_delete=models.PROTECT, related_name="ledger")
    settled_until = InstantField(null=True)
    # The state changes from this instant on are needed to know the state after `settled_until`.
    anchor = InstantField(null=True)
    rolled_until = InstantField(null=True)
    days_until = InstantField(null=True)
    months_until = InstantField(null=True)
    # Retention dropped what was before: slices are stored from here on, and facts let derive from there on.
    slices_from = InstantField(null=True)
    facts_from = InstantField(null=True)


class Restatement(models.Model):
    """Settled figures of [start, end) of a line that became other ones at `at`, and the late fact that made it so."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, db_index=False)
    at = InstantField()
    start = InstantField()
    end = InstantField()
    why = models.CharField(max_length=120)

    class Meta:
        indexes = [models.Index(fields=["line", "end"], name="restated_of_line")]


class OeeSummary(models.Model):
    """The figures of a completed operation as they were last sent; a later fact that changes one makes revision + 1."""

    oper = models.OneToOneField(JobOper, on_delete=models.PROTECT, related_name="summary")
    revision = models.IntegerField(default=1)
    made_at = InstantField()
    figures = models.JSONField()
