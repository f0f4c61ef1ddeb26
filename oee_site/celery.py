"""The Celery application; `oee_site` imports it so that `.delay()` in a web process finds the broker."""

import os

from celery import Celery

from oee_site import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oee_site.settings")

broker.register()
app = Celery("jobline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["apps.flow"])
