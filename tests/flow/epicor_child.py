"""One process of a real installation on a test's database: `python epicor_child.py web|worker DATABASE PORT`."""

import asyncio
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oee_site.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.db import connections  # noqa: E402 - the same

from apps.flow.web import serve  # noqa: E402 - the same
from oee_site.celery import app  # noqa: E402 - the same


def main() -> None:
    """Point Django at the test's database and be what was asked for."""
    what, database, port = sys.argv[1:]
    connections["default"].settings_dict["NAME"] = database
    # Other threads make connections of their own from the same settings.
    connections.settings["default"]["NAME"] = database
    if what == "web":
        serve("127.0.0.1", int(port), asyncio.Event().wait)  # type: ignore[arg-type]
    else:
        # The demo makes these; a broker with a server needs none.
        (settings.DATA_DIR / "queue" / "control").mkdir(parents=True, exist_ok=True)
        beat = str(settings.DATA_DIR / f"beat-{os.getpid()}")
        app.worker_main(["--quiet", "worker", "-P", "solo", "-B", "-s", beat, "-l", "WARNING", "--without-mingle"])


if __name__ == "__main__":
    main()
