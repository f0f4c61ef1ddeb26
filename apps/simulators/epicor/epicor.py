"""One simulated Epicor instance: its companies in one database, who may sign in, and how it misbehaves."""

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from apps.shared.instants import SECOND
from apps.simulators.epicor.company import Company

# LaborHedSeq is a 32-bit number in Epicor: counted from here in seconds it stays one until 2088.
_SEQ_EPOCH_S = 1_577_836_800

Event = dict[str, Any]
Listener = Callable[[Event], None]


@dataclass(slots=True)
class User:
    """A person or integration account: the companies that it may enter (None: all)."""

    password: str
    companies: frozenset[str] | None = None


@dataclass(slots=True)
class ApiKey:
    """An API key with its access scope: the services and BAQs it may call (None: all), compared without case."""

    scope: frozenset[str] | None = None
    is_expired: bool = False


@dataclass(slots=True)
class Behaviour:
    """How the server treats its callers; tests and the demo turn these."""

    # False: HTML 503, as IIS answers while the application pool is down.
    is_up: bool = True
    # Added to every call, in seconds.
    delay_s: float = 0.0
    # Added to the calls of one service (lower case name), in seconds.
    service_delay_s: dict[str, float] = field(default_factory=dict)
    # Answer so many calls with 429 and this Retry-After.
    throttled_calls: int = 0
    retry_after_s: int = 1
    # Answer so many calls with a 500 whose text is hidden.
    failing_calls: int = 0
    # Rows come in another order at each call that has no $orderby.
    shuffles: bool = True
    default_page: int = 100
    max_top: int | None = None
    # As REST v1 BAQs do: decimals as strings with eight places.
    decimals_as_strings: bool = False
    # What the server adds to a date, whatever the plant's zone is.
    server_offset: str = "-05:00"


class Epicor:
    """A whole instance. `now` (µs) seeds SysRevID and LaborHedSeq, so that a restart never reuses one.

    Everything that changes a row takes `at`, the instant at which it happens; nothing here reads a clock.
    """

    def __init__(self, *, now: int, instance: str = "KineticDemo", first_rev: int | None = None) -> None:
        self.instance = instance
        self.behaviour = Behaviour()
        self.companies: dict[str, Company] = {}
        self.users: dict[str, User] = {}
        self.api_keys: dict[str, ApiKey] = {}
        self.control_token = ""
        self.boot = uuid.uuid4().hex[:8]
        self._revisions = itertools.count(first_rev if first_rev is not None else now // 1000)
        self._labor_heads = itertools.count(max(now // SECOND - _SEQ_EPOCH_S, 1))
        self._sequences: dict[str, int] = {}
        self._listeners: list[Listener] = []

    def add_company(self, code: str, name: str) -> Company:
        """A new company; master data and jobs are added on what this returns."""
        company = Company(code, name, tell=self._tell, next_rev=self.next_rev, next_head=self._next_head)
        self.companies[code] = company
        return company

    def add_user(self, name: str, password: str, *, companies: frozenset[str] | None = None) -> None:
        """An account for Basic sign-in."""
        self.users[name.lower()] = User(password, companies)

    def add_api_key(self, key: str, *, scope: frozenset[str] | None = None) -> None:
        """An API key; `scope` names the services and BAQs that it may call."""
        self.api_keys[key] = ApiKey(None if scope is None else frozenset(name.lower() for name in scope))

    def next_rev(self) -> int:
        """The next SysRevID: one counter for all tables of the database, like SQL Server's rowversion."""
        return next(self._revisions)

    def on_event(self, listener: Listener) -> None:
        """Call `listener` with each CloudEvent (FORMATS §3) at the moment at which it happens."""
        self._listeners.append(listener)

    def _next_head(self) -> int:
        return next(self._labor_heads)

    def _tell(self, company: str, kind: str, at: str, data: dict[str, Any]) -> None:
        source = f"/epicor/{self.instance}/{company}/{self.boot}"
        self._sequences[source] = self._sequences.get(source, 0) + 1
        event: Event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": source,
            "type": kind,
            "time": at,
            "sequence": str(self._sequences[source]),
            "datacontenttype": "application/json",
            "data": data,
        }
        for listener in self._listeners:
            listener(event)
