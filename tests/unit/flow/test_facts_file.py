"""One line of a facts file as a typed fact (FORMATS.md §2), and which instant it moves the replayed clock to."""

import json

import pytest

from apps.flow.facts_file import BadLine, MarkLine, SampleLine, ScrapLine, latest, parse
from apps.jobs.types import Choice, JobState
from apps.shared.instants import SECOND, parse_us
from apps.states.types import Sample

NOON = parse_us("2026-03-02T12:00:00Z")


def test_a_sample_has_what_the_line_reads_and_nothing_else() -> None:
    text = '{"t":"sample","line":"mill-1","at":"2026-03-02T12:00:00Z","running":true,"total":1200,"reject":3,"fault":0}'
    assert parse(text) == SampleLine("mill-1", Sample(NOON, running=True, total=1200, reject=3))


def test_good_is_the_quality_and_never_a_counter() -> None:
    text = '{"t":"sample","line":"l","at":"2026-03-02T06:00:00-06:00","running":false,"good":true,"good_count":7,"fault":12}'
    assert parse(text) == SampleLine("l", Sample(NOON, running=False, good_count=7, fault=12))


def test_a_failed_poll_carries_nothing_but_its_time() -> None:
    text = '{"t":"sample","line":"l","at":"2026-03-02T12:00:00Z","good":false,"running":true,"total":9}'
    assert parse(text) == SampleLine("l", Sample(NOON, good=False))


def test_a_restart_is_said() -> None:
    text = '{"t":"sample","line":"l","at":"2026-03-02T12:00:00Z","running":true,"total":2,"restarted":true}'
    fact = parse(text)
    assert isinstance(fact, SampleLine)
    assert fact.sample.restarted


def test_words_of_people() -> None:
    base = {"line": "l", "at": "2026-03-02T12:00:00Z", "by": "e", "tagged_at": "2026-03-02T12:00:01Z"}
    assert parse(json.dumps({"t": "tag", "code": "M01", "comment": "x" * 300, **base})) == MarkLine(
        "tag", "l", NOON, "e", NOON + SECOND, "M01", "x" * 200
    )
    for action in ("untag", "split", "unsplit"):
        assert parse(json.dumps({"t": action, **base})) == MarkLine(action, "l", NOON, "e", NOON + SECOND)
    scrap = {"t": "scrap", "line": "l", "at": "2026-03-02T12:00:00Z", "qty": 4, "code": "S07", "by": "e"}
    assert parse(json.dumps(scrap)) == ScrapLine("l", NOON, 4, "S07", "e")


def test_a_job_s_operations_have_its_revision_unless_they_have_their_own() -> None:
    fact = parse(
        '{"t":"job","company":"C","plant":"P","JobNum":"J","SysRevID":7,'
        '"operations":[{"OprSeq":10},{"AssemblySeq":1,"OprSeq":20,"SysRevID":9,"ProdStandard":2.5,"StdBasis":"C"}]}'
    )
    assert isinstance(fact, JobState)
    assert [(one.assembly_seq, one.opr_seq, one.sys_rev_id, one.prod_standard, one.std_basis) for one in fact.operations] == [
        (0, 10, 7, 0, "E"), (1, 20, 9, 2.5, "C"),
    ]  # fmt: skip


def test_a_choice() -> None:
    text = '{"t":"resolve","line":"l","start":"2026-03-02T12:00:00Z","end":"2026-03-02T12:00:02Z","JobNum":"J",'
    text += '"AssemblySeq":0,"OprSeq":20,"by":"sup-1","tagged_at":"2026-03-02T12:00:01Z"}'
    assert parse(text) == Choice("l", NOON, NOON + 2 * SECOND, "J", 0, 20, "sup-1", NOON + SECOND)


@pytest.mark.parametrize(
    ("fact", "seconds"),
    [
        ({"t": "sample", "line": "l", "at": "2026-03-02T12:00:05Z", "good": False}, 5),
        ({"t": "untag", "line": "l", "at": "2026-03-02T12:00:05Z", "tagged_at": "2026-03-02T12:00:09Z"}, 9),
        ({"t": "untag", "line": "l", "at": "2026-03-02T12:00:09Z", "tagged_at": "2026-03-02T12:00:05Z"}, 9),
        ({"t": "scrap", "line": "l", "at": "2026-03-02T12:00:05Z", "qty": 1}, 5),
        (
            {"t": "resolve", "line": "l", "start": "2026-03-02T12:00:00Z", "end": "2026-03-02T12:00:09Z", "JobNum": "J",
             "OprSeq": 1, "tagged_at": "2026-03-02T12:00:05Z"},
            9,
        ),
    ],
)  # fmt: skip
def test_now_is_the_greatest_instant_of_a_fact(fact: dict[str, object], seconds: int) -> None:
    assert latest(parse(json.dumps(fact))) == NOON + seconds * SECOND


def test_a_job_moves_no_clock() -> None:
    assert latest(parse('{"t":"job","company":"C","JobNum":"J"}')) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"t":"sample"', "not JSON"),
        ("7", "not a JSON object"),
        ('{"at":"x"}', "t is None; known are sample, event, tag"),
        ('{"t":"sample","line":"l","running":true}', "at is missing"),
        ('{"t":"sample","at":"2026-03-02T12:00:00Z","running":true}', "line is missing"),
        ('{"t":"sample","line":"l","at":"2026-03-02T12:00:00Z"}', "running is missing"),
        ('{"t":"sample","line":"l","at":"yesterday","running":true}', "'yesterday' is not a time"),
        ('{"t":"sample","line":"l","at":"2026-03-02T12:00:00Z","running":true,"total":true}', "total must be"),
        ('{"t":"job","company":"C"}', "JobNum is missing"),
        ('{"t":"event","event":{"specversion":"0.3"}}', "specversion must be 1.0"),
        (
            '{"t":"count","line":"l","start":"2026-03-02T12:00:00Z","end":"2026-03-02T12:00:00Z","good":1,"reject":0}',
            "later",
        ),
    ],
)
def test_every_refusal_is_a_sentence(text: str, reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        parse(text)
