"""What must be so before a site is let loose on a plant: `manage.py check --deploy`, and the web process at its start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

_SHORTEST_SECRET = 50


@register(Tags.security, deploy=True)
def production_is_complete(app_configs: Any, **_more: Any) -> list[CheckMessage]:
    """Both servers, a secret of its own, and no open door for host names."""
    if settings.EMBEDDED:
        return []
    found: list[CheckMessage] = []
    if not settings.DATABASE_URL or not settings.REDIS_URL:
        found.append(
            Error("Production needs both DATABASE_URL and REDIS_URL; without either, Jobline runs embedded.", id="jobline.E001")
        )
    if settings.SECRET_KEY == settings.UNSIGNED_KEY or len(settings.SECRET_KEY) < _SHORTEST_SECRET:
        found.append(Error("SECRET_KEY must be at least 50 random characters of this site's own.", id="jobline.E002"))
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS must name the hosts: * lets foreign pages open sockets.", id="jobline.E003"))
    return found


def refuse_unsigned() -> None:
    """Raise before the first request where sessions would be signed with the key that everybody can read."""
    if settings.SECRET_KEY == settings.UNSIGNED_KEY:
        raise RuntimeError("SECRET_KEY is not set: set SECRET_KEY or SECRET_KEY_FILE to 50 random characters.")
