#!/usr/bin/env bash
# A tour in real requests: makes a WAV and an MP3, uploads both, has them transcoded over HTTP, has a sentence
# spoken, and fetches every result back through its signed link. `--once` ends afterwards; otherwise it keeps serving.
# Called by `./run demo`, which builds first.
set -euo pipefail
cd "$(dirname "$0")/.."
fadeout=$PWD/build/release/fadeout
data=${DEMO_DATA:-$PWD/demo-data}
once=no
for flag in "$@"; do
    case "$flag" in
    --once) once=yes ;;
    *)
        echo "demo: unknown flag '$flag'; only --once is known" >&2
        exit 2
        ;;
    esac
done

free_port() { # the first port from 8080 on which nobody listens
    local port=8080
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    echo "$port"
}

listen=127.0.0.1:$(free_port)
base=http://$listen
work=$(mktemp -d)
mkdir -p "$data"
"$fadeout" serve --data "$data" --listen "$listen" 2>"$work/server.log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$work"' EXIT

fail() {
    echo "demo: $*" >&2
    echo "--- the server's log" >&2
    tail -n 20 "$work/server.log" >&2
    exit 1
}

for _ in $(seq 300); do
    curl -sf "$base/readyz" >/dev/null && break
    kill -0 "$server" 2>/dev/null || fail "the server did not start"
    sleep 0.1
done
curl -sf "$base/readyz" >/dev/null || fail "the server was not ready within 30 s"

post() { # post PATH JSON -> the answer, or the server's own words on failure
    local answer
    answer=$(curl -sS --fail-with-body -H 'Content-Type: application/json' -d "$2" "$base$1") || fail "POST $1: $answer"
    echo "$answer"
}

upload() { # upload FILE TYPE -> key
    local grant
    grant=$(post /v1/uploads "{\"filename\": \"$(basename "$1")\", \"content_type\": \"$2\", \"pitch_id\": \"demo\"}")
    curl -sS --fail-with-body -T "$1" -H "Content-Type: $2" "$(jq -r .url <<<"$grant")" >/dev/null ||
        fail "uploading $1"
    jq -r .key <<<"$grant"
}

fetch_and_decode() { # fetch_and_decode LINK NAME
    curl -sS --fail-with-body -o "$work/$2" "$1" || fail "fetching $2 by its link"
    "$fadeout" waveform "$work/$2" >/dev/null || fail "decoding $2"
}

show() { # show TITLE LINK PATH
    printf '\n%s\n  link  %s\n  file  %s\n' "$1" "$2" "$3"
}

"$fadeout" say "This file was made by fadeout. It is a real recording of a synthetic voice." -o "$work/voice.wav"
"$fadeout" transcode "$work/voice.wav" "$work/voice.mp3"

wav_key=$(upload "$work/voice.wav" audio/wav)
mp3_key=$(upload "$work/voice.mp3" audio/mpeg)

answer=$(post /transcode "{\"file_url\": \"$wav_key\", \"target_format\": \"mp3\", \"target_bitrate\": \"192k\",
    \"watermark_settings\": {\"pitch_id\": \"demo\"}}")
link=$(jq -r .output_url <<<"$answer")
fetch_and_decode "$link" from-wav.mp3
show "WAV to MP3" "$link" "$data/objects/fadeout/$(jq -r .s3_key <<<"$answer")"

answer=$(post /transcode "{\"file_url\": \"$mp3_key\", \"target_format\": \"opus\", \"target_bitrate\": \"64k\",
    \"watermark_settings\": {\"pitch_id\": \"demo\"}}")
link=$(jq -r .output_url <<<"$answer")
fetch_and_decode "$link" from-mp3.opus
show "MP3 to Opus" "$link" "$data/objects/fadeout/$(jq -r .s3_key <<<"$answer")"

answer=$(post /tts/sync '{"text": "Hello! This link lives for twenty-four hours, and then it fades out."}')
link=$(jq -r .s3_url <<<"$answer")
fetch_and_decode "$link" hello.wav
path=${link%%\?*}
show "Speech, deleted when its link expires" "$link" "$data/objects/${path#*/objects/}"

printf '\nAll three were fetched by their links and decoded.\n'
if [ "$once" = yes ]; then
    exit 0
fi
printf 'Serving on %s until you press Ctrl-C. Try the links, or GET %s/voices\n' "$base" "$base"
wait "$server"
