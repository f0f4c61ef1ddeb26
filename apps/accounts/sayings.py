"""What was tapped has a key of its own, made under the finger: however often it is sent, it is taken in once.

The key is kept in the transaction that keeps what was said, so neither is ever there without the other.
"""

import re

from apps.accounts.models import Saying
from apps.shared.bulk import insert
from apps.shared.instants import DAY

# Longer than a tablet may keep what it could not send.
KEPT = 35 * DAY
_KEY = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")


def is_key(text: str) -> bool:
    """A key is a UUID in small letters."""
    return _KEY.fullmatch(text) is not None


def was_taken(key: str) -> bool:
    """Whether what has this key was taken in already."""
    return is_key(key) and Saying.objects.filter(key=key).exists()


def take(key: str, *, now: int) -> bool:
    """Keep the key, in the caller's transaction; False where it is there already. What has none ("") is always taken."""
    return not key or insert(Saying, ("key", "taken_at"), [(key, now)], ignore=True) > 0


def forget_old(*, now: int) -> int:
    """Forget the keys that no tablet sends again, and say how many."""
    gone, _by_model = Saying.objects.filter(taken_at__lt=now - KEPT).delete()
    return gone
