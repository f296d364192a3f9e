#!/usr/bin/env bash
# A 100 MB object written to a Ceph gateway and read back, by fadeout and by rclone in turn, each once more without being
# counted; and small objects removed: in batches, by rclone delete, and one DELETE after the other.
# Goals: at least rclone's speed, under 128 MiB of memory; removing as fast as rclone delete and 10 times as fast as one by one.
#   bench/s3.sh [RUNS] [OBJECTS], once `./run bench s3` has built what it runs
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
runs=${1:-5} objects=${2:-20000}
build=build/release
work=$(mktemp -d)
port=17480
trap 'tests/servers/stop-rgw.sh "$work/rgw"; rm -rf "$work"' EXIT
tests/servers/start-rgw.sh -p $port -d "$work/rgw" >/dev/null
export AWS_ACCESS_KEY_ID=fadeouttestaccess AWS_SECRET_ACCESS_KEY=fadeouttestsecret
unset AWS_CA_BUNDLE # rclone cannot use it
export RCLONE_CONFIG=$work/rclone.conf # nobody's own
touch "$work/rclone.conf"
export RCLONE_CONFIG_RGW_TYPE=s3 RCLONE_CONFIG_RGW_PROVIDER=Ceph RCLONE_CONFIG_RGW_ENV_AUTH=true \
    RCLONE_CONFIG_RGW_ENDPOINT=http://127.0.0.1:$port
store="s3://bench?endpoint=http://127.0.0.1:$port&path_style=1&region=us-east-1"
fadeout() { "$build/bench/s3_objects" "$store" "$@"; }

seconds() { # seconds COMMAND...: how long it took
    local begun=$EPOCHREALTIME
    "$@" >>"$work/memory"
    awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.3f\n", b - a}'
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

fadeout make-bucket >/dev/null
head -c 100000000 /dev/urandom >"$work/song"
for run in $(seq 0 "$runs"); do # run 0 warms up
    for what in fadeout-put rclone-put fadeout-get rclone-get; do
        case $what in
        fadeout-put) t=$(seconds fadeout put f "$work/song") ;;
        rclone-put) t=$(seconds rclone copyto --ignore-times "$work/song" RGW:bench/r) ;;
        fadeout-get) t=$(seconds fadeout get f "$work/f") ;;
        rclone-get) t=$(seconds rclone copyto --ignore-times RGW:bench/r "$work/r") ;;
        esac
        [ "$run" = 0 ] || echo "$t" >>"$work/$what"
    done
    cmp "$work/song" "$work/f"
done
for way in put get; do
    echo "100 MB $way: fadeout $(median <"$work/fadeout-$way") s, rclone $(median <"$work/rclone-$way") s"
done
echo "most memory: $(sort -n "$work/memory" | tail -1)"

fadeout fill "$objects" a/ >/dev/null
fadeout fill "$objects" b/ >/dev/null
fadeout fill $((objects / 10)) c/ >/dev/null
batches=$(seconds fadeout remove a/)
by_rclone=$(seconds rclone delete RGW:bench/b)
each=$(seconds fadeout delete-each c/)
awk -v n="$objects" -v a="$batches" -v b="$by_rclone" -v c="$each" 'BEGIN {
    printf "%d objects removed: fadeout %.1f s, rclone delete %.1f s, one by one %.1f s (from a tenth of them)\n", n, a, b, c * 10 }'
