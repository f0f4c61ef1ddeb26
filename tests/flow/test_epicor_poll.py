"""What a look at Epicor finds, over real HTTP: labour and jobs."""

from datetime import date

import pytest

from apps.epicor import inbox, queries
from apps.epicor.models import InboxEvent
from apps.jobs.models import ClosingRecord, Job, JobOper, LaborActivity, LaborRecord
from apps.oee.models import OeeSummary
from apps.reasons.models import ReasonCode
from apps.shared.instants import HOUR, MINUTE, SECOND, parse_us
from tests.make import epicor as make
from tests.make.floor import Floor, activities, runs

pytestmark = pytest.mark.django_db(transaction=True)


class TestPoll:
    def test_finds_what_runs(self, floor: Floor) -> None:
        key = floor.start()
        started = floor.now
        result = floor.poll(after=10 * SECOND)

        assert result.is_done
        assert activities() == [
            (key.hed_seq, 1, "004512", 20, "production", "MILL-01", "E7", started, None, "mill-1", 20, "")
        ]
        assert runs() == [("mill-1", started, None, 20, "production")]
        assert Job.objects.get().part_num == "BRKT-2210"
        assert [(row.code, row.kind) for row in ReasonCode.objects.order_by("code")] == [
            ("M01", "downtime"), ("S07", "scrap"),
        ]  # fmt: skip

    def test_a_second_look_tells_nothing_new(self, floor: Floor) -> None:
        floor.start()
        floor.poll()
        before = activities(), LaborRecord.objects.count()

        assert floor.poll(after=30 * SECOND).facts == 0
        assert (activities(), LaborRecord.objects.count()) == before

    def test_finds_the_end(self, floor: Floor) -> None:
        key = floor.start()
        floor.poll()
        floor.now += HOUR
        floor.end(key)
        ended = floor.now
        floor.poll(after=20 * SECOND)

        assert activities()[0][8] == ended

    def test_finds_what_began_and_ended_between_two_looks(self, floor: Floor) -> None:
        floor.poll()
        key = floor.start()
        started = floor.now
        floor.now += MINUTE
        floor.end(key)
        floor.poll(after=20 * SECOND)

        assert activities()[0][7:9] == (started, started + MINUTE)

    def test_finds_time_that_was_typed_in_afterwards(self, floor: Floor) -> None:
        floor.poll()
        start = parse_us("2026-03-07T22:00:00-06:00")
        floor.site.do(
            lambda: floor.site.company.back_enter(
                "E9", "004512", 20, start=start, end=start + 8 * HOUR, resource_id="MILL-02"
            )
        )
        floor.poll(after=30 * SECOND)

        # That night the clock went forward.
        assert activities()[0][7:10] == (start, start + 8 * HOUR, "mill-2")

    def test_the_day_on_which_a_job_is_wanted_comes_with_it_and_moves(self, floor: Floor) -> None:
        floor.start()
        company = floor.site.company
        floor.site.do(lambda: company.change_job("004512", at=floor.now, DueDate=date(2026, 5, 15), ReqDueDate=None))
        floor.poll()
        assert Job.objects.get(job_num="004512").due_date == "2026-05-15"

        floor.site.do(lambda: company.change_job("004512", at=floor.now, ReqDueDate=date(2026, 5, 13)))
        floor.poll(after=30 * SECOND)
        assert Job.objects.get(job_num="004512").due_date == "2026-05-13"

    def test_setup_then_production(self, floor: Floor) -> None:
        key = floor.start(labor_type="S")
        floor.now += MINUTE
        floor.end(key)
        floor.start()
        floor.poll()

        assert [row[4] for row in runs()] == ["setup", "production"]

    def test_many_people_and_jobs(self, floor: Floor) -> None:
        for number in range(120):
            job_num = f"J{number // 2:03d}"
            if number % 2 == 0:
                floor.site.do(lambda job_num=job_num: make.add_job(floor.site.company, job_num, at=floor.now))
            floor.start(job_num, employee=f"E{number}", resource_id="", resource_grp_id="MILL")
        floor.poll()

        assert LaborActivity.objects.filter(problem="unmapped_resource").count() == 120
        assert Job.objects.count() == 61

    def test_indirect_labor_is_none_of_its_business(self, floor: Floor) -> None:
        key = floor.start()
        floor.site.do(
            lambda: floor.site.company.start_downtime("E7", "M01", at=floor.now, plant=make.PLANT, interrupts=key)
        )
        floor.poll()

        assert len(activities()) == 1

    def test_a_correction_in_epicor_comes_through(self, floor: Floor) -> None:
        key = floor.start()
        floor.poll()
        floor.site.do(lambda: floor.site.company.write("LaborDtl", key, ResourceID="MILL-02", ClockinTime=0.5))
        floor.poll(after=30 * SECOND)

        row = activities()[0]
        assert (row[5], row[9], row[7]) == ("MILL-02", "mill-2", parse_us("2026-03-08T06:30:00Z"))

    def test_a_report_of_parts_does_not_round_the_start(self, floor: Floor) -> None:
        """Real sites keep clock times to the minute: the event knew better, and the row that changes later does not."""
        key = floor.start()
        started = floor.now
        floor.hear()
        floor.site.do(lambda: floor.site.company.write("LaborDtl", key, ClockinTime=0.0, LaborQty=5.0))
        floor.poll(after=30 * SECOND)

        assert activities()[0][7] == started

    def test_a_deleted_row_is_a_persons_question_and_changes_nothing(self, floor: Floor) -> None:
        key = floor.start()
        floor.poll()
        before = activities()
        floor.site.do(lambda: floor.site.company.delete_labor(key))
        floor.poll(after=30 * SECOND)
        floor.poll(after=30 * SECOND)

        assert activities() == before
        (question,) = queries.halted(make.COMPANY)
        assert f"{key.hed_seq}/1 is in Jobline and no longer in Epicor" in question.halt
        inbox.dismiss([question.pk], now=floor.now)
        floor.poll(after=30 * SECOND)
        assert queries.halted(make.COMPANY) == []

    def test_a_deleted_row_that_had_ended_shows_within_the_hour(self, floor: Floor) -> None:
        key = floor.start()
        floor.now += MINUTE
        floor.end(key)
        floor.poll()
        floor.site.do(lambda: floor.site.company.delete_labor(key))
        floor.poll(after=30 * SECOND)
        assert queries.halted(make.COMPANY) == []

        floor.poll(after=HOUR)
        assert len(queries.halted(make.COMPANY)) == 1

    def test_one_row_that_can_not_be_read_stops_nothing(self, floor: Floor) -> None:
        bad = floor.start(employee="E1")
        floor.start(employee="E2")
        floor.site.do(lambda: floor.site.company.row("LaborDtl", bad).update(ClockInDate=None))
        floor.poll()
        floor.poll(after=30 * SECOND)

        assert [row[6] for row in activities()] == ["E2"]
        (question,) = queries.halted(make.COMPANY)
        assert "ClockInDate" in question.halt

    def test_two_bad_rows_at_the_end_stop_nothing(self, floor: Floor) -> None:
        """The next quiet look holds only these two: it is no table that changed."""
        floor.start(employee="E1")
        floor.poll()
        old = [floor.start(employee=name) for name in ("E2", "E3")]
        for key in old:
            floor.end(key)
            floor.site.do(lambda key=key: floor.site.company.row("LaborDtl", key).update(ClockinTime="soon"))
        floor.poll(after=30 * SECOND)
        floor.poll(after=30 * SECOND)

        assert floor.poll(after=30 * SECOND).is_done
        assert len(queries.halted(make.COMPANY)) == 2

    def test_active_rows_that_all_turned_bad_stop_nothing_and_are_not_called_gone(self, floor: Floor) -> None:
        keys = [floor.start(employee=name) for name in ("E2", "E3")]
        floor.poll()
        for key in keys:
            floor.site.do(lambda key=key: floor.site.company.row("LaborDtl", key).update(ClockinTime="soon"))

        assert floor.poll(after=30 * SECOND).is_done
        assert len(activities()) == 2
        assert ["ClockinTime" in question.halt for question in queries.halted(make.COMPANY)] == [True, True]

    def test_two_bad_jobs_at_the_end_stop_nothing(self, floor: Floor) -> None:
        floor.poll()
        for number in ("1", "2"):
            floor.site.do(lambda number=number: make.add_job(floor.site.company, number, at=floor.now))
            floor.site.do(lambda number=number: floor.site.company.row("JobHead", (number,)).update(ProdQty="many"))

        assert floor.poll(after=30 * SECOND).is_done
        assert floor.poll(after=30 * SECOND).is_done
        assert len(queries.halted(make.COMPANY)) == 2

    def test_a_row_with_what_no_table_holds_stops_nothing(self, floor: Floor) -> None:
        floor.poll()
        bad = {"JobNum": "1\0", "ProdQty": float("inf"), "PartDescription": "a\0b\ud800", "JobFirm": []}
        floor.site.do(lambda: make.add_job(floor.site.company, "1", at=floor.now))
        floor.site.do(lambda: floor.site.company.row("JobHead", ("1",)).update(bad))
        floor.site.do(lambda: make.add_job(floor.site.company, "2", at=floor.now))

        assert floor.poll(after=30 * SECOND).is_done
        assert Job.objects.filter(job_num="2").exists()
        question = InboxEvent.objects.get()
        assert question.event_id.startswith("JobEntries 1\ufffd@")
        told = {name: question.body["data"][name] for name in bad}
        assert told == {"JobNum": "1\ufffd", "ProdQty": "inf", "PartDescription": "a\ufffdb\ufffd", "JobFirm": []}

    def test_a_first_list_of_nothing_but_bad_rows_is_a_table_that_changed(self, floor: Floor) -> None:
        for name in ("E2", "E3"):
            key = floor.start(employee=name)
            floor.site.do(lambda key=key: floor.site.company.row("LaborDtl", key).update(ClockinTime="soon"))

        assert "ClockinTime" in floor.poll().problems[0]
        assert queries.halted(make.COMPANY) == []


class TestJobs:
    def test_a_changed_standard_comes_through(self, floor: Floor) -> None:
        floor.poll()
        floor.site.do(lambda: floor.site.company.change_operation("004512", 20, at=floor.now, ProdStandard=90.0))
        floor.poll(after=30 * SECOND)

        assert JobOper.objects.get(opr_seq=20).prod_standard == 90

    def test_long_texts_are_cut_the_same_both_ways(self, floor: Floor) -> None:
        floor.site.do(lambda: floor.site.company.change_job("004512", at=floor.now, PartDescription="x" * 1000))
        floor.hear()
        floor.poll()

        assert Job.objects.get().part_description == "x" * 120
        assert queries.halted() == []

    def test_a_job_that_is_released_later_comes_then(self, floor: Floor) -> None:
        floor.site.do(lambda: make.add_job(floor.site.company, "004513", at=floor.now, released=False))
        floor.poll()
        assert Job.objects.count() == 1

        floor.site.do(lambda: floor.site.company.release_job("004513", at=floor.now))
        floor.poll(after=30 * SECOND)
        assert Job.objects.count() == 2

    def test_completion_closes_and_makes_a_summary(self, floor: Floor) -> None:
        key = floor.start()
        floor.poll()
        floor.now += HOUR
        floor.end(key, complete=True)
        ended = floor.now
        floor.poll(after=20 * SECOND)
        floor.poll(after=30 * SECOND)

        assert list(ClosingRecord.objects.values_list("opr_seq", "at")) == [(20, ended)]
        assert OeeSummary.objects.get().oper.opr_seq == 20

    def test_completion_without_labor_counts_from_when_it_is_seen(self, floor: Floor) -> None:
        floor.poll()
        floor.site.do(lambda: floor.site.company.complete_operation("004512", 10, at=floor.now))
        floor.poll(after=30 * SECOND)
        seen = floor.now
        floor.poll(after=30 * SECOND)

        assert list(ClosingRecord.objects.values_list("opr_seq", "at")) == [(10, seen)]

    def test_a_closed_job_closes_once(self, floor: Floor) -> None:
        floor.start()
        floor.poll()
        floor.now += HOUR
        floor.site.do(lambda: floor.site.company.close_job("004512", at=floor.now))
        ended = floor.now
        floor.poll(after=30 * SECOND)
        floor.poll(after=30 * SECOND)

        assert list(ClosingRecord.objects.values_list("job_num", "opr_seq")) == [("004512", None)]
        assert activities()[0][8] == ended

    def test_what_was_complete_before_we_came_is_no_news(self, floor: Floor) -> None:
        floor.site.do(lambda: floor.site.company.complete_operation("004512", 10, at=floor.now))
        floor.poll()

        assert ClosingRecord.objects.count() == 0
