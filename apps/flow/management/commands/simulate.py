"""`manage.py simulate epicor`: a simulated Epicor on a port of its own, for trying a connection without a site."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.simulators.epicor.program import Options, run


class Command(BaseCommand):
    help = "Serve a simulated Epicor with a small company until interrupted."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="what", required=True)
        epicor = steps.add_parser("epicor", help="REST v2, a control API, and events")
        epicor.add_argument("--host", default="127.0.0.1")
        epicor.add_argument("--port", type=int, default=8100)
        epicor.add_argument("--instance", default="KineticDemo")
        epicor.add_argument("--user", default="jobline")
        epicor.add_argument("--password", default="simulated")
        epicor.add_argument("--api-key", default="simulated-key")
        epicor.add_argument("--events-url", default="", help="where Jobline takes events; none are sent without it")
        epicor.add_argument("--events-key", default="", help="the key that `manage.py epicor key` made")
        epicor.add_argument("--events-secret", default="", help="its secret, to sign the posts")

    def handle(self, *_args: Any, what: str, **options: Any) -> None:
        wanted = {name: options[name] for name in Options.__slots__}
        try:
            asyncio.run(run(Options(**wanted), say=self.stdout.write))
        except OSError as problem:
            raise CommandError(f"Port {options['port']} can't be opened: {problem.strerror}.") from None
