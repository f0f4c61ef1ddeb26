"""The working behind a line's figures: buckets that balance, counts with their source, cycles, policy, late facts."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.flow.explaining import as_json, as_text
from apps.flow.management.commands._report import instant
from apps.flow.reporting import now_or
from apps.lines.queries import policies
from apps.oee.explain import explain
from apps.shared.clock import now_us


class Command(BaseCommand):
    help = "Show how the figures of a line over a window came about, so that anyone can do the sums again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--line", metavar="SLUG", required=True, help="which line")
        parser.add_argument(
            "--from", dest="start", type=instant, required=True, metavar="T", help="first instant, ISO 8601"
        )
        parser.add_argument("--to", dest="end", type=instant, required=True, metavar="T", help="first instant after it")
        parser.add_argument(
            "--format", choices=("json", "table"), default="table", help="how to print (default: table)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        policy = policies([options["line"]]).get(options["line"])
        if policy is None:
            raise CommandError(f"No line is called {options['line']!r}. `manage.py plant dump` lists them.")
        ledger = explain(policy, options["start"], options["end"], now_or(now_us()))
        if ledger is None:
            raise CommandError("Nothing is known of that window: it lies before the line's first sample, or after now.")
        self.stdout.write(json.dumps(as_json(ledger)) if options["format"] == "json" else as_text(ledger))
