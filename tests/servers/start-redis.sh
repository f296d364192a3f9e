#!/usr/bin/env bash
# Starts a Redis with an append-only file on 127.0.0.1.
#
#   start-redis.sh [-p PORT] [-d FOLDER] [-s always|everysec|no] [-f] [-- OPTION OF redis-server...]
#     -p  port (default 16379)
#     -d  keep data and log in FOLDER, and read what an earlier run left there (default: a new temporary one)
#     -s  when the file is synced (default always)
#     -f  stay in the foreground: the pid of this script is the server's
#
# Prints "READY redis url=URL pid=PID folder=FOLDER" once it answers. Stop it with: kill PID
set -euo pipefail
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

port=16379 folder='' sync=always foreground=false
while getopts p:d:s:fh option; do
    case $option in
    p) port=$OPTARG ;;
    d) folder=$(realpath -m "$OPTARG") ;;
    s) sync=$OPTARG ;;
    f) foreground=true ;;
    h) usage && exit ;;
    *) usage >&2 && exit 2 ;;
    esac
done
shift $((OPTIND - 1))

command -v redis-server >/dev/null || { echo "redis-server is missing: apt-get install redis-server" >&2; exit 1; }
[ -n "$folder" ] || folder=$(mktemp -d "${TMPDIR:-/tmp}/fadeout-redis-XXXXXX")
mkdir -p "$folder"

server=(redis-server --bind 127.0.0.1 --port "$port" --dir "$folder" --logfile "$folder/redis.log"
    --pidfile "$folder/redis.pid" --appendonly yes --appendfsync "$sync" --save '' "$@")
if $foreground; then exec "${server[@]}" >/dev/null; fi

setsid "${server[@]}" </dev/null >/dev/null 2>&1 &
pid=$!
for _ in $(seq 250); do
    kill -0 "$pid" 2>/dev/null || break
    if grep -q "^$pid:M .*Ready to accept connections" "$folder/redis.log" 2>/dev/null; then
        echo "READY redis url=redis://127.0.0.1:$port/0 pid=$pid folder=$folder"
        exit 0
    fi
    sleep 0.02
done
echo "redis-server does not start; its log ends:" >&2
tail -n 5 "$folder/redis.log" >&2 || true
kill "$pid" 2>/dev/null || true
exit 1
