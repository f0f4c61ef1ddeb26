"""The reason-code dictionary: Epicor's codes, with what Jobline adds to them."""

from django.db import models


class ReasonCode(models.Model):
    """One code of one company's dictionary. A retired code can't be chosen and keeps its history."""

    class Category(models.TextChoices):
        EQUIPMENT_FAILURE = "equipment_failure"
        SETUP_ADJUSTMENT = "setup_adjustment"
        MINOR_STOP = "minor_stop"
        PLANNED = "planned"
        PROCESS_DEFECT = "process_defect"
        STARTUP_REJECT = "startup_reject"
        OTHER = "other"

    class Kind(models.TextChoices):
        DOWNTIME = "downtime"
        SCRAP = "scrap"
        ANY = "any"

    company = models.CharField(max_length=8)
    code = models.CharField(max_length=12)
    description = models.CharField(max_length=120, blank=True)
    # The words of the scrap reason, where one code is both: Epicor keeps the two in tables of their own.
    scrap_description = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ANY)
    category = models.CharField(max_length=20, choices=Category.choices, default=Category.OTHER)
    # The tablet's first level; "" is shown as "Other".
    group = models.CharField(max_length=40, blank=True)
    icon = models.CharField(max_length=20, blank=True)
    order = models.IntegerField(default=0)
    # Slugs of the lines to which it applies; [] is all.
    lines = models.JSONField(default=list)
    retired_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="reason_once_per_company")]
