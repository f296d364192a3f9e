#!/usr/bin/env bash
# Starts dynalite, which stands in for DynamoDB, on 127.0.0.1. It takes any access key and checks no signature.
#
#   start-dynalite.sh [-p PORT] [-d FOLDER] [-t MS] [-f]
#     -p  port (default: any free one)
#     -d  keep the tables in FOLDER (default: in memory)
#     -t  how long a table stays in CREATING, in ms (default 0)
#     -f  stay in the foreground: the pid of this script is the server's
#
# Prints "READY dynalite endpoint=URL region=NAME pid=PID" once it answers. Stop it with: kill PID
# Needs node and npm; the first start installs dynalite as package-lock.json names it.
set -euo pipefail
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

port=0 folder='' create_ms=0 foreground=false
while getopts p:d:t:fh option; do
    case $option in
    p) port=$OPTARG ;;
    d) folder=$(realpath -m "$OPTARG") ;;
    t) create_ms=$OPTARG ;;
    f) foreground=true ;;
    h) usage && exit ;;
    *) usage >&2 && exit 2 ;;
    esac
done

cd "$(dirname "$0")"
install() { # several tests may start at once: one installs, the others wait
    flock 9
    [ -d node_modules/dynalite ] || npm ci --ignore-scripts --no-audit --no-fund --silent >&2
}
[ -d node_modules/dynalite ] || install 9>"${TMPDIR:-/tmp}/fadeout-npm-$(id -u).lock"
[ -z "$folder" ] || mkdir -p "$folder"

if $foreground; then exec node dynalite.js "$port" "$folder" "$create_ms"; fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
setsid node dynalite.js "$port" "$folder" "$create_ms" </dev/null >"$log" 2>&1 &
until grep -m1 '^READY' "$log"; do
    kill -0 $! 2>/dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.05
done
