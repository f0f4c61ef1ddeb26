"""The ingester: machines polled, spooled and brought to the database, whatever else is down."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname

import structlog
from django.db import close_old_connections

from apps.flow import intake
from apps.lines.models import Line, Plant
from apps.lines.queries import policies
from apps.oee.tails import limits_of
from apps.plc.edge import Edge, LineConfig, OnLive
from apps.plc.forwarder import Rows
from apps.plc.spool import Spool
from apps.shared import announce
from apps.states.operations import release_replay_clock
from apps.states.queries import snapshots

log = structlog.get_logger(__name__)

Clock = Callable[[], int]
Lines = dict[str, LineConfig]
RELOAD_S = 10.0
# How long a start waits for the database before it goes by what the spool remembers.
_PATIENCE_S = 3.0


async def run(
    *,
    spool: Path,
    clock: Clock,
    plant: str = "",
    on_live: OnLive | None = announce.provisional,
    stop: asyncio.Event | None = None,
    reload_s: float = RELOAD_S,
) -> None:
    """Poll the lines of a plant (of all plants without a code) until `stop`, or until cancelled.

    What was polled is durable in the spool before the database has it; a machine's stop reaches `on_live` with the
    sample that shows it. Raises SpoolBusy when another process has the spool, UnclearPlant when the code is that of
    several companies' plants and no line is known from before.
    """
    source = f"{gethostname()}{':' if plant else ''}{plant}"[:60]
    edge = Edge(
        Spool(spool, now=clock()),
        clock=clock,
        deliver=lambda spool_id, rows: _deliver(spool_id, rows, source, clock),
        cursor_of=_cursor_of,
        on_live=on_live,
    )
    stop = stop or asyncio.Event()
    watch = _Watch(plant, edge, stop, every_s=reload_s)
    watch.start()
    first = asyncio.create_task(_follow_first(watch, edge), name="first lines")
    try:
        await edge.run(stop)
    finally:
        first.cancel()
        watch.stop()
    if watch.unclear is not None:
        raise watch.unclear


class UnclearPlant(ValueError):
    """A code of a plant that several companies have: the sentence says which."""


def plants_of(plant: str) -> list[int]:
    """The plants that MfgSys or EPIC06/MfgSys names; raises UnclearPlant where that is more than one."""
    company, _slash, code = plant.rpartition("/")
    found = Plant.objects.filter(code=code, **({"company__code": company} if company else {}))
    rows = list(found.order_by("company__code").values_list("pk", "company__code"))
    if len(rows) > 1:
        first, second = (f"{owner}/{code}" for _pk, owner in rows[:2])
        raise UnclearPlant(f"Several companies have a plant {code}: name one of them, as in {first} or {second}.")
    return [pk for pk, _owner in rows]


def load_lines(plant: str = "") -> Lines:
    """Every line of a plant (of all plants without a code) that has a `plc` table, as the ingester needs it."""
    found = Line.objects.filter(plc__isnull=False).order_by("slug")
    if plant:
        found = found.filter(plant_id__in=plants_of(plant))
    rows = {line.slug: line for line in found}
    known = snapshots([line.pk for line in rows.values()])
    return {
        slug: LineConfig(slug, rows[slug].plc or {}, limits_of(policy), known.get(rows[slug].pk))
        for slug, policy in policies(rows).items()
    }


async def _follow_first(watch: "_Watch", edge: Edge) -> None:
    """Follow the database's lines if it answers soon, else those that the spool remembers."""
    for _ in range(int(_PATIENCE_S / 0.05)):
        if watch.has_tried:
            break
        await asyncio.sleep(0.05)
    if watch.has_loaded or watch.unclear is not None:
        return
    remembered: Lines = {}
    for slug, body in edge.spool.lines().items():
        try:
            remembered[slug] = LineConfig.from_json(slug, body)
        except (KeyError, TypeError, ValueError):
            # Remembered by another version: this line waits for the database.
            log.warning("line can't be taken from memory", line=slug)
    log.warning("the database does not say which: lines as last known", lines=len(remembered))
    edge.follow(remembered)


class _Watch:
    """Reads the lines' configuration now and then, in a thread of its own: the loop never waits for the database."""

    def __init__(self, plant: str, edge: Edge, ingester_ends: asyncio.Event, *, every_s: float) -> None:
        self._plant, self._edge, self._every_s = plant, edge, every_s
        self._loop, self._ingester_ends = asyncio.get_running_loop(), ingester_ends
        self._stop = threading.Event()
        self._said = ""
        self.has_tried = self.has_loaded = False
        self.unclear: UnclearPlant | None = None
        self._thread = threading.Thread(target=self._run, name="lines", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Without waiting: it may hang in the database, and has nothing to finish."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except Exception as problem:  # noqa: BLE001 - whatever the database's client raises, we go on with what we have
                self._say("lines can't be read: going on with those known", problem=repr(problem))
            self.has_tried = True
            self._stop.wait(self._every_s)

    def _look(self) -> None:
        try:
            with _own_connection():
                if not self.has_loaded:
                    release_replay_clock()
                lines = load_lines(self._plant)
        except UnclearPlant as problem:
            self._refuse(problem)
        else:
            self._hand_over(lines)

    def _refuse(self, problem: UnclearPlant) -> None:
        """End, unless lines are known: a name that became unclear stops none that is being counted."""
        if self._edge.feeds or self._edge.spool.lines():
            self._say("the plant's code is unclear: going on with the lines known", problem=str(problem))
            return
        self.unclear = problem
        self._loop.call_soon_threadsafe(self._ingester_ends.set)

    def _say(self, what: str, **details: object) -> None:
        """Once, until something else is so."""
        if what != self._said:
            log.warning(what, **details)
        self._said = what

    def _hand_over(self, lines: Lines) -> None:
        if not lines:
            self._say("no line has a table of its machine's signals: nothing is polled", plant=self._plant)
        elif self._said:
            log.info("lines are read again")
            self._said = ""
        self.has_loaded = True
        if not self._stop.is_set():
            self._loop.call_soon_threadsafe(self._edge.follow, lines)


def _deliver(spool_id: str, rows: Rows, source: str, clock: Clock) -> int:
    with _own_connection():
        return intake.accept_spool(spool_id=spool_id, source=source, rows=rows, now=clock())


def _cursor_of(spool_id: str) -> int:
    with _own_connection():
        return intake.cursor_of(spool_id)


@contextmanager
def _own_connection() -> Iterator[None]:
    """A connection for this thread that is given back, or thrown away where it broke."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()
