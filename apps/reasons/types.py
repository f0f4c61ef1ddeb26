"""A reason code as a source tells it."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class ReasonState:
    """One code of a company's dictionary, to the letter. What Jobline adds (category, group) is not told by Epicor."""

    company: str
    code: str
    description: str
    kind: str = "any"  # "downtime", "scrap" or "any"
    is_retired: bool = False


class Standing(NamedTuple):
    """What the sources said of a code so far. Where `kind` is "any", `description` is that of the downtime reason."""

    kind: str
    description: str
    scrap_description: str = ""
    is_retired: bool = False
    # False for what only a plant file or a person said.
    is_told: bool = True


class ReasonConfig(NamedTuple):
    """A code with everything that a plant file or a person says of it."""

    company: str
    code: str
    description: str
    category: str
    group: str
    kind: str
    icon: str
    order: int
    lines: tuple[str, ...]


class ReasonView(NamedTuple):
    """A code with its words and what Jobline adds to it."""

    code: str
    description: str
    kind: str
    category: str
    group: str
    icon: str
    order: int
    lines: tuple[str, ...]
    is_retired: bool
    # The words of the scrap reason, where the code is for stops too.
    scrap_description: str = ""
    # False for what only a plant file or a person said.
    is_told: bool = False
