#!/usr/bin/env bash
# The tests: where DATABASE_URL or REDIS_URL name servers, first what touches them there, then everything on SQLite.
# Called by `make test`, which sets up; its arguments go to pytest.
set -uo pipefail
cd "$(dirname "$0")/.."

python=.venv/bin/python
on_servers=0
done=()
if [ -n "${DATABASE_URL:-}${DATABASE_URL_FILE:-}${REDIS_URL:-}${REDIS_URL_FILE:-}" ]; then
    echo "On the servers of DATABASE_URL and REDIS_URL: storage, locking, broker and layer"
    "$python" -m pytest -m "servers and not verification" "$@"
    on_servers=$?
    # Nothing of what was asked for (ARGS names a file of pure tests) is no failure.
    [ "$on_servers" -eq 5 ] && on_servers=0
    [ -n "${DATABASE_URL:-}${DATABASE_URL_FILE:-}" ] && [ -n "${REDIS_URL:-}${REDIS_URL_FILE:-}" ] && done=(--servers-done)
    echo "On SQLite, without servers: everything"
fi
env -u DATABASE_URL -u DATABASE_URL_FILE -u REDIS_URL -u REDIS_URL_FILE "$python" -m pytest ${done[@]+"${done[@]}"} "$@"
embedded=$?

if [ "$on_servers" -ne 0 ]; then
    echo "The run on PostgreSQL and Redis failed: see above." >&2
    exit "$on_servers"
fi
exit "$embedded"
