"""What the machines said, as facts, and the one row per line that says how far it is known.

Where an index of a big table begins with the line, the foreign key has none of its own.
"""

from django.db import models

from apps.lines.models import Line
from apps.shared.fields import InstantField


class StateChange(models.Model):
    """From `at` on the line is in `state` with `fault`, until its next StateChange. Never edited.

    Two may stand at one instant: a state whose first sample was also the last good one before a silence.
    `no_signal` then comes second, and the other has no time.
    """

    line = models.ForeignKey(Line, on_delete=models.PROTECT, db_index=False)
    at = InstantField()
    state = models.CharField(max_length=10)
    fault = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "at", "state"], name="state_change_once")]


class CountDelta(models.Model):
    """Parts that a line's counters told over [start, end). Never edited.

    Two rows may share a span: one counter was held and settled later than the other. Together they are one delta.
    """

    line = models.ForeignKey(Line, on_delete=models.PROTECT, db_index=False)
    start = InstantField()
    end = InstantField()
    good = models.BigIntegerField()
    reject = models.BigIntegerField()
    # Longer than 10 s: shared over the runs by overlap. Stored, because such deltas are looked for by overlap.
    is_gap = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "end", "start", "good", "reject"], name="count_delta_once")
        ]
        indexes = [
            models.Index(fields=["line", "end"], condition=models.Q(is_gap=True), name="count_delta_gaps"),
        ]


class ScrapReport(models.Model):
    """Parts that a person or Epicor called scrap after they were counted good. Never edited."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT)
    at = InstantField()
    qty = models.BigIntegerField()
    code = models.CharField(max_length=12, blank=True)
    by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "at", "qty", "code", "by"], name="scrap_report_once"),
        ]


class LineSnapshot(models.Model):
    """How far a line is known: the ingester's (or replay's) LineNow after its last sample."""

    line = models.OneToOneField(Line, on_delete=models.PROTECT, related_name="snapshot")
    # The first good sample: the line was commissioned then; null before that.
    first_good_at = InstantField(null=True)
    last_good_at = InstantField(null=True)
    last_at = InstantField(null=True)
    body = models.JSONField(default=dict)


class CounterAlert(models.Model):
    """A reset, jump or lost count that a person should see."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT)
    at = InstantField()
    what = models.CharField(max_length=20)
    counter = models.CharField(max_length=12)
    parts = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "at", "what", "counter"], name="counter_alert_once")]


class ReplayClock(models.Model):
    """The greatest instant that `replay` has fed: "now" for the reports that follow. No row: the real clock."""

    now_at = InstantField()
