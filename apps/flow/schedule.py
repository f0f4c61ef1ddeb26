"""What runs by the clock. Each entry expires before it would pile up behind a worker that is busy or gone."""

from typing import Any

# Queues: `erp` talks to Epicor, `inbox` works off its events, `rollup` computes. Each needs a worker of its own: an
# Epicor that does not answer holds the worker that asks it, and must hold no event of another company.
QUEUES = ("erp", "inbox", "rollup")
ROUTES: dict[str, dict[str, str]] = {
    "apps.flow.tasks.work_inbox": {"queue": "inbox"},
    "apps.flow.tasks.poll_due": {"queue": "erp"},
    "apps.flow.tasks.poll_epicor": {"queue": "erp"},
    "apps.flow.tasks.refresh_summaries": {"queue": "rollup"},
    "apps.flow.tasks.watch_freshness": {"queue": "rollup"},
    "apps.flow.tasks.keep_house": {"queue": "rollup"},
    "apps.flow.tasks.prune_inbox": {"queue": "rollup"},
}

BEAT: dict[str, dict[str, Any]] = {
    # The web process asks for this at every post; the clock is for when the broker did not hear it.
    "work off the inbox": {
        "task": "apps.flow.tasks.work_inbox",
        "schedule": 1.0,
        "options": {"expires": 1},
    },
    # Each connection has an interval of its own; this only asks which are due.
    "look at the Epicors that are due": {
        "task": "apps.flow.tasks.poll_due",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "renew the summaries of what completed lately": {
        "task": "apps.flow.tasks.refresh_summaries",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "say what is late": {
        "task": "apps.flow.tasks.watch_freshness",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "forget events of long ago": {
        "task": "apps.flow.tasks.prune_inbox",
        "schedule": 6 * 3600.0,
        "options": {"expires": 3600},
    },
    # A month is made three ahead: a night that is missed costs nothing.
    "make months ahead, drop what is old": {
        "task": "apps.flow.tasks.keep_house",
        "schedule": 6 * 3600.0,
        "options": {"expires": 3600},
    },
}
