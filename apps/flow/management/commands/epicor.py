"""`manage.py epicor connect|check|poll|inbox|key`: the connection to a company's Epicor, from a terminal."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.epicor import inbox, keys, queries
from apps.epicor.models import Connection
from apps.flow import connection_check, sync
from apps.flow import inbox as flow_inbox
from apps.lines.models import Company
from apps.shared.clock import now_us


class Command(BaseCommand):
    help = "Connect to a company's Epicor, test it, read it once, see and requeue events, make a key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="what", required=True)
        connect = steps.add_parser("connect", help="say where a company's Epicor is, and which variables open it")
        connect.add_argument("company")
        connect.add_argument("url", help="https://host/instance")
        connect.add_argument("--user-env", default="EPICOR_USER")
        connect.add_argument("--password-env", default="EPICOR_PASSWORD")
        connect.add_argument("--api-key-env", default="EPICOR_API_KEY")
        connect.add_argument("--poll-s", type=int, default=30)
        for name, text in (("check", "test the connection"), ("poll", "read it once, now")):
            step = steps.add_parser(name, help=text)
            step.add_argument("company", nargs="?", help="all connections without it")
        events = steps.add_parser("inbox", help="list what waits and what has stopped")
        events.add_argument("company", nargs="?")
        events.add_argument("--work", action="store_true", help="work off what waits, now and here")
        events.add_argument("--requeue", nargs="+", type=int, metavar="ID", help="let stopped events try again")
        events.add_argument("--dismiss", nargs="+", type=int, metavar="ID", help="say that they need nothing more")
        key = steps.add_parser("key", help="make a key for a company; it is shown once")
        key.add_argument("company")
        key.add_argument("--name", default="Epicor")
        key.add_argument("--revoke", type=int, metavar="ID", help="take a key back instead")

    def handle(self, *_args: Any, what: str, **options: Any) -> None:
        {
            "connect": self._connect,
            "check": self._check,
            "poll": self._poll,
            "inbox": self._inbox,
            "key": self._key,
        }[what](options)

    def _connect(self, options: dict[str, Any]) -> None:
        wanted = {name: options[name] for name in ("company", "user_env", "password_env", "api_key_env", "poll_s")}
        try:
            row = connection_check.connect(base_url=options["url"], **wanted)
        except Company.DoesNotExist:
            raise CommandError(f"There is no company {options['company']}: load the plant file that has it.") from None
        self.stdout.write(f"{row.company.code} is at {row.base_url}; test it with: manage.py epicor check")

    def _check(self, options: dict[str, Any]) -> None:
        bad = 0
        for connection in _connections(options["company"]):
            self.stdout.write(f"{connection.company.code} at {connection.base_url}")
            for row in connection_check.check(connection):
                bad += not row.is_good and row.is_vital
                verdict = "ok  " if row.is_good else "no  " if row.is_vital else "miss"
                self.stdout.write(f"  {verdict} {row.name:22} {row.says}")
        if bad:
            raise CommandError("This connection does not work yet.")
        self.stdout.write("All that is needed can be read.")

    def _poll(self, options: dict[str, Any]) -> None:
        failed = False
        for connection in _connections(options["company"]):
            result = sync.poll(connection, now=now_us(), everything=True)
            self.stdout.write(f"{connection.company.code}: {result.facts} facts in {result.calls} calls")
            for problem in result.problems:
                self.stdout.write(f"  {problem}")
            failed = failed or not result.is_done
        if failed:
            raise CommandError("Not everything could be read.")

    def _inbox(self, options: dict[str, Any]) -> None:
        if options["requeue"]:
            self.stdout.write(f"{inbox.requeue(options['requeue'])} let go again")
        if options["dismiss"]:
            self.stdout.write(f"{inbox.dismiss(options['dismiss'], now=now_us())} dismissed")
        if options["work"]:
            worked = flow_inbox.work(now=now_us(), only=options["company"])
            self.stdout.write(f"{worked.done} worked off, {worked.halted} stopped")
        waiting, halted = queries.waiting(options["company"]), queries.halted(options["company"])
        self.stdout.write(f"{len(waiting)} waiting, {len(halted)} stopped")
        for row in [*waiting, *halted]:
            why = row.halt or "waiting"
            self.stdout.write(f"{row.pk:>8} {row.company:8} {row.received_at:%Y-%m-%d %H:%M:%S} {row.kind}  {why}")

    def _key(self, options: dict[str, Any]) -> None:
        if options["revoke"] is not None:
            if not keys.revoke(options["revoke"], now=now_us()):
                raise CommandError(f"There is no key {options['revoke']} that still opens.")
            self.stdout.write("It opens nothing any more.")
            return
        try:
            made = connection_check.make_key(options["company"], options["name"])
        except Company.DoesNotExist:
            raise CommandError(f"There is no company {options['company']}: load the plant file that has it.") from None
        self.stdout.write(f"Key {made.key_id} for {options['company']}. Neither line is ever shown again.")
        self.stdout.write(f"  key     {made.key}")
        self.stdout.write(f"  secret  {made.secret}   (only if the site signs its posts)")


def _connections(company: str | None) -> list[Connection]:
    if company is None:
        found = queries.connections()
        if not found:
            raise CommandError("No company has a connection yet: manage.py epicor connect COMPANY URL")
        return found
    connection = queries.connection_of(company)
    if connection is None:
        raise CommandError(f"{company} has no connection yet: manage.py epicor connect {company} URL")
    return [connection]
