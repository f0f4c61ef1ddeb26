"""What a tablet needs of the tables: the stops of the shift, the dictionary, what is usual here, who is around."""

from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count

from apps.accounts.models import User
from apps.accounts.queries import operators_at, people_with_pins
from apps.accounts.types import Place
from apps.downtime.models import StopPart
from apps.jobs.models import LaborActivity
from apps.jobs.queries import opers
from apps.jobs.types import OperView
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.lines.types import LinePolicy
from apps.live.read import Frame, frame_at
from apps.oee import timeline
from apps.oee.tails import tails
from apps.oee.types import SliceRow, StopView
from apps.reasons.queries import dictionary
from apps.reasons.types import ReasonView
from apps.shared.instants import DAY

USUAL_DAYS = 30


class PersonView(NamedTuple):
    """Someone who may stand at the tablet; `since` is the start of their open Epicor activity, on this line or not."""

    id: int
    name: str
    since: int | None
    is_here: bool
    has_pin: bool


@dataclass(frozen=True, slots=True)
class TabletFacts:
    """Everything about one line's stops at one instant. `scrap` is of the shift; `usual` are codes, most used first."""

    policy: LinePolicy
    zone: ZoneInfo
    frame: Frame
    stops: tuple[StopView, ...]
    slices: tuple[SliceRow, ...]
    opers: dict[int, OperView]
    reasons: dict[str, ReasonView]
    usual: tuple[str, ...]
    scrap: int


def tablet_facts(line: Line, now: int) -> TabletFacts:
    """The facts of a line's present shift; before its first sample there are no stops."""
    policy = policies([line.slug])[line.slug]
    frame = frame_at(policy.calendar, now)
    tail = tails([policy], now).get(policy.line_id)
    slices = timeline.slices(policy, tail, frame.start, now) if tail else []
    stops = timeline.stops(policy, tail, frame.start, now, now) if tail else []
    parts = timeline.parts(policy, frame.start, now) if tail else []
    return TabletFacts(
        policy=policy,
        zone=ZoneInfo(policy.calendar.time_zone),
        frame=frame,
        stops=tuple(stops),
        slices=tuple(slices),
        opers=opers(row.oper_id for row in slices if row.oper_id is not None),
        reasons=dictionary(policy.company),
        usual=usual_reasons(policy.line_id, frame.start),
        scrap=sum(row.reject for row in parts),
    )


def usual_reasons(line_id: int, before: int) -> tuple[str, ...]:
    """The codes by how many stops of this line they explained in 30 days before `before`: fixed for a shift."""
    rows = StopPart.objects.filter(stop__line_id=line_id, start__gte=before - USUAL_DAYS * DAY, start__lt=before)
    counted = rows.exclude(reason="").values("reason").annotate(all=Count("id")).order_by("-all", "reason")
    return tuple(row["reason"] for row in counted)


def people_at(place: Place, line_id: int) -> list[PersonView]:
    """The people who may tag here: those on a job of this line first, then on any other, then the rest, by name."""
    users = operators_at(place)
    open_ones = LaborActivity.objects.filter(
        company=place.company, ended_at=None, started_at__isnull=False, employee__in=[user.emp_id for user in users]
    )
    since: dict[str, tuple[int, bool]] = {}
    for employee, started, at_line in open_ones.values_list("employee", "started_at", "line_id"):
        if started is not None:
            first, is_here = since.get(employee, (started, False))
            since[employee] = (min(first, started), is_here or at_line == line_id)
    pins = people_with_pins([user.pk for user in users])
    found = [PersonView(user.pk, _name(user), *_stay(since, user.emp_id), has_pin=user.pk in pins) for user in users]
    return sorted(found, key=lambda person: (not person.is_here, person.since is None))


def _name(user: User) -> str:
    return user.display_name or user.get_username()


def _stay(since: dict[str, tuple[int, bool]], employee: str) -> tuple[int | None, bool]:
    return since.get(employee, (None, False))
