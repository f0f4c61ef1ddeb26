"""Rows that were set aside: listed, taken in once what was wrong is right, given up only by name."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.flow import intake, rebuild
from apps.lines.queries import policies
from apps.plc.models import SpoolReject
from apps.shared.instants import MINUTE, parse_us
from apps.states.models import StateChange
from apps.states.types import Change, LineFacts, LineNow
from apps.states.wire import encode
from tests.make import boards

pytestmark = pytest.mark.django_db

START = parse_us("2026-03-02T14:00:00Z")


def ran(*args: Any) -> str:
    """What the command prints."""
    said = StringIO()
    call_command("spool", *args, stdout=said, stderr=said)
    return said.getvalue()


@pytest.fixture
def sent() -> int:
    """Two rows of a line that no plant file has yet, and one that is no row at all; the number of the first."""
    rows = []
    for seq, state in enumerate(("running", "stopped"), 1):
        at = START + seq * MINUTE
        rows.append((seq, encode(LineFacts("mill-1", (Change(at, state, 0),), (), (), LineNow(START, at, at, state)))))
    odd = {**rows[1][1], "changes": "none"}
    intake.accept_spool(spool_id="edge", source="edge", rows=[*rows, (3, odd)], now=START)
    return SpoolReject.objects.values_list("pk", flat=True).get(seq=1)


def test_they_are_listed_with_what_is_wrong(sent: int) -> None:
    said = ran("list")

    assert f"{sent:6d}  2026-03-02T14:00:00Z  edge row 1: No line is called 'mill-1'." in said
    assert said.endswith("3 set aside.\n")
    assert '"line": "mill-1"' in ran("list", "--body")


def test_they_are_taken_in_once_the_line_is_there(sent: int) -> None:
    boards.plant("mill-1", round_the_clock=True)

    with pytest.raises(SystemExit) as code:
        ran("retry")

    assert code.value.code == 1
    assert StateChange.objects.count() == 2
    assert SpoolReject.objects.values_list("seq", flat=True).get() == 3
    assert rebuild.check(policies()["mill-1"], now=START + 9 * MINUTE) == []


def test_they_stay_while_the_line_is_not_there(sent: int) -> None:
    with pytest.raises(SystemExit):
        ran("retry")

    assert SpoolReject.objects.count() == 3


def test_only_named_ones_are_given_up(sent: int) -> None:
    with pytest.raises(CommandError, match="Name the rows"):
        ran("drop")
    with pytest.raises(CommandError, match="No row 999"):
        ran("drop", 999)

    assert ran("drop", sent) == "1 given up.\n"
    assert SpoolReject.objects.count() == 2
