"""Tags, splits and stops as plain values. Instants are microseconds since the epoch (UTC)."""

from typing import NamedTuple


class TagMark(NamedTuple):
    """That someone tagged or untagged the part that holds `at`; ordered so that the greatest stands.

    Of equal `tagged_at` untag wins over tag, then the greater code.
    """

    tagged_at: int
    is_untag: bool
    code: str
    at: int
    by: str
    comment: str


class Cut(NamedTuple):
    """That someone split (or unsplit) a stop at `at`; ordered so that the greatest stands, unsplit over split."""

    tagged_at: int
    is_unsplit: bool
    at: int


class StateSpan(NamedTuple):
    """A maximal stretch of one state; `fault` is the first code other than 0 in it."""

    start: int
    end: int
    state: str
    fault: int


class Part(NamedTuple):
    """A stretch of a stop with one reason ("" is none); `by` is a person, "machine" or ""."""

    start: int
    end: int
    reason: str
    by: str
    comment: str


class PhysicalStop(NamedTuple):
    """A maximal unbroken interval in `stopped`, with its parts."""

    start: int
    end: int
    fault: int
    parts: tuple[Part, ...]
