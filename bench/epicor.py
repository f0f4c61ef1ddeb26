"""How many of Epicor's events Jobline takes in: the endpoint, the inbox, and the database doing nothing else."""

import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from bench.table import Figure, report

EVENTS = 2_000
BATCH = 100
MINUTE = 60_000_000
FIRST = 1_767_225_600_000_000  # 2026-01-01T00:00Z


def main() -> None:
    """Measure on a test database of its own, beside the one that the settings name."""
    import django

    django.setup()
    from django.db import connection

    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        _measure()
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _measure() -> None:
    from django.conf import settings
    from django.db import connection

    from apps.epicor import inbox, keys
    from apps.epicor.inbox import Arrived
    from apps.flow import inbox as flow_inbox
    from apps.flow import tasks

    # Nobody listens to the broker here, and the pace is what is measured.
    settings.EPICOR_EVENTS_PER_S = 10**9
    tasks.work_inbox.apply_async = lambda **_options: None
    _plant()
    key = keys.issue("EPIC06", "bench").key
    single = _per_second(lambda events: [_post(key, event) for event in events], _events(0), EVENTS)
    batched = _per_second(lambda events: [_post(key, part) for part in _parts(events)], _events(1), EVENTS)
    worked = _per_second(lambda _events: flow_inbox.work(now=FIRST), [], 2 * EVENTS)
    bare = _per_second(lambda events: [_insert([event]) for event in events], _events(3), EVENTS)
    bare_batched = _per_second(lambda events: [_insert(part) for part in _parts(events)], _events(4), EVENTS)
    stored = _per_second(
        lambda events: [inbox.store([Arrived("EPIC06", e) for e in part], now=FIRST) for part in _parts(events)],
        _events(2),
        EVENTS,
    )
    report(
        "epicor",
        f"{EVENTS} events of labour through Django on {connection.vendor}, one process",
        [
            Figure("posted one by one", single, "events/s", bare, "INSERT and commit alone", is_smaller_better=False),
            Figure(
                f"posted by {BATCH}",
                batched,
                "events/s",
                bare_batched,
                f"INSERT {BATCH} alone",
                is_smaller_better=False,
            ),
            Figure(
                f"stored by {BATCH}", stored, "events/s", bare_batched, f"INSERT {BATCH} alone", is_smaller_better=False
            ),
            Figure("worked off", worked, "events/s", batched, f"posted by {BATCH}", is_smaller_better=False),
        ],
    )


def _plant() -> None:
    from datetime import time as clock

    from apps.flow import erp
    from apps.jobs.types import ErpFacts, JobState, OperState
    from apps.lines.models import Company, Line, Plant, WorkCenterMap

    company = Company.objects.create(code="EPIC06", name="Bench")
    plant = Plant.objects.create(company=company, code="MfgSys", name="P", time_zone="UTC", day_start=clock(6))
    for number in range(20):
        line = Line.objects.create(plant=plant, slug=f"line-{number}", name=f"Line {number}")
        WorkCenterMap.objects.create(company=company, kind="resource", code=f"R{number}", line=line)
    opers = tuple(OperState(0, seq, prod_standard=120, std_format="PH") for seq in (10, 20))
    erp.apply(ErpFacts(jobs=(JobState("EPIC06", "MfgSys", "004512", operations=opers),)), now=FIRST)


def _events(series: int) -> list[dict[str, Any]]:
    """Starts and ends of one activity after the other, spread over twenty lines."""
    from apps.shared.instants import iso

    events = []
    for number in range(EVENTS):
        activity, edge = divmod(number, 2)
        at = FIRST + (series * EVENTS + number) * MINUTE
        data = {
            "Company": "EPIC06", "Plant": "MfgSys", "JobNum": "004512", "AssemblySeq": 0, "OprSeq": 10 + 10 * (activity % 2),
            "LaborHedSeq": series * EVENTS + activity + 1, "LaborDtlSeq": 1, "LaborType": "P",
            "ResourceID": f"R{activity % 20}", "EmployeeNum": "E7", "SysRevID": number,
        }  # fmt: skip
        events.append({
            "specversion": "1.0", "id": f"{series}-{number}", "source": "/bench", "sequence": str(series * EVENTS + number),
            "type": f"epicor.operation.{'ended' if edge else 'started'}", "time": iso(at), "data": data,
        })  # fmt: skip
    return events


def _parts(events: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [events[start : start + BATCH] for start in range(0, len(events), BATCH)]


def _post(key: str, body: dict[str, Any] | list[dict[str, Any]]) -> int:
    kind = "application/cloudevents-batch+json" if isinstance(body, list) else "application/cloudevents+json"
    response = _client().post(
        "/api/epicor/events/", json.dumps(body), content_type=kind, headers={"Authorization": f"Bearer {key}"}
    )
    if response.status_code != 202:
        raise RuntimeError(response.content.decode())
    return int(response.json()["accepted"])


@cache
def _client() -> Any:
    # One for all: each would load the middleware again.
    from django.test import Client

    return Client(SERVER_NAME="localhost")


def _insert(events: list[dict[str, Any]]) -> int:
    from django.db import transaction

    from apps.epicor.models import InboxEvent
    from apps.shared.instants import from_us

    with transaction.atomic():
        rows = InboxEvent.objects.bulk_create([
            InboxEvent(
                source=event["source"], event_id=event["id"], company="EPIC06", body=event, content_hash="",
                received_at=from_us(FIRST), done_at=from_us(FIRST),
            )
            for event in events
        ])  # fmt: skip
    return len(rows)


def _per_second(work: Callable[[list[dict[str, Any]]], object], events: list[dict[str, Any]], count: int) -> float:
    began = time.perf_counter()
    work(events)
    return count / (time.perf_counter() - began)
