"""The client against the simulated Epicor, over a real socket."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from apps.epicor import reader
from apps.epicor.auth import Access
from apps.epicor.breaker import Pace
from apps.epicor.client import Ask, EpicorClient
from apps.epicor.errors import EpicorRejected, EpicorSurprise, EpicorUnavailable
from tests.make import epicor as make

pytestmark = pytest.mark.django_db
LABOR = Ask("Erp.BO.LaborSvc/LaborDtls", ("LaborHedSeq", "LaborDtlSeq", "SysRevID"), ("LaborHedSeq", "LaborDtlSeq"))
QUICK = httpx.Timeout(0.3)
FAST = Pace(per_second=10_000, burst=10_000)


@contextmanager
def client(site: make.Site, **changed: str) -> Iterator[EpicorClient]:
    with EpicorClient(replace(make.access(site), **changed), timeout=QUICK, pace=FAST) as opened:
        yield opened


def work(site: make.Site, count: int, now: int) -> None:
    """So many employees start on operation 20."""
    site.do(lambda: [site.company.start_activity(f"E{n}", "004512", 20, at=now + n) for n in range(count)])


class TestRows:
    @pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
    def test_reads_all_rows_once(self, site: make.Site, now: int, count: int) -> None:
        work(site, count, now)

        with client(site) as asked:
            keys = [row["LaborHedSeq"] for row in asked.rows(LABOR)]

        assert len(keys) == len(set(keys)) == count

    def test_a_lower_cap_on_top_loses_nothing(self, site: make.Site, now: int) -> None:
        work(site, 55, now)
        site.epicor.behaviour.max_top = 20

        with client(site) as asked:
            assert len(list(asked.rows(LABOR))) == 55
            assert len(list(asked.rows_since(LABOR, 0))) == 55

    def test_rows_since_reads_each_page_after_the_last_ones_revision(self, site: make.Site, now: int) -> None:
        work(site, 250, now)
        with client(site) as asked:
            read = asked.rows_since(LABOR, 0)
            first = [next(read)["LaborHedSeq"] for _ in range(100)]
            # While we read, a row of the first page changes: with $skip the 101st would be lost.
            site.do(lambda: site.company.write("LaborDtl", (first[0], 1), LaborNote="late"))

            rest = [row["LaborHedSeq"] for row in read]

        assert len({*first, *rest}) == 250
        assert rest[-1] == first[0]

    def test_knows_the_last_revision(self, site: make.Site, now: int) -> None:
        with client(site) as asked:
            assert asked.last_revision(LABOR) == 0
            work(site, 3, now)
            assert asked.last_revision(LABOR) == max(row["SysRevID"] for row in asked.rows(LABOR))

    def test_a_quote_in_a_job_number_is_no_injection(self, site: make.Site, now: int) -> None:
        for job_num in ("O'Neil/1", "00#1 & 2", "x' or JobNum ne 'x"):
            site.do(lambda job_num=job_num: make.add_job(site.company, job_num, at=now))

            with client(site) as asked:
                found = reader.jobs_of(asked, [job_num]).good

            assert [row.job_num for row in found] == [job_num]

    def test_reads_a_baq(self, site: make.Site, now: int) -> None:
        work(site, 120, now)
        site.epicor.behaviour.decimals_as_strings = True

        with client(site) as asked:
            rows = asked.baq("ActiveOperations")

        assert len(rows) == 120
        assert rows[0]["JobHead_ProdQty"] == "2000.00000000"


class TestUnavailable:
    def test_maintenance(self, site: make.Site) -> None:
        site.epicor.behaviour.is_up = False

        with client(site) as asked, pytest.raises(EpicorUnavailable, match="503 a web page"):
            list(asked.rows(LABOR))

    def test_an_error_of_the_server(self, site: make.Site) -> None:
        site.epicor.behaviour.failing_calls = 1

        with client(site) as asked, pytest.raises(EpicorUnavailable, match="correlation id"):
            list(asked.rows(LABOR))

    def test_too_slow(self, site: make.Site) -> None:
        site.epicor.behaviour.delay_s = 2

        with client(site) as asked, pytest.raises(EpicorUnavailable, match="in time"):
            list(asked.rows(LABOR))

    def test_nobody_listens(self, site: make.Site) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        with client(site, base_url=f"http://127.0.0.1:{port}/X") as asked, pytest.raises(EpicorUnavailable):
            list(asked.rows(LABOR))

    def test_a_short_wish_to_wait_is_honoured_on_the_spot(self, site: make.Site) -> None:
        site.epicor.behaviour.throttled_calls, site.epicor.behaviour.retry_after_s = 1, 0

        with client(site) as asked:
            assert list(asked.rows(LABOR)) == []
            assert asked.calls == 2

    def test_a_long_wish_to_wait_is_passed_on(self, site: make.Site) -> None:
        site.epicor.behaviour.throttled_calls, site.epicor.behaviour.retry_after_s = 1, 60

        with client(site) as asked, pytest.raises(EpicorUnavailable) as raised:
            list(asked.rows(LABOR))

        assert raised.value.retry_after_s == 60


class TestRejected:
    @pytest.mark.parametrize(("name", "value"), [("TEST_EPICOR_PASSWORD", "wrong"), ("TEST_EPICOR_KEY", "wrong")])
    def test_wrong_secrets(self, site: make.Site, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        monkeypatch.setenv(name, value)

        with client(site) as asked, pytest.raises(EpicorRejected) as raised:
            list(asked.rows(LABOR))

        assert raised.value.status == 401
        assert value not in str(raised.value)
        # Asked again once, with the secrets read anew.
        assert asked.calls == 2

    def test_a_rotated_secret_is_read_anew(
        self, site: make.Site, tmp_path: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = f"{tmp_path}/password"
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(make.PASSWORD + "\n")
        monkeypatch.delenv("TEST_EPICOR_PASSWORD")
        monkeypatch.setenv("TEST_EPICOR_PASSWORD_FILE", path)

        with client(site) as asked:
            assert list(asked.rows(LABOR)) == []

    def test_a_missing_secret_is_named_and_no_call_is_made(
        self, site: make.Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("TEST_EPICOR_PASSWORD")

        with client(site) as asked, pytest.raises(EpicorRejected, match="TEST_EPICOR_PASSWORD is not set"):
            list(asked.rows(LABOR))

    @pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
    def test_the_end_of_a_line_is_no_part_of_a_key(
        self, site: make.Site, monkeypatch: pytest.MonkeyPatch, end: str
    ) -> None:
        monkeypatch.setenv("TEST_EPICOR_KEY", make.KEY + end)

        with client(site) as asked:
            assert list(asked.rows(LABOR)) == []

    @pytest.mark.parametrize("key", ["schlüssel-9", "key\n-9", "key\t-9", "key-9\udcff", " "])
    def test_a_key_that_no_header_can_carry_is_named_and_not_quoted(
        self, site: make.Site, monkeypatch: pytest.MonkeyPatch, key: str
    ) -> None:
        monkeypatch.setenv("TEST_EPICOR_KEY", key)

        with client(site) as asked, pytest.raises(EpicorRejected, match="TEST_EPICOR_KEY can't be") as raised:
            list(asked.rows(LABOR))

        assert "9" not in str(raised.value)

    def test_a_password_that_is_no_utf_8_is_refused_by_epicor_and_quoted_by_nobody(
        self, site: make.Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TEST_EPICOR_PASSWORD", "secret\udcff")

        with client(site) as asked, pytest.raises(EpicorRejected) as raised:
            list(asked.rows(LABOR))

        assert raised.value.status == 401

    def test_what_a_call_can_not_carry_is_not_quoted(self, site: make.Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Access, "headers", lambda _access: {"x-api-key": "secret\n"})

        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}/X"
            with client(site, base_url=url) as asked, pytest.raises(EpicorRejected) as raised:
                list(asked.rows(LABOR))

        assert "secret" not in str(raised.value)

    def test_a_file_that_is_no_text_is_named_and_not_quoted(
        self, site: make.Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "key"
        path.write_bytes(b"secret\xff")
        monkeypatch.setenv("TEST_EPICOR_KEY_FILE", str(path))

        with client(site) as asked, pytest.raises(EpicorRejected, match="TEST_EPICOR_KEY_FILE") as raised:
            list(asked.rows(LABOR))

        assert "secret" not in str(raised.value)

    def test_out_of_scope(self, site: make.Site) -> None:
        site.do(lambda: site.epicor.add_api_key(make.KEY, scope=frozenset({"Erp.BO.ReasonSvc"})))

        with client(site) as asked, pytest.raises(EpicorRejected) as raised:
            list(asked.rows(LABOR))

        assert raised.value.status == 403
        assert raised.value.correlation_id

    def test_another_company(self, site: make.Site) -> None:
        site.do(lambda: site.epicor.add_user(make.USER, make.PASSWORD, companies=frozenset({"EPIC07"})))

        with client(site) as asked, pytest.raises(EpicorRejected, match="no access to company EPIC06"):
            list(asked.rows(LABOR))

    @pytest.mark.parametrize(
        ("ask", "status"),
        [
            (replace(LABOR, path="Erp.BO.NopeSvc/Nopes"), 404),
            (replace(LABOR, path="Erp.BO.LaborSvc/Nopes"), 404),
            (replace(LABOR, select=("Nope",)), 400),
            (replace(LABOR, where="nope eq 1"), 400),
        ],
    )
    def test_what_does_not_exist(self, site: make.Site, ask: Ask, status: int) -> None:
        with client(site) as asked, pytest.raises(EpicorRejected) as raised:
            list(asked.rows(ask))

        assert raised.value.status == status

    def test_a_wrong_instance_asks_for_the_address(self, site: make.Site) -> None:
        wrong = site.handle.base_url + "X"

        with client(site, base_url=wrong) as asked, pytest.raises(EpicorRejected, match="right address"):
            list(asked.rows(LABOR))

    def test_a_redirect_is_not_followed(self, site: make.Site) -> None:
        with answering("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n") as url:  # noqa: SIM117
            with client(site, base_url=url) as asked, pytest.raises(EpicorRejected, match="elsewhere"):
                list(asked.rows(LABOR))


class TestSurprise:
    @pytest.mark.parametrize("body", ["<html></html>", "[]", "{}", '{"value": 5}', '{"value": [5]}'])
    def test_not_the_shape_that_we_know(self, site: make.Site, body: str) -> None:
        with answering(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}") as url:  # noqa: SIM117
            with client(site, base_url=url) as asked, pytest.raises(EpicorSurprise):
                list(asked.rows(LABOR))

    def test_a_filter_that_is_ignored_does_not_loop(self, site: make.Site) -> None:
        body = '{"value": [{"SysRevID": 5}]}'
        with answering(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}") as url:  # noqa: SIM117
            with client(site, base_url=url) as asked, pytest.raises(EpicorSurprise, match="ignored"):
                list(asked.rows_since(LABOR, 7))

    def test_a_revision_that_is_no_number(self, site: make.Site) -> None:
        body = '{"value": [{"SysRevID": Infinity}]}'
        with answering(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}") as url:  # noqa: SIM117
            with client(site, base_url=url) as asked, pytest.raises(EpicorSurprise, match="without SysRevID"):
                list(asked.rows_since(LABOR, 7))

    def test_one_bad_row_is_set_apart(self, site: make.Site, now: int) -> None:
        work(site, 3, now)
        bad = site.do(lambda: site.company.active_labor()[0])
        site.do(lambda: bad.update(ClockinTime="morning"))  # type: ignore[func-returns-value]

        with client(site) as asked:
            found = reader.active_labor(asked)

        assert len(found.good) == 2
        assert "ClockinTime" in found.bad[0].why


class TestPace:
    def test_calls_are_spread(self, site: make.Site) -> None:
        with EpicorClient(make.access(site), pace=Pace(per_second=20, burst=1)) as asked:
            began = time.monotonic()
            for _ in range(5):
                asked.last_revision(LABOR)

        assert time.monotonic() - began >= 0.19


@contextmanager
def answering(reply: str) -> Iterator[str]:
    """A server that says the same to everyone, once a connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stopped = threading.Event()

        def talk() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(reply.encode())

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/X"
        stopped.set()
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_no_secret_is_shown(site: make.Site) -> None:
    shown = repr(make.access(site)) + repr(Access("A", "http://x", "v2", "U", "P", "K").headers)

    assert make.PASSWORD not in shown
