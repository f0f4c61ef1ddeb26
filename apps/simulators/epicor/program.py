"""The simulated Epicor as a program of its own, until it is interrupted."""

import asyncio
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from apps.simulators.epicor.epicor import Epicor
from apps.simulators.epicor.sample import fill
from apps.simulators.epicor.sender import EventSender, Target
from apps.simulators.epicor.server import serve


@dataclass(frozen=True, slots=True)
class Options:
    """Where it listens, what opens it, and where its events go (none without a URL)."""

    host: str
    port: int
    instance: str
    user: str
    password: str
    api_key: str
    events_url: str = ""
    events_key: str = ""
    events_secret: str = ""


async def run(options: Options, *, say: Callable[[str], None]) -> None:
    """Serve the sample company until SIGINT or SIGTERM. Raises OSError when the port is taken."""
    now = time.time_ns() // 1000
    epicor = Epicor(now=now, instance=options.instance)
    epicor.add_user(options.user, options.password)
    epicor.add_api_key(options.api_key)
    sender: EventSender | None = None
    if options.events_url:
        target = Target(options.events_url, options.events_key, options.events_secret)
        # Made before the company is filled, so that its first events are sent too.
        sender = EventSender(epicor, {"EPIC06": target}, clock=time.time)
        await sender.start()
    fill(epicor, now=now)
    handle = await serve(epicor, options.host, options.port)
    say(f"Simulated Epicor at {handle.base_url}, control at {handle.control_url}")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    if sender is not None:
        await sender.close()
    await handle.close()
