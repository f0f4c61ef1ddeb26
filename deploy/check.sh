#!/usr/bin/env bash
# The gate, the same everywhere: format, lint, types, layers, settings, migrations, templates. Runs all, then says which failed.
set -uo pipefail
cd "$(dirname "$0")/.."

bin=.venv/bin
failed=()

run() {
    local what=$1
    shift
    printf '%-10s ' "$what"
    local said
    if said=$("$@" 2>&1); then
        echo ok
    else
        echo failed
        printf '%s\n' "$said" | sed 's/^/    /'
        failed+=("$what")
    fi
}

# What a production site sets, so that `check --deploy` judges production's settings.
as_production() {
    env DEBUG=0 HTTPS=1 ALLOWED_HOSTS=jobline.example SECRET_KEY="$("$bin/python" -c 'import secrets; print(secrets.token_urlsafe(60))')" \
        DATABASE_URL=postgresql://jobline@db.example/jobline REDIS_URL=redis://redis.example:6379/0 "$@"
}

run format "$bin/ruff" format --check --quiet .
run lint "$bin/ruff" check --quiet --output-format concise .
run types "$bin/mypy"
run layers "$bin/lint-imports" --no-logo
run settings as_production "$bin/python" manage.py check --deploy --fail-level WARNING
run house "$bin/python" -m pytest -q -p no:cacheprovider tests/architecture

if [ ${#failed[@]} -gt 0 ]; then
    echo "make check: ${failed[*]} failed" >&2
    exit 1
fi
