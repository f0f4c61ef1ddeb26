"""The test of a connection: can we sign in, may we read what we need, and do the sites agree? In sentences for people."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from apps.epicor import keys, reader
from apps.epicor.auth import access_of
from apps.epicor.client import EpicorClient
from apps.epicor.errors import EpicorError, EpicorRejected, EpicorUnavailable
from apps.epicor.models import Connection
from apps.lines.models import Company, Plant

_UNAUTHORIZED = 401
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class Finding(NamedTuple):
    """One thing that was tried. `is_vital`: without it this connection does not work."""

    name: str
    is_good: bool
    says: str
    is_vital: bool = True


def check(connection: Connection) -> list[Finding]:
    """Try everything that a look needs. Never raises for what Epicor does; stops where nothing more can be learnt."""
    findings = _transport(connection)
    try:
        with EpicorClient(access_of(connection)) as client:
            findings.append(_sites(connection, client))
            findings += [_table(client, name, read, is_vital=vital) for name, vital, read in _TABLES]
            findings.append(_baq(client))
    except EpicorUnavailable as problem:
        findings.append(Finding("Epicor answers", False, str(problem)))  # noqa: FBT003
    except EpicorRejected as problem:
        hint = " Check user, password, API key and the user's companies." if problem.status == _UNAUTHORIZED else ""
        findings.append(Finding("Epicor lets us in", False, f"{problem}{hint}"))  # noqa: FBT003
    return findings


def connect(
    *, company: str, base_url: str, user_env: str, password_env: str, api_key_env: str, poll_s: int
) -> Connection:
    """Make or change a company's connection. Raises Company.DoesNotExist."""
    row, _is_new = Connection.objects.update_or_create(
        company=Company.objects.get(code=company),
        defaults={
            "base_url": base_url.rstrip("/"),
            "user_env": user_env,
            "password_env": password_env,
            "api_key_env": api_key_env,
            "poll_s": poll_s,
        },
    )
    return row


def make_key(company: str, name: str) -> keys.Issued:
    """A key with which a company's Epicor may post events. Raises Company.DoesNotExist."""
    return keys.issue(Company.objects.get(code=company).code, name)


def _transport(connection: Connection) -> list[Finding]:
    parts = urlsplit(connection.base_url)
    if parts.scheme == "https" or parts.hostname in _OWN_MACHINE:
        return []
    says = "The address begins with http: password and key travel in the clear. Use https."
    return [Finding("Encrypted", is_good=False, says=says, is_vital=False)]


def _sites(connection: Connection, client: EpicorClient) -> Finding:
    """Sign-in shows here first: a refusal of the identity is raised on."""
    try:
        theirs = {row.code: row for row in reader.plants(client).good}
    except EpicorRejected as problem:
        if problem.status in {0, _UNAUTHORIZED}:
            raise
        return Finding("Sites", is_good=False, says=str(problem), is_vital=False)
    except EpicorUnavailable:
        raise
    except EpicorError as problem:
        return Finding("Sites", is_good=False, says=str(problem), is_vital=False)
    ours = Plant.objects.filter(company=connection.company).order_by("code")
    missing = [plant.code for plant in ours if plant.code not in theirs]
    if missing:
        return Finding(
            "Sites", is_good=False, says=f"Epicor has no site {', '.join(missing)}; it has {', '.join(theirs)}."
        )
    zones = ", ".join(f"{row.code} is {row.time_zone} here, {theirs[row.code].time_zone_id} in Epicor" for row in ours)
    return Finding("Sites", is_good=True, says=zones or "Signed in. Jobline has no plant of this company yet.")


def _table(client: EpicorClient, name: str, read: Callable[[EpicorClient], int], *, is_vital: bool) -> Finding:
    try:
        count = read(client)
    except EpicorUnavailable:
        raise
    except EpicorError as problem:
        return Finding(name, is_good=False, says=str(problem), is_vital=is_vital)
    return Finding(name, is_good=True, says=f"{count} rows" if count >= 0 else "readable", is_vital=is_vital)


def _baq(client: EpicorClient) -> Finding:
    """The labour that the shared BAQ shows and the labour service does not: Epicor hides rows of other employees."""
    name = "Employees' labour"
    try:
        shown = len(client.baq("ActiveOperations"))
    except EpicorRejected:
        says = "Not compared: there is no BAQ ActiveOperations (deploy/epicor/README.md says why it helps)."
        return Finding(name, is_good=True, says=says, is_vital=False)
    except EpicorUnavailable:
        raise
    except EpicorError as problem:
        return Finding(name, is_good=False, says=str(problem), is_vital=False)
    seen = len(reader.active_labor(client).good)
    if seen < shown:
        says = f"The user sees {seen} of {shown} active rows: give it time-entry access to all employees."
        return Finding(name, is_good=False, says=says)
    return Finding(name, is_good=True, says=f"all {seen} active rows are seen", is_vital=False)


def _revisions(client: EpicorClient) -> int:
    reader.last_job_revisions(client)
    reader.opers_of(client, [""])
    return -1


_TABLES: tuple[tuple[str, bool, Callable[[EpicorClient], int]], ...] = (
    ("Active labour", True, lambda client: len(reader.active_labor(client).good)),
    ("Jobs and operations", True, _revisions),
    ("Downtime codes", False, lambda client: len(reader.downtime_codes(client).good)),
    ("Scrap codes", False, lambda client: len(reader.scrap_codes(client).good)),
)
