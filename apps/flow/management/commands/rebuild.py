"""Derive slices, stops, runs and rollups again from the facts."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from apps.flow import rebuild
from apps.flow.management.commands._report import instant
from apps.flow.reporting import now_or
from apps.lines.queries import policies
from apps.shared.clock import now_us
from apps.shared.instants import iso
from apps.shared.periods import FOREVER


class Command(BaseCommand):
    help = (
        "Derive everything again from the facts. With --check nothing is changed: exit code 0 where all stored rows"
        " are as they should be, 1 where some are not (named)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--line", metavar="SLUG", help="only this line")
        parser.add_argument("--from", dest="start", type=instant, default=0, metavar="T", help="first instant")
        parser.add_argument(
            "--to", dest="end", type=instant, default=FOREVER, metavar="T", help="first instant after it"
        )
        parser.add_argument("--check", action="store_true", help="compare, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = policies([options["line"]] if options["line"] else None)
        if options["line"] and not asked:
            raise CommandError(f"No line is called {options['line']!r}. `manage.py plant dump` lists them.")
        now = now_or(now_us())
        work = rebuild.check if options["check"] else rebuild.rebuild
        found: list[str] = []
        for policy in tqdm(asked.values(), unit=" lines", file=sys.stderr, disable=None, leave=False):
            differences = work(policy, start=options["start"], end=options["end"], now=now)
            found += [f"{policy.slug}: {row}" for row in differences]
            begins = rebuild.begins_at(policy)
            if begins is not None and options["start"] < begins:
                self.stdout.write(
                    f"{policy.slug}: facts before {iso(begins)} were dropped; what was before stays as it is."
                )
        for row in found:
            self.stdout.write(row)
        verb = "differ" if options["check"] else "were mended"
        self.stdout.write(f"{len(asked)} lines, {len(found)} rows {verb}.")
        if found and options["check"]:
            sys.exit(1)
