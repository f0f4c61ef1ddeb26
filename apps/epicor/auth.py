"""Who we are for Epicor. A Connection names environment variables; they are read when needed, and kept nowhere."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from apps.epicor.errors import EpicorRejected
from apps.epicor.models import Connection


@dataclass(frozen=True, slots=True)
class Access:
    """Where a company's Epicor is, and the names of the variables that open it (read anew by each `headers`)."""

    company: str
    base_url: str
    api: str = "v2"
    user_env: str = ""
    password_env: str = ""
    api_key_env: str = ""

    def headers(self) -> dict[str, str]:
        """The headers of one call: Basic identity, and the API key where there is one (v2 needs it).

        Raises EpicorRejected when a named variable holds nothing, or a key that no header can carry.
        """
        user, password = read_secret(self.user_env), read_secret(self.password_env)
        # Bytes of the environment that are no UTF-8 go as they are: an error about them would quote the password.
        pair = base64.b64encode(f"{user}:{password}".encode("utf-8", "surrogateescape")).decode()
        headers = {"Authorization": f"Basic {pair}", "Accept": "application/json"}
        if self.api_key_env:
            headers["x-api-key"] = _read_key(self.api_key_env)
        return headers


def access_of(connection: Connection) -> Access:
    """The access that a company's connection row describes."""
    return Access(
        company=connection.company.code,
        base_url=connection.base_url.rstrip("/"),
        api=connection.api,
        user_env=connection.user_env,
        password_env=connection.password_env,
        api_key_env=connection.api_key_env,
    )


def read_secret(name: str) -> str:
    """The content of the variable, or of the file that NAME_FILE names. Raises EpicorRejected when there is nothing."""
    # Which names there are stands in the database, so that settings can't read them beforehand.
    environment = os.environ  # noqa: TID251
    path = environment.get(f"{name}_FILE", "") if name else ""
    try:
        # A line's end comes along when a secret is pasted or read from a file; it is no part of it.
        text = Path(path).read_text(encoding="utf-8").strip() if path else environment.get(name, "").strip("\r\n")
    except OSError as problem:
        raise EpicorRejected(f"{name}_FILE can't be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise EpicorRejected(f"{name}_FILE names a file that is not UTF-8 text.") from None
    if not text:
        raise EpicorRejected(f"{name or 'A variable for the credentials'} is not set: give it or {name}_FILE a value.")
    return text


def _read_key(name: str) -> str:
    """An API key. What would be refused further down is refused here: an error there quotes the header."""
    key = read_secret(name).strip()
    if not (key and key.isascii() and key.isprintable()):
        raise EpicorRejected(f"{name} can't be an API key: it holds something else than printable ASCII characters.")
    return key
