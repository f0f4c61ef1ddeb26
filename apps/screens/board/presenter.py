"""What the board page needs beside its live message. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from apps.live.types import BoardMessage

DENSE_HOURS = 9


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Where "All lines" and the figures lead ("" for a screen that may not go there), and how tight the hours are."""

    back: str
    working: str
    is_dense: bool
    # The row that a <template> is rendered with.
    blank: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def present(message: BoardMessage, *, back: str, working: str) -> BoardPage:
    """The page around a board message."""
    wide = any(len(str(row["made"] or "")) + len(str(row["diff"] or "")) > 8 for row in message["hours"])
    return BoardPage(back=back, working=working, is_dense=wide or len(message["hours"]) > DENSE_HOURS)
