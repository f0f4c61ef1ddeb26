"""The ingester with a real database: facts arrive, configuration follows, and it outlives the database's absence."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum

from apps.flow import ingest
from apps.lines.models import Line
from apps.plc.models import SpoolCursor, SpoolReject
from apps.simulators.plant.machine import MachineProfile
from apps.states.models import CountDelta, LineSnapshot, StateChange
from tests.integration.plc.cable import Cable, FileCable, Proxy, ProxyCable
from tests.integration.plc.floor import Floor, Ingester, clock, until
from tests.integration.plc.test_kill import make_line

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
QUICK = MachineProfile(cycle_s=0.1, scrap_share=0.0)


class Running:
    """An ingester in this process, in a loop of its own, as the demo runs it."""

    def __init__(self, spool: Path, plant: str) -> None:
        self.spool, self.plant = spool, plant
        self.shown: list[tuple[float, str, dict[str, Any]]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._task: asyncio.Task[None] | None = None
        self.error: BaseException | None = None

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(
            ingest.run(spool=self.spool, clock=clock, plant=self.plant, on_live=self._show, reload_s=0.2),
            name="ingester",
        )
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.error = error
        self._loop.close()

    def _show(self, slug: str, payload: dict[str, Any]) -> None:
        self.shown.append((time.monotonic(), slug, payload))

    def start(self) -> None:
        self._thread.start()

    def cancel(self) -> float:
        """Cancel its task; seconds until it had ended."""
        assert self._task is not None
        started = time.monotonic()
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(5)
        assert not self._thread.is_alive()
        return time.monotonic() - started


@contextmanager
def running(spool: Path, plant: str = "") -> Iterator[Running]:
    """An ingester that is ended with the block."""
    one = Running(spool, plant)
    one.start()
    try:
        yield one
    finally:
        if one._thread.is_alive():
            one.cancel()


@pytest.fixture
def floor() -> Iterator[Floor]:
    with Floor() as floor:
        yield floor


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "plant.db"


def good_of(line: Line) -> int:
    return CountDelta.objects.filter(line=line).aggregate(n=Sum("good"))["n"] or 0


class TestFacts:
    def test_a_stop_is_on_the_wall_at_once_and_in_the_database_soon(self, floor: Floor, spool: Path) -> None:
        line = make_line("mill-1", floor.add("mill-1", QUICK, held=False))
        with running(spool) as one:
            until(lambda: good_of(line) > 3)
            stopped = time.monotonic()
            floor.hold("mill-1", fault=12)
            until(lambda: StateChange.objects.filter(line=line, state="stopped", fault=12).exists())
            shown = next(at for at, _, payload in one.shown if payload["state"] == "stopped")
            took = one.cancel()

        assert shown - stopped < 0.25
        assert took < 1
        assert {name for _, _, payload in one.shown for name in payload} == {
            "at", "state", "since", "fault", "good", "reject",
        }  # fmt: skip
        # The live parts begin with the ingester: all of them came through the database too.
        assert sum(payload["good"] for _, _, payload in one.shown) == good_of(line)
        assert SpoolCursor.objects.get().seq > 0
        assert not SpoolReject.objects.exists()

    def test_a_machine_that_only_runs_stays_fresh_with_few_rows(self, floor: Floor, spool: Path) -> None:
        line = make_line("mill-1", floor.add("mill-1", MachineProfile(cycle_s=3600), held=False))
        with running(spool):
            until(lambda: LineSnapshot.objects.filter(line=line).exists())
            before = SpoolCursor.objects.get().seq
            time.sleep(5)
            last = LineSnapshot.objects.get(line=line).last_good_at
            rows = SpoolCursor.objects.get().seq - before

        assert last is not None
        assert clock() - last < 3_500_000
        assert 1 <= rows <= 3

    def test_counts_go_on_from_what_the_server_knows_when_the_spool_is_lost(self, floor: Floor, spool: Path) -> None:
        line = make_line("mill-1", floor.add("mill-1", QUICK))
        with running(spool):
            until(lambda: LineSnapshot.objects.filter(line=line).exists())
        commissioned = LineSnapshot.objects.get(line=line).first_good_at
        floor.release("mill-1")
        time.sleep(0.5)

        with running(spool.with_name("new.db")):
            until(lambda: good_of(line) > 6)
            floor.hold("mill-1")
            made = floor.machine("mill-1").made
            until(lambda: good_of(line) == made)

        assert LineSnapshot.objects.get(line=line).first_good_at == commissioned
        assert SpoolCursor.objects.count() == 2


class TestReload:
    def test_a_new_line_is_polled_and_a_changed_one_disturbs_nobody(self, floor: Floor, spool: Path) -> None:
        first = make_line("mill-1", floor.add("mill-1", QUICK, held=False))
        with running(spool):
            until(lambda: good_of(first) > 2)
            second = make_line("mill-2", floor.add("mill-2", QUICK, held=False))
            until(lambda: good_of(second) > 2)
            second.plc = {**(second.plc or {}), "poll_ms": 20}
            second.save()
            until(lambda: floor.plant.machines["mill-2"].machine is not None and good_of(second) > 8)
            Line.objects.filter(pk=second.pk).update(plc=None)
            time.sleep(0.5)
            still = floor.do(lambda: floor.plant.servers[1].requests)
            time.sleep(0.3)
            after = floor.do(lambda: floor.plant.servers[1].requests)

        assert floor.plant.servers[0].accepted == 1
        assert after == still

    def test_a_line_with_an_unusable_table_keeps_nobody_else_from_working(self, floor: Floor, spool: Path) -> None:
        make_line("broken", {"host": "h", "signals": {"total": {"holding": 1}}})
        line = make_line("mill-1", floor.add("mill-1", QUICK, held=False))
        with running(spool):
            until(lambda: good_of(line) > 2)


@pytest.fixture
def cable(floor: Floor, tmp_path: Path) -> Iterator[Cable]:
    """The way to the database: a link to the file on SQLite, a proxy to the server on PostgreSQL."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        yield FileCable(tmp_path / "database.sqlite3", Path(str(settings["NAME"])))
        return
    proxy = Proxy(str(settings["HOST"]), int(settings["PORT"] or 5432), str(settings["NAME"]))
    floor.do(proxy.mend)
    yield ProxyCable(proxy, floor)
    floor.do(proxy.cut)


class TestDatabaseAway:
    def test_polling_goes_on_even_over_a_restart_and_nothing_is_lost(
        self, floor: Floor, spool: Path, cable: Cable, stack: ExitStack
    ) -> None:
        line = make_line("mill-1", floor.add("mill-1", QUICK))
        one = stack.enter_context(Ingester(spool, cable.name, cable.port))
        until(lambda: LineSnapshot.objects.filter(line=line).exists(), 20)
        floor.release("mill-1")
        until(lambda: good_of(line) > 2)
        cable.cut()
        time.sleep(1)
        one.kill()
        requests = floor.do(lambda: floor.plant.servers[0].requests)
        one.start()
        until(lambda: floor.do(lambda: floor.plant.servers[0].requests) > requests + 10, 30)
        time.sleep(1)
        cable.mend()
        floor.hold("mill-1")
        made = floor.machine("mill-1").made

        until(lambda: good_of(line) == made, 30)
        one.end()

        said = one.log.read_text()
        assert "lines as last known" in said
        assert said.count("they wait in the spool") <= 2, "an absence is said once by each process"
        assert "error connecting" not in said


class TestCommands:
    def test_check_read_and_plan_show_each_machine(self, floor: Floor) -> None:
        make_line("mill-1", floor.add("mill-1", QUICK))
        make_line("gone", {"host": "127.0.0.1", "port": 1, "signals": {"running": {"coil": 0}}})

        good, bad = _said("read", line="mill-1"), _said("check", expect=CommandError)
        plan = _said("plan", line="mill-1")

        assert "running=0  total=0  reject=0" in good
        assert "mill-1" in bad
        assert "gone                     no   no connection" in bad
        assert "holding 100+11, coil 0+2  read 13, wasted 8" in plan
        assert "40.0 requests/s for 1 lines" in plan


def _said(what: str, *, expect: type[Exception] | None = None, **options: str) -> str:
    out = StringIO()
    run: Callable[[], Any] = lambda: call_command("plc", what, stdout=out, **options)  # noqa: E731
    if expect is None:
        run()
    else:
        with pytest.raises(expect):
            run()
    return out.getvalue()
