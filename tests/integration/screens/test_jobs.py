"""The list of jobs and the page of one: what they show is what the reports say, for histories with late facts."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.flow import erp, reporting, stops
from apps.jobs.models import Job, JobOper
from apps.jobs.types import Closing, ErpFacts, JobState, OperState
from apps.lines.models import WorkCenterMap
from apps.oee.models import HourRollup
from apps.oee.wire import figures_json
from apps.screens.jobs.reads import JobFacts, hours_of, job_facts
from apps.shared.instants import HOUR, MINUTE
from tests.integration.screens.conftest import Floor
from tests.make import boards
from tests.make.days import days
from tests.make.histories import History, history, orders
from tests.make.reports import feed, load
from tests.make.reports import now as replayed_now

PATH = "/jobs/EPIC06/004512-1/"


def page_of(client: Client, path: str) -> Any:
    """What the page at an address was made of."""
    response = client.get(path)
    assert response.status_code == 200, path
    return response.context["page"]


def reported(by: str, job: Job, at: int) -> list[dict[str, Any]]:
    """The rows of `manage.py oee` that are of a job, over all time."""
    rows = reporting.oee_rows(by=by, start=0, end=at, line=None, now=at)
    wanted = (job.company.code, job.plant, job.job_num)
    return [row for row in rows if (row["company"], row["plant"], row["JobNum"]) == wanted]


def same(mine: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether every figure of a row is the same, to the last digit."""
    return mine == {name: row[name] for name in mine}


class TestReconciles:
    @pytest.mark.parametrize("order", ["natural", "shuffled"])
    @pytest.mark.parametrize("seed", [0, 3, 6, 8])
    def test_every_job_of_a_nasty_morning_with_the_reports(self, seed: int, order: str, db: None) -> None:
        told = history(seed, size="small")

        assert self.compared(told.plant_toml, orders(told, seed)[order]) >= 2

    @pytest.mark.parametrize("order", ["natural", "shuffled", "staged"])
    @pytest.mark.parametrize("seed", [0, 1, 2, 3])
    def test_every_job_of_several_days_with_the_reports(self, seed: int, order: str, db: None) -> None:
        told = days(seed, count=2)
        files = orders(History(told.plant_toml, told.facts, told.lines, "", ""), seed)[order]

        assert self.compared(told.plant_toml, files) >= 2
        assert HourRollup.objects.filter(oper__isnull=False).count() > 10

    def compared(self, plant_toml: str, files: list[list[str]]) -> int:
        """Feed the files; how many operations were compared with `oee --by operation`, to the last digit."""
        load(plant_toml)
        for file in files:
            feed(file)
        at, count = replayed_now(), 0
        for job in Job.objects.select_related("company"):
            facts = job_facts(job, at)
            mine = {(oper.assembly_seq, oper.opr_seq): facts.figures[oper.oper_id] for oper in facts.opers}
            rows = {(row["AssemblySeq"], row["OprSeq"]): row for row in reported("operation", job, at)}

            assert {key for key, one in mine.items() if one.total or any(one.buckets.values())} == set(rows)
            assert all(same(figures_json(mine[key]), row) for key, row in rows.items())
            assert all(same(figures_json(facts.whole), row) for row in reported("job", job, at))
            for oper in facts.opers:
                self.hours_make_the_whole(facts, oper.oper_id)
            count += len(rows)
        return count

    def hours_make_the_whole(self, facts: JobFacts, oper_id: int) -> None:
        """What is drawn by hour adds up to the operation."""
        cells = [sums for held in hours_of(facts, oper_id).values() for sums in held.values()]
        whole = facts.figures[oper_id]

        assert sum(sums.good for sums in cells) == whole.good
        assert {name: sum(getattr(sums, name) for sums in cells) for name in whole.buckets} == whole.buckets

    def test_after_a_late_tag_and_a_late_end_of_labour(
        self, floor: Floor, signed_in: Callable[..., Client], clock: Callable[[int], None]
    ) -> None:
        job = Job.objects.select_related("company").get(job_num="004512-1")
        before = figures_json(job_facts(job, floor.now).whole)
        boards.reason("P01", "Planned work", "planned")
        stops.tag(line="mill-1", at=floor.stop_at, code="P01", by="1041", now=floor.now)
        boards.tell(labor=[boards.sign_off(floor.now - 40 * MINUTE, seq=1)], now=floor.now)
        after = figures_json(job_facts(job, floor.now).whole)

        assert before != after
        assert same(after, reported("job", job, floor.now)[0])
        assert page_of(signed_in("planner"), PATH).rows[-1].good == str(after["good"])


class TestJob:
    def test_shows_where_it_stands(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        response = signed_in("planner").get(PATH)
        page, text = response.context["page"], response.content.decode()

        assert (page.standing.label, page.standing.good, page.standing.ordered) == ("op 20", "120", "2\u202f000")
        assert [(stage.title, stage.when, stage.where) for stage in page.spine.stages] == [
            ("20 CNC Mill", "now", "Mill 1")
        ]
        assert 'data-line="mill-1"' in text
        assert 'data-socket="/ws/plant/EPIC06/MfgSys/"' in text

    def test_its_stop_is_without_a_reason_until_somebody_says_one(
        self, floor: Floor, signed_in: Callable[..., Client], person: Callable[..., Any]
    ) -> None:
        client = signed_in("planner")
        assert [row.reason for row in page_of(client, PATH).parts.stops] == ["Without a reason"]
        ana = person("operator")
        ana.display_name = "Ana Kovač"
        ana.save()
        stops.tag(line="mill-1", at=floor.stop_at, code="D210", by=ana.emp_id, now=floor.now, comment="T04")
        parts = page_of(client, PATH).parts

        assert [(row.reason, row.who, row.comment) for row in parts.stops] == [("Tool breakage", "Ana Kovač", "T04")]
        assert any(event.text.startswith("Ana Kovač: Tool breakage, for the stop at") for event in parts.events)

    def test_each_state_of_an_operation_has_its_look(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        opers = tuple(OperState(0, seq, "OP", f"Step {seq}", 100, 60, "PH", sys_rev_id=2) for seq in (10, 20, 30))
        job = JobState(boards.COMPANY, boards.PLANT, "004512-1", "BRKT-2210", "Bracket", 2000, 2, opers)
        done = Closing("test", "done-10", boards.COMPANY, "004512-1", floor.now - HOUR, 0, 10)
        erp.apply(ErpFacts(jobs=(job,), closings=(done,)), now=floor.now)

        stages = page_of(signed_in("planner"), PATH).spine.stages

        assert [(stage.when, stage.oee) for stage in stages][::2] == [("done", "–"), ("next", "–")]
        assert stages[1].when == "now"

    def test_an_operation_is_chosen_by_the_address_and_its_parts_come_alone(
        self, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        JobOper.objects.create(job=Job.objects.get(job_num="004512-1"), assembly_seq=1, opr_seq=30, op_desc="Deburr")
        client = signed_in("planner")

        assert page_of(client, PATH).parts.key == "20"
        assert page_of(client, f"{PATH}?op=1.30").parts.key == "1.30"
        alone = client.get("/job-parts/EPIC06/004512-1/?op=1.30").content.decode()
        assert "No line was on this operation yet." in alone
        assert "<html" not in alone

    def test_its_kpis_lead_to_their_working_and_to_its_losses(
        self, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        client = signed_in("planner")
        page = page_of(client, PATH)
        working = page_of(client, page.parts.workings[0].href)
        losses = page_of(client, page.losses)

        assert [(row.job, row.good) for row in working.opers if row.job] == [("004512", "120")]
        assert [row.text for row in losses.rows] == ["Without a reason"]

    def test_a_number_with_a_slash_has_a_page(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        boards.tell([boards.job("A/7 b")], now=floor.now)
        client = signed_in("planner")
        row = page_of(client, "/jobs/?tab=next").rows[0]

        assert page_of(client, row.href).number == "A/7 b"

    def test_one_that_never_ran_and_one_without_operations(
        self, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        boards.tell([boards.job("new-1"), JobState(boards.COMPANY, boards.PLANT, "bare-1")], now=floor.now)
        client = signed_in("planner")

        assert page_of(client, "/jobs/EPIC06/new-1/").standing.state == "Not begun"
        assert b"Epicor told of no operation" in client.get("/jobs/EPIC06/bare-1/").content

    def test_words_from_epicor_are_words(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        Job.objects.update(part_description="<script>alert(1)</script>")
        JobOper.objects.update(op_desc="<img src=x>")

        text = signed_in("planner").get(PATH).content

        assert b"<script>alert" not in text
        assert b"<img src=x" not in text

    @pytest.mark.parametrize("path", ["/jobs/EPIC06/nothing/", "/jobs/NOBODY/004512-1/", "/job-parts/EPIC06/nothing/"])
    def test_what_is_not_there_is_not_found(self, path: str, floor: Floor, signed_in: Callable[..., Client]) -> None:
        assert signed_in("planner").get(path).status_code == 404

    def test_a_line_of_a_plant_that_one_may_not_see_is_not_named(
        self, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        WorkCenterMap.objects.create(company=floor.plant.company, kind="resource", code="PRESS-9", line_id=press(floor))
        boards.tell(labor=[boards.sign_on("press-9", "004512-1", floor.now - HOUR, seq=9)], now=floor.now)

        text = signed_in("planner").get(PATH).content.decode()

        assert "another plant" in text
        assert not re.search("press.9", text, re.IGNORECASE)


def press(floor: Floor) -> int:
    """The line next door."""
    found: int = floor.next_door.lines.values_list("pk", flat=True).get(slug="press-9")
    return found


class TestList:
    def test_has_the_job_that_a_line_is_on(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        row = page_of(signed_in("planner"), "/jobs/").rows[0]

        assert (row.number, row.suffix, row.oper, row.line, row.good) == (
            "004512",
            "-1",
            "20 CNC Mill",
            "Mill 1",
            "120",
        )
        assert row.board["state"] == "untag"

    def test_each_job_is_under_one_tab(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        boards.tell([boards.job("later-1"), boards.job("done-1")], now=floor.now)
        closing = Closing("test", "closed", boards.COMPANY, "done-1", floor.now - HOUR)
        erp.apply(ErpFacts(closings=(closing,)), now=floor.now)
        client = signed_in("planner")
        pages = {tab: page_of(client, f"/jobs/?tab={tab}") for tab in ("process", "next", "closed")}

        found = {tab: [row.number + row.suffix for row in page.rows] for tab, page in pages.items()}
        assert found == {"process": ["004512-1"], "next": ["later-1"], "closed": ["done-1"]}
        assert [tab.number for tab in pages["next"].tabs] == ["1", "1", "1"]

    def test_the_furthest_behind_comes_first(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        # Twice the pace of mill 1's job, and the same parts: it is further behind.
        fast = boards.job("fast-1", per_hour=900)
        boards.tell([fast], [boards.sign_on("mill-2", "fast-1", floor.now - 70 * MINUTE, seq=7)], now=floor.now)
        boards.run("mill-2", [(3600, True, 0), (600, True, 0)], start=floor.now - 70 * MINUTE)

        rows = page_of(signed_in("planner"), "/jobs/").rows

        assert [row.number for row in rows] == ["fast", "004512"]

    @pytest.mark.parametrize(
        ("find", "count"), [("004512", 1), ("brkt", 1), ("HINGE", 1), ("mill 1", 1), ("mill 2", 0), ("%", 0)]
    )
    def test_is_searched(self, find: str, count: int, floor: Floor, signed_in: Callable[..., Client]) -> None:
        assert len(page_of(signed_in("planner"), f"/jobs/?find={find.replace('%', '%25')}").rows) == count

    def test_what_is_due_first_comes_next_and_what_is_late_stands_out(
        self, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        wanted = {"a-1": "", "b-1": "2026-03-20", "c-1": "2026-03-07", "d-1": "2026-03-08"}
        boards.tell([replace(boards.job(number), due_date=due) for number, due in wanted.items()], now=floor.now)
        client = signed_in("planner")
        rows = page_of(client, "/jobs/?tab=next").rows

        # The day itself is not over yet.
        assert [(row.number, row.due, row.is_late) for row in rows] == [
            ("c", "7 Mar", True), ("d", "8 Mar", False), ("b", "20 Mar", False), ("a", "", False),
        ]  # fmt: skip
        assert page_of(client, "/jobs/EPIC06/c-1/").due == "Sat 7 Mar"

    def test_has_the_oee_of_the_jobs_page(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client = signed_in("planner")
        whole = page_of(client, PATH).oee

        assert page_of(client, "/jobs/").rows[0].oee.split("\u202f")[0] == str(round(float(whole.split("\u202f")[0])))

    def test_says_why_it_is_empty(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client = signed_in("planner")

        assert b"No job closed in 7 days" in client.get("/jobs/?tab=closed").content
        assert b"No job matches" in client.get("/jobs/?find=zzz").content

    def test_next_door_is_not_found(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        assert signed_in("planner").get("/jobs/?plant=EPIC06/Other").status_code == 404


class TestQueries:
    def spent(self, client: Client, path: str) -> int:
        """How many statements a page takes."""
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    def test_are_as_many_for_two_operations_as_for_fifty(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client = signed_in("planner")
        for number, count in (("few-1", 2), ("many-1", 50)):
            opers = tuple(
                OperState(0, 10 * (1 + n), "OP", f"Step {n}", 100, 60, "PH", sys_rev_id=1) for n in range(count)
            )
            job = JobState(boards.COMPANY, boards.PLANT, number, "P", "Part", 100, 1, opers)
            first, step = floor.now - 69 * MINUTE, MINUTE * 60 // count
            labor = []
            for n in range(count):
                seq = 1000 * count + n
                labor.append(boards.sign_on("mill-1", number, first + n * step, seq=seq, opr_seq=10 * (1 + n)))
                labor.append(boards.sign_off(first + (n + 1) * step, seq=seq))
            boards.tell([job], labor, now=floor.now)

        few, many = (self.spent(client, f"/jobs/EPIC06/{number}/") for number in ("few-1", "many-1"))

        assert few == many <= 62

    def test_of_the_list_have_a_ceiling(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client = signed_in("planner")
        boards.tell([boards.job(f"more-{n}") for n in range(30)], now=floor.now)

        assert self.spent(client, "/jobs/") <= 62
        assert self.spent(client, "/jobs/?tab=next") <= 62
