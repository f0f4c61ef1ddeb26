"""The summary of a completed operation (SEMANTICS.md §10): made once, and again only when a figure changed."""

import pytest

from apps.downtime.models import ReasonTag
from apps.flow import reporting, stops
from apps.oee.models import OeeSummary
from tests.make.reports import Row, feed, load, now
from tests.oracle.cases import at, event, job, labour, mark, plant_file, sample, scrap
from tests.oracle.instants import parse

pytestmark = pytest.mark.django_db

KEY = {"LaborHedSeq": 1, "LaborDtlSeq": 1}
DONE = event("operation.completed", 300, {"JobNum": "J1", "AssemblySeq": 0, "OprSeq": 10})
# J1 from 0 to 300 at 30 s a part: running 0 to 90 with 3 parts (1 reject), down to 190, running with 3 more to 300.
MACHINE = [
    sample(s, running=running, total=total, reject=reject)
    for s, running, total, reject in (
        (0, True, 0, 0), (90, False, 3, 1), (190, True, 3, 1), (280, True, 6, 1), (300, True, 6, 1), (390, True, 9, 1),
    )
]  # fmt: skip


def told() -> dict[str, Row]:
    """The summaries in force, by job."""
    return {row["JobNum"]: row for row in reporting.summary_rows(job=None, now=now())}


@pytest.fixture(autouse=True)
def _plant() -> None:
    load(plant_file())
    feed(job("J1", ProdStandard=120), job("J2"), labour(0, None), MACHINE)


def test_is_made_when_the_operation_completes() -> None:
    assert told() == {}
    feed(DONE)
    row = told()["J1"]

    assert {name: row[name] for name in ("company", "plant", "AssemblySeq", "OprSeq", "revision")} == {
        "company": "C", "plant": "P", "AssemblySeq": 0, "OprSeq": 10, "revision": 1,
    }  # fmt: skip
    assert (row["buckets_s"]["running"], row["buckets_s"]["downtime"]) == (200, 100)
    assert (row["total"], row["good"], row["reject"], row["ideal_s"]) == (6, 5, 1, 180)
    assert [row[name] for name in ("availability", "performance", "quality", "oee", "coverage")] == pytest.approx(
        [200 / 300, 180 / 200, 5 / 6, 150 / 300, 1]
    )
    assert row["losses"] == [{"key": "", "seconds": 100}]
    assert row["runs"] == [
        {
            "line": "l",
            "start": at(0).replace("+00:00", "Z"),
            "end": at(300).replace("+00:00", "Z"),
            "kind": "production",
        }
    ]


def test_is_made_too_where_the_operation_has_no_time() -> None:
    feed(event("job.closed", 300, {"JobNum": "J2"}))
    row = told()["J2"]
    assert set(row["buckets_s"].values()) == {0}
    assert [row[name] for name in ("total", "availability", "oee", "coverage", "losses", "runs")] == [
        0, None, None, None, [], [],
    ]  # fmt: skip


def test_the_revision_counts_up_only_where_a_figure_changes() -> None:
    feed(DONE)
    for fact, revision in (
        (DONE, 1),  # the same again
        (sample(400, running=True, total=9, reject=1), 1),  # after its time
        (mark("tag", 395, 400, code="M01"), 1),  # not in a stop
        (event("operation.ended", 350, KEY), 1),  # completed before
        (mark("tag", 100, 401, code="M01"), 2),  # its first loss has a name now
        (mark("tag", 100, 402, code="M01"), 2),
        (mark("split", 150, 403), 3),  # what lies behind 150 has lost its tag
        (mark("unsplit", 150, 404), 4),
        (scrap(200, 1), 5),
        (job("J1", revision=2, ProdStandard=60), 6),
        (job("J1", revision=1, ProdStandard=90), 6),  # an older state
        (job("J2", revision=2, ProdStandard=60), 6),  # another job
        (event("operation.started", 30, {**KEY, "SysRevID": 9}), 7),
    ):
        feed(fact)
        assert told()["J1"]["revision"] == revision, fact


def test_reading_it_again_makes_no_revision() -> None:
    feed(DONE)
    assert told() == told()
    assert OeeSummary.objects.get().revision == 1


def test_made_at_is_when_its_revision_was_made() -> None:
    feed(DONE)
    made = told()["J1"]["made_at"]
    feed(sample(480, running=True, total=9, reject=1))
    assert told()["J1"]["made_at"] == made
    feed(mark("tag", 100, 500, code="M01"))
    assert told()["J1"]["made_at"] == at(500).replace("+00:00", "Z") != made


def test_has_the_first_three_losses_that_have_seconds() -> None:
    tags = [mark("split", second, 500) for second in (130, 150, 165)]
    tags += [mark("tag", second, 501, code=code) for second, code in ((100, "M01"), (140, "M02"), (170, "N01"))]
    feed(DONE, tags)
    # 90 to 130, 130 to 150, 150 to 165 without a reason, 165 to 190
    assert told()["J1"]["losses"] == [
        {"key": "M01", "seconds": 40}, {"key": "N01", "seconds": 25}, {"key": "M02", "seconds": 20},
    ]  # fmt: skip


def test_what_was_said_before_the_completion_and_comes_after_it_leaves_the_time_between_in() -> None:
    feed(DONE)
    before = told()["J1"]

    assert stops.tag(line="l", at=parse(at(100)), code="M01", by="e", said_at=parse(at(150)), now=now())

    after = told()["J1"]
    assert after["losses"] == [{"key": "M01", "seconds": 100}]
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"revision", "losses"}
    assert ReasonTag.objects.get().tagged_at == parse(at(150))


def test_a_tag_of_a_stop_that_is_not_over_is_in_the_summary_at_once() -> None:
    feed(DONE, job("J3", ProdStandard=120), labour(400, None, ("J3", 0, 10), seq=3))
    feed([sample(s, running=s < 460, total=9, reject=1) for s in range(400, 700, 10)])
    feed(event("operation.completed", 600, {"JobNum": "J3", "AssemblySeq": 0, "OprSeq": 10}, "third"))
    assert [loss["key"] for loss in told_before_reading("J3")] == [""]

    stops.tag(line="l", at=parse(at(500)), code="M01", by="e", now=now())

    assert [loss["key"] for loss in told_before_reading("J3")] == ["M01"]


def told_before_reading(job_num: str) -> list[Row]:
    """The losses of a summary as it is kept, not brought up to date by being read."""
    found: list[Row] = OeeSummary.objects.get(oper__job__job_num=job_num).figures["losses"]
    return found
