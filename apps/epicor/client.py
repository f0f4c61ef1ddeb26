"""The only door to Epicor: REST v2 over HTTP, reads only. It asks, pages and sorts errors; it decides nothing."""

import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from apps.epicor.auth import Access
from apps.epicor.breaker import Pace
from apps.epicor.errors import EpicorRejected, EpicorSurprise, EpicorUnavailable, read_complaint

Row = dict[str, Any]

# Calls that claim a licence each: slow servers are given time, dead ones are not.
TIMEOUT = httpx.Timeout(connect=3.0, read=20.0, write=10.0, pool=5.0)
PAGE = 100
# A wait that Epicor asks for is honoured on the spot up to here; a longer one ends the look.
_PATIENCE_S = 2.0
_UNAUTHORIZED, _TOO_MANY = 401, 429


@dataclass(frozen=True, slots=True)
class Ask:
    """One list to read: `path` is service and set, `key` the columns that make a row unique (they order the pages)."""

    path: str
    select: tuple[str, ...]
    key: tuple[str, ...]
    where: str = ""


class EpicorClient:
    """A session with one company's Epicor. Use it as a context manager; it is not shared between threads.

    Raises EpicorRejected for a connection that it can't speak with.
    """

    def __init__(self, access: Access, *, timeout: httpx.Timeout = TIMEOUT, pace: Pace | None = None) -> None:
        if access.api != "v2":
            raise EpicorRejected(f"REST {access.api} is not read by this version of Jobline: it needs REST v2.")
        self._access = access
        self._pace = pace or Pace(per_second=10, burst=10)
        # Redirects would carry our credentials to another host, and a proxy from the environment would read them.
        self._http = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False, verify=_trusted())
        self._root = f"{access.base_url}/api/v2/odata/{quote(access.company, safe='')}"
        self.calls = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def rows(self, ask: Ask, *, page: int = PAGE) -> Iterator[Row]:
        """All rows of a list, page by page in the order of its key.

        The count that comes with the first page says when to stop: Epicor has no nextLink, and a cap on $top would
        make a full page look like the last one. Raises EpicorUnavailable, EpicorRejected or EpicorSurprise.
        """
        read, total = 0, None
        while total is None or read < total:
            options = _options(ask, page=page, order=",".join(ask.key), where=ask.where) | {"$skip": str(read)}
            if total is None:
                options["$count"] = "true"
            body = self._get(ask.path, options)
            found = _value(body, ask.path)
            if total is None:
                total = _count(body)
            yield from found
            read += len(found)
            if not found or (total is None and len(found) < page):
                return

    def rows_since(self, ask: Ask, revision: int, *, page: int = PAGE) -> Iterator[Row]:
        """Rows whose SysRevID is above `revision`, in its order; each page starts after the last one's greatest.

        Unlike $skip this loses nothing when a row changes while we read: it comes again, further on.
        Raises like `rows`.
        """
        while True:
            where = f"SysRevID gt {revision}" + (f" and ({ask.where})" if ask.where else "")
            found = _value(self._get(ask.path, _options(ask, page=page, order="SysRevID", where=where)), ask.path)
            if not found:
                return
            last = max(_revision(row, ask.path) for row in found)
            if last <= revision:
                raise EpicorSurprise(f"{ask.path} answers rows that were not asked for: $filter is ignored.")
            yield from found
            revision = last

    def last_revision(self, ask: Ask) -> int:
        """The greatest SysRevID of a list, 0 where it is empty. Raises like `rows`."""
        options = {"$select": "SysRevID", "$orderby": "SysRevID desc", "$top": "1"}
        found = _value(self._get(ask.path, options | ({"$filter": ask.where} if ask.where else {})), ask.path)
        return _revision(found[0], ask.path) if found else 0

    def baq(self, name: str, **options: str) -> list[Row]:
        """The rows of a shared BAQ; `options` are its parameters. Raises like `rows`."""
        path = f"BaqSvc/{quote(name, safe='')}/Data"
        return _value(self._get(path, options | {"$top": "10000"}), path)

    def _get(self, path: str, options: dict[str, str]) -> Row:
        response = self._send(path, options)
        if response.status_code == _UNAUTHORIZED:
            # The secret may have been rotated since: read it again, once.
            response = self._send(path, options)
        if response.status_code == _TOO_MANY:
            wait = _retry_after(response)
            if wait is not None and wait <= _PATIENCE_S:
                time.sleep(wait)
                response = self._send(path, options)
        _check(response, path)
        try:
            body = response.json()
        except ValueError:
            raise EpicorSurprise(f"{path} answered {response.status_code} with something that is not JSON.") from None
        if not isinstance(body, dict):
            raise EpicorSurprise(f"{path} answered a {type(body).__name__} where an object was expected.")
        return body

    def _send(self, path: str, options: dict[str, str]) -> httpx.Response:
        time.sleep(self._pace.wait(time.monotonic()))
        self.calls += 1
        try:
            return self._http.get(f"{self._root}/{path}", params=options, headers=self._access.headers())
        except httpx.TimeoutException:
            raise EpicorUnavailable(f"Epicor did not answer {path} in time.") from None
        except httpx.LocalProtocolError:
            # Its own text quotes the header, and with it a secret.
            raise EpicorRejected(
                "Address, user or key of this Epicor hold characters that no call can carry."
            ) from None
        except httpx.TransportError as problem:
            raise EpicorUnavailable(f"Epicor can't be reached: {problem}.") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as problem:
            raise EpicorRejected(f"The base URL can't be used: {problem}.") from None


@cache
def _trusted() -> ssl.SSLContext:
    # The authorities that this machine trusts, a plant's own among them; loading them takes 20 ms, so once.
    return ssl.create_default_context()


def _check(response: httpx.Response, path: str) -> None:
    status = response.status_code
    if response.is_success:
        return
    said = read_complaint(response.text, response.headers.get("Content-Type", ""))
    text = f"{path}: {status} {said.text}".rstrip()
    if said.correlation_id:
        text += f" (correlation id {said.correlation_id})"
    if response.is_server_error or status == _TOO_MANY:
        raise EpicorUnavailable(text, retry_after_s=_retry_after(response))
    if response.is_redirect:
        raise EpicorRejected(f"{path}: Epicor sends us elsewhere ({status}): check the base URL.", status=status)
    raise EpicorRejected(text, status=status, correlation_id=said.correlation_id)


def _options(ask: Ask, *, page: int, order: str, where: str) -> dict[str, str]:
    options = {"$select": ",".join(ask.select), "$orderby": order, "$top": str(page)}
    return options | ({"$filter": where} if where else {})


def _value(body: Row, path: str) -> list[Row]:
    value = body.get("value")
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise EpicorSurprise(f"{path} answered without a list of rows.")
    return value


def _count(body: Row) -> int | None:
    count = body.get("@odata.count")
    return int(count) if isinstance(count, int | str) and str(count).isdigit() else None


def _revision(row: Row, path: str) -> int:
    try:
        return int(row["SysRevID"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise EpicorSurprise(f"{path} answered a row without SysRevID.") from None


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("Retry-After", "")
    try:
        return max(float(text), 0.0)
    except ValueError:
        # A date is allowed too; nobody has seen Epicor send one, and our own back-off is as good.
        return None
