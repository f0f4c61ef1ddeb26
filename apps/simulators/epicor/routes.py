"""From a request to an answer: who is calling, which company and service, and the rows of a set or a BAQ."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from apps.simulators.epicor import answers, odata
from apps.simulators.epicor.answers import Answer, Refused, Request
from apps.simulators.epicor.company import Company
from apps.simulators.epicor.epicor import Epicor, User
from apps.simulators.epicor.schema import BAQ_COLUMNS, SERVICES, SETS, TABLES, Row, Table, wire

_BAQ = "ActiveOperations"
_BAQ_KINDS = {
    f"{table}_{column}": TABLES[table].columns[column] for table, columns in BAQ_COLUMNS.items() for column in columns
} | {"RowIdent": "g"}
_KEYED = re.compile(r"(?P<set>\w+)\((?P<key>.*)\)$")
_KEY_PART = re.compile(r"(?:\w+=)?('(?:[^']|'')*'|-?\d+)(?:,|$)")


def answer(epicor: Epicor, request: Request) -> Answer:
    """The answer to any request below the instance's path."""
    behaviour = epicor.behaviour
    if not behaviour.is_up:
        return answers.maintenance()
    if behaviour.throttled_calls > 0:
        behaviour.throttled_calls -= 1
        return answers.short_error(429, "Too Many Requests", headers={"Retry-After": str(behaviour.retry_after_s)})
    if behaviour.failing_calls > 0:
        behaviour.failing_calls -= 1
        return answers.error(500, "An error occurred on the server. See the server log.", "System.Exception")
    parts = [unquote(part) for part in request.path.strip("/").split("/")]
    if parts[:4] != [epicor.instance, "api", "v2", "odata"] or len(parts) < 6:
        return answers.no_such_site()
    try:
        return _call(epicor, request, parts[4], parts[5], parts[6:])
    except Refused as refusal:
        return refusal.answer
    except odata.ODataError as problem:
        return answers.odata_error(str(problem))


def service_of(request: Request) -> str:
    """The service segment of the path in lower case, "" where there is none: per-service delays go by it."""
    parts = request.path.strip("/").split("/")
    return parts[5].lower() if len(parts) > 5 else ""


def _call(epicor: Epicor, request: Request, company_code: str, service: str, rest: list[str]) -> Answer:
    scope = _key_scope(epicor, request)
    user = _identity(epicor, request)
    company = epicor.companies.get(company_code)
    if company is None or (user.companies is not None and company.code not in user.companies):
        message = f"The user has no access to company {company_code}."
        raise Refused(answers.error(401, message, "System.UnauthorizedAccessException"))
    if service.lower() == "baqsvc":
        return _baq(epicor, request, company, scope, rest)
    _check_scope(scope, service)
    if service.lower() not in SERVICES:
        raise Refused(
            answers.error(404, f"Service {service} is not found.", "Epicor.RESTApi.ErrorHandling.ApiException")
        )
    if request.method != "GET":
        raise Refused(answers.error(405, "This instance is read only.", "Epicor.RESTApi.ErrorHandling.ApiException"))
    return _set(epicor, request, company, service, rest)


def _key_scope(epicor: Epicor, request: Request) -> frozenset[str] | None:
    given = request.headers.get("x-api-key") or request.query.get("api-key", "")
    key = epicor.api_keys.get(given)
    if key is None or key.is_expired:
        raise Refused(answers.short_error(401, "Invalid API key" if given else "API key is required"))
    return key.scope


def _identity(epicor: Epicor, request: Request) -> User:
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    name, password = "", ""
    if scheme.lower() == "basic":
        try:
            name, _colon, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = ""
    user = epicor.users.get(name.lower())
    if user is None or user.password != password:
        headers = {"WWW-Authenticate": 'Basic realm="Epicor"'}
        raise Refused(answers.short_error(401, "Invalid username or password.", headers=headers))
    return user


def _check_scope(scope: frozenset[str] | None, name: str) -> None:
    if scope is not None and name.lower() not in scope:
        message = f"The access scope of the API key does not allow {name}."
        raise Refused(answers.error(403, message, "System.UnauthorizedAccessException"))


def _set(epicor: Epicor, request: Request, company: Company, service: str, rest: list[str]) -> Answer:
    segment = rest[0] if rest else ""
    keyed = _KEYED.match(segment)
    name = keyed["set"] if keyed else segment
    table_name = SETS.get((service.lower(), name))
    if table_name is None or len(rest) != 1:
        raise Refused(answers.standard_error(404, f"Resource not found for the segment '{segment}'."))
    table = TABLES[table_name]
    if keyed:
        return _one(epicor, company, table, keyed["key"], request)
    behaviour = epicor.behaviour
    found = odata.query(
        company.rows(table_name), table.columns, request.query,
        default_page=behaviour.default_page, max_top=behaviour.max_top, shuffles=behaviour.shuffles,
    )  # fmt: skip
    context = f"{_base(epicor, request)}/{company.code}/{service}/$metadata#{name}"
    shaped = [_wire_row(table.columns, row, epicor, strings=False) for row in found.rows]
    return answers.rows(context, shaped, found.count)


def _one(epicor: Epicor, company: Company, table: Table, text: str, request: Request) -> Answer:
    parts: list[str | int] = [
        part[1:-1].replace("''", "'") if part.startswith("'") else int(part) for part in _KEY_PART.findall(text)
    ]
    key = tuple(parts[1:]) if table.key[0] == "Company" else tuple(parts)
    if not company.has(table.name, key):
        raise Refused(answers.error(404, "Record not found.", "Ice.Common.RecordNotFoundException"))
    page = odata.query([company.row(table.name, key)], table.columns, request.query, default_page=1)
    return answers.json_answer(200, _wire_row(table.columns, page.rows[0], epicor, strings=False))


def _baq(epicor: Epicor, request: Request, company: Company, scope: frozenset[str] | None, rest: list[str]) -> Answer:
    _check_scope(scope, rest[0] if rest else "BaqSvc")
    if not rest or rest[0] != _BAQ:
        raise Refused(answers.error(404, f"Query {rest[0] if rest else ''} is not found.", "Ice.BLException"))
    if rest[1:] != ["Data"]:
        # Without /Data it is the service document: no rows, and no error either.
        document = {"name": "Data", "kind": "EntitySet", "url": "Data"}
        return answers.rows(f"{_base(epicor, request)}/{company.code}/BaqSvc/{_BAQ}/$metadata", [document], None)
    found = odata.query(
        company.active_operations(), _BAQ_KINDS, request.query,
        default_page=epicor.behaviour.default_page, shuffles=epicor.behaviour.shuffles,
    )  # fmt: skip
    strings = epicor.behaviour.decimals_as_strings
    shaped = [_wire_row(_BAQ_KINDS, row, epicor, strings=strings) for row in found.rows]
    context = f"{_base(epicor, request)}/{company.code}/BaqSvc/{_BAQ}/$metadata#Epicor.DynamicQuery.Data"
    return answers.rows(context, shaped, found.count)


def _wire_row(kinds: Mapping[str, str], row: Row, epicor: Epicor, *, strings: bool) -> dict[str, Any]:
    shaped: dict[str, Any] = {}
    for name, value in row.items():
        sent = wire(kinds[name], value, offset=epicor.behaviour.server_offset)
        shaped[name] = f"{sent:.8f}" if strings and kinds[name] == "n" else sent
    return shaped


def _base(epicor: Epicor, request: Request) -> str:
    return f"http://{request.headers.get('host', 'localhost')}/{epicor.instance}/api/v2/odata"
