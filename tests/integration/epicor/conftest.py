"""A site on a port for each test of this folder that asks for one, and the environment that opens it."""

from collections.abc import Iterator

import pytest

from tests.make import epicor as make


@pytest.fixture
def site(now: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[make.Site]:
    """A simulated Epicor that serves."""
    for name, value in make.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with make.site(now=now) as running:
        yield running
