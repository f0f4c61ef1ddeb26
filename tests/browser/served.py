"""The product on a port of its own, at the instant of the mockups, for pictures and browser tests."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import time_machine
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Browser, Playwright

from apps.shared.instants import from_us
from tests.waiting import chromium

ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The sync API of Playwright keeps a loop in this thread; the tables are only touched before and after.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


class _Server(ThreadingMixIn, WSGIServer):
    # Closing waits for requests that are under way: what a test sent is written before its traces are taken back.
    daemon_threads = False


class _Quiet(WSGIRequestHandler):
    # A connection that a browser opened and never used does not hold that up for long.
    timeout = 3

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(now: int) -> Iterator[str]:
    """The address of a running product whose clock stands at `now` and ticks on."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    with time_machine.travel(from_us(now), tick=True):
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()


def launch(playwright: Playwright) -> Browser:
    """A Chromium with a fresh profile that talks to nobody else."""
    return playwright.chromium.launch(executable_path=chromium(), args=ARGS)
