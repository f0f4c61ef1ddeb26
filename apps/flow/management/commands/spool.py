"""`manage.py spool list|retry|drop`: rows of the ingesters that were set aside, for a person to decide."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.flow import aside
from apps.flow.aside import Aside
from apps.shared.clock import now_us


class Command(BaseCommand):
    help = (
        "Rows that ingesters sent and that could not be taken in (an unknown line, content that no table holds)."
        " list shows them; retry takes them in once what was wrong is right (the plant file has the line now);"
        " drop gives them up for good. Exit code 1 where a row still can't be taken in, or a number is not there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["list", "retry", "drop"])
        parser.add_argument("numbers", nargs="*", type=int, help="of these rows only; drop needs them named")
        parser.add_argument("--body", action="store_true", help="list: what stands in each row, too")

    def handle(self, *_args: Any, what: str, numbers: list[int], body: bool, **_options: Any) -> None:
        rows = _chosen(numbers)
        if what == "list":
            self._list(rows, with_body=body)
        elif what == "retry":
            self._retry(rows)
        elif not numbers:
            raise CommandError("Name the rows to give up: manage.py spool list shows their numbers.")
        else:
            self.stdout.write(f"{aside.drop(rows)} given up.")

    def _list(self, rows: list[Aside], *, with_body: bool) -> None:
        for row in rows:
            self.stdout.write(f"{row.number:6d}  {row.at}  {row.spool} row {row.seq}: {row.problem}")
            if with_body:
                self.stdout.write(f"        {json.dumps(row.body)}")
        self.stdout.write(f"{len(rows)} set aside.")

    def _retry(self, rows: list[Aside]) -> None:
        still = aside.retry(rows, now=now_us())
        for row, problem in still:
            self.stderr.write(f"{row.number:6d}  {problem}")
        self.stdout.write(f"{len(rows) - len(still)} taken in, {len(still)} still can't be.")
        if still:
            raise SystemExit(1)


def _chosen(numbers: list[int]) -> list[Aside]:
    rows = aside.listed()
    missing = sorted(set(numbers) - {row.number for row in rows})
    if missing:
        raise CommandError(f"No row {missing[0]} is set aside: manage.py spool list shows those that are.")
    return [row for row in rows if row.number in numbers or not numbers]
