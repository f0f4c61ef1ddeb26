"""What a poller would have read from a line's controller: the same samples, less those that repeat the one before.

Samples lie on the grid of a 500 ms poll. One is kept at every change, one right before a count, so that each
delta is as short as the poll, and one often enough that the line never looks silent when it is not.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from apps.shared.instants import SECOND
from apps.simulators.demo.floor import POLL, STALE_AFTER, DemoLine
from apps.simulators.demo.types import Chapter, Spell
from apps.states.types import Sample

# A delta longer than 10 s is shared over runs as a guess: a count's baseline must be younger than that.
_BASELINE = 9 * SECOND
_REPEAT = STALE_AFTER - 4 * SECOND
_FAILED_EVERY = 10 * SECOND


class Registers:
    """What the controller holds while its story goes on: registers as they are read, not how many were ever made."""

    def __init__(self, line: DemoLine) -> None:
        self._line = line
        self._mask = (1 << line.counter_bits) - 1
        self.made = line.first_count
        self.bad = 0
        self.running = False
        self.fault = 0

    def enter(self, spell: Spell) -> None:
        """The machine goes into this spell, before any of its parts."""
        if spell.restarts:
            self.made = self.bad = 0
        self.running, self.fault = spell.running, spell.fault

    def count(self, parts: int, bad: int) -> None:
        """So many more parts were made, and so many of them are rejects."""
        self.made += parts
        self.bad += bad

    @property
    def total(self) -> int:
        """Every piece, good or not, as a register would hold it."""
        return self.made & self._mask

    def read(self, at: int) -> Sample:
        """The registers in one sample: total or good, and rejects."""
        reject = self.bad & self._mask
        if self._line.good_counter:
            good = (self.made - self.bad) & self._mask
            return Sample(at, running=self.running, fault=self.fault, good_count=good, reject=reject)
        return Sample(at, running=self.running, fault=self.fault, total=self.total, reject=reject)


@dataclass(slots=True)
class _Polls:
    """The polls of one line in order: turns changes into the samples that are worth keeping."""

    line: DemoLine
    registers: Registers
    kept: Sample | None = None
    # Silences of the chapters read so far that have not been dealt with.
    silences: deque[tuple[int, int]] = field(default_factory=deque)

    def poll_after(self, at: int) -> int:
        """The first poll at or after this instant."""
        phase = self.line.poll_phase
        return -((phase - at) // POLL) * POLL + phase

    def until(self, at: int, *, counts: bool) -> Iterator[Sample]:
        """What is kept before a change that the poll at `at` sees; nothing has changed since the last kept one."""
        last = self.kept.at if self.kept else at
        while at - last > _REPEAT:
            last += _REPEAT
            yield from self._read(last)
        if counts and at - last > _BASELINE:
            yield from self._read(at - POLL)

    def _read(self, at: int) -> Iterator[Sample]:
        self.kept = self.registers.read(at)
        yield self.kept


def samples(line: DemoLine, chapters: Iterable[Chapter]) -> Iterator[Sample]:
    """The line's samples in order, as long as the chapters go on."""
    polls = _Polls(line, Registers(line))
    return _silenced(polls, _distinct(_read_all(polls, chapters)))


def _read_all(polls: _Polls, chapters: Iterable[Chapter]) -> Iterator[Sample]:
    for chapter in chapters:
        polls.silences.extend(chapter.silences)
        yield from _chapter(polls, chapter)


def _distinct(found: Iterator[Sample]) -> Iterator[Sample]:
    """Two changes that one poll sees are one sample: the later values."""
    waiting = next(found)
    for sample in found:
        if sample.at > waiting.at:
            yield waiting
            waiting = sample
        else:
            waiting = replace(sample, restarted=True) if waiting.restarted else sample
    yield waiting


def _chapter(polls: _Polls, chapter: Chapter) -> Iterator[Sample]:
    for spell in chapter.spells:
        at = polls.poll_after(spell.start)
        yield from polls.until(at, counts=False)
        polls.registers.enter(spell)
        polls.kept = polls.registers.read(at)
        yield replace(polls.kept, restarted=True) if spell.restarts else polls.kept
        if spell.parts:
            yield from _counts(polls, spell)


def _counts(polls: _Polls, spell: Spell) -> Iterator[Sample]:
    bad = set(spell.bad)
    registers = polls.registers
    for part in spell.parts:
        at = polls.poll_after(part)
        yield from polls.until(at, counts=True)
        registers.count(1, part in bad)
        polls.kept = registers.read(at)
        yield polls.kept


def _silenced(polls: _Polls, found: Iterator[Sample]) -> Iterator[Sample]:
    """The same, but while the controller is silent polls fail; the first one after it tells where things stand."""
    left = polls.silences
    last: Sample | None = None
    for sample in found:
        while left and sample.at >= left[0][1]:
            yield from _silence(polls, left.popleft(), last, before=sample.at)
        if not left or sample.at < left[0][0]:
            yield sample
        last = sample


def _silence(polls: _Polls, silence: tuple[int, int], last: Sample | None, before: int) -> Iterator[Sample]:
    """Failed polls, and then the first good one, unless the sample that comes next is that one."""
    start, end = polls.poll_after(silence[0]), polls.poll_after(silence[1])
    yield from (Sample(at, good=False) for at in range(start, end, _FAILED_EVERY))
    if last is not None and end < before:
        yield replace(last, at=end)
