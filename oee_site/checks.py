"""What must be so before a site is let loose on a plant: `manage.py check --deploy`, and the web process at its start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

_SHORTEST_SECRET = 50
_UNSIGNED = "SECRET_KEY must be at least 50 random characters of this site's own: it signs the sessions."


def refuse_unsigned() -> None:
    """Raise ImproperlyConfigured where sessions would be signed with the key that everybody can read."""
    if settings.SECRET_KEY == settings.UNSIGNED_KEY:
        raise ImproperlyConfigured(_UNSIGNED)


@register(Tags.security, deploy=True)
def production_is_complete(app_configs: Any, **_more: Any) -> list[CheckMessage]:
    """Both servers, a secret of its own, and no open door for host names."""
    found: list[CheckMessage] = []
    if settings.SECRET_KEY == settings.UNSIGNED_KEY or len(settings.SECRET_KEY) < _SHORTEST_SECRET:
        found.append(Error(_UNSIGNED, id="jobline.E001"))
    if not settings.EMBEDDED and not (settings.DATABASE_URL and settings.REDIS_URL):
        found.append(Error("Production needs both DATABASE_URL and REDIS_URL.", id="jobline.E002"))
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS must name the hosts: * lets foreign pages open sockets.", id="jobline.E003"))
    return found
