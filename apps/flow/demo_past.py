"""Telling a demo's past up to the present, batch by batch, so that it can be ended and gone on with at any moment."""

import threading
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from apps.flow.demo import take_in
from apps.flow.demo_state import DemoState, write_state
from apps.shared.instants import SECOND
from apps.simulators.demo.history import BATCH, Batch, Past

# The past ends where the poller begins: so close behind the present that no machine seems silent in between.
_CLOSE = 2 * SECOND


def tell_past(state: DemoState, path: Path, *, clock: Callable[[], int], is_ending: threading.Event) -> None:
    """Feed everything from the story's start until now; what an earlier start fed is only read along."""
    past = Past(state.plan)
    start = state.start
    began = clock()
    with tqdm(total=100, desc="History", unit="%", bar_format="{desc} {bar:32} {percentage:3.0f} %") as bar:
        while clock() - start > _CLOSE and not is_ending.is_set():
            end = min(start + BATCH, clock())
            batch = Batch(start, end, tuple(past.told(end)), tuple(past.facts(end)))
            if end > state.told_until:
                take_in(batch)
                state.told_until = end
                write_state(path, state)
            start = end
            bar.update(max(0, min(100, round(100 * (end - state.start) / (began - state.start))) - bar.n))
    if not is_ending.is_set():
        state.has_history = True
        write_state(path, state)
