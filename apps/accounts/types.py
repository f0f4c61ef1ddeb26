"""Who acts, and where. Plants are named by company and site code: accounts stand below the lines."""

from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """A plant, or (with a slug) one line of it."""

    company: str
    plant: str
    line: str = ""


class Grant(NamedTuple):
    """A role in one plant; with a `line` only there."""

    company: str
    plant: str
    role: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class Principal:
    """A person who signed in, or a paired device (on which an operator may have said who they are).

    `by` is what is stored with what they do: the employee number, else the login name, else the device's name.
    """

    name: str
    by: str
    grants: frozenset[Grant] = frozenset()
    user_id: int | None = None
    device_id: int | None = None
    device_name: str = ""
    device_kind: str = ""
    # The line a paired device stands at; "" for a person, or for a device of the whole plant.
    device_line: str = ""
    # An administrator of the installation: every role in every plant.
    is_everywhere: bool = False

    @property
    def initials(self) -> str:
        """One or two letters for the round badge."""
        words = [word for word in self.name.replace("-", " ").split() if word]
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"
