"""The events endpoint as it really runs: a web process, a worker, a broker between them; and kill -9 at any point."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest
from django.db import connection

from apps.epicor import keys
from apps.epicor.models import InboxEvent
from apps.flow import erp
from apps.flow import inbox as flow_inbox
from apps.jobs.models import LaborActivity, LaborRecord, Run
from apps.jobs.types import ErpFacts, JobState, OperState
from apps.shared.instants import MINUTE, SECOND
from tests.make import epicor as make
from tests.make.events import AT, labor

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BATCH = "application/cloudevents-batch+json"


class Child:
    """A web process or a worker on the test's database."""

    def __init__(self, what: str, folder: Path, port: int = 0) -> None:
        self.what, self.port, self.log = what, port, folder / f"{what}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, in a process group of its own: a worker's beat goes with it."""
        database = str(connection.settings_dict["NAME"])
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("epicor_child.py")), self.what, database, str(self.port)],
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
                env=os.environ | {"PYTHONPATH": "."},
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Web(Child):
    """A web process that answers."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            super().__init__("web", folder, free.getsockname()[1])
        self.key = keys.issue(make.COMPANY, "test").key

    def start(self) -> None:
        """Start it and wait until it listens."""
        super().start()
        until(self._listens, 30)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def post(self, *events: dict[str, Any]) -> dict[str, Any]:
        """Post a batch; the answer must be 202."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": BATCH}
        url = f"http://127.0.0.1:{self.port}/api/epicor/events/"
        response = httpx.post(url, content=json.dumps(events), headers=headers, timeout=30, trust_env=False)
        assert response.status_code == 202, response.text
        told: dict[str, Any] = response.json()
        return told


def until(true: Callable[[], bool], patience_s: float) -> None:
    """Wait until it is true."""
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(autouse=True)
def plant(transactional_db: None) -> None:
    make.jobline("http://127.0.0.1:1/nowhere", poll_s=3600)
    opers = (OperState(0, 10, std_format="PH", prod_standard=120), OperState(0, 20, std_format="PH", prod_standard=120))
    erp.apply(ErpFacts(jobs=(JobState(make.COMPANY, make.PLANT, "004512", operations=opers),)), now=AT)


def shift(count: int) -> list[dict[str, Any]]:
    """So many activities one after the other, a started and an ended for each."""
    events = []
    for number in range(1, count + 1):
        at, opr_seq = AT + number * MINUTE, 10 if number % 2 else 20
        events.append(labor("started", at=at, hed=number, OprSeq=opr_seq, id_=f"s{number}"))
        events.append(labor("ended", at=at + 30 * SECOND, hed=number, OprSeq=opr_seq, id_=f"x{number}"))
    return events


def waiting() -> int:
    return InboxEvent.objects.filter(done_at=None).count()


def test_a_line_is_bound_within_a_second(tmp_path: Path, stack: ExitStack) -> None:
    web, worker = Web(tmp_path), Child("worker", tmp_path)
    stack.enter_context(web)
    stack.enter_context(worker)
    web.post(labor(hed=1_000))
    until(lambda: waiting() == 0, 30)
    took = []
    for number in range(1, 16):
        began = time.monotonic()
        web.post(labor(hed=number, at=AT + number * SECOND))
        until(lambda number=number: LaborActivity.objects.filter(labor_hed_seq=number, line__isnull=False).exists(), 10)  # type: ignore[misc]
        took.append(time.monotonic() - began)

    assert sorted(took)[len(took) // 2] < 1, took


def test_what_was_answered_survives_the_end_of_the_web_process(tmp_path: Path, stack: ExitStack) -> None:
    web, worker = Web(tmp_path), Child("worker", tmp_path)
    stack.enter_context(web)
    events = shift(100)
    for start in range(0, len(events), 40):
        assert web.post(*events[start : start + 40])["accepted"] == len(events[start : start + 40])
        web.kill()
        web.start()
    assert InboxEvent.objects.count() == len(events)
    assert LaborRecord.objects.count() == 0

    stack.enter_context(worker)
    until(lambda: waiting() == 0, 60)
    assert Run.objects.filter(line__slug="mill-1", end__isnull=False).count() == 100


def test_a_worker_may_die_at_any_point(tmp_path: Path, stack: ExitStack) -> None:
    web, worker = Web(tmp_path), Child("worker", tmp_path)
    stack.enter_context(web)
    stack.enter_context(worker)
    events = shift(150)
    for start in range(0, len(events), 50):
        web.post(*events[start : start + 50])
        time.sleep(0.3 + start / 300)
        worker.kill()
        web.post(*events[start : start + 50])
        worker.start()
    until(lambda: waiting() == 0, 60)
    worker.kill()

    assert LaborRecord.objects.count() == len(events)
    assert InboxEvent.objects.exclude(halt="").count() == 0
    bound = list(Run.objects.order_by("start").values_list("line__slug", "start", "end", "oper__opr_seq"))
    assert bound == [
        ("mill-1", AT + number * MINUTE, AT + number * MINUTE + 30 * SECOND, 10 if number % 2 else 20)
        for number in range(1, 151)
    ]
    assert flow_inbox.work(now=AT).done == 0
