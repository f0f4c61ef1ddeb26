"""Runs `manage.py ingest` against the database that a test names: `python ingest_child.py DATABASE SPOOL PORT`."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oee_site.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django must be set up first
from django.db import connections  # noqa: E402 - the same


def main() -> None:
    """Point Django at the test's database and run the command."""
    name, spool, port = sys.argv[1:]
    # Other threads make connections of their own from the same settings.
    for settings in (connections["default"].settings_dict, connections.settings["default"]):
        settings["NAME"] = name
        settings["PORT"] = port or settings["PORT"]
    call_command("ingest", "--spool", spool)


if __name__ == "__main__":
    main()
