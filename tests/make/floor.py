"""A simulated Epicor, the Jobline beside it, and the events between them that have not been heard yet. Test data only."""

from typing import Any

from apps.epicor import inbox
from apps.epicor.inbox import Arrived
from apps.epicor.models import Connection
from apps.flow import inbox as flow_inbox
from apps.flow import sync
from apps.jobs.models import LaborActivity, Run
from apps.simulators.epicor.company import LaborKey
from apps.simulators.epicor.epicor import Event
from tests.make import epicor as make


class Floor:
    """A site, Jobline's connection to it, and the events that the site told and Jobline has not heard yet."""

    def __init__(self, site: make.Site, now: int) -> None:
        self.site = site
        self.connection: Connection = make.jobline(site.handle.base_url)
        self.now = now
        self.events: list[Event] = []
        site.epicor.on_event(self.events.append)

    def start(self, job_num: str = "004512", opr_seq: int = 20, **options: Any) -> LaborKey:
        """Somebody starts work now; on MILL-01 unless told otherwise."""
        given: dict[str, Any] = {"resource_id": "MILL-01", "at": self.now} | options
        employee = given.pop("employee", "E7")
        return self.site.do(lambda: self.site.company.start_activity(employee, job_num, opr_seq, **given))

    def end(self, key: LaborKey, **options: Any) -> None:
        """The activity ends now."""
        self.site.do(lambda: self.site.company.end_activity(key, at=self.now, **options))

    def hear(self, events: list[Event] | None = None) -> flow_inbox.Worked:
        """Jobline takes in what the site told since (or just these), and works it off."""
        told = self.events[:] if events is None else events
        if events is None:
            self.events.clear()
        inbox.store([Arrived(make.COMPANY, event) for event in told], now=self.now)
        return flow_inbox.work(now=self.now)

    def poll(self, *, after: int = 0, **options: Any) -> sync.Polled:
        """Time goes on, then Jobline looks at Epicor."""
        self.now += after
        return sync.poll(self.connection, now=self.now, **options)


def activities() -> list[tuple[Any, ...]]:
    """All activities, as far as they are derived."""
    names = (
        "labor_hed_seq", "labor_dtl_seq", "job_num", "opr_seq", "kind", "resource_id", "employee", "started_at", "ended_at",
        "line__slug", "oper__opr_seq", "problem",
    )  # fmt: skip
    return list(LaborActivity.objects.order_by("labor_hed_seq", "labor_dtl_seq").values_list(*names))


def runs() -> list[tuple[Any, ...]]:
    """All runs, as far as they are derived."""
    return list(
        Run.objects.order_by("line", "start").values_list("line__slug", "start", "end", "oper__opr_seq", "kind")
    )
