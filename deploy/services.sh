#!/usr/bin/env bash
# A private PostgreSQL and Redis for tests and measurements: deploy/services.sh start|stop
# FSYNC=off, where nothing shall outlive a crash of this machine, makes tests a quarter faster (and measurements untrue).
# They listen on free ports of the loopback, behind passwords made for them. `start` prints the two URLs on stdout and nothing
# else: eval "$(make services)". Where they run already it prints the same URLs again; `stop` ends them by their process ids.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 077

here=${DATA:-$PWD/var}/services
sync=${FSYNC:-on}
# PostgreSQL refuses to run as root: then it runs under the account of its package, in that account's home, which is the one
# place that account can surely reach. The name comes from this folder's, so two clones are two servers.
if [ "$(id -u)" -eq 0 ]; then
    account=postgres
    data=$(getent passwd postgres | cut -d: -f6)/jobline-$(printf %s "$here" | cksum | cut -d' ' -f1)
else
    account=
    data=$here/postgres
fi

say() { echo "$*" >&2; }
fail() { say "$*"; exit 1; }
# In /, because the account may not be allowed to stand here.
as_account() { if [ -n "$account" ]; then (cd / && runuser -u "$account" -- "$@"); else "$@"; fi; }
name_of() { cat "/proc/$1/comm" 2>/dev/null || ps -o comm= -p "$1"; }
# Whether the process of this pid file runs and is still that program: after a restart of the machine a number means another.
is_alive() { [ -s "$1" ] && [[ "$(name_of "$(head -n 1 "$1")")" == *"$2"* ]]; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Debian keeps the server's programs off the PATH, a folder for each version.
postgres_bin() {
    local found
    found=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -name initdb 2>/dev/null | sort -V | tail -n 1)
    [ -n "$found" ] || found=$(command -v initdb || true)
    [ -z "$found" ] || dirname "$found"
}

install_missing() {
    local missing=()
    [ -n "$(postgres_bin)" ] || missing+=(postgresql)
    command -v redis-server >/dev/null || missing+=(redis-server)
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        fail "Not installed: ${missing[*]}. Install it (on Debian as root: apt-get install ${missing[*]}), then run make services again."
    fi
    say "Installing ${missing[*]}"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >&2 ||
        fail "apt-get could not install ${missing[*]}: see above."
    # The account's home is known only now.
    exec "$0" start
}

make_database() {
    say "Making a PostgreSQL database"
    if is_alive "$data/postmaster.pid" postgres; then end INT "$(head -n 1 "$data/postmaster.pid")"; fi
    rm -rf "$data"
    # initdb reads the password from a file, and it must be the account's.
    echo "$2" | as_account tee "$data.password" >/dev/null
    as_account "$1/initdb" --pgdata="$data" --username=jobline --auth=scram-sha-256 --pwfile="$data.password" --encoding=UTF8 \
        --locale=C --no-sync >"$here/initdb.log" 2>&1 || fail "initdb failed: see $here/initdb.log"
    rm -f "$data.password"
}

start_postgres() {
    local bin port
    bin=$(postgres_bin)
    if [ ! -s "$here/password" ] || ! as_account test -s "$data/PG_VERSION"; then make_database "$bin" "$1"; fi
    if ! is_alive "$data/postmaster.pid" postgres; then
        as_account "$bin/pg_ctl" --pgdata="$data" --wait --timeout=60 --silent --log="$data/server.log" start \
            --options="-c listen_addresses=127.0.0.1 -c port=$(free_port) -c unix_socket_directories= -c max_connections=200 \
            -c fsync=$sync -c full_page_writes=$sync -c synchronous_commit=$sync" >&2 ||
            fail "PostgreSQL did not start: see $data/server.log"
    fi
    # The fourth line of its pid file is the port.
    port=$(sed -n 4p "$data/postmaster.pid")
    export PGPASSWORD=$1 PGHOST=127.0.0.1 PGPORT=$port PGUSER=jobline
    if [ -z "$("$bin/psql" -d postgres -Atqc "select 1 from pg_database where datname = 'jobline'")" ]; then "$bin/createdb" jobline; fi
    echo "DATABASE_URL=postgresql://jobline:$1@127.0.0.1:$port/jobline"
}

start_redis() {
    if ! is_alive "$here/redis.pid" redis-server; then
        free_port >"$here/redis.port"
        # The settings go in by stdin: a password on the command line is there for all to read.
        redis-server - >/dev/null 2>&1 <<CONF
bind 127.0.0.1
port $(cat "$here/redis.port")
requirepass $1
save ""
appendonly no
daemonize yes
dir "$here"
pidfile "$here/redis.pid"
logfile "$here/redis.log"
CONF
    fi
    local port
    port=$(cat "$here/redis.port")
    for _ in $(seq 100); do
        if [ "$(REDISCLI_AUTH=$1 redis-cli -p "$port" ping 2>/dev/null)" = PONG ]; then
            echo "REDIS_URL=redis://:$1@127.0.0.1:$port/0"
            return
        fi
        sleep 0.1
    done
    fail "Redis did not start: see $here/redis.log"
}

start() {
    install_missing
    mkdir -p "$here"
    local password database redis
    password=$(cat "$here/password" 2>/dev/null || od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    database=$(start_postgres "$password")
    echo "$password" >"$here/password"
    redis=$(start_redis "$password")
    echo "export $database $redis"
}

# Send a signal and wait, at most 30 s, until the process is gone.
end() {
    kill -s "$1" "$2"
    for _ in $(seq 300); do
        kill -0 "$2" 2>/dev/null || return 0
        sleep 0.1
    done
    fail "Process $2 does not end."
}

stop() {
    local ended=
    # SIGINT is PostgreSQL's fast shutdown: it does not wait for those who are connected.
    if is_alive "$data/postmaster.pid" postgres; then end INT "$(head -n 1 "$data/postmaster.pid")" && ended=yes; fi
    if is_alive "$here/redis.pid" redis-server; then end TERM "$(cat "$here/redis.pid")" && ended=yes; fi
    rm -f "$here/redis.pid" "$here/redis.port"
    if [ -n "$ended" ]; then say "PostgreSQL and Redis have ended."; else say "Neither was running."; fi
}

case ${1:-} in
start) start ;;
stop) stop ;;
*) fail "usage: deploy/services.sh start|stop" ;;
esac
