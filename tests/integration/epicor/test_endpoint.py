"""`POST /api/epicor/events/`: each answer of FORMATS §3, and that nothing of a refused batch is stored."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from apps.epicor import inbox, keys
from apps.epicor.models import InboxEvent
from apps.flow import tasks
from apps.screens.integration import pace
from apps.shared.clock import now_us
from apps.simulators.epicor.sender import signature
from tests.make.events import event, labor

pytestmark = pytest.mark.django_db
URL = "/api/epicor/events/"
ONE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
Post = Callable[..., Any]


@pytest.fixture
def issued() -> keys.Issued:
    return keys.issue("EPIC06", "test")


@pytest.fixture
def post(issued: keys.Issued) -> Post:
    def posted(body: Any, *, kind: str = ONE, key: str | None = issued.key, signed: str | None = None) -> HttpResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
        if signed is not None:
            headers["X-Jobline-Signature"] = signed
        return Client(enforce_csrf_checks=True).post(URL, raw, content_type=kind, headers=headers)

    return posted


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[frozenset[str]]]:
    """What the endpoint asked to be worked off: whether a worker hears it is another test's question."""
    heard: list[frozenset[str]] = []
    monkeypatch.setattr(tasks, "events_stored", heard.append)
    yield heard
    pace._PACES.clear()


def refused(response: HttpResponse, status: int) -> dict[str, Any]:
    """The problem, of which nothing was stored."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert InboxEvent.objects.count() == 0
    problem: dict[str, Any] = json.loads(response.content)
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    return problem


class TestAccepted:
    def test_one(self, post: Post, asked: list[frozenset[str]]) -> None:
        response = post(event())

        assert (response.status_code, response.json()) == (202, {"accepted": 1, "duplicates": 0})
        assert asked == [frozenset()]

    def test_batch_with_repetitions(self, post: Post) -> None:
        first, second = event(), event()

        assert post([first, second], kind=BATCH).json() == {"accepted": 2, "duplicates": 0}
        assert post([first, event(), first], kind=BATCH).json() == {"accepted": 1, "duplicates": 2}
        assert post(first).json() == {"accepted": 0, "duplicates": 1}

    def test_an_empty_batch(self, post: Post) -> None:
        assert post([], kind=BATCH).json() == {"accepted": 0, "duplicates": 0}

    def test_a_charset_beside_the_content_type(self, post: Post) -> None:
        assert post(event(), kind=f"{ONE}; charset=utf-8").status_code == 202

    def test_a_conflict_is_a_duplicate(self, post: Post) -> None:
        post(labor(id_="1", OprSeq=20))

        assert post(labor(id_="1", OprSeq=30)).json() == {"accepted": 0, "duplicates": 1}

    def test_a_gap_asks_for_a_look(self, post: Post, asked: list[frozenset[str]]) -> None:
        post(event(sequence="1"))
        post(event(sequence="3"))

        assert asked == [frozenset(), frozenset({"EPIC06"})]

    def test_just_one_mebibyte(self, post: Post) -> None:
        body = event(Row={"x": ""})
        body["data"]["Row"]["x"] = "x" * (1024 * 1024 - len(json.dumps(body)))

        assert post(body).status_code == 202


class TestBad:
    @pytest.mark.parametrize(
        ("changed", "attribute"),
        [
            ({"specversion": "0.3"}, "specversion"),
            ({"id": ""}, "id"),
            ({"id": 5}, "id"),
            ({"id": "x" * 401}, "id"),
            ({"source": None}, "source"),
            ({"source": "s" * 201}, "source"),
            ({"type": "epicor.coffee.made"}, "type"),
            ({"time": "2026-03-02T12:00:00"}, "time"),
            ({"time": "yesterday"}, "time"),
            ({"sequence": "one"}, "sequence"),
            ({"data": None}, "data"),
            ({"data": {"Company": ""}}, "data.Company"),
            ({"data": {"Company": "EPIC06"}}, "data.LaborHedSeq"),
            ({"data": {"Company": "EPIC06", "LaborHedSeq": "x", "LaborDtlSeq": 1}}, "data.LaborHedSeq"),
            ({"data": labor()["data"] | {"JobNum": "a\0b"}}, "data.JobNum"),
            ({"data": labor()["data"] | {"Row": {"x": ["\ud800"]}}}, "data.Row.x"),
        ],
    )
    def test_the_first_bad_attribute_is_named(self, post: Post, changed: dict[str, Any], attribute: str) -> None:
        problem = refused(post(labor() | changed), 400)

        assert problem["attribute"] == attribute
        assert attribute.rpartition(".")[2] in problem["detail"]

    def test_one_bad_event_refuses_the_whole_batch(self, post: Post) -> None:
        problem = refused(post([event(), labor() | {"time": ""}, event()], kind=BATCH), 400)

        assert (problem["attribute"], problem["index"]) == ("time", 1)

    @pytest.mark.parametrize(
        "raw", [b"", b"{", b"\xff\xfe", b'{"x": NaN}', b"[" * 100_000, b"null", b'"x"', b"5", b"[]", b"[1]"]
    )
    def test_no_event_at_all(self, post: Post, raw: bytes) -> None:
        refused(post(raw), 400)

    @pytest.mark.parametrize("raw", [b"{}", b"[[]]", b"[null]"])
    def test_no_batch(self, post: Post, raw: bytes) -> None:
        refused(post(raw, kind=BATCH), 400)

    @pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
    def test_another_content_type(self, post: Post, kind: str) -> None:
        assert refused(post(event(), kind=kind), 400)["attribute"] == "content-type"

    def test_another_method(self) -> None:
        assert Client().get(URL).status_code == 405


class TestStranger:
    @pytest.mark.parametrize("key", [None, "", "wrong", "jl_" + "x" * 43])
    def test_without_a_valid_key(self, post: Post, key: str | None) -> None:
        response = post(event(), key=key)

        refused(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")

    def test_basic_is_no_key(self, issued: keys.Issued) -> None:
        response = Client().post(URL, b"{}", content_type=ONE, headers={"Authorization": f"Basic {issued.key}"})

        refused(response, 401)

    def test_a_revoked_key(self, post: Post, issued: keys.Issued, now: int) -> None:
        assert keys.revoke(issued.key_id, now=now)
        assert not keys.revoke(issued.key_id, now=now)

        refused(post(event()), 401)

    def test_another_company(self, post: Post) -> None:
        refused(post([event(), event(Company="EPIC07")], kind=BATCH), 403)

    def test_the_key_itself_is_nowhere_kept(self, issued: keys.Issued) -> None:
        row = keys.IntegrationKey.objects.get()

        assert issued.key not in json.dumps({name: str(value) for name, value in vars(row).items()})


class TestSigned:
    def sign(self, issued: keys.Issued, body: bytes, *, ago_s: int = 0) -> str:
        return signature(issued.secret, body, now_us() // 1_000_000 - ago_s)

    def test_a_good_signature(self, post: Post, issued: keys.Issued) -> None:
        body = json.dumps(event()).encode()

        assert post(body, signed=self.sign(issued, body)).status_code == 202

    @pytest.mark.parametrize("ago_s", [301, -301])
    def test_too_old_or_from_tomorrow(self, post: Post, issued: keys.Issued, ago_s: int) -> None:
        body = json.dumps(event()).encode()

        refused(post(body, signed=self.sign(issued, body, ago_s=ago_s)), 401)

    def test_of_another_body(self, post: Post, issued: keys.Issued) -> None:
        refused(post(event(), signed=self.sign(issued, b"{}")), 401)

    @pytest.mark.parametrize("signed", ["", "t=1", "t=x,v1=" + "0" * 64, "v1=" + "0" * 64])
    def test_no_signature_at_all(self, post: Post, signed: str) -> None:
        refused(post(event(), signed=signed), 401)


class TestTooMuch:
    def test_a_long_body(self, post: Post) -> None:
        refused(post(b" " * (1024 * 1024 + 1)), 413)

    def test_a_stranger_is_not_told_so(self, post: Post) -> None:
        refused(post(b" " * (1024 * 1024 + 1), key="wrong"), 401)

    def test_too_fast(self, post: Post, settings: Settings) -> None:
        settings.EPICOR_EVENTS_PER_S = 1
        assert [post(event()).status_code for _ in range(2)] == [202, 202]
        response = post(event())

        assert response.status_code == 429
        assert int(response["Retry-After"]) >= 1
        assert InboxEvent.objects.count() == 2


class TestCanNotBeStored:
    def test_says_when_to_come_again(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_args: object, **_options: object) -> None:
            raise OperationalError("disk full")

        monkeypatch.setattr(inbox, "store", broken)
        response = post(event())

        refused(response, 503)
        assert int(response["Retry-After"]) >= 1
        assert "disk" not in response.content.decode()


class TestEventsStored:
    def test_a_broker_that_is_down_costs_no_answer(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        monkeypatch.undo()

        def broken(*_args: object, **_options: object) -> None:
            raise OSError("no broker")

        monkeypatch.setattr(tasks.work_inbox, "apply_async", broken)
        began = time.monotonic()
        with django_capture_on_commit_callbacks(execute=True):
            tasks.events_stored(frozenset({"EPIC06"}))

        assert time.monotonic() - began < 1
