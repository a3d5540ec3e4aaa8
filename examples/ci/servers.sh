#!/bin/sh
# A PostgreSQL leader and a streaming follower for a CI job, on loopback:  servers.sh start DIR  |  servers.sh stop DIR
#
# They listen on free ports; DIR/urls.sh sets LEADER_URL and FOLLOWER_URL. FOLLOWER_LAG (500ms) is how far the follower is
# behind. The user is `app`, the database `postgres`; loopback needs no password. Data and logs lie in a folder below
# TMPDIR, whose name stands in DIR/data: PostgreSQL refuses to run as root, and another user may not enter DIR.
set -eu

action=${1:?start or stop} folder=${2:?a folder}
command -v initdb > /dev/null || PATH=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1):$PATH

as() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- env "PATH=$PATH" "$@"; else "$@"; fi
}

# Somebody else may take a port between choosing it and listening there: then another is tried.
launch() {  # name, more settings; sets port
  for try in 1 2 3 4 5; do
    port=$(shuf -i 20000-29999 -n 1)
    if as pg_ctl -s -w -D "$data/$1" -l "$data/$1.log" \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' $2" start; then return; fi
  done
  echo "servers.sh: $1 does not start; $data/$1.log says why" >&2
  exit 4
}

case $action in
  start)
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    data=$(mktemp -d)
    echo "$data" > "$folder/data"
    if [ "$(id -u)" = 0 ]; then chown postgres "$data"; fi
    cd "$data"
    as initdb -D "$data/leader" -U app -A trust --no-locale -E UTF8 > /dev/null || exit 4
    launch leader ""
    leader_port=$port
    as pg_basebackup -D "$data/follower" -h 127.0.0.1 -p "$leader_port" -U app -R -X stream -c fast || exit 4
    launch follower "-c recovery_min_apply_delay=${FOLLOWER_LAG:-500ms}"
    printf 'export LEADER_URL=%s FOLLOWER_URL=%s\n' "postgresql://app@127.0.0.1:$leader_port/postgres" \
      "postgresql://app@127.0.0.1:$port/postgres" > "$folder/urls.sh"
    ;;
  stop)
    [ -f "$folder/data" ] || exit 0
    data=$(cat "$folder/data")
    cd "$data"
    for server in follower leader; do
      [ ! -f "$data/$server/postmaster.pid" ] || as pg_ctl -s -w -m fast -D "$data/$server" stop
    done
    cd /
    rm -rf "$data"
    ;;
  *)
    echo "servers.sh: '$action' is neither start nor stop" >&2
    exit 3
    ;;
esac
