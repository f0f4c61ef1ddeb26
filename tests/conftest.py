"""Every test runs in a data folder of its own run, reaches nothing but this machine, and never skips in silence."""

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# Before Django reads its settings: a running demo's var/ and another developer's run are left alone.
_DATA = Path(tempfile.mkdtemp(prefix="jobline-test-"))
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)
os.environ["JOBLINE_DATA"] = str(_DATA)
os.environ["DJANGO_SETTINGS_MODULE"] = "oee_site.settings"
# A layer of its own too: pub/sub ignores the database number.
os.environ["SITE_PREFIX"] = f"test-{os.getpid()}"
os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)

import django

django.setup()

import hypothesis
import pytest
import pytest_django
import time_machine
from django.conf import settings
from django.db import connections
from django.test import Client

from apps.shared.instants import from_us, parse_us

if TYPE_CHECKING:
    from apps.accounts.models import Role

pytest_plugins = ["tests.waiting"]

# The same examples every time, so that a failure is the change's; `--hypothesis-profile=search` looks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=2000, deadline=None)
hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The data folder of this run of the tests."""
    return _DATA


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Give the test database of this run a name of its own."""
    default = connections["default"]
    if default.vendor == "postgresql":
        default.settings_dict["TEST"]["NAME"] = f"test_{settings.DATABASES['default']['NAME']}_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """The plugin's own, and at the end nobody else in the test database: a killed process's session lingers a moment."""
    yield
    with django_db_blocker.unblock():
        default = connections["default"]
        if default.vendor == "postgresql":
            with default.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            default.close()


@pytest.fixture
def now() -> int:
    """The instant at which tests happen, in microseconds: 06:00 UTC on a day on which Chicago changes its clocks."""
    return parse_us("2026-03-08T06:00:00Z")


@pytest.fixture
def clock(now: int) -> Iterator[Callable[[int], None]]:
    """Stop the clock at `now`, for tests that go through a view, command or task; call it to move on."""
    with time_machine.travel(from_us(now), tick=False) as travelled:

        def move_to(at: int) -> None:
            travelled.move_to(from_us(at))

        yield move_to


@pytest.fixture
def client_as(db: None) -> Callable[..., Client]:
    """Make a client that is signed in: `client_as("supervisor")`, with that role in the plants named."""
    from apps.accounts.models import Role, User

    def signed_in(role: "str | Role.Name", *, company: str = "EPIC06", plants: tuple[str, ...] = ("MfgSys",)) -> Client:
        user, _ = User.objects.get_or_create(username=f"{role}-{company}", defaults={"emp_id": f"{role}"})
        for plant in plants:
            Role.objects.get_or_create(user=user, company=company, plant=plant, name=role)
        client = Client()
        client.force_login(user)
        return client

    return signed_in
