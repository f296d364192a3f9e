#!/usr/bin/env bash
# Signed downloads against nginx (sendfile on) with the same files: one of 50 MB, and sixteen of 1 MB in turn, at 32
# connections, alternating. Goal: at least 0.9 times nginx's throughput.
# Usage: bench/download.sh [ROUNDS [SECONDS]]
set -euo pipefail
cd "$(dirname "$0")/.."
fadeout=$PWD/build/release/fadeout
rounds=${1:-5} seconds=${2:-4} connections=32
own_port=18221 nginx_port=18222
work=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ ! -s "$work/nginx.pid" ] || kill "$(cat "$work/nginx.pid")" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT

# The same plain files for both: an object of the disk store is a file.
files=$work/data/objects/fadeout/bench
mkdir -p "$files"
head -c 50000000 /dev/urandom >"$files/large.wav"
for i in $(seq 16); do head -c 1000000 /dev/urandom >"$files/small-$i.wav"; done

cat >"$work/nginx.conf" <<CONF
worker_processes auto;
pid $work/nginx.pid;
error_log $work/nginx-error.log;
events { worker_connections 1024; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    types { audio/wav wav; }
    client_body_temp_path $work/tmp; proxy_temp_path $work/tmp; fastcgi_temp_path $work/tmp;
    uwsgi_temp_path $work/tmp; scgi_temp_path $work/tmp;
    server { listen 127.0.0.1:$nginx_port; root $work/data/objects/fadeout; }
}
CONF
chmod -R a+rX "$work"
nginx -c "$work/nginx.conf" 2>/dev/null
"$fadeout" serve --data "$work/data" --listen 127.0.0.1:$own_port >/dev/null 2>"$work/fadeout.log" &
server=$!
until curl -sf "http://127.0.0.1:$own_port/readyz" >/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat "$work/fadeout.log" >&2; exit 1; }
    sleep 0.1
done

# wrk asks for the lines of a file in turn.
cat >"$work/targets.lua" <<'LUA'
local targets, next_target = {}, 0
function init(arguments)
    for line in io.lines(arguments[1]) do targets[#targets + 1] = line end
end
function request()
    next_target = next_target % #targets + 1
    return wrk.format("GET", targets[next_target])
end
function done(summary)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.status + e.timeout
    io.write(string.format("RESULT %.1f %d\n", summary.bytes / summary.duration, failed))  -- bytes per us = MB/s
end
LUA
link() {
    local url
    url=$("$fadeout" presign "$1" --data "$work/data" --public-url "http://127.0.0.1:$own_port" --expires 1h)
    echo "/${url#http://*/}"
}
echo /bench/large.wav >"$work/nginx-large"
link bench/large.wav >"$work/fadeout-large"
for i in $(seq 16); do
    echo "/bench/small-$i.wav" >>"$work/nginx-small"
    link "bench/small-$i.wav" >>"$work/fadeout-small"
done

measure() { # measure WHO PORT SIZE -> MB/s
    local result failed
    read -r _ result failed < <(wrk -t2 -c$connections -d"${seconds}s" --timeout 30s -s "$work/targets.lua" \
        "http://127.0.0.1:$2" -- "$work/$1-$3" | grep '^RESULT')
    [ "$failed" = 0 ] || echo "$1 $3: $failed failed requests" >&2
    echo "$result"
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

for size in large small; do
    : >"$work/nginx.mbps"
    : >"$work/fadeout.mbps"
    for _ in $(seq "$rounds"); do
        measure nginx $nginx_port $size >>"$work/nginx.mbps"
        measure fadeout $own_port $size >>"$work/fadeout.mbps"
    done
    awk -v size="$size" -v nginx="$(median <"$work/nginx.mbps")" -v own="$(median <"$work/fadeout.mbps")" 'BEGIN {
        printf "%-5s (%s): nginx %.0f MB/s   fadeout %.0f MB/s   ratio %.2f   (goal: >= 0.90)\n", size,
            size == "large" ? "50 MB" : "1 MB", nginx, own, own / nginx }'
done
