"""How fast a key may post, in this process: a key that runs wild must not starve the boards."""

from threading import Lock

from apps.epicor.breaker import Pace

_LOCK = Lock()
_PACES: dict[int, Pace] = {}


def wait_for(key_id: int, *, per_second: float, now_s: float) -> float:
    """0 when the key may post now, else the seconds until it may. `now_s` is any steady clock."""
    with _LOCK:
        pace = _PACES.get(key_id)
        if pace is None or pace.per_second != per_second:
            pace = _PACES[key_id] = Pace(per_second=per_second, burst=2 * per_second)
        return pace.allows(now_s)
