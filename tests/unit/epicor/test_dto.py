"""Rows on the wire: the encodings that Epicor sends, and what is refused."""

from datetime import date
from typing import Any

import pytest

from apps.epicor.dto import IndirectRow, JobRow, LaborRow, OperRow, ReasonRow
from apps.epicor.errors import EpicorSurprise

LABOR: dict[str, Any] = {
    "LaborHedSeq": 1200, "LaborDtlSeq": 3, "LaborType": "P", "JobNum": "004512", "AssemblySeq": 0, "OprSeq": 20,
    "ResourceGrpID": "MILL", "ResourceID": "MILL-01", "EmployeeNum": "E7",
    "ClockInDate": "2026-03-02T00:00:00-05:00", "ClockinTime": 6.25, "ClockOutTime": 24.0,
    "ClockInMInute": 19000000, "ClockOutMinute": 19001440, "ActiveTrans": True, "OpComplete": False,
    "SysRevID": 5_000_000_001, "BitFlag": 0, "SomethingNew_c": "x",
}  # fmt: skip


class TestLaborRow:
    def test_reads_a_row_and_ignores_what_it_does_not_know(self) -> None:
        row = LaborRow.parse(LABOR)

        assert (row.hed_seq, row.dtl_seq, row.job_num, row.opr_seq) == (1200, 3, "004512", 20)
        assert row.clock_in_date == date(2026, 3, 2)
        assert row.clock_in_hours == 6.25
        assert row.is_active
        assert row.sys_rev_id == 5_000_000_001

    @pytest.mark.parametrize(
        ("name", "sent", "attribute", "read"),
        [
            ("SysRevID", "9223372036854775807", "sys_rev_id", 9223372036854775807),
            ("SysRevID", 9007199254740993, "sys_rev_id", 9007199254740993),
            ("OprSeq", "20.00000000", "opr_seq", 20),
            ("ClockinTime", "6.25000000", "clock_in_hours", 6.25),
            ("ClockinTime", None, "clock_in_hours", 0.0),
            ("ActiveTrans", 1, "is_active", True),
            ("ActiveTrans", "false", "is_active", False),
            ("ResourceID", None, "resource_id", ""),
            ("ResourceID", " MILL-01 ", "resource_id", "MILL-01"),
            ("ClockInDate", "2026-03-02T00:00:00Z", "clock_in_date", date(2026, 3, 2)),
            ("ClockInDate", "2026-03-02", "clock_in_date", date(2026, 3, 2)),
            ("ClockInDate", "", "clock_in_date", None),
            ("ClockInDate", "0001-01-01T00:00:00", "clock_in_date", None),
            ("ClockInMInute", None, "clock_in_minute", 0),
        ],
    )
    def test_reads_every_encoding(self, name: str, sent: Any, attribute: str, read: Any) -> None:
        assert getattr(LaborRow.parse(LABOR | {name: sent}), attribute) == read

    @pytest.mark.parametrize(
        ("name", "sent"),
        [
            ("SysRevID", "new"), ("SysRevID", True), ("SysRevID", 1.5), ("ClockinTime", "morning"), ("ClockinTime", True),
            ("ClockinTime", float("nan")), ("ActiveTrans", "perhaps"), ("ActiveTrans", 2), ("JobNum", 4512),
            ("ClockInDate", "yesterday"), ("ClockinTime", {}), ("ActiveTrans", []), ("ActiveTrans", {}),
            ("ActiveTrans", float("inf")), ("OprSeq", float("inf")), ("JobNum", "1\0"), ("JobNum", "1\ud800"),
        ],
    )  # fmt: skip
    def test_names_the_column_that_it_can_not_read(self, name: str, sent: Any) -> None:
        with pytest.raises(EpicorSurprise, match=name):
            LaborRow.parse(LABOR | {name: sent})

    def test_a_missing_column_is_a_surprise(self) -> None:
        raw = {name: value for name, value in LABOR.items() if name != "ClockinTime"}

        with pytest.raises(EpicorSurprise, match="ClockinTime is missing"):
            LaborRow.parse(raw)


class TestOtherRows:
    def test_job(self) -> None:
        row = JobRow.parse({
            "JobNum": "00/45'12", "PartNum": "P", "PartDescription": "", "ProdQty": "2000.00000000", "Plant": "MfgSys",
            "JobFirm": True, "JobReleased": True, "JobComplete": False, "JobClosed": False,
            "DueDate": "2026-05-15T00:00:00", "ReqDueDate": None, "SysRevID": 7,
        })  # fmt: skip

        assert row.job_num == "00/45'12"
        assert row.prod_qty == 2000
        assert str(row.due) == "2026-05-15"

    def test_operation(self) -> None:
        row = OperRow.parse({
            "JobNum": "1", "AssemblySeq": 0, "OprSeq": 10, "OpCode": "MILL", "OpDesc": "x", "RunQty": 5,
            "ProdStandard": 0, "StdFormat": "PH", "StdBasis": "E", "OpsPerPart": 1, "QtyPerCycle": 1,
            "OpComplete": False, "SubContract": True, "SysRevID": 7,
        })  # fmt: skip

        assert row.is_subcontract

    def test_codes(self) -> None:
        indirect = IndirectRow.parse({"IndirectCode": "M01", "Description": "x", "DownTime": True, "Inactive": False})
        reason = ReasonRow.parse({"ReasonType": "S", "ReasonCode": "S07", "Description": "y", "Scrap": True})

        assert (indirect.code, indirect.is_downtime, reason.code, reason.is_scrap) == ("M01", True, "S07", True)
