"""Telling a demo's past up to the present, batch by batch, so that it can be ended and gone on with at any moment."""

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from apps.flow.demo import take_in
from apps.flow.demo_state import DemoState, write_state
from apps.simulators.demo.beside import batches_until_now


def tell_past(state: DemoState, path: Path, *, clock: Callable[[], int], is_ending: threading.Event) -> None:
    """Feed everything from the story's start until now; what an earlier start fed is only read along."""
    began = clock()
    told = batches_until_now(state.plan, clock=clock, since=state.told_until)
    with (
        closing(told) as batches,
        tqdm(total=100, desc="History", unit="%", bar_format="{desc} {bar:32} {percentage:3.0f} %") as bar,
    ):
        for batch in batches:
            take_in(batch)
            state.told_until = batch.end
            write_state(path, state)
            bar.update(max(0, min(100, round(100 * (batch.end - state.start) / (began - state.start))) - bar.n))
            if is_ending.is_set():
                return
    state.has_history = True
    write_state(path, state)
