#!/bin/sh
# The whole job as a script: servers, gate, and the servers' end whatever came of it. Works in the folder where it is started.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
trap '"$here/servers.sh" stop pg; rm -rf pg' EXIT
"$here/servers.sh" start pg
. pg/urls.sh
"$here/gate.sh" "$@"
