"""A key and what was said under it are kept together or not at all, and keys do not stay for ever."""

import subprocess
import sys

import pytest

from apps.accounts import sayings
from apps.accounts.models import Saying
from apps.flow import retention, stops
from apps.shared.instants import DAY, MINUTE, parse_us
from apps.states.models import ScrapReport
from tests.make import boards
from tests.make.processes import ROOT, Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

NOW = parse_us("2026-03-03T15:00:00Z")
KEY = "0b0e7a52-6d5f-4c7e-9d6c-2f1f5f0a9e11"

# The process dies after everything was written and before it is kept.
KILLED = f"""
import os, signal
import django
django.setup()
from django.db import transaction
from apps.accounts.models import Saying
from apps.flow import stops
from apps.states.models import ScrapReport
with transaction.atomic():
    assert stops.report_scrap(line="mill-1", at={NOW}, qty=4, code="S07", by="E100", now={NOW}, key="{KEY}")
    assert ScrapReport.objects.count() == Saying.objects.count() == 1
    print("written", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def floor() -> None:
    """A line that ran for an hour."""
    boards.plant("mill-1", round_the_clock=True)
    boards.run("mill-1", [(3600, True, 0)], start=NOW - 60 * MINUTE)


def report(by: str = "E100", at: int = NOW) -> bool:
    """The same tap, as it comes again."""
    return stops.report_scrap(line="mill-1", at=at, qty=4, code="S07", by=by, now=at, key=KEY)


def test_a_process_that_is_killed_leaves_neither_and_the_next_try_both() -> None:
    with Site() as site:
        env = {**site.env, "DJANGO_SETTINGS_MODULE": "oee_site.settings"}
        killed = subprocess.run(
            [sys.executable, "-c", KILLED], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )

    assert (killed.stdout, killed.returncode) == ("written\n", -9), killed.stderr
    assert (ScrapReport.objects.count(), Saying.objects.count()) == (0, 0)
    assert report()
    assert not report(by="E101", at=NOW + MINUTE)
    assert list(ScrapReport.objects.values_list("at", "by")) == [(NOW, "E100")]


def test_keys_are_kept_longer_than_a_tablet_keeps_things_and_then_go() -> None:
    report()
    retention.work(now=NOW + sayings.KEPT)
    assert sayings.was_taken(KEY)

    retention.work(now=NOW + sayings.KEPT + DAY)
    assert not sayings.was_taken(KEY)
    assert ScrapReport.objects.count() == 1
