#!/usr/bin/env bash
# Makes the zip that AWS Lambda runs (runtime provided.al2023, the architecture of this machine): the program with its
# loader, libraries, voices and CA certificates.
#   deploy/lambda/build.sh [OUT.zip [FILE...]]      FILEs are added at its top, /var/task, e.g. one of API keys
# FADEOUT names the program (default: build/release/fadeout).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${FADEOUT:-$here/../../build/release/fadeout}")
out=$(realpath -m "${1:-$here/fadeout-lambda.zip}")
shift || true

# AWS Lambda Developer Guide, "Lambda quotas": deployment package size.
max_unzipped_bytes=$((250 * 1024 * 1024))
max_direct_upload_bytes=$((50 * 1024 * 1024))

[ -x "$program" ] || { echo "$program is missing: build first (./run build)" >&2; exit 1; }
bundle=$(mktemp -d)
trap 'rm -rf "$bundle"' EXIT
mkdir "$bundle/lib"

libraries=$(ldd "$program")
if grep -q 'not found' <<<"$libraries"; then
    grep 'not found' <<<"$libraries" >&2
    exit 1
fi
awk '$3 ~ "^/" {print $3}' <<<"$libraries" | xargs cp -L -t "$bundle/lib"
cp -L "$(awk '$1 ~ "/ld-linux" {print $1}' <<<"$libraries")" "$bundle/lib/ld.so"
install "$here/bootstrap" "$bundle/bootstrap"
strip -o "$bundle/fadeout" "$program"
cp /etc/ssl/certs/ca-certificates.crt "$bundle/"
if espeak=$(awk '/libespeak-ng/ {print $3; found = 1} END {exit !found}' <<<"$libraries"); then
    for data in "$(dirname "$(realpath "$espeak")")/espeak-ng-data" /usr/share/espeak-ng-data; do
        [ -d "$data" ] && cp -rL "$data" "$bundle/espeak-ng-data" && break
    done
    [ -d "$bundle/espeak-ng-data" ] || { echo "The voices of espeak-ng are missing: install espeak-ng-data" >&2; exit 1; }
fi
[ $# = 0 ] || cp -L -t "$bundle" "$@"

mkdir -p "$(dirname "$out")"
rm -f "$out"
(cd "$bundle" && python3 -m zipfile -c "$out" *)
unzipped=$(find "$bundle" -type f -printf '%s\n' | awk '{sum += $1} END {print sum}')
zipped=$(stat -c %s "$out")
echo "$out: $((zipped / 1000000)) MB zipped, $((unzipped / 1000000)) MB unzipped (Lambda allows $((max_unzipped_bytes / 1000000)))"
[ "$zipped" -le "$max_direct_upload_bytes" ] ||
    echo "More than $((max_direct_upload_bytes / 1000000)) MB cannot be uploaded directly: sam and serverless use a bucket."
if [ "$unzipped" -gt "$max_unzipped_bytes" ]; then
    echo "This is more than Lambda unpacks." >&2
    rm -f "$out"
    exit 1
fi
