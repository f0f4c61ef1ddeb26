"""A reason code as a source tells it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReasonState:
    """One code of a company's dictionary, to the letter. What Jobline adds (category, group) is not told by Epicor."""

    company: str
    code: str
    description: str
    kind: str = "any"  # "downtime", "scrap" or "any"
    is_retired: bool = False
