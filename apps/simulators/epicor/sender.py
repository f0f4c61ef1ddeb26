"""Delivers the simulated events to Jobline as a site's outbox does: at least once, sometimes twice or out of order."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from apps.simulators.epicor.epicor import Epicor, Event

log = logging.getLogger(__name__)
_BATCH = 50
_WAIT_S = (0.2, 0.5, 1.0, 2.0, 5.0)
_REFUSED_FOR_GOOD = frozenset({400, 413})


@dataclass(frozen=True, slots=True)
class Target:
    """Where one company's events go: the full URL, its Bearer key, and the signing secret where the site signs."""

    url: str
    key: str
    secret: str = ""


@dataclass(slots=True)
class Manners:
    """How badly the events travel; probabilities from 0 to 1. Dropped ones never arrive: a gap in `sequence`."""

    duplicated: float = 0.0
    swapped: float = 0.0
    dropped: float = 0.0


class EventSender:
    """Queues every event of the instance and delivers per company in order, until it is told to stop.

    `clock` gives unix seconds, for the signature only.
    """

    def __init__(
        self, epicor: Epicor, targets: dict[str, Target], *, clock: Callable[[], float], manners: Manners | None = None
    ) -> None:
        self.manners = manners or Manners()
        self.sent = 0
        self.refused: list[str] = []
        self._targets = targets
        self._clock = clock
        self._queues: dict[str, deque[Event]] = {company: deque() for company in targets}
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        epicor.on_event(self._take)

    @property
    def waiting(self) -> int:
        """Events not yet accepted."""
        return sum(len(queue) for queue in self._queues.values())

    async def start(self) -> None:
        """Begin to deliver, one task for each company."""
        self._tasks = [asyncio.create_task(self._deliver(company)) for company in self._targets]

    async def close(self) -> None:
        """Stop; what is queued stays queued."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _take(self, event: Event) -> None:
        queue = self._queues.get(event["data"]["Company"])
        if queue is None or random.random() < self.manners.dropped:
            return
        queue.append(event)
        if len(queue) > 1 and random.random() < self.manners.swapped:
            queue[-1], queue[-2] = queue[-2], queue[-1]
        if random.random() < self.manners.duplicated:
            queue.append(event)
        self._woken.set()

    async def _deliver(self, company: str) -> None:
        queue, target = self._queues[company], self._targets[company]
        async with httpx.AsyncClient(timeout=httpx.Timeout(5.0)) as http:
            failures = 0
            while True:
                if not queue:
                    self._woken.clear()
                    await self._woken.wait()
                    continue
                batch = [queue[index] for index in range(min(len(queue), _BATCH))]
                wait = await self._post(http, target, batch)
                if wait is None:
                    failures = 0
                    for _event in batch:
                        queue.popleft()
                    continue
                failures += 1
                await asyncio.sleep(max(wait, _WAIT_S[min(failures, len(_WAIT_S)) - 1]) * random.uniform(0.8, 1.2))

    async def _post(self, http: httpx.AsyncClient, target: Target, batch: list[Event]) -> float | None:
        """None when the batch is dealt with, else the seconds to wait before trying it again."""
        single = len(batch) == 1
        body = json.dumps(batch[0] if single else batch).encode()
        kind = "application/cloudevents+json" if single else "application/cloudevents-batch+json"
        headers = {"Content-Type": kind, "Authorization": f"Bearer {target.key}"}
        if target.secret:
            headers["X-Jobline-Signature"] = signature(target.secret, body, int(self._clock()))
        try:
            response = await http.post(target.url, content=body, headers=headers)
        except httpx.TransportError as problem:
            log.debug("Jobline did not answer: %s", problem)
            return 0.0
        if response.status_code in _REFUSED_FOR_GOOD:
            # Asking again can't help; a real site writes it in the outbox row for a person.
            self.refused.append(response.text[:500])
            log.warning("Jobline refused %d events: %s", len(batch), response.text[:300])
            return None
        if response.is_success:
            self.sent += len(batch)
            return None
        retry_after = response.headers.get("Retry-After", "")
        return float(retry_after) if retry_after.isdigit() else 0.0


def signature(secret: str, body: bytes, at: int) -> str:
    """The value of X-Jobline-Signature for a body sent at `at` (unix seconds)."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
