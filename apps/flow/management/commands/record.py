"""Write the facts of a live plant as a facts file (FORMATS.md §2)."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from tqdm import tqdm

from apps.flow.recording import record
from apps.lines.queries import policies


class Command(BaseCommand):
    help = "Write every fact of the plant to a file that `replay` feeds into another one with the very same figures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where to write JSON Lines; - is standard output")
        parser.add_argument("--line", action="append", metavar="SLUG", help="only this line (may be given again)")

    def handle(self, *args: Any, **options: Any) -> None:
        slugs: list[str] | None = options["line"]
        for slug in sorted(set(slugs or ()) - set(policies(slugs))):
            raise CommandError(f"No line is called {slug!r}. `manage.py plant dump` lists them.")
        path: Path = options["file"]
        # One transaction: the facts of one moment, while the plant goes on.
        with transaction.atomic():
            if str(path) == "-":
                for row in record(slugs):
                    self.stdout.write(row)
                return
            count = 0
            try:
                with path.open("w", encoding="utf-8") as out:
                    for row in tqdm(record(slugs), unit=" facts", file=sys.stderr, disable=None, leave=False):
                        out.write(row + "\n")
                        count += 1
            except OSError as wrong:
                raise CommandError(f"{path} can't be written: {wrong.strerror}.") from None
        self.stdout.write(f"{count} facts written to {path}.")
