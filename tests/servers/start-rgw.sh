#!/usr/bin/env bash
# Starts a Ceph Object Gateway, which speaks the S3 API, on 127.0.0.1: one monitor, one store in memory, the gateway.
#
#   start-rgw.sh [-p PORT] [-d FOLDER]
#     -p  port (default 7480); those up to PORT + 40 are used, too
#     -d  an empty folder for its files (default: a new temporary one)
#
# Prints "READY rgw endpoint=URL access_key=KEY secret_key=KEY folder=FOLDER" once it answers. Stop it with:
# stop-rgw.sh FOLDER. Needs: apt-get install --no-install-recommends ceph-mon ceph-osd radosgw ceph-common
set -euo pipefail
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

port=7480 folder='' access_key=fadeouttestaccess secret_key=fadeouttestsecret
while getopts p:d:h option; do
    case $option in
    p) port=$OPTARG ;;
    d) folder=$(realpath -m "$OPTARG") ;;
    h) usage && exit ;;
    *) usage >&2 && exit 2 ;;
    esac
done
for program in ceph-mon ceph-osd radosgw ceph; do
    command -v $program >/dev/null && continue
    echo "$program is missing: apt-get install ceph-mon ceph-osd radosgw ceph-common" >&2
    exit 1
done
[ -n "$folder" ] || folder=$(mktemp -d "${TMPDIR:-/tmp}/fadeout-rgw-XXXXXX")
[ ${#folder} -le 70 ] || { echo "the folder's name is too long for the sockets in it" >&2; exit 2; }
mkdir -p "$folder"/{run,log,mon,osd}
conf=$folder/ceph.conf

fail() {
    echo "start-rgw.sh: $1; see $folder/log" >&2
    "$(dirname "$0")/stop-rgw.sh" "$folder"
    exit 1
}
# Runs a daemon in the foreground of a session of its own and keeps its process id for stop-rgw.sh.
start() {
    local name=$1
    shift
    setsid "$@" -c "$conf" -f </dev/null >>"$folder/log/$name" 2>&1 &
    echo $! >"$folder/run/$name.daemon"
}
# await TRIES COMMAND...: until it succeeds
await() {
    local tries=$1
    shift
    until "$@" >>"$folder/log/await" 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.1
    done
}
ceph() { timeout 5 ceph -c "$conf" --name client.admin --admin-socket= --pid-file= --connect-timeout 3 "$@"; }
osd_is_up() { ceph osd stat | grep -q ' 1 up'; }

cat >"$conf" <<END
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = v2:127.0.0.1:$((port + 1))/0
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr1 = false
ms bind port min = $((port + 2))
ms bind port max = $((port + 40))
run dir = $folder/run
log file = $folder/log/\$name.log
admin socket = $folder/run/\$name.asok
pid file = $folder/run/\$name.pid
crash dir = $folder/log
debug default = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 2
paxos propose interval = 0.05
mon tick interval = 1
[mon.a]
mon data = $folder/mon
[osd.0]
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd class load list = *
osd class default list = *
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw dns name = s3.localhost
ms mon client mode = crc secure
rgw thread pool size = 64
rgw enable usage log = false
rgw enable ops log = false
END
monmaptool --create --fsid "$(sed -n 's/^fsid = //p' "$conf")" --addv a "[v2:127.0.0.1:$((port + 1))/0]" \
    "$folder/monmap" >>"$folder/log/setup" 2>&1 || fail "no monitor map"
ceph-mon -c "$conf" -i a --mkfs --monmap "$folder/monmap" --pid-file= >>"$folder/log/setup" 2>&1 || fail "no monitor"
start mon.a ceph-mon -i a
await 100 ceph mon stat || fail "the monitor does not answer"
osd=$(cat /proc/sys/kernel/random/uuid)
ceph osd new "$osd" 0 >>"$folder/log/setup" 2>&1 || fail "no store"
ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$osd" --pid-file= >>"$folder/log/setup" 2>&1 || fail "no store"
start osd.0 ceph-osd -i 0
await 150 osd_is_up || fail "the store does not come up"
radosgw-admin -c "$conf" --name client.admin --admin-socket= --pid-file= user create --uid=fadeout \
    --display-name=fadeout --max-buckets=0 --access-key=$access_key --secret-key=$secret_key \
    >>"$folder/log/setup" 2>&1 || fail "no user"
start client.rgw radosgw -n client.rgw
await 300 curl -s --max-time 2 "http://127.0.0.1:$port/" || fail "the gateway does not answer"
echo "READY rgw endpoint=http://127.0.0.1:$port access_key=$access_key secret_key=$secret_key folder=$folder"
