"""The words of a bar by its key. Pure."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from apps.screens.losses.reads import LossFacts

NONE = "none"
MICRO, SETUP = "~micro_stop", "~setup"
_OWN = {"": "Without a reason", MICRO: "Micro-stops", SETUP: "Changeover, untagged"}


class Names(NamedTuple):
    """The choices that don't come from the losses themselves: (value, label) of plants, lines, shifts."""

    plants: Sequence[tuple[str, str]]
    lines: Sequence[tuple[str, str]]
    shifts: Sequence[tuple[str, str]]


def texts_of(facts: LossFacts, names: Names, by: str) -> Callable[[str], str]:
    """The words of a bar by its key. Two reasons with one text carry their codes."""
    if by == "reason":
        said = [reason.description for reason in facts.reasons.values()]
        texts = {
            code: (f"{reason.description} ({code})" if said.count(reason.description) > 1 else reason.description)
            or code
            for code, reason in facts.reasons.items()
        } | _OWN
    elif by == "operation":
        texts = {key: f"{key.rsplit('/', 2)[0]} {name}" for key, name in facts.opers.items()}
    else:
        texts = dict(names.lines) if by == "line" else {}
    unknown = {"part": "No job", "operation": "No job", "shift": "Outside shifts", "fault": "No fault code"}.get(by, "")
    return lambda key: texts.get(key) or key or unknown
