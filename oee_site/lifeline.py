"""A Celery process that can't outlive the one that started it, not even when that one was killed.

`python -m oee_site.lifeline FD worker …`: FD is the reading end of a pipe whose other end only the parent holds. When
the parent is gone, however it went, reading ends, and the whole process group (the worker and its beat) with it.
"""

import os
import signal
import sys
import threading
import warnings

from oee_site.celery import app


def main(argv: list[str]) -> None:
    """Run Celery with the arguments after FD until it ends or the parent does."""
    # In a container everything may run as root; Celery's page of advice about it helps nobody there.
    warnings.filterwarnings("ignore", module="celery.platforms")
    threading.Thread(target=_watch, args=(int(argv[0]),), daemon=True, name="lifeline").start()
    app.worker_main(argv[1:])


def _watch(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
