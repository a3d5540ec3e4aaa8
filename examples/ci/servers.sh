#!/bin/sh
# A PostgreSQL leader and a streaming follower for a CI job, on loopback:  servers.sh start DIR  |  servers.sh stop DIR
#
# They listen on free ports; DIR/urls.sh sets LEADER_URL and FOLLOWER_URL. FOLLOWER_LAG (500ms) is how far the follower is
# behind. The user is `app`, the database `postgres`; loopback needs no password.
set -eu

action=${1:?start or stop} folder=${2:?a folder for the servers\' data}
command -v initdb > /dev/null || PATH=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1):$PATH

# PostgreSQL refuses to run as root.
as() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- env "PATH=$PATH" "$@"; else "$@"; fi
}

# Somebody else may take a port between choosing it and listening there: then another is tried.
launch() {  # name, more settings; sets port
  for try in 1 2 3 4 5; do
    port=$(shuf -i 20000-29999 -n 1)
    if as pg_ctl -s -w -D "$folder/$1" -l "$folder/$1.log" \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' $2" start; then return; fi
  done
  echo "servers.sh: $1 does not start; $folder/$1.log says why" >&2
  exit 4
}

case $action in
  start)
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
    cd "$folder"
    as initdb -D "$folder/leader" -U app -A trust --no-locale -E UTF8 > /dev/null
    launch leader ""
    leader_port=$port
    as pg_basebackup -D "$folder/follower" -h 127.0.0.1 -p "$leader_port" -U app -R -X stream -c fast
    launch follower "-c recovery_min_apply_delay=${FOLLOWER_LAG:-500ms}"
    printf 'export LEADER_URL=%s FOLLOWER_URL=%s\n' "postgresql://app@127.0.0.1:$leader_port/postgres" \
      "postgresql://app@127.0.0.1:$port/postgres" > urls.sh
    ;;
  stop)
    [ -d "$folder" ] || exit 0
    folder=$(cd "$folder" && pwd)
    cd "$folder"
    for server in follower leader; do
      [ ! -f "$folder/$server/postmaster.pid" ] || as pg_ctl -s -w -m fast -D "$folder/$server" stop
    done
    ;;
  *)
    echo "servers.sh: '$action' is neither start nor stop" >&2
    exit 3
    ;;
esac
