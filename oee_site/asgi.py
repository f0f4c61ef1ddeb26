"""The ASGI application: HTTP through Django, boards through Channels.

Sockets need no session middleware: the door (apps/live/doors.py) reads the handshake, and reads it again every minute.
"""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oee_site.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter

from oee_site.checks import refuse_unsigned
from oee_site.routing import websocket_urlpatterns

refuse_unsigned()

application = ProtocolTypeRouter({"http": django_application, "websocket": URLRouter(websocket_urlpatterns)})

# What is loaded by now stays: collections need not look through it (70 ms each, in the middle of a report or a board).
gc.freeze()
