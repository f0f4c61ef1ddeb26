"""What people said of stops (facts), and the settled Stops and their parts (derived).

Where an index of a derived table begins with the foreign key, that has none of its own.
"""

from django.db import models

from apps.lines.models import Line
from apps.shared.fields import InstantField


class ReasonTag(models.Model):
    """That a person gave (or took back) a reason for the stop part that holds `at`. Never edited."""

    class Action(models.TextChoices):
        TAG = "tag"
        UNTAG = "untag"

    line = models.ForeignKey(Line, on_delete=models.PROTECT)
    at = InstantField()
    action = models.CharField(max_length=6, choices=Action.choices)
    # Empty for untag. A code that the dictionary does not (yet) hold waits for it.
    code = models.CharField(max_length=12, blank=True)
    by = models.CharField(max_length=40, blank=True)
    tagged_at = InstantField()
    comment = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "at", "action", "code", "by", "tagged_at", "comment"], name="reason_tag_once"
            ),
        ]


class SplitMark(models.Model):
    """That a person cut a stop at `at`, or took that cut back. Never edited."""

    class Action(models.TextChoices):
        SPLIT = "split"
        UNSPLIT = "unsplit"

    line = models.ForeignKey(Line, on_delete=models.PROTECT)
    at = InstantField()
    action = models.CharField(max_length=8, choices=Action.choices)
    by = models.CharField(max_length=40, blank=True)
    tagged_at = InstantField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "at", "action", "by", "tagged_at"], name="split_mark_once"),
        ]


class Stop(models.Model):
    """A maximal unbroken interval in `stopped` that has ended. Derived; an open stop is read from the tail.

    `fault` is the first code other than 0 that the machine gave in it.
    """

    line = models.ForeignKey(Line, on_delete=models.PROTECT, db_index=False)
    start = InstantField()
    end = InstantField()
    fault = models.IntegerField(default=0)
    is_micro = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "start"], name="stop_once"),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="stop_has_time"),
        ]


class StopPart(models.Model):
    """A stretch of a Stop with one reason (empty: none yet), given by a person or by the machine. Derived."""

    stop = models.ForeignKey(Stop, on_delete=models.CASCADE, related_name="parts", db_index=False)
    start = InstantField()
    end = InstantField()
    reason = models.CharField(max_length=12, blank=True)
    # Who said so: a person's number, "machine", or "".
    by = models.CharField(max_length=40, blank=True)
    comment = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stop", "start"], name="stop_part_once")]
