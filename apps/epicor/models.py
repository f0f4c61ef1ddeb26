"""Epicor's side: connections, the inbox that stores before it answers, cursors of the polls, the outbox."""

from django.db import models

from apps.lines.models import Company


class Connection(models.Model):
    """One company's Epicor: where it is and how it is read. Credentials are named, never stored."""

    class Api(models.TextChoices):
        V2 = "v2"
        V1 = "v1"

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="connection")
    base_url = models.CharField(max_length=200)
    api = models.CharField(max_length=2, choices=Api.choices, default=Api.V2)
    # Names of environment variables (or their *_FILE forms) that hold user, password and API key.
    user_env = models.CharField(max_length=60, blank=True)
    password_env = models.CharField(max_length=60, blank=True)
    api_key_env = models.CharField(max_length=60, blank=True)
    poll_s = models.IntegerField(default=30)
    write_back = models.JSONField(default=list)
    paused_until = models.DateTimeField(null=True, blank=True)
    paused_by = models.CharField(max_length=80, blank=True)


class PollCursor(models.Model):
    """How far one table of one company has been read (by SysRevID), and how the last look went."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="cursors")
    table = models.CharField(max_length=40)
    sys_rev_id = models.BigIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "table"], name="poll_cursor_once")]


class InboxEvent(models.Model):
    """One event as it came, stored before the answer; worked off in order per company.

    `halt` is the reason, readable by a person, for which it stopped; it never blocks the others.
    """

    source = models.CharField(max_length=200)
    event_id = models.CharField(max_length=400)
    company = models.CharField(max_length=8, blank=True)
    body = models.JSONField()
    content_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    halt = models.CharField(max_length=300, blank=True)
    # A repetition with other content came: the first stands, and this says so.
    conflicts = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="inbox_event_once")]
        indexes = [
            models.Index(fields=["company", "id"], condition=models.Q(done_at=None, halt=""), name="inbox_waiting"),
        ]


class SourceSequence(models.Model):
    """The last `sequence` number seen of one event source; a gap means a dropped event."""

    source = models.CharField(max_length=200, unique=True)
    sequence = models.BigIntegerField()
    gap_from = models.BigIntegerField(null=True)
    gap_at = models.DateTimeField(null=True)


class OutboxMessage(models.Model):
    """Something to send, written in the transaction of its cause; a lease instead of a lock."""

    key = models.CharField(max_length=120, unique=True)
    company = models.CharField(max_length=8)
    target = models.CharField(max_length=40)
    body = models.JSONField()
    due_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    halt = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(sent_at=None, halt=""), name="outbox_due"),
        ]
