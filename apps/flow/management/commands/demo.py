"""`manage.py demo`: everything in one command, with simulated machines and a simulated Epicor."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from apps.flow import embedded


class Command(BaseCommand):
    help = "Run Jobline with a demo plant: no server, no machine and no Epicor needed. Ctrl-C ends it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        # manage.py has read port, data, fresh and lan already (oee_site/embedded.py): settings depend on them.
        parser.add_argument("--port", type=int, default=8000, help="where the site listens (8000)")
        parser.add_argument("--data", default="var", help="folder for everything that is kept (var)")
        parser.add_argument("--fresh", action="store_true", help="forget the data folder's demo and begin anew")
        parser.add_argument("--lines", type=int, default=12, help="how many lines a new demo has (12)")
        parser.add_argument("--lan", action="store_true", help="let other machines in this network in")

    def handle(self, *_args: Any, port: int, lines: int, lan: bool, **_options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        addresses = tuple(name for name in settings.ALLOWED_HOSTS[3:]) if lan else ()
        host = "0.0.0.0" if lan else "127.0.0.1"  # noqa: S104 - asked for
        options = embedded.Options(host=host, port=port, lines=lines, data=settings.DATA_DIR, addresses=addresses)
        embedded.run(options, say=self.stdout.write)
        self.stdout.flush()
        # Without waiting for threads that are still at work: whoever pressed Ctrl-C wants to be done.
        os._exit(0)
