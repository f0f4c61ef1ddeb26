"""`manage.py epicor` and `manage.py simulate epicor` as somebody at a terminal meets them."""

import os
import re
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.db import transaction

from apps.accounts.models import IntegrationKey
from apps.epicor import inbox, keys
from apps.epicor.inbox import Arrived
from apps.epicor.models import Connection
from apps.jobs.models import LaborActivity
from apps.lines.models import Company
from tests.make import epicor as make
from tests.make.events import event

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> str:
    """What the command says; CommandError where it ends with one."""
    out = StringIO()
    call_command("epicor", *arguments, stdout=out)
    return out.getvalue()


class TestConnect:
    def test_makes_and_changes_a_connection(self) -> None:
        Company.objects.create(code="EPIC06", name="x")

        assert "EPIC06 is at https://erp/Live" in run("connect", "EPIC06", "https://erp/Live/")
        run("connect", "EPIC06", "https://erp/Test", "--poll-s", "60", "--user-env", "WHO")
        row = Connection.objects.get()
        assert (row.base_url, row.poll_s, row.user_env) == ("https://erp/Test", 60, "WHO")

    def test_an_unknown_company(self) -> None:
        with pytest.raises(CommandError, match="no company EPIC09: load the plant file"):
            run("connect", "EPIC09", "https://erp/Live")


class TestCheck:
    def test_all_is_well(self, site: make.Site, now: int) -> None:
        make.jobline(site.handle.base_url)
        site.do(lambda: site.company.start_activity("E7", "004512", 20, at=now))
        said = run("check")

        assert said.count("  ok ") == 6
        assert "MfgSys is America/Chicago here, Central Standard Time in Epicor" in said
        assert "all 1 active rows are seen" in said
        assert "All that is needed can be read." in said

    def test_a_wrong_password(self, site: make.Site, monkeypatch: pytest.MonkeyPatch) -> None:
        make.jobline(site.handle.base_url)
        monkeypatch.setenv("TEST_EPICOR_PASSWORD", "wrong")
        out = StringIO()

        with pytest.raises(CommandError, match="does not work yet"):
            call_command("epicor", "check", "EPIC06", stdout=out)
        assert "Check user, password, API key" in out.getvalue()
        assert "wrong" not in out.getvalue()

    def test_a_narrow_scope_names_what_is_missing_and_what_is_vital(self, site: make.Site) -> None:
        make.jobline(site.handle.base_url)
        scope = frozenset({"Erp.BO.LaborSvc", "Erp.BO.JobEntrySvc", "Erp.BO.JobOperSearchSvc"})
        site.do(lambda: site.epicor.add_api_key(make.KEY, scope=scope))
        said = run("check")

        assert re.search(r"miss Downtime codes .*403", said)
        assert re.search(r"ok   Jobs and operations", said)

    def test_an_epicor_that_is_away(self, site: make.Site) -> None:
        make.jobline(site.handle.base_url)
        site.epicor.behaviour.is_up = False

        with pytest.raises(CommandError):
            run("check")

    def test_a_site_that_epicor_does_not_have(self, site: make.Site) -> None:
        row = make.jobline(site.handle.base_url)
        row.company.plants.update(code="North")
        out = StringIO()

        with pytest.raises(CommandError):
            call_command("epicor", "check", stdout=out)
        assert "Epicor has no site North; it has MfgSys." in out.getvalue()

    def test_http_to_another_machine_is_pointed_at(self) -> None:
        make.jobline("http://erp.example.invalid/Live")
        out = StringIO()

        with pytest.raises(CommandError):
            call_command("epicor", "check", stdout=out)
        assert "travel in the clear" in out.getvalue()

    def test_rest_v1_is_said_to_be_unread(self, site: make.Site) -> None:
        make.jobline(site.handle.base_url)
        Connection.objects.update(api="v1")
        out = StringIO()

        with pytest.raises(CommandError):
            call_command("epicor", "check", stdout=out)
        assert "it needs REST v2" in out.getvalue()

    def test_without_any_connection(self) -> None:
        with pytest.raises(CommandError, match="epicor connect"):
            run("check")
        with pytest.raises(CommandError, match="EPIC06 has no connection"):
            run("poll", "EPIC06")


class TestPoll:
    def test_reads_once(self, site: make.Site, now: int) -> None:
        make.jobline(site.handle.base_url)
        site.do(lambda: site.company.start_activity("E7", "004512", 20, at=now, resource_id="MILL-01"))

        assert re.match(r"EPIC06: \d+ facts in \d+ calls", run("poll"))
        assert LaborActivity.objects.get().line is not None

    def test_says_what_could_not_be_read(self, site: make.Site) -> None:
        make.jobline(site.handle.base_url)
        site.epicor.behaviour.is_up = False
        out = StringIO()

        with pytest.raises(CommandError, match="Not everything"):
            call_command("epicor", "poll", stdout=out)
        assert "503" in out.getvalue()


class TestInbox:
    def test_lists_requeues_and_dismisses(self, now: int) -> None:
        inbox.store([Arrived("EPIC06", event()), Arrived("EPIC06", event())], now=now)
        with transaction.atomic():
            first, second = inbox.claim("EPIC06", limit=2)
        inbox.halt(first, "No such job.")

        assert "1 waiting, 1 stopped" in run("inbox")
        assert re.search(rf"{first.pk} EPIC06 .* No such job\.", run("inbox", "EPIC06"))
        assert "1 let go again" in run("inbox", "--requeue", str(first.pk))
        inbox.halt(second, "No.")
        assert "1 dismissed" in run("inbox", "--dismiss", str(second.pk))
        Company.objects.create(code="EPIC06", name="x")
        assert "1 worked off, 0 stopped\n0 waiting" in run("inbox", "EPIC06", "--work")


class TestKey:
    def test_makes_one_that_opens_and_takes_it_back(self) -> None:
        Company.objects.create(code="EPIC06", name="x")
        said = run("key", "EPIC06", "--name", "Kinetic")
        made = re.search(r"key +(jl_\S+)", said)

        assert made is not None
        row = keys.key_of(f"Bearer {made[1]}")
        assert row is not None
        assert (row.name, row.company) == ("Kinetic", "EPIC06")
        run("key", "EPIC06", "--revoke", str(row.pk))
        assert keys.key_of(f"Bearer {made[1]}") is None
        with pytest.raises(CommandError, match="no key"):
            run("key", "EPIC06", "--revoke", str(row.pk))

    def test_not_for_a_company_that_is_not_set_up(self) -> None:
        with pytest.raises(CommandError, match="load the plant file"):
            run("key", "EPIC09")
        assert IntegrationKey.objects.count() == 0


class TestSimulate:
    def test_serves_until_it_is_ended(self) -> None:
        database.close()
        process = subprocess.Popen(
            [sys.executable, "manage.py", "simulate", "epicor", "--port", "0"],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            text=True,
        )
        try:
            assert process.stdout is not None
            found = re.search(r"at (http\S+), control at (http\S+)", process.stdout.readline())
            assert found is not None
            auth, headers = ("jobline", "simulated"), {"x-api-key": "simulated-key"}
            url = f"{found[1]}/api/v2/odata/EPIC06/Erp.BO.JobEntrySvc/JobEntries"
            answer = httpx.get(url, auth=auth, headers=headers, trust_env=False)
            assert len(answer.json()["value"]) == 6
            assert httpx.get(f"{found[2]}/state", trust_env=False).json()["up"] is True
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
        assert process.returncode == 0
