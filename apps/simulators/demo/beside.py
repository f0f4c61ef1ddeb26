"""The demo's past told by a process of its own, so that one core tells while the other takes in."""

import signal
from collections.abc import Callable, Generator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import cast

from apps.shared.instants import DAY, SECOND
from apps.simulators.demo.history import Batch, Past
from apps.simulators.demo.plan import DemoPlan, make_plan

BATCH = 1 * DAY
# What is left to tell when telling stops: far less than a line's silence may last.
_NEAR = 2 * SECOND


class Teller:
    """A child process that reads a plan's story along; a context manager. Ask for batches in order of time."""

    def __init__(self, plan: DemoPlan) -> None:
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        about = (plan.seed, plan.start, len(plan.lines), theirs)
        self._child = context.Process(target=_tell, args=about, name="demo-history", daemon=True)

    def __enter__(self) -> "Teller":
        self._child.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._child.terminate()
        self._child.join()
        self._ours.close()

    def skip(self, until: int) -> None:
        """Read along until then without handing anything over."""
        self._ours.send((until, False))

    def ask(self, until: int) -> None:
        """Order the batch from the end of the last one ordered (or skipped) until then."""
        self._ours.send((until, True))

    def take(self) -> Batch:
        """Wait for the batch that was ordered first. Raises RuntimeError when the child died."""
        while not self._ours.poll(0.5):
            if not self._child.is_alive():
                raise RuntimeError("The process that tells the demo's past has died.")
        batch, problem = self._ours.recv()
        if batch is None:
            raise RuntimeError(f"The demo's past could not be told: {problem}")
        return cast("Batch", batch)


def batches_until_now(
    plan: DemoPlan, *, clock: Callable[[], int], since: int | None = None, batch: int = BATCH
) -> Generator[Batch, None, None]:
    """The story from its start (or from `since`) up to the present, which moves on while batches are taken in."""
    since = plan.start if since is None else max(since, plan.start)
    if clock() - since < _NEAR:
        return
    with Teller(plan) as teller:
        if since > plan.start:
            teller.skip(since)
        teller.ask(min(since + batch, clock()))
        while True:
            told = teller.take()
            is_more_past = told.end + batch <= clock()
            if is_more_past:
                teller.ask(told.end + batch)
            yield told
            if not is_more_past:
                now = clock()
                if now - told.end < _NEAR:
                    return
                teller.ask(min(told.end + batch, now))


def _tell(seed: int, start: int, count: int, orders: Connection) -> None:
    # A Ctrl-C goes to the whole group of processes; the parent ends this one when it has ended itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Where the parent is gone there is nobody left to tell.
    with suppress(EOFError, OSError):
        _answer(Past(make_plan(seed=seed, start=start, count=count)), start, orders)


def _answer(past: Past, told_until: int, orders: Connection) -> None:
    while True:
        until, is_wanted = orders.recv()
        try:
            batch = past.batch(told_until, until)
        except (ArithmeticError, LookupError, TypeError, ValueError) as problem:
            orders.send((None, repr(problem)))
            return
        if is_wanted:
            orders.send((batch, ""))
        told_until = until
