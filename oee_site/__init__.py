"""Settings and wiring; nothing in `apps` imports this package."""

from oee_site.celery import app as celery_app

__all__ = ["celery_app"]
