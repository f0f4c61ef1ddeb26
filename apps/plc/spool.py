"""The ingester's durable memory: rows for the server, and the snapshot that goes with them in the same transaction.

One writer thread owns the file. After kill -9 at any point the next start finds either both or neither, and computes
what is missing again from the baseline. Nothing is lost and nothing counted twice, with no more protocol than this.
"""

import fcntl
import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import IO, Any, NamedTuple
from uuid import uuid4

import structlog

from apps.plc.feed import Entry

log = structlog.get_logger(__name__)

# A row without facts only says that a line is alive: one a line is enough, however long the server is away.
_SCHEMA = """
create table if not exists meta (key text primary key, value text not null);
create table if not exists row (
    seq integer primary key autoincrement, at integer not null, slug text not null, facts integer not null,
    body text not null);
create index if not exists row_alive on row (slug) where facts = 0;
create table if not exists snapshot (slug text primary key, body text not null);
create table if not exists line (slug text primary key, body text not null);
"""
_HOUR_US = 3_600_000_000


class SpoolBusy(Exception):
    """Another process has this spool open."""


class Job(NamedTuple):
    """Work for the writer: rows, how far the server is, or the lines as last known."""

    entries: Sequence[Entry] = ()
    acked: int | None = None
    lines: Mapping[str, Mapping[str, Any]] | None = None


class Spool:
    """The file and its writer. `put`, `ack` and `remember` return at once; `rows_after` may be called in one other
    thread."""

    def __init__(
        self, path: Path, *, keep_hours: int = 72, max_mb: float = 2048, max_waiting: int = 50_000, now: int = 0
    ) -> None:
        self.path = path
        self._keep_us, self._max_bytes, self._max_waiting = keep_hours * _HOUR_US, int(max_mb * (1 << 20)), max_waiting
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(path)
        self._db = _open_sound(path, now)
        self.spool_id = _identity(self._db, path)
        self.acked = int(_meta(self._db, "acked") or 0)
        self.last_seq = _last_seq(self._db)
        self._kept: dict[str, str] = dict(self._db.execute("select slug, body from snapshot"))
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        # Each is counted by one thread only: the difference is what waits.
        self._given = self._taken = 0
        self._stopping = False
        # Rows could not be kept: what came after is dropped until `resume`.
        self.lost = False
        self.blocked = False
        self._news = threading.Condition()
        self._pruned_at = 0.0
        self._reader: sqlite3.Connection | None = None
        self._thread = threading.Thread(target=self._write, name="spool", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Rows that are handed over and not durable yet."""
        return self._given - self._taken

    def put(self, entries: Sequence[Entry]) -> None:
        """Hand rows over to the writer; they are durable within a commit. Dropped while `lost` is set."""
        if not entries or self.lost:
            return
        if self.waiting > self._max_waiting:
            self.lost = True
            log.error("spool can't keep up: rows are dropped, totals follow from the counters", path=str(self.path))
            return
        self._given += len(entries)
        self._jobs.put(Job(entries))

    def ack(self, seq: int) -> None:
        """The server has everything up to `seq`."""
        self._jobs.put(Job(acked=seq))

    def remember(self, lines: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep the lines' configuration for a start without the database."""
        self._jobs.put(Job(lines=lines))

    def lines(self) -> dict[str, dict[str, Any]]:
        """The configuration that was last remembered, by line."""
        with closing(sqlite3.connect(self.path)) as db:
            return {slug: json.loads(body) for slug, body in db.execute("select slug, body from line")}

    def snapshot(self, slug: str) -> dict[str, Any]:
        """What is durably known of a line; {} for one never seen."""
        found: dict[str, Any] = json.loads(self._kept.get(slug, "{}"))
        return found

    def resume(self) -> bool:
        """After rows were dropped: True once, when there is room again and feeds may start from their snapshots."""
        if not self.lost or self.blocked or self.waiting:
            return False
        self.lost = False
        return True

    def rows_after(self, seq: int, limit: int = 500) -> list[tuple[int, dict[str, Any]]]:
        """Rows in order, for the forwarder's thread."""
        if self._reader is None:
            self._reader = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, check_same_thread=False)
        found = self._reader.execute("select seq, body from row where seq > ? order by seq limit ?", (seq, limit))
        return [(number, json.loads(body)) for number, body in found.fetchall()]

    def wait(self, seq: int, timeout_s: float) -> None:
        """Until there is a row after `seq`, or somebody nudges, or the time is over."""
        with self._news:
            if self.last_seq <= seq:
                self._news.wait(timeout_s)

    def nudge(self) -> None:
        """Wake whoever waits."""
        with self._news:
            self._news.notify_all()

    def renew(self) -> None:
        """Become a new spool: the server has seen numbers from this one that the file does not know (it was restored
        from an older copy), and would take new rows for old ones."""
        with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as db:
            self.spool_id = _new_identity(db, self.path)
        self.acked = 0

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what waits, end the thread, free the file."""
        self._jobs.put(None)
        self._thread.join(timeout_s)
        if self._reader is not None:
            self._reader.close()
        if not self._thread.is_alive():
            self._db.close()
        self._lock.close()

    def _write(self) -> None:
        """The writer thread: whatever waits becomes one transaction; what the disk refuses is tried again."""
        held: list[Job] = []
        while not self._stopping:
            held += self._gather(0.5 if held else None)
            if held and self._commit(held):
                held = []

    def _gather(self, wait_s: float | None) -> list[Job]:
        found: list[Job] = []
        try:
            job = self._jobs.get(timeout=wait_s)
            while job is not None:
                found.append(job)
                job = self._jobs.get_nowait()
        except Empty:
            return found
        self._stopping = True
        return found

    def _commit(self, jobs: Sequence[Job]) -> bool:
        """One transaction of rows, snapshots, acks and lines; False where the disk does not take it."""
        entries = [entry for job in jobs for entry in job.entries]
        # Known before anything is written: in a full file this is what makes room.
        self.acked = max([self.acked, *(job.acked for job in jobs if job.acked is not None)])
        try:
            if entries and self._is_full():
                raise sqlite3.OperationalError("the spool has reached its size limit")
            with self._db:
                self._db.execute("begin immediate")
                self._apply(jobs, entries)
        except sqlite3.Error as problem:
            if not self.blocked:
                log.warning(
                    "spool can't write: polling goes on, totals follow", problem=str(problem), path=str(self.path)
                )
            self.blocked = True
            return False
        if self.blocked:
            log.info("spool writes again", path=str(self.path))
        self.blocked = False
        self._kept.update({entry.slug: entry.snapshot for entry in entries})
        self._taken += len(entries)
        with self._news:
            self.last_seq = _last_seq(self._db)
            self._news.notify_all()
        return True

    def _apply(self, jobs: Iterable[Job], entries: Sequence[Entry]) -> None:
        newest = {entry.slug: entry for entry in entries}
        kept = [entry for entry in entries if entry.facts or newest[entry.slug] is entry]
        self._db.executemany("delete from row where slug = ? and facts = 0", [(slug,) for slug in newest])
        self._db.executemany(
            "insert into row (at, slug, facts, body) values (?, ?, ?, ?)",
            [(entry.at, entry.slug, entry.facts, entry.body) for entry in kept],
        )
        self._db.executemany(
            "insert or replace into snapshot values (?, ?)", [(slug, entry.snapshot) for slug, entry in newest.items()]
        )
        for job in jobs:
            if job.acked is not None:
                self._settle(job.acked)
            if job.lines is not None:
                self._db.execute("delete from line")
                self._db.executemany(
                    "insert into line values (?, ?)", [(slug, json.dumps(body)) for slug, body in job.lines.items()]
                )

    def _settle(self, acked: int) -> None:
        """Note how far the server is; delete what nobody can ask for any more."""
        self._db.execute("insert or replace into meta values ('acked', ?)", (str(acked),))
        self._db.execute("delete from row where facts = 0 and seq <= ?", (acked,))
        if monotonic() - self._pruned_at > 60:
            self._pruned_at = monotonic()
            newest = self._db.execute("select max(at) from row").fetchone()[0] or 0
            self._db.execute("delete from row where seq <= ? and at < ?", (acked, newest - self._keep_us))

    def _is_full(self) -> bool:
        """Whether the file has reached its limit even after the oldest delivered rows are gone."""
        if self._size() < self._max_bytes:
            return False
        with self._db:
            self._db.execute(
                "delete from row where seq in (select seq from row where seq <= ? order by seq limit 10000)",
                (self.acked,),
            )
        return self._size() >= self._max_bytes

    def _size(self) -> int:
        pages, free, size = (
            self._db.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)


def _lock(path: Path) -> IO[bytes]:
    """Hold the spool for this process. Raises SpoolBusy."""
    handle = path.with_name(path.name + ".lock").open("wb")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise SpoolBusy(f"{path} is in use by another ingester.") from None
    return handle


def _open_sound(path: Path, now: int) -> sqlite3.Connection:
    """Open the file; one that is damaged is moved aside and a new one begun."""
    try:
        db = _open(path)
        if db.execute("pragma quick_check").fetchone()[0] == "ok":
            return db
        db.close()
    except sqlite3.OperationalError:
        # Not damage: no room, no rights. Moving the file aside would only hide it.
        raise
    except sqlite3.DatabaseError as problem:
        log.warning("spool is damaged", problem=str(problem))
    aside = path.with_name(f"{path.name}.damaged-{now}")
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    log.error("spool lost and begun anew: counting goes on from the machines' next values", moved_to=str(aside))
    return _open(path)


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        db.executescript(_SCHEMA)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _identity(db: sqlite3.Connection, path: Path) -> str:
    """The spool's name. A copied file is a new spool: two that number their rows alike must not share one."""
    known = _meta(db, "spool_id")
    if known and _meta(db, "file") == str(path.stat().st_ino):
        return known
    return _new_identity(db, path)


def _new_identity(db: sqlite3.Connection, path: Path) -> str:
    name = uuid4().hex
    values = [("spool_id", name), ("file", str(path.stat().st_ino)), ("acked", "0")]
    db.executemany("insert or replace into meta values (?, ?)", values)
    return name


def _meta(db: sqlite3.Connection, key: str) -> str | None:
    found = db.execute("select value from meta where key = ?", (key,)).fetchone()
    return found[0] if found else None


def _last_seq(db: sqlite3.Connection) -> int:
    found = db.execute("select seq from sqlite_sequence where name = 'row'").fetchone()
    return int(found[0]) if found else 0
