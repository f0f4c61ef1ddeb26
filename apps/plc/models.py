"""What the server knows of the edges that send it facts."""

from django.db import models


class SpoolCursor(models.Model):
    """How far one ingester's spool has been taken in; written in the transaction of the facts themselves."""

    spool_id = models.CharField(max_length=40, unique=True)
    source = models.CharField(max_length=60, blank=True)
    seq = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)


class SpoolReject(models.Model):
    """A spooled row that the server could not take for its content; kept for a person, never blocks the rest."""

    spool_id = models.CharField(max_length=40)
    seq = models.BigIntegerField()
    body = models.JSONField()
    problem = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["spool_id", "seq"], name="spool_reject_once")]
