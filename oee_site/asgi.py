"""The ASGI application: HTTP through Django, boards through Channels."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oee_site.settings")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
