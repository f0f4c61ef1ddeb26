"""One hub per web process: hears that lines changed, builds each line's message once, hands it to every socket.

Sockets are never members of layer groups: the process has one channel, so a thousand boards cost one receive
(measured: 5 to 15 times cheaper), and a slow one replaces its own unsent picture and nobody else's.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import structlog

from apps.live.ears import Ears
from apps.live.pictures import Pictures
from apps.live.slots import Slot
from apps.live.types import BoardFacts
from apps.shared.clock import now_us
from apps.shared.supervise import supervised

_log = structlog.get_logger(__name__)

BEAT_S = 5.0
REFRESH_S = 10.0  # figures move with the clock alone
GAP_S = 1.0  # a line's figures are read at most this often
ROUND_S = 0.1  # what comes within it is one round
BLIND_S = 25.0  # so long after the last read the process stops saying that it lives: screens then say so
STIR_S = 0.5  # counts ahead of the figures are shown at most this often


class HubFigures(NamedTuple):
    """How a hub is: seconds since it heard anything through the layer (its own beat comes every 5), sockets served."""

    boot: str
    silent_s: float
    watching: int


class Hub:
    """The boards of one process and one loop."""

    def __init__(self, clock: Callable[[], int] = now_us) -> None:
        self.boot = uuid.uuid4().hex[:12]
        self._clock = clock
        self._pictures = Pictures(self.boot)
        # One thread: reads are in a row, and their connection is their own.
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="live")
        self._slots: set[Slot] = set()
        self._plants: dict[Slot, str] = {}
        self._revs: dict[str, int] = {}
        self._dirty: set[str] = set()
        self._read_at: dict[str, float] = {}
        # When anything was last read well, or somebody began to watch.
        self._saw_at = 0.0
        self._is_blind = False
        self._wake = asyncio.Event()
        self._ears = Ears(self._threads, on_rev=self.noticed, on_ahead=self._ahead)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to hear, build and beat; each under its own supervisor."""
        jobs = (self._ears.layer, self._ears.database, self._rounds, self._beats, self._stirs)
        self._tasks = [asyncio.create_task(supervised(job.__name__, job)) for job in jobs]

    async def stop(self) -> None:
        """End every task and the thread."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def silent_s(self) -> float:
        """Seconds since anything came through the layer; it hears at least its own beat every 5 s."""
        return time.monotonic() - self._ears.heard_at

    @property
    def watching(self) -> int:
        """How many sockets are served."""
        return len(self._slots)

    def join(self, lines: Iterable[str], plant: str = "") -> Slot:
        """A slot for a new socket: a board's line, or with `plant` all of a plant's. The picture follows."""
        slot = Slot(frozenset(lines))
        watched = self._watched()
        if not watched:
            self._saw_at = time.monotonic()
        self._slots.add(slot)
        if plant:
            self._plants[slot] = plant
        for slug in slot.topics & watched:
            self._hand(slot, slug)
        fresh = slot.topics - watched
        for slug in fresh:
            self._read_at.pop(slug, None)
        self._dirty |= slot.topics if plant else fresh
        self._wake.set()
        return slot

    def leave(self, slot: Slot) -> None:
        """The socket is gone; what nobody watches is forgotten."""
        self._slots.discard(slot)
        self._plants.pop(slot, None)
        gone = slot.topics - self._watched()
        self._pictures.forget(gone)

    def noticed(self, revs: Mapping[str, int]) -> None:
        """Lines have these revs now; what is new and watched will be built."""
        news = {slug for slug, rev in revs.items() if rev > max(self._revs.get(slug, -1), self._pictures.rev(slug))}
        self._revs.update({slug: revs[slug] for slug in news})
        self._dirty |= news & self._watched()
        if self._dirty:
            self._wake.set()

    def _ahead(self, slug: str, ahead: Mapping[str, Any]) -> None:
        if slug in self._watched() and self._pictures.ahead(slug, ahead, self._clock()):
            self._spread([slug])

    def _watched(self) -> frozenset[str]:
        return frozenset().union(*(slot.topics for slot in self._slots))

    async def _rounds(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            self._wake.clear()
            due = self._due()
            if due:
                now = self._clock()
                found = await loop.run_in_executor(self._threads, Pictures.read, due, now)
                self._saw_at = time.monotonic()
                for facts in found.values():
                    self._show(facts, now)
                    await asyncio.sleep(0)
                self._spread_plants(due)
            await asyncio.sleep(ROUND_S)

    def _show(self, facts: BoardFacts, now: int) -> None:
        slug = facts.policy.slug
        try:
            self._pictures.take(facts, now)
        except Exception:  # noqa: BLE001 - whatever it is, it is said below
            # One line that can't be shown must not darken the others.
            _log.exception("a board can't be composed", line=slug)
            return
        if self._revs.get(slug, -1) <= facts.rev:
            # What made it dirty while it was read has been read.
            self._dirty.discard(slug)
        self._spread([slug])

    def _due(self) -> list[str]:
        """The dirty, watched lines that were not read just now; the others get their turn when their second is over."""
        now = time.monotonic()
        self._dirty &= self._watched()
        due = sorted(slug for slug in self._dirty if now - self._read_at.get(slug, -GAP_S) >= GAP_S)
        self._dirty -= set(due)
        self._read_at.update(dict.fromkeys(due, now))
        if self._dirty:
            first = min(self._read_at[slug] for slug in self._dirty)
            asyncio.get_running_loop().call_later(max(0.01, first + GAP_S - now), self._wake.set)
        return due

    async def _beats(self) -> None:
        beats = 0
        while True:
            await asyncio.sleep(BEAT_S)
            beats += 1
            if self._sees():
                text = self._pictures.beat(self._clock())
                for slot in self._slots:
                    slot.put("beat", text)
            await self._ears.echo()
            if beats % round(REFRESH_S / BEAT_S) == 0:
                self._dirty |= self._watched()
                self._wake.set()

    def _sees(self) -> bool:
        """Whether figures are read at all: without a beat a screen says that it lost us, which is the truth."""
        is_blind = bool(self._watched()) and time.monotonic() - self._saw_at > BLIND_S
        if is_blind != self._is_blind:
            self._is_blind = is_blind
            if is_blind:
                _log.error("no board could be read for a while: screens are told nothing", seconds=BLIND_S)
            else:
                _log.info("boards are read again")
        return not is_blind

    async def _stirs(self) -> None:
        while True:
            await asyncio.sleep(STIR_S)
            self._spread(self._pictures.stirred(self._clock()))

    def _spread(self, slugs: Iterable[str]) -> None:
        for slug in slugs:
            for slot in self._slots:
                if slug in slot.topics:
                    self._hand(slot, slug)

    def _hand(self, slot: Slot, slug: str) -> None:
        text = self._pictures.tile(slug) if slot in self._plants else self._pictures.board(slug)
        if text:
            slot.put(slug, text)

    def _spread_plants(self, slugs: Iterable[str]) -> None:
        touched = set(slugs)
        built: dict[tuple[str, frozenset[str]], str] = {}
        for slot, plant in self._plants.items():
            if slot.topics & touched:
                key = (plant, slot.topics)
                if key not in built:
                    built[key] = self._pictures.plant(plant, slot.topics, self._clock())
                slot.put("plant", built[key])


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def current() -> Hub:
    """The hub of the running loop, started at its first use: a loop that ended takes its hub along."""
    loop = asyncio.get_running_loop()
    for old in [old for old in _hubs if old.is_closed()]:
        del _hubs[old]
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub()
        hub.start()
    return hub


def figures() -> list[HubFigures]:
    """The hubs of this process, for a health page: one that hears nothing for more than a few beats is deaf."""
    return [HubFigures(hub.boot, hub.silent_s, hub.watching) for hub in list(_hubs.values())]


async def stop() -> None:
    """End the hub of the running loop, if it has one."""
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.stop()
