"""`manage.py ingest`: poll the machines until told to stop."""

import asyncio
import logging
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.flow import ingest
from apps.plc.spool import SpoolBusy
from apps.shared.clock import now_us


class Command(BaseCommand):
    help = "Poll the machines of a plant, keep what they say in a spool, and bring it to the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--plant",
            default="",
            help="code of the plant, as MfgSys or EPIC06/MfgSys; all plants without it. Each line has one ingester: of two"
            " both would count its parts",
        )
        parser.add_argument("--spool", type=Path, help="file that keeps what the database does not have yet")

    def handle(self, *_args: Any, plant: str, spool: Path | None, **_options: Any) -> None:
        path = spool or settings.DATA_DIR / "spool" / f"{plant.replace('/', '-') or 'all'}.db"
        try:
            asyncio.run(_until_told(path, plant))
        except (SpoolBusy, ingest.UnclearPlant) as problem:
            raise CommandError(str(problem)) from None


async def _until_told(path: Path, plant: str) -> None:
    # The pool says each of its tries; we say that the database went, and that it came back.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await ingest.run(spool=path, clock=now_us, plant=plant, stop=stop)
