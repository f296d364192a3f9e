#!/usr/bin/env bash
# POST /tts/sync with real synthesis and durable writes, against the usual Python stack (FastAPI, the espeak-ng
# program, files and SQLite) on the same machine, alternating, at 8 and 32 connections: requests per second, CPU
# milliseconds per request, and where fadeout's time goes. Goal: at least 4 times the rate at most a fifth of the CPU.
# Usage: [PEER_DIR=folder with run_peer.sh] bench/speech.sh [ROUNDS [SECONDS]]
# Without PEER_DIR only fadeout is measured.
set -euo pipefail
cd "$(dirname "$0")/.."
fadeout=$PWD/build/release/fadeout
rounds=${1:-3} seconds=${2:-4}
text='Hello world test'
own_port=18231 peer_port=18232
work=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ ! -x "$work/peer/run_peer.sh" ] || "$work/peer/run_peer.sh" stop >/dev/null 2>&1 || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT

"$fadeout" serve --data "$work/data" --listen 127.0.0.1:$own_port >/dev/null 2>"$work/fadeout.log" &
server=$!
until curl -sf "http://127.0.0.1:$own_port/readyz" >/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat "$work/fadeout.log" >&2; exit 1; }
    sleep 0.1
done

who=(fadeout)
if [ -n "${PEER_DIR:-}" ]; then
    cp -r "$PEER_DIR" "$work/peer" # it writes its state beside itself
    PEER_PORT=$peer_port "$work/peer/run_peer.sh" tts thread espeak fs "$(nproc)" >/dev/null
    peer=$(cat "$work/peer/run/tts.pid")
    who+=(peer)
fi

cat >"$work/post.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function done(summary)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.status + e.timeout
    io.write(string.format("RESULT %d %.6f %d\n", summary.requests, summary.duration / 1e6, failed))
end
LUA
(cat "$work/post.lua" && echo "wrk.body = '{\"text\": \"$text\", \"voice\": \"en-us\"}'") >"$work/fadeout.lua"
(cat "$work/post.lua" && echo "wrk.body = '{\"text\": \"$text\", \"voice\": \"en_US-lessac-medium\"}'") >"$work/peer.lua"

cpu_ticks() { # cpu_ticks fadeout|peer -> clock ticks of its processes and of the children that they waited for
    local stat
    if [ "$1" = fadeout ]; then
        stat=$(cat "/proc/$server/stat")
    else
        stat=$(cat /proc/[0-9]*/stat 2>/dev/null || true)
    fi
    sed 's/.*) //' <<<"$stat" |
        awk -v who="$1" -v group="${peer:-0}" 'who == "fadeout" || $3 == group {sum += $12 + $13 + $14 + $15}
            END {print sum}'
}

measure() { # measure WHO PORT CONNECTIONS -> requests/s and CPU ms per request
    local before requests duration failed
    before=$(cpu_ticks "$1")
    read -r _ requests duration failed < <(wrk -t1 -c"$3" -d"${seconds}s" --timeout 30s -s "$work/$1.lua" \
        "http://127.0.0.1:$2/tts/sync" | grep '^RESULT')
    [ "$failed" = 0 ] || echo "$1 at $3 connections: $failed of $requests requests failed" >&2
    awk -v n="$requests" -v s="$duration" -v ticks="$(($(cpu_ticks "$1") - before))" -v hz="$(getconf CLK_TCK)" \
        'BEGIN {printf "%.1f %.3f\n", n / s, ticks / hz * 1000 / n}'
}

timing() { # timing CONNECTIONS: mean share of synthesis, store and records under that load
    wrk -t1 -c"$1" -d4s -s "$work/fadeout.lua" "http://127.0.0.1:$own_port/tts/sync" >/dev/null &
    for _ in $(seq 60); do
        curl -s -o /dev/null -D - -d "{\"text\": \"$text\"}" "http://127.0.0.1:$own_port/tts/sync"
    done | sed -n 's/.*synth;dur=\([0-9.]*\), store;dur=\([0-9.]*\), records;dur=\([0-9.]*\).*/\1 \2 \3/p' |
        awk '{synth += $1; store += $2; records += $3}
            END {all = synth + store + records
                 printf "            mean of %d: synthesis %.2f ms (%.0f %%), store %.2f ms (%.0f %%), records %.2f ms (%.0f %%)\n",
                     NR, synth / NR, 100 * synth / all, store / NR, 100 * store / all, records / NR, 100 * records / all}'
    wait $!
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

for connections in 8 32; do
    rm -f "$work"/*.result
    for _ in $(seq "$rounds"); do
        measure fadeout $own_port $connections >>"$work/fadeout.result"
        [ ${#who[@]} = 1 ] || measure peer $peer_port $connections >>"$work/peer.result"
    done
    for name in "${who[@]}"; do
        awk -v name="$name" -v c=$connections -v rps="$(cut -d' ' -f1 "$work/$name.result" | median)" \
            -v cpu="$(cut -d' ' -f2 "$work/$name.result" | median)" \
            'BEGIN {printf "%2d connections: %-7s %7.1f requests/s   %6.2f ms CPU each\n", c, name, rps, cpu; print rps, cpu > "/dev/stderr"}' \
            2>"$work/$name.median"
    done
    [ ${#who[@]} = 1 ] || paste -d' ' "$work/fadeout.median" "$work/peer.median" | awk \
        '{printf "            ratio: %.1f times the rate (goal: >= 4), %.2f of the CPU (goal: <= 0.20)\n", $1 / $3, $2 / $4}'
    timing $connections
done
