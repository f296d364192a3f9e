#!/usr/bin/env bash
# A 10-minute WAV transcoded by `fadeout serve` from and to a Ceph gateway, and from and to a disk, in turn: the wall time of
# POST /transcode, and the most memory that the server on the gateway needs, WAV to WAV with parts in flight included.
# Goals: at most 1.1 times the time on disk (the upload is hidden behind the encoder), under 128 MiB.
#   bench/s3_transcode.sh [RUNS]
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
runs=${1:-5}
fadeout=$PWD/build/release/fadeout
work=$(mktemp -d)
port=17480 disk_port=18241 s3_port=18242
servers=()
end() {
    [ ${#servers[@]} = 0 ] || kill "${servers[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    tests/servers/stop-rgw.sh "$work/rgw"
    rm -rf "$work"
}
trap end EXIT
tests/servers/start-rgw.sh -p $port -d "$work/rgw" >/dev/null
export AWS_ACCESS_KEY_ID=fadeouttestaccess AWS_SECRET_ACCESS_KEY=fadeouttestsecret
python3 - "http://127.0.0.1:$port" <<'PYTHON'
import sys, boto3
boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1").create_bucket(Bucket="bench")
PYTHON
ffmpeg -v error -f lavfi -i "sine=f=440:r=44100:d=600" -f lavfi -i "anoisesrc=r=44100:d=600:a=0.01:seed=1" \
    -filter_complex amix=2:normalize=0 -ac 2 "$work/song.wav"

begin() { # begin NAME PORT FLAGS...: a server, and the song in its store
    local name=$1 base=http://127.0.0.1:$2 grant
    "$fadeout" serve --data "$work/$name" --listen "127.0.0.1:$2" "${@:3}" >/dev/null 2>"$work/$name.log" &
    servers+=($!)
    until curl -sf "$base/readyz" >/dev/null; do
        kill -0 $! 2>/dev/null || { cat "$work/$name.log" >&2; exit 1; }
        sleep 0.1
    done
    grant=$(curl -sS --fail -d '{"filename": "song.wav", "content_type": "audio/wav"}' "$base/v1/uploads")
    curl -sS --fail -T "$work/song.wav" -H 'Content-Type: audio/wav' "$(jq -r .url <<<"$grant")"
    jq -r .key <<<"$grant" >"$work/$name.key"
}
transcode() { # transcode NAME PORT FORMAT PITCH -> seconds; each pitch has a result of its own
    curl -sS --fail -o "$work/answer" -w '%{time_total}\n' "http://127.0.0.1:$2/transcode" -d "{
        \"file_url\": \"$(cat "$work/$1.key")\", \"target_format\": \"$3\", \"target_bitrate\": \"192k\",
        \"apply_watermark\": false, \"watermark_settings\": {\"pitch_id\": \"$4\"}}"
    jq -e '.output_info.duration > 599 and (.reused | not)' "$work/answer" >/dev/null
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

begin disk $disk_port
begin s3 $s3_port --store "s3://bench?region=us-east-1&endpoint=http://127.0.0.1:$port&path_style=1"
for format in mp3 flac; do
    for run in $(seq 0 "$runs"); do # run 0 warms up
        on_disk=$(transcode disk $disk_port $format "$run")
        on_s3=$(transcode s3 $s3_port $format "$run")
        [ "$run" = 0 ] || echo "$on_disk" >>"$work/$format.disk"
        [ "$run" = 0 ] || echo "$on_s3" >>"$work/$format.s3"
    done
    awk -v format=$format -v disk="$(median <"$work/$format.disk")" -v s3="$(median <"$work/$format.s3")" 'BEGIN {
        printf "%-4s from and to disk %.2f s, from and to the gateway %.2f s, ratio %.2f (goal: <= 1.10)\n",
            format, disk, s3, s3 / disk }'
done
for run in 1 2 3; do transcode s3 $s3_port wav "$run" >/dev/null; done
awk '/VmHWM/ {printf "most memory of the server on the gateway: %.1f MiB (goal: < 128 MiB)\n", $2 / 1024}' \
    "/proc/${servers[1]}/status"
