#!/usr/bin/env bash
# Make .venv from the lock where it isn't there yet: deploy/setup.sh run|dev. Finds a Python that is new enough, then setup.py does it.
set -euo pipefail
cd "$(dirname "$0")/.."

for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$candidate" -B deploy/setup.py "$@"
    fi
done
echo "Jobline needs Python 3.11 or newer: install it (on Debian as root: apt-get install python3 python3-venv), or name one with PYTHON=…" >&2
exit 1
