#!/usr/bin/env bash
# Peak memory of the server that transcodes a 2-hour WAV to MP3 over HTTP, against the same for 2 minutes, each in a
# fresh server. Goal: under 96 MiB, and within 10 % of each other.
set -euo pipefail
cd "$(dirname "$0")/.."
fadeout=$PWD/build/release/fadeout
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
port=18211

peak_mib() { # peak_mib SECONDS -> MiB of the server's VmHWM after upload and transcode
    local wav=$work/$1.wav base=http://127.0.0.1:$port grant answer
    ffmpeg -v error -y -f lavfi -i "sine=f=440:r=44100:d=$1" -ac 2 "$wav"
    "$fadeout" serve --data "$work/data-$1" --listen 127.0.0.1:$port >/dev/null 2>&1 &
    server=$!
    until curl -sf "$base/readyz" >/dev/null; do sleep 0.1; done
    grant=$(curl -sS -d '{"filename": "long.wav", "content_type": "audio/wav"}' "$base/v1/uploads")
    curl -sS --fail -T "$wav" -H 'Content-Type: audio/wav' "$(jq -r .url <<<"$grant")"
    answer=$(curl -sS --fail -d "{\"file_url\": $(jq .key <<<"$grant")}" "$base/transcode")
    jq -e ".output_info.duration > $1 - 1" <<<"$answer" >/dev/null
    awk '/VmHWM/ {printf "%.1f\n", $2 / 1024}' "/proc/$server/status"
    kill "$server"
    wait "$server" || true
    server=
    rm -rf "$work/data-$1" "$wav"
}

short=$(peak_mib 120)
long=$(peak_mib 7200)
awk -v short="$short" -v long="$long" 'BEGIN {
    printf "2 minutes: %.1f MiB   2 hours: %.1f MiB   ratio %.2f   (goal: < 96 MiB, <= 1.10)\n", short, long, long / short }'
