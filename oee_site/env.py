"""Readers of the environment: each fails with the variable's name and what it should hold."""

import os
from pathlib import Path


class SettingError(Exception):
    """An environment variable holds something that can't be used."""


def text(name: str, default: str = "") -> str:
    """The variable as it stands, or the default."""
    return os.environ.get(name, default)


def flag(name: str, *, default: bool = False) -> bool:
    """1/true/yes/on or 0/false/no/off."""
    raw = os.environ.get(name)
    if raw is None or raw == "":
        return default
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} is {raw!r}: set it to 1 or 0.")


def number(name: str, default: int) -> int:
    """A whole number."""
    raw = os.environ.get(name)
    if raw is None or raw == "":
        return default
    try:
        return int(raw)
    except ValueError:
        raise SettingError(f"{name} is {raw!r}: set it to a whole number.") from None


def months(name: str) -> int:
    """A whole number of months to keep; 0, the default, is for ever."""
    found = number(name, 0)
    if found < 0:
        raise SettingError(f"{name} is {found}: set it to the number of months to keep, or 0 to keep all.")
    return found


def secret(name: str) -> str:
    """The variable, or the content of the file that NAME_FILE names; never logged."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise SettingError(f"{name}_FILE can't be read: {problem.strerror}.") from None
    return os.environ.get(name, "")


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]
