#!/usr/bin/env bash
# stop-rgw.sh FOLDER: ends the daemons that start-rgw.sh started there, and only those. What they held is lost.
set -euo pipefail
[ $# = 1 ] || { sed -n '2s/^# //p' "$0" >&2; exit 2; }
folder=$(cd "$1" && pwd)
for file in "$folder"/run/*.daemon; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    # The number may belong to somebody else by now.
    if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "-c $folder/ceph.conf"; then
        kill -KILL "$pid"
    fi
    rm -f "$file"
done
