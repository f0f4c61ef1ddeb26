"""An ingester whose plant's code is not clear: it says so, and never leaves a machine that it was counting."""

import asyncio
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from structlog.testing import capture_logs

from apps.flow import ingest
from apps.lines.models import Company, Plant
from apps.shared.clock import now_us
from tests.integration.plc.floor import Floor, until
from tests.integration.plc.test_ingest import QUICK, good_of, running
from tests.integration.plc.test_kill import make_line

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "plant.db"


@pytest.fixture
def two_plants() -> None:
    for company in ("A", "B"):
        owner = Company.objects.create(code=company, name=company)
        Plant.objects.create(company=owner, code="MfgSys", name="M", time_zone="Etc/UTC", day_start="06:00")


@pytest.mark.usefixtures("two_plants")
def test_a_code_that_two_companies_have_is_refused_without_the_company() -> None:
    with pytest.raises(CommandError, match="name one of them, as in A/MfgSys or B/MfgSys"):
        call_command("ingest", plant="MfgSys")
    assert ingest.plants_of("B/MfgSys") == list(Plant.objects.filter(company__code="B").values_list("pk", flat=True))


@pytest.mark.usefixtures("two_plants")
@pytest.mark.parametrize("slow", [0.0, 0.3])
def test_however_late_the_database_says_so(spool: Path, monkeypatch: pytest.MonkeyPatch, slow: float) -> None:
    monkeypatch.setattr(ingest, "_PATIENCE_S", 0.1)
    plants_of, tries = ingest.plants_of, []

    def late(plant: str) -> list[int]:
        tries.append(plant)
        time.sleep(slow)
        if len(tries) == 1:
            raise OperationalError("the database starts")
        return plants_of(plant)

    monkeypatch.setattr(ingest, "plants_of", late)
    with pytest.raises(ingest.UnclearPlant):
        asyncio.run(asyncio.wait_for(ingest.run(spool=spool, clock=now_us, plant="MfgSys", reload_s=0.1), 20))


def test_what_is_known_from_before_is_polled_on(spool: Path) -> None:
    with Floor() as floor:
        line = make_line("mill-1", floor.add("mill-1", QUICK, held=False))
        known = Plant.objects.get(pk=line.plant_id)
        with running(spool, known.code):
            until(lambda: good_of(line) > 2)
        other = Company.objects.create(code="OTHER", name="O")
        Plant.objects.create(company=other, code=known.code, name="M", time_zone="Etc/UTC", day_start="06:00")
        before = good_of(line)
        with capture_logs() as logs, running(spool, known.code):
            until(lambda: good_of(line) > before + 3)

    assert any("unclear" in entry["event"] for entry in logs)


def test_a_plant_that_is_not_there_is_said_once(spool: Path) -> None:
    with capture_logs() as logs, running(spool, "NOWHERE"):
        until(lambda: any("nothing is polled" in entry["event"] for entry in logs))
        time.sleep(0.7)

    assert sum("nothing is polled" in entry["event"] for entry in logs) == 1
