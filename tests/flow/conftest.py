"""Fixtures of whole paths."""

from collections.abc import Iterator

import pytest

from tests.make import epicor as make
from tests.make.floor import Floor


@pytest.fixture
def floor(now: int, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[Floor]:
    """A simulated Epicor that serves, and Jobline's connection to it."""
    for name, value in make.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with make.site(now=now) as site:
        # Odd milliseconds: whoever rounds is caught.
        yield Floor(site, now + 1_234_000)
