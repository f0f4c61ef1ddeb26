"""Brings spooled rows to the server, in order, for as long as it takes. A thread of its own: it may block."""

import threading
from collections.abc import Callable
from random import uniform
from time import monotonic
from typing import Any

import structlog

from apps.plc.spool import Spool

log = structlog.get_logger(__name__)

_IDLE_S = 10.0

Rows = list[tuple[int, dict[str, Any]]]
# (spool id, rows) to the server's cursor after them; raises when the server can't take them now.
Deliver = Callable[[str, Rows], int]
CursorOf = Callable[[str], int]


class StuckCursor(Exception):
    """The server took rows and did not move its cursor."""


class Forwarder:
    """From the spool to `deliver`, from the server's own cursor on: behind ours (a restored backup) it rewinds."""

    def __init__(
        self,
        spool: Spool,
        *,
        deliver: Deliver,
        cursor_of: CursorOf,
        batch: int = 500,
        backoff_s: tuple[float, float] = (0.2, 10.0),
    ) -> None:
        self._spool, self._deliver, self._cursor_of = spool, deliver, cursor_of
        self._batch, self._backoff_s = batch, backoff_s
        self._cursor: int | None = None
        self._failures = 0
        self._met_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="forwarder", daemon=True)
        self.delivered = 0

    @property
    def backlog(self) -> int:
        """Rows that the server does not have yet, at most (numbers may have gaps)."""
        return self._spool.last_seq - (self._spool.acked if self._cursor is None else self._cursor)

    @property
    def is_connected(self) -> bool:
        """Whether the server took the last thing that it was given."""
        return self._failures == 0 and self._cursor is not None

    def start(self) -> None:
        """Begin in a thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 0.5) -> None:
        """End after the transaction under way, or without waiting for it any longer: it is idempotent."""
        self._stop.set()
        self._spool.nudge()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._round()
            except Exception as problem:  # noqa: BLE001 - whatever it is, the rows stay and are tried again
                self._fail(problem)

    def _round(self) -> None:
        """Deliver one batch, or wait for one."""
        if self._cursor is None:
            self._cursor = self._meet()
        seen = self._spool.last_seq
        rows = self._spool.rows_after(self._cursor, self._batch)
        if not rows and self._met_at and monotonic() - self._met_at < _IDLE_S:
            self._spool.wait(seen, 1.0)
            return
        # Also without rows, now and then: the server knows that the ingester lives when every machine is silent.
        reached = self._deliver(self._spool.spool_id, rows)
        self._met_at = monotonic()
        if rows and reached < rows[-1][0]:
            raise StuckCursor(f"cursor is at {reached} after row {rows[-1][0]}")
        if rows:
            self._cursor = rows[-1][0]
            self.delivered += len(rows)
            self._spool.ack(self._cursor)
        self._recover()

    def _meet(self) -> int:
        """Ask the server how far it is."""
        cursor = self._cursor_of(self._spool.spool_id)
        if cursor > self._spool.last_seq:
            log.warning("spool is older than the server's cursor: renumbered", cursor=cursor, last=self._spool.last_seq)
            self._spool.renew()
            return self._cursor_of(self._spool.spool_id)
        if cursor < self._spool.acked:
            log.warning("server is behind: sending again", cursor=cursor, had=self._spool.acked)
        return cursor

    def _fail(self, problem: Exception) -> None:
        self._cursor = None
        # Only taking rows is being back, not answering: the next try delivers, if only nothing.
        self._met_at = 0.0
        self._failures += 1
        if self._failures == 1:
            # Where it is not the way there that fails, it is our own mistake: then say where.
            is_ours = type(problem).__module__ == "builtins" and not isinstance(problem, OSError)
            log.warning(
                "server does not take rows: they wait in the spool",
                problem=repr(problem),
                exc_info=problem if is_ours else None,
            )
        low, high = self._backoff_s
        self._stop.wait(uniform(low, min(high, low * 2 ** min(self._failures, 16))))  # noqa: S311 - jitter

    def _recover(self) -> None:
        if self._failures:
            log.info("server takes rows again", tries=self._failures, to_send=self.backlog)
            self._failures = 0
