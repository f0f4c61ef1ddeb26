"""The labour engine of the simulated Epicor: rows, triggers, events."""

from collections.abc import Callable
from datetime import date

import pytest

from apps.epicor.events import problem_of
from apps.shared.instants import HOUR, MINUTE, iso
from apps.simulators.epicor.company import BusinessError, Company, NotFound, Output
from apps.simulators.epicor.epicor import Event
from tests.make import epicor as make


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture
def company(now: int, told: list[Event]) -> Company:
    epicor = make.model(now=now)
    epicor.on_event(told.append)
    return epicor.companies[make.COMPANY]


class TestStartActivity:
    def test_writes_an_active_row_in_plant_time(self, company: Company, now: int) -> None:
        key = company.start_activity("E7", "004512", 20, at=now, resource_id="MILL-01")

        row = company.row("LaborDtl", key)
        # 06:00 UTC is midnight in Chicago.
        assert (row["ClockInDate"], row["ClockinTime"], row["ClockOutTime"]) == (date(2026, 3, 8), 0.0, 24.0)
        assert (row["ActiveTrans"], row["ResourceGrpID"], row["LaborQty"]) == (True, "MILL", 0.0)
        assert row["ClockOutMinute"] == int(row["ClockInMInute"] or 0) + 1440  # type: ignore[arg-type]

    def test_every_event_is_one_that_jobline_takes(self, company: Company, now: int, told: list[Event]) -> None:
        key = company.start_activity("E7", "004512", 20, at=now, resource_id="MILL-01")
        company.end_activity(key, at=now + HOUR, complete=True)
        company.close_job("004512", at=now + 2 * HOUR)
        company.set_indirect("M01", "Spindle", at=now)
        make.add_job(company, "004513", at=now)

        assert [problem_of(event) for event in told] == [None] * len(told)
        assert [event["type"].removeprefix("epicor.") for event in told] == [
            "operation.started", "operation.ended", "operation.completed", "job.closed", "dictionary.changed",
            "job.changed",
        ]  # fmt: skip
        # The site told four things (its dictionary and job) before anybody listened.
        assert [int(event["sequence"]) for event in told] == list(range(5, 11))
        assert told[0]["time"] == iso(now)

    def test_refuses_a_job_that_is_not_released(self, company: Company, now: int) -> None:
        make.add_job(company, "U1", at=now, released=False)

        with pytest.raises(BusinessError, match="not released"):
            company.start_activity("E7", "U1", 20, at=now, resource_id="MILL-01")

    @pytest.mark.parametrize(
        "start",
        [
            lambda company, now: company.start_activity("E7", "NOPE", 20, at=now, resource_id="MILL-01"),
            lambda company, now: company.start_activity("E7", "004512", 99, at=now, resource_id="MILL-01"),
            lambda company, now: company.start_activity("E7", "004512", 20, at=now, resource_id="NOPE"),
        ],
    )
    def test_refuses_what_does_not_exist(
        self, company: Company, now: int, start: Callable[[Company, int], object]
    ) -> None:
        with pytest.raises(NotFound):
            start(company, now)

    def test_two_activities_of_one_attendance_have_their_own_number(self, company: Company, now: int) -> None:
        first = company.start_activity("E7", "004512", 10, at=now)
        second = company.start_activity("E7", "004512", 20, at=now)

        assert (first.hed_seq, first.dtl_seq + 1) == (second.hed_seq, second.dtl_seq)


class TestEndActivity:
    def test_counts_on_the_operation_and_the_job(self, company: Company, now: int) -> None:
        key = company.start_activity("E7", "004512", 20, at=now, resource_id="MILL-01")
        company.report_quantity(key, Output(good=10))
        company.end_activity(key, at=now + 90 * MINUTE, output=Output(good=5, scrap=2, scrap_code="S07"))

        labor, oper = company.row("LaborDtl", key), company.row("JobOper", ("004512", 0, 20))
        assert (labor["ActiveTrans"], labor["LaborQty"], labor["LaborHrs"]) == (False, 15.0, 1.5)
        assert (labor["ScrapQty"], labor["ScrapReasonCode"]) == (2.0, "S07")
        assert (oper["QtyCompleted"], oper["ActScrapQty"], oper["ActProdHours"]) == (15.0, 2.0, 1.5)
        assert company.row("JobHead", ("004512",))["QtyCompleted"] == 15.0

    def test_setup_makes_no_parts(self, company: Company, now: int) -> None:
        key = company.start_activity("E7", "004512", 20, at=now, resource_id="MILL-01", labor_type="S")
        company.end_activity(key, at=now + HOUR, output=Output(good=5))

        oper = company.row("JobOper", ("004512", 0, 20))
        assert (oper["QtyCompleted"], oper["ActSetupHours"]) == (0.0, 1.0)

    def test_ends_once(self, company: Company, now: int) -> None:
        key = company.start_activity("E7", "004512", 20, at=now)
        company.end_activity(key, at=now + HOUR)

        with pytest.raises(BusinessError, match="already"):
            company.end_activity(key, at=now + HOUR)

    def test_a_deleted_row_takes_its_parts_along(self, company: Company, now: int) -> None:
        key = company.start_activity("E7", "004512", 20, at=now)
        company.end_activity(key, at=now + HOUR, output=Output(good=5))
        company.delete_labor(key)

        assert company.row("JobOper", ("004512", 0, 20))["QtyCompleted"] == 0.0


class TestCompleteAndClose:
    def test_completing_ends_what_is_open(self, company: Company, now: int) -> None:
        company.start_activity("E7", "004512", 20, at=now)
        company.start_activity("E8", "004512", 20, at=now)
        company.complete_operation("004512", 20, at=now + HOUR)

        assert company.active_labor() == []
        assert company.row("JobOper", ("004512", 0, 20))["OpComplete"] is True
        assert company.row("JobHead", ("004512",))["Candidate"] is False

    def test_a_closed_job_takes_no_labor(self, company: Company, now: int) -> None:
        company.close_job("004512", at=now)

        with pytest.raises(BusinessError, match="complete"):
            company.start_activity("E7", "004512", 20, at=now)
        assert company.open_jobs(make.PLANT) == []

    def test_clocking_out_ends_everything(self, company: Company, now: int) -> None:
        company.start_activity("E7", "004512", 20, at=now)
        company.clock_out("E7", at=now + HOUR)

        assert company.active_labor() == []
        assert company.attendance("E7") is None

    def test_downtime_names_the_interrupted_job(self, company: Company, now: int) -> None:
        key = company.start_activity("E7", "004512", 20, at=now, resource_id="MILL-01")
        stop = company.start_downtime("E7", "M01", at=now + MINUTE, plant=make.PLANT, interrupts=key)

        row = company.row("LaborDtl", stop)
        assert (row["LaborType"], row["RefJobNum"], row["RefOprSeq"], row["JobNum"]) == ("I", "004512", 20, "")
        company.end_activity(stop, at=now + HOUR)
        with pytest.raises(BusinessError, match="not for downtime"):
            company.start_downtime("E7", "MEET", at=now, plant=make.PLANT, interrupts=key)


class TestSysRevID:
    def test_rises_at_every_write_over_all_tables(self, company: Company, now: int) -> None:
        rows = [row for table in ("JobHead", "JobOper", "Indirect", "Reason") for row in company.rows(table)]
        revisions = [row["SysRevID"] for row in rows]

        assert len(set(revisions)) == len(revisions)
        before = max(revisions)  # type: ignore[type-var]
        company.change_operation("004512", 20, at=now, ProdStandard=90.0)
        assert company.row("JobOper", ("004512", 0, 20))["SysRevID"] > before  # type: ignore[operator]
