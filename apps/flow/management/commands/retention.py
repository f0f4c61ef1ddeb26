"""Make the months ahead and drop what is older than the settings keep."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.flow import retention
from apps.shared.clock import now_us
from apps.shared.instants import iso


class Command(BaseCommand):
    help = (
        "Make the months ahead and drop slices, states, counts and what is told of late facts that are older than"
        " RETAIN_SLICES_MONTHS, RETAIN_STATES_MONTHS, RETAIN_COUNTS_MONTHS and RETAIN_LATE_MONTHS keep"
        " (0, the default, is for ever)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        is_dry = options["dry_run"]
        now = now_us()
        found = retention.drop(now=now, is_dry=True) if is_dry else retention.work(now=now)
        for row in found:
            verb = "would go" if is_dry else "went"
            why = " (a line still needs what came after)" if row.is_short else ""
            self.stdout.write(f"{row.name}: {row.rows} rows before {iso(row.edge)} {verb}{why}.")
        if not found:
            self.stdout.write("Everything is kept for ever.")
        for sentence in retention.strays():
            self.stdout.write(sentence)
