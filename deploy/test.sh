#!/usr/bin/env bash
# The tests: everything on SQLite, and where DATABASE_URL or REDIS_URL name servers, at the same time what touches them there.
# Called by `make test`, which sets up; its arguments go to pytest.
set -uo pipefail
cd "$(dirname "$0")/.."

python=.venv/bin/python
on_sqlite() {
    env -u DATABASE_URL -u DATABASE_URL_FILE -u REDIS_URL -u REDIS_URL_FILE "$python" -m pytest "$@"
}

if [ -z "${DATABASE_URL:-}${DATABASE_URL_FILE:-}${REDIS_URL:-}${REDIS_URL_FILE:-}" ]; then
    on_sqlite "$@"
    exit
fi

done=()
[ -n "${DATABASE_URL:-}${DATABASE_URL_FILE:-}" ] && [ -n "${REDIS_URL:-}${REDIS_URL_FILE:-}" ] && done=(--servers-done)
# Two runs share nothing: each has data folder, database and names of its own. What the second says is shown when the first is over.
said=$(mktemp)
on_sqlite -p no:cacheprovider ${done[@]+"${done[@]}"} "$@" >"$said" 2>&1 &
second=$!
trap 'kill "$second" 2>/dev/null; wait "$second" 2>/dev/null; rm -f "$said"' EXIT

echo "On the servers of DATABASE_URL and REDIS_URL: storage, locking, broker and layer (everything runs on SQLite meanwhile)"
"$python" -m pytest -m "servers and not verification" "$@"
on_servers=$?
# Nothing of what was asked for (ARGS names a file of pure tests) is no failure.
[ "$on_servers" -eq 5 ] && on_servers=0

wait "$second"
embedded=$?
trap 'rm -f "$said"' EXIT
echo "On SQLite, without servers: everything"
cat "$said"

if [ "$on_servers" -ne 0 ]; then
    echo "The run on PostgreSQL and Redis failed: see above." >&2
    exit "$on_servers"
fi
exit "$embedded"
