"""A simulated Epicor on a real port, and the Jobline side of it: a plant with two lines and a connection. Test data only."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time
from typing import Any, TypeVar

from apps.epicor.auth import Access
from apps.epicor.models import Connection
from apps.lines.models import Company as CompanyRow
from apps.lines.models import Line, Plant, WorkCenterMap
from apps.simulators.epicor.company import Company, Oper
from apps.simulators.epicor.epicor import Epicor
from apps.simulators.epicor.sender import EventSender, Target
from apps.simulators.epicor.server import Handle, serve

T = TypeVar("T")
COMPANY, PLANT, ZONE = "EPIC06", "MfgSys", "America/Chicago"
USER, PASSWORD, KEY = "jobline", "pass word ü", "key-1"
ENVIRONMENT = {"TEST_EPICOR_USER": USER, "TEST_EPICOR_PASSWORD": PASSWORD, "TEST_EPICOR_KEY": KEY}


@dataclass(slots=True)
class Site:
    """An Epicor that serves in a thread of its own; `do` runs something in that thread, as its loop demands."""

    epicor: Epicor
    handle: Handle
    loop: asyncio.AbstractEventLoop

    @property
    def company(self) -> Company:
        """The company EPIC06. Only inside `do`."""
        return self.epicor.companies[COMPANY]

    def do(self, act: Callable[[], T]) -> T:
        """Run `act` in the loop and wait for it."""

        async def acted() -> T:
            return act()

        return self.wait(acted())

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def sender(self, targets: dict[str, Target], *, clock: Callable[[], float]) -> EventSender:
        """A sender of this site's events that has begun to deliver."""
        sender = self.do(lambda: EventSender(self.epicor, targets, clock=clock))
        self.wait(sender.start())
        return sender


@contextmanager
def site(*, now: int) -> Iterator[Site]:
    """A site with one company, two resources, a dictionary and job 004512 (operations 10 and 20)."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="epicor", daemon=True)
    thread.start()
    epicor = model(now=now)
    handle = asyncio.run_coroutine_threadsafe(serve(epicor), loop).result(10)
    try:
        yield Site(epicor, handle, loop)
    finally:
        asyncio.run_coroutine_threadsafe(handle.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def model(*, now: int) -> Epicor:
    """The same site without a port."""
    epicor = Epicor(now=now, first_rev=5_000_000_000)
    epicor.add_user(USER, PASSWORD)
    epicor.add_api_key(KEY)
    company = epicor.add_company(COMPANY, "Epicor Education")
    company.add_plant(PLANT, "Minneapolis", ZONE, time_zone_id="Central Standard Time")
    company.add_group("MILL", PLANT)
    company.add_resource("MILL-01", "MILL")
    company.add_resource("MILL-02", "MILL")
    company.set_indirect("M01", "Spindle fault", at=now)
    company.set_indirect("MEET", "Meeting", at=now, downtime=False)
    company.set_reason("S07", "Burr", at=now)
    add_job(company, "004512", at=now)
    return epicor


def add_job(company: Company, job_num: str, *, at: int, released: bool = True) -> None:
    """A job with operations 10 and 20, 120 pieces an hour each."""
    opers = [Oper(10, "SAW", "Saw", prod_standard=120), Oper(20, "MILL", "CNC Mill", prod_standard=120)]
    company.add_job(job_num, "BRKT-2210", 2000, opers, plant=PLANT, at=at, description="Bracket", released=released)


def access(site: Site) -> Access:
    """The access that ENVIRONMENT opens."""
    return Access(COMPANY, site.handle.base_url, "v2", *ENVIRONMENT)


def jobline(base_url: str, *, poll_s: int = 30) -> Connection:
    """Jobline's rows: the company, its plant, lines mill-1 and mill-2, and the connection."""
    company, _ = CompanyRow.objects.get_or_create(code=COMPANY, defaults={"name": "Epicor Education"})
    plant = Plant.objects.create(company=company, code=PLANT, name="Minneapolis", time_zone=ZONE, day_start=time(6))
    for number in (1, 2):
        line = Line.objects.create(plant=plant, slug=f"mill-{number}", name=f"Mill {number}")
        WorkCenterMap.objects.create(company=company, kind="resource", code=f"MILL-0{number}", line=line)
    names = dict(zip(("user_env", "password_env", "api_key_env"), ENVIRONMENT, strict=True))
    return Connection.objects.create(company=company, base_url=base_url, poll_s=poll_s, **names)
