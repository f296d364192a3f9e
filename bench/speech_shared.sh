#!/usr/bin/env bash
# POST /tts/sync with its object on S3 (a Ceph gateway) and its record in DynamoDB (dynalite): requests per second, and the
# share of time that a request waits for each, at 1 and 8 connections. dynalite is a stand-in: only the share is its own.
#   bench/speech_shared.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-5}
fadeout=$PWD/build/release/fadeout
work=$(mktemp -d)
port=17480 own_port=18251
server='' dynalite=''
end() {
    [ -z "$server$dynalite" ] || kill $server $dynalite 2>/dev/null || true
    wait 2>/dev/null || true
    tests/servers/stop-rgw.sh "$work/rgw"
    rm -rf "$work"
}
trap end EXIT
tests/servers/start-rgw.sh -p $port -d "$work/rgw" >/dev/null
ready=$(tests/servers/start-dynalite.sh)
dynalite=$(sed 's/.* pid=\([0-9]*\).*/\1/' <<<"$ready")
export AWS_ACCESS_KEY_ID=fadeouttestaccess AWS_SECRET_ACCESS_KEY=fadeouttestsecret
python3 - "http://127.0.0.1:$port" <<'PYTHON'
import sys, boto3
boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1").create_bucket(Bucket="bench")
PYTHON
state=(--data "$work/data" --store "s3://bench?region=us-east-1&endpoint=http://127.0.0.1:$port&path_style=1"
    --records "dynamodb://bench?region=us-east-1&endpoint=$(sed 's/.* endpoint=\(\S*\).*/\1/' <<<"$ready")")
"$fadeout" tables create "${state[@]}" >/dev/null
"$fadeout" serve "${state[@]}" --listen 127.0.0.1:$own_port >/dev/null 2>"$work/log" &
server=$!
until curl -sf "http://127.0.0.1:$own_port/readyz" >/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.1
done

cat >"$work/post.lua" <<'LUA'
wrk.method = "POST"
wrk.body = '{"text": "Hello world test", "voice": "en-us"}'
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() sums = {synth = 0, store = 0, records = 0} end
function response(status, headers)
    for name, ms in string.gmatch(headers["Server-Timing"] or "", "(%w+);dur=([%d.]+)") do
        if sums[name] then sums[name] = sums[name] + tonumber(ms) end
    end
end
function done(summary)
    local e, n, sums = summary.errors, summary.requests, threads[1]:get("sums")
    local all = sums.synth + sums.store + sums.records
    io.write(string.format("RESULT %.0f requests/s, %d failed; mean: synthesis %.2f ms (%.0f %%), "
        .. "store %.2f ms (%.0f %%), records %.2f ms (%.0f %%)\n",
        n / summary.duration * 1e6, e.connect + e.read + e.write + e.status + e.timeout,
        sums.synth / n, 100 * sums.synth / all, sums.store / n, 100 * sums.store / all,
        sums.records / n, 100 * sums.records / all))
end
LUA
for connections in 1 8; do
    wrk -t1 -c$connections -d"${seconds}s" --timeout 30s -s "$work/post.lua" "http://127.0.0.1:$own_port/tts/sync" |
        sed -n "s/^RESULT/$connections connections:/p"
done
