"""Load, check and write back the plant file (FORMATS.md §1)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.flow import plant
from apps.lines.plant_types import PlantFileError
from apps.shared.clock import now_us


class Command(BaseCommand):
    help = "Everything that a plant configures, as one TOML file: load it (all or nothing), check it, or dump it."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        load = actions.add_parser("load", help="make the tables equal to a file")
        load.add_argument("file", type=Path)
        load.add_argument("--check", action="store_true", help="print the differences, change nothing")
        dump = actions.add_parser("dump", help="write the tables as a plant file")
        dump.add_argument("--out", type=Path, help="to a file instead of standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "dump":
            self._dump(options["out"])
            return
        path: Path = options["file"]
        try:
            found = plant.load(path.read_text(encoding="utf-8"), name=path.name, check=options["check"], now=now_us())
        except OSError as wrong:
            raise CommandError(f"{path} can't be read: {wrong.strerror}.") from None
        except UnicodeDecodeError:
            raise CommandError(f"{path} is not UTF-8 text.") from None
        except PlantFileError as wrong:
            raise CommandError(str(wrong)) from None
        for line in found:
            self.stdout.write(line)
        verb = "would change" if options["check"] else "changed"
        self.stdout.write(
            f"{len(found)} {'entry' if len(found) == 1 else 'entries'} {verb}." if found else "No differences."
        )

    def _dump(self, out: Path | None) -> None:
        text = plant.dump()
        if out is None:
            self.stdout.write(text, ending="")
        else:
            try:
                out.write_text(text, encoding="utf-8")
            except OSError as wrong:
                raise CommandError(f"{out} can't be written: {wrong.strerror}.") from None
