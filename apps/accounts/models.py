"""People, their roles per plant, paired devices and integration keys.

A plant is named by company and site code, not by a foreign key: accounts stand below the lines.
"""

from django.contrib.auth.models import AbstractUser
from django.db import models

from apps.shared.fields import InstantField


class User(AbstractUser):
    """A person who signs in; `emp_id` is the number that Epicor knows them by."""

    emp_id = models.CharField(max_length=20, blank=True)
    display_name = models.CharField(max_length=80, blank=True)


class Role(models.Model):
    """What a person may do in one plant."""

    class Name(models.TextChoices):
        VIEWER = "viewer"
        OPERATOR = "operator"
        SUPERVISOR = "supervisor"
        PLANNER = "planner"
        INTEGRATOR = "integrator"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    company = models.CharField(max_length=8)
    plant = models.CharField(max_length=8)
    name = models.CharField(max_length=12, choices=Name.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "company", "plant", "name"], name="role_once_per_plant"),
        ]


class Badge(models.Model):
    """A badge or PIN that names an operator on a paired tablet; only its hash is kept.

    A badge is looked up by a keyed hash of its number; a PIN is checked against its own salted, slow hash.
    """

    class Kind(models.TextChoices):
        BADGE = "badge"
        PIN = "pin"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="badges")
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.BADGE)
    secret_hash = models.CharField(max_length=128, unique=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class Device(models.Model):
    """A wall board or tablet that was paired once and keeps a revocable token; only the token's hash is kept."""

    class Kind(models.TextChoices):
        KIOSK = "kiosk"
        TABLET = "tablet"

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    company = models.CharField(max_length=8)
    plant = models.CharField(max_length=8)
    line_slug = models.CharField(max_length=40, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    paired_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class PairingCode(models.Model):
    """A code that turns one browser into a paired device, once, while it lasts; only its hash is kept."""

    code_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Device.Kind.choices)
    company = models.CharField(max_length=8)
    plant = models.CharField(max_length=8)
    line_slug = models.CharField(max_length=40, blank=True)
    made_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class Tries(models.Model):
    """Wrong tries in a row against one thing (a name, an address, a person's PIN, a device), and the wait they cost."""

    key = models.CharField(max_length=120, unique=True)
    failures = models.IntegerField(default=0)
    tried_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)


class IntegrationKey(models.Model):
    """A key with which an Epicor company speaks to Jobline; only the key's hash is kept."""

    name = models.CharField(max_length=60)
    company = models.CharField(max_length=8)
    key_hash = models.CharField(max_length=64, unique=True)
    # The signing secret must be readable to check an HMAC; it is never shown again after it was made.
    signing_secret = models.CharField(max_length=128, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class Saying(models.Model):
    """That what was tapped under this key was taken in; forgotten after some weeks, see `sayings`."""

    key = models.CharField(max_length=36, primary_key=True)
    # When it was taken in or, of what was kept on a tablet, when it was said: old ones go by it.
    taken_at = InstantField()


class AuditEntry(models.Model):
    """One thing that a principal did: who, from which device, what, to what, when."""

    at = models.DateTimeField()
    who = models.CharField(max_length=80)
    device = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=40)
    target = models.CharField(max_length=120)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="audit_latest")]
