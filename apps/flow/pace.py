"""How many events of a company are tried at once: fewer where that took too long or was refused, then more again.

It is remembered in the worker's process alone. A new process begins with many and finds out anew.
"""

from collections import Counter
from collections.abc import Collection, Sequence

import structlog

from apps.epicor.models import InboxEvent

_log = structlog.get_logger(__name__)
# Derived rows are made once for a batch, not once for an event.
SIZES = (200, 20, 1)
# So often may the time be over with nothing but one event in hand: a busy database alone must not stop it.
_CHANCES = 3


class Pace:
    """The pace of one company; `size` is how many events the next try takes."""

    def __init__(self, company: str) -> None:
        self.size = SIZES[0]
        self._company = company
        self._left = 0
        self._trouble = ""
        self._overs: Counter[int] = Counter()

    def did(self, count: int) -> None:
        """So many events are dealt with: after as many as the next larger batch holds, that is tried again."""
        self._left -= count
        if self.size < SIZES[0] and self._left <= 0:
            self._take(SIZES[SIZES.index(self.size) - 1])

    def failed(self, batch: Collection[InboxEvent]) -> None:
        """One of them is wrong: smaller batches find out which."""
        if batch:
            self._take(next((size for size in SIZES if size < len(batch)), SIZES[-1]))

    def ran_over(self, batch: Sequence[InboxEvent]) -> None:
        """The time was over with these in hand. One that was alone is remembered."""
        self.failed(batch)
        if len(batch) == 1:
            self._overs[batch[0].pk] += 1
        self._say("It took too long.")

    def was_refused(self, batch: Collection[InboxEvent], problem: Exception) -> None:
        """The database is there and did not do it: no event is to blame, but fewer at once may be let through."""
        self.failed(batch)
        self._say(f"The database refused it ({type(problem).__name__}).", because=" ".join(str(problem).split())[:200])

    def is_too_slow(self, batch: Sequence[InboxEvent]) -> bool:
        """Whether this is one event that had its chances alone. It has them again when it is let go again."""
        is_over = len(batch) == 1 and self._overs[batch[0].pk] >= _CHANCES
        if is_over:
            del self._overs[batch[0].pk]
        return is_over

    def end(self) -> None:
        """Nothing waits any more."""
        if self._trouble:
            _log.info("epicor.inbox_well_again", company=self._company)

    def _take(self, size: int) -> None:
        self.size = size
        self._left = SIZES[max(0, SIZES.index(size) - 1)]

    def _say(self, trouble: str, **more: str) -> None:
        """The log hears of each trouble once, until another one comes or nothing waits any more."""
        if trouble != self._trouble:
            _log.warning("epicor.inbox_held_up", company=self._company, why=trouble, next_try=self.size, **more)
        self._trouble = trouble


class Paces:
    """The paces of all companies of which events wait, and whose turn it is."""

    def __init__(self) -> None:
        self._paces: dict[str, Pace] = {}
        self._last = ""

    def turns(self, waiting: Sequence[str]) -> list[str]:
        """These companies from the one on that comes after the last that had a turn: nobody is always first."""
        return sorted(waiting, key=lambda company: (company <= self._last, company))

    def turn_of(self, company: str) -> Pace:
        """The pace of a company that has its turn now."""
        self._last = company
        return self._paces.setdefault(company, Pace(company))

    def end(self, company: str) -> None:
        """Nothing of this company waits any more: it begins anew."""
        pace = self._paces.pop(company, None)
        if pace is not None:
            pace.end()

    def clear(self) -> None:
        """Forget everything, as a new process does."""
        self._paces.clear()
        self._last = ""
