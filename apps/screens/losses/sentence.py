"""One sentence that says the finding, computed from the same rows as the chart. Pure."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from apps.oee.pareto import Bar
from apps.screens.losses.address import Stretch
from apps.screens.losses.reads import LossFacts
from apps.shared import format as say

_SHARES = (
    (0.97, "all"), (0.85, "most"), (0.7, "three quarters"), (0.62, "two thirds"), (0.55, "more than half"),
    (0.5, "half"), (0.45, "almost half"), (0.37, "more than a third"), (0.3, "a third"), (0.22, "a quarter"),
)  # fmt: skip


class Piece(NamedTuple):
    """A piece of the sentence, strong or not."""

    text: str
    is_strong: bool


def sentence(bars: Sequence[Bar], texts: Callable[[str], str], facts: LossFacts, stretch: Stretch) -> tuple[Piece, ...]:
    """What was lost, what most of it was, and what nobody has explained; from the same rows as the chart."""
    parts = list(plain(bars, stretch))
    named = [bar for bar in bars if bar.key in facts.reasons and bar.us]
    if named:
        first = named[: 2 if len(named) > 1 else 1]
        share = sum((bar.share or Fraction(0) for bar in first), Fraction(0))
        words = _share_words(share)
        parts.append(Piece(" ", is_strong=False))
        parts.append(Piece(texts(first[0].key), is_strong=True))
        if len(first) > 1:
            parts += [Piece(" and ", is_strong=False), Piece(_lower(texts(first[1].key)), is_strong=True)]
        parts.append(Piece(f" {'are' if len(first) > 1 else 'is'} {words} of it.", is_strong=False))
    open_time = next((bar.us for bar in bars if bar.key == ""), 0)
    if open_time:
        parts.append(Piece(f" {say.summed_hours(open_time)} still have no reason.", is_strong=False))
    return tuple(parts)


def plain(bars: Sequence[Bar], stretch: Stretch) -> tuple[Piece, ...]:
    """How much was lost, and in which time."""
    whole = sum(bar.us for bar in bars)
    when = f"on {stretch.label}" if len(stretch.days) == 1 else f"in {len(stretch.days)} days"
    return Piece(say.summed_hours(whole), is_strong=True), Piece(f" lost to stops {when}.", is_strong=False)


def _share_words(share: Fraction) -> str:
    return next((words for least, words in _SHARES if share >= least), say.percent_sign(share))


def _lower(text: str) -> str:
    """A reason inside a sentence: its first letter small, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
