"""What of the simulated Epicor no client of ours asks for: keys in the URL, documents, the control API, events that travel."""

import base64
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from apps.epicor import keys
from apps.epicor.models import InboxEvent, SourceSequence
from apps.flow import inbox as flow_inbox
from apps.jobs.models import LaborActivity
from apps.shared.instants import MINUTE, iso
from apps.simulators.epicor.sender import Manners, Target
from tests.make import epicor as make

Get = Callable[..., httpx.Response]


@pytest.fixture
def get(site: make.Site) -> Iterator[Get]:
    pair = base64.b64encode(f"{make.USER}:{make.PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "x-api-key": make.KEY}
    with httpx.Client(
        base_url=f"{site.handle.base_url}/api/v2/odata/EPIC06/", headers=headers, trust_env=False
    ) as http:

        def asked(path: str, **options: str) -> httpx.Response:
            return http.get(path, params={f"${name}": value for name, value in options.items()})

        yield asked


class TestSets:
    @pytest.mark.parametrize(
        "path",
        [
            "Erp.BO.JobEntrySvc/JobEntries", "Erp.BO.JobEntrySvc/JobOpers", "Erp.BO.JobOperSearchSvc/JobOperSearches",
            "Erp.BO.LaborSvc/LaborDtls", "Erp.BO.LaborDtlSvc/LaborDtls", "Erp.BO.IndirectSvc/Indirects",
            "Erp.BO.ReasonSvc/Reasons", "Erp.BO.ResourceGroupSvc/Resources", "Erp.BO.ResourceSvc/Resources",
            "Erp.BO.ResourceGroupSvc/ResourceGroups", "Erp.BO.PlantSvc/Plants", "Erp.BO.CompanySvc/Companies",
            "erp.bo.plantsvc/Plants",
        ],
    )  # fmt: skip
    def test_are_there(self, get: Get, path: str) -> None:
        body = get(path).json()

        assert body["@odata.context"].endswith(f"#{path.rpartition('/')[2]}")
        assert "@odata.nextLink" not in body

    def test_a_row_by_its_key(self, get: Get) -> None:
        for key in ("'EPIC06','004512',0,20", "Company='EPIC06',JobNum='004512',AssemblySeq=0,OprSeq=20"):
            assert get(f"Erp.BO.JobEntrySvc/JobOpers({key})").json()["OpCode"] == "MILL"
        missing = get("Erp.BO.JobEntrySvc/JobEntries('EPIC06','nope')")
        assert (missing.status_code, missing.json()["ErrorType"]) == (404, "Ice.Common.RecordNotFoundException")

    def test_encodings(self, get: Get, site: make.Site, now: int) -> None:
        site.do(lambda: site.company.start_activity("E7", "004512", 20, at=now + 9 * MINUTE))
        row = get("Erp.BO.LaborSvc/LaborDtls").json()["value"][0]

        assert row["ClockInDate"] == "2026-03-08T00:00:00-05:00"
        assert row["ClockinTime"] == 0.15
        assert row["SysRevID"] > 2**31
        assert "ClockInTime" not in row

    def test_a_default_page_of_a_hundred_in_no_order(self, get: Get, site: make.Site, now: int) -> None:
        site.do(lambda: [make.add_job(site.company, f"J{number:03d}", at=now) for number in range(150)])
        first = [row["JobNum"] for row in get("Erp.BO.JobEntrySvc/JobEntries").json()["value"]]
        again = [row["JobNum"] for row in get("Erp.BO.JobEntrySvc/JobEntries").json()["value"]]

        assert len(first) == len(again) == 100
        assert first != again

    def test_names_are_case_sensitive(self, get: Get) -> None:
        assert get("Erp.BO.JobEntrySvc/jobentries").status_code == 404
        refused = get("Erp.BO.JobEntrySvc/JobEntries", filter="jobnum eq '1'")
        assert (refused.status_code, refused.json()["ErrorType"]) == (400, "Microsoft.OData.ODataException")
        assert refused.json()["CorrelationId"]

    def test_a_baq_without_data_is_a_document(self, get: Get) -> None:
        assert get("BaqSvc/ActiveOperations").json()["value"][0]["name"] == "Data"
        assert get("BaqSvc/Nope/Data").status_code == 404


class TestControl:
    def test_does_what_people_would_do(self, site: make.Site, now: int) -> None:
        with httpx.Client(base_url=site.handle.control_url, trust_env=False) as http:
            started = http.post(
                "EPIC06/start",
                json={"employee": "E7", "job_num": "004512", "opr_seq": 20, "resource_id": "MILL-01", "at": iso(now)},
            ).json()
            assert len(http.get("EPIC06/labor").json()["active"]) == 1
            assert http.post("EPIC06/report", json=started | {"good": 5}).status_code == 200
            assert http.post("EPIC06/end", json=started | {"at": iso(now + MINUTE), "good": 5}).status_code == 200
            assert (
                http.post("EPIC06/complete", json={"job_num": "004512", "opr_seq": 20, "at": iso(now)}).status_code
                == 200
            )
            assert http.post("EPIC06/close", json={"job_num": "004512", "at": iso(now)}).status_code == 200
            renamed = {"code": "M01", "description": "Spindle", "at": iso(now)}
            assert http.post("EPIC06/reason", json=renamed).status_code == 200
            refused = http.post("EPIC06/end", json=started | {"at": iso(now)})
            assert (refused.status_code, refused.json()["ErrorMessage"]) == (400, "Activity has already been ended.")
            assert http.post("EPIC06/start", json={}).json()["ErrorMessage"] == "employee is missing or unknown."
            assert http.post("EPIC06/fly", json={}).status_code == 400
            assert http.post("down").json()["up"] is False
            assert http.post("up").json()["up"] is True
        assert site.do(lambda: site.company.row("JobOper", ("004512", 0, 20))["QtyCompleted"]) == 10.0
        assert site.do(lambda: site.company.row("Indirect", ("M01",))["Description"]) == "Spindle"

    def test_is_not_for_web_pages(self, site: make.Site) -> None:
        refused = httpx.post(f"{site.handle.control_url}/down", headers={"Origin": "http://evil"}, trust_env=False)

        assert refused.status_code == 403
        assert site.epicor.behaviour.is_up

    def test_may_be_locked(self, site: make.Site) -> None:
        site.epicor.control_token = "secret"

        assert httpx.post(f"{site.handle.control_url}/down", trust_env=False).status_code == 401
        assert site.epicor.behaviour.is_up


@pytest.mark.django_db(transaction=True)
class TestSender:
    def test_delivers_at_least_once_to_the_real_endpoint(self, site: make.Site, live_server: Any, now: int) -> None:
        make.jobline(site.handle.base_url)
        issued = keys.issue(make.COMPANY, "test")
        target = Target(f"{live_server.url}/api/epicor/events/", issued.key, issued.secret)
        sender = site.sender({make.COMPANY: target}, clock=time.time)
        sender.manners = Manners(duplicated=0.5, swapped=0.3)

        def work() -> None:
            make.add_job(site.company, "004513", at=now)
            for number in range(30):
                key = site.company.start_activity(
                    f"E{number}", "004513", 20, at=now + number * MINUTE, resource_id="MILL-01"
                )
                site.company.end_activity(key, at=now + number * MINUTE + 1)

        site.do(work)
        _until(lambda: sender.waiting == 0)
        site.wait(sender.close())

        assert InboxEvent.objects.count() == 61
        assert sender.refused == []
        assert SourceSequence.objects.get().sequence == 61 + 4
        flow_inbox.work(now=now)
        assert LaborActivity.objects.filter(ended_at__isnull=False, line__isnull=False).count() == 30

    def test_keeps_what_a_jobline_that_is_away_did_not_take(self, site: make.Site, now: int) -> None:
        issued = keys.issue(make.COMPANY, "test")
        target = Target("http://127.0.0.1:9/api/epicor/events/", issued.key)
        sender = site.sender({make.COMPANY: target}, clock=lambda: 0.0)
        site.do(lambda: make.add_job(site.company, "004513", at=now))
        time.sleep(0.3)

        assert sender.waiting == 1
        site.wait(sender.close())
        assert sender.waiting == 1


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
