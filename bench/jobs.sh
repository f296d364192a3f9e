#!/usr/bin/env bash
# Jobs per second through the queue from 1, 2 and 4 worker processes, without the work: Redis with each way of syncing its
# file, and SQLite beside it.
#   bench/jobs.sh [JOBS], once `./run bench jobs` has built what it runs
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${1:-5000}
build=build/release
folder=$(mktemp -d)
server=
end() { [ -z "$server" ] || { kill "$server" && while kill -0 "$server" 2>/dev/null; do sleep 0.05; done; }; server=; }
trap 'end; rm -rf "$folder"' EXIT

for sync in no everysec always; do
    ready=$(tests/servers/start-redis.sh -p 17379 -d "$folder/$sync" -s $sync)
    server=$(sed 's/.* pid=\([0-9]*\).*/\1/' <<<"$ready")
    echo "Redis, appendfsync $sync"
    $build/bench/jobs_per_second redis://127.0.0.1:17379 "$jobs" 1 2 4
    end
done
echo "SQLite, synchronous=FULL"
$build/bench/jobs_per_second "sqlite://$folder/jobs.db" "$((jobs / 5))" 1 2 4
