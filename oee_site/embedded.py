"""What must stand before settings are read when everything runs embedded: folder, lock, secret, names, port.

Whatever is in the way ends in one sentence and exit code 2. Nothing here needs Django.
"""

import argparse
import fcntl
import os
import secrets
import shutil
import socket
import sys
from pathlib import Path
from typing import IO, NoReturn

from oee_site import env

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - only with --lan
_OURS = ("jobline.sqlite3", "jobline.sqlite3-wal", "jobline.sqlite3-shm", "demo.json", "queue", "spool", "beat")
_held: list[IO[str]] = []


def prepare(argv: list[str]) -> None:
    """Make the environment of `manage.py demo` ready, or end the process with a sentence and code 2."""
    if "-h" in argv or "--help" in argv:
        return
    options = _options(argv)
    data = options.data.resolve()
    _make_folder(data)
    _lock(data)
    _try_port(EVERYWHERE if options.lan else LOOPBACK, options.port)
    if options.fresh:
        _clear(data)
    # The demo is embedded whatever servers the environment names.
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE"):
        os.environ.pop(name, None)
    os.environ["JOBLINE_DATA"] = str(data)
    os.environ["SECRET_KEY_FILE"] = str(_secret(data / "secret_key"))
    # How Jobline opens its simulated Epicor: the same kind of names as for a real one.
    os.environ["DEMO_EPICOR_USER"] = "jobline"
    for name in ("DEMO_EPICOR_PASSWORD", "DEMO_EPICOR_API_KEY"):
        os.environ[f"{name}_FILE"] = str(_secret(data / name.lower()))
    os.environ["ALLOWED_HOSTS"] = ",".join(_names(is_lan=options.lan))


def _options(argv: list[str]) -> argparse.Namespace:
    """The few options that matter this early; the command itself checks and explains all of them."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, default=Path(env.text("JOBLINE_DATA", "var")))
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--lan", action="store_true")
    try:
        return parser.parse_known_args(argv)[0]
    except argparse.ArgumentError as problem:
        _end(f"{str(problem).capitalize()}.")


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
        probe = data / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        _end(f"The data folder {data} can't be written ({problem.strerror}): choose another with --data.")


def _lock(data: Path) -> None:
    """Hold the folder for as long as this process lives; a lock dies with its process, however that ends."""
    # Stays open on purpose: closing it would let go.
    lock = (data / ".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        _end(f"Another demo runs on the data folder {data}: end it, or choose another folder with --data.")
    _held.append(lock)


def _try_port(host: str, port: int) -> None:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as problem:
        why = getattr(problem, "strerror", None) or "not a port number"
        _end(f"Port {port} can't be used ({why}): choose another with --port.")


def _clear(data: Path) -> None:
    """Begin anew: what a demo makes is removed, and nothing else in the folder."""
    try:
        for name in _OURS:
            path = data / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as problem:
        _end(f"{problem.filename} can't be removed ({problem.strerror}).")


def _secret(path: Path) -> Path:
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path


def _names(*, is_lan: bool) -> list[str]:
    """The names under which browsers may ask: this machine's own, and with --lan those that the network knows."""
    names = ["localhost", LOOPBACK, "[::1]"]
    if is_lan:
        host = socket.gethostname()
        names += [host, f"{host}.local", *addresses()]
    return names


def addresses() -> list[str]:
    """This machine's addresses in its networks."""
    found: set[str] = set()
    try:
        found.update(str(row[4][0]) for row in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Connecting a datagram socket sends nothing: it only asks which address would be used.
            probe.connect(("192.0.2.1", 9))
            found.add(probe.getsockname()[0])
    except OSError:
        pass
    return sorted(found - {LOOPBACK})


def _end(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)  # noqa: T201 - a command's answer
    raise SystemExit(2)
