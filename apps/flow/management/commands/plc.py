"""`manage.py plc check|read|plan`: look at the machines without keeping anything."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.flow import machines


class Command(BaseCommand):
    help = "Test the connection to the machines (check), show their values (read), or how they are read (plan)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["check", "read", "plan"])
        parser.add_argument("--plant", default="", help="code of the plant; all plants without it")
        parser.add_argument("--line", default="", help="slug of one line")

    def handle(self, *_args: Any, what: str, plant: str, line: str, **_options: Any) -> None:
        bad = self._plan(plant, line) if what == "plan" else self._ask(plant, line, with_values=what == "read")
        if bad:
            raise CommandError(f"{bad} of the machines can't be read.")

    def _ask(self, plant: str, line: str, *, with_values: bool) -> int:
        """One row a line; returns how many did not answer."""
        found = machines.ask(plant=plant, line=line)
        for slug, probe in found.items():
            values = "".join(f"  {name}={value}" for name, value in probe.values.items()) if with_values else ""
            said = f"no   {probe.problem}" if probe.problem else f"ok   {probe.took_ms:.1f} ms{values}"
            self.stdout.write(f"{slug:24} {said}")
        return sum(1 for probe in found.values() if probe.problem)

    def _plan(self, plant: str, line: str) -> int:
        """One row a request, then one a connection; returns how many lines have an unusable table."""
        rows = machines.plans(plant=plant, line=line)
        for row in rows:
            if row.plan is None:
                self.stdout.write(f"{row.line:24} no   {row.problem}")
                continue
            blocks = ", ".join(f"{one.area} {one.start}+{one.count}" for one in row.plan.blocks)
            self.stdout.write(f"{row.line:24} {blocks}  read {row.plan.read}, wasted {row.plan.wasted}")
        for cost in machines.costs(rows):
            where = f"{cost.endpoint.host}:{cost.endpoint.port}"
            self.stdout.write(f"{where:24} {cost.requests_per_s:.1f} requests/s for {len(cost.lines)} lines")
        return sum(1 for row in rows if row.plan is None)
