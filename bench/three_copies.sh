#!/usr/bin/env bash
# One WAV in a Ceph gateway made an MP3 at its final key: the three-copy way (ffmpeg and boto3: fetch, encode, store a
# temporary object, fetch it into memory, store it again), the direct way (the same without the temporary object), and
# `fadeout serve`. All take turns; the ffmpeg command line alone on a local file is what encoding costs.
# Goals: wall at most 1.03 times ffmpeg alone, 1 object written, 0 bytes on the local disk.
#   bench/three_copies.sh [MINUTES] [RUNS]
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
port=17560
trap 'tests/servers/stop-rgw.sh "$work/rgw" >/dev/null; rm -rf "$work"' EXIT
tests/servers/start-rgw.sh -p $port -d "$work/rgw" >/dev/null
export AWS_ACCESS_KEY_ID=fadeouttestaccess AWS_SECRET_ACCESS_KEY=fadeouttestsecret
/usr/bin/python3 - "$work" "$port" "${1:-10}" "${2:-3}" <<'PYTHON'
import json, os, pathlib, resource, signal, socket, statistics, subprocess, sys, tempfile, threading, time, urllib.request

import boto3

WORK, PORT, MINUTES, RUNS = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
FADEOUT = pathlib.Path("build/release/fadeout").resolve()
BUCKET, PITCH = "bench", "pitches/1/"


def client(port=PORT):
    return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1")


def make_wav(path):
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"anoisesrc=d={MINUTES * 60}:c=pink:r=44100:a=0.3", "-f", "lavfi",
         "-i", f"sine=220:d={MINUTES * 60}:r=44100", "-filter_complex", "[0][1]join=inputs=2:channel_layout=stereo",
         "-c:a", "pcm_s16le", path], check=True, stdin=subprocess.DEVNULL)


def encode(source, target):
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-threads", "1", "-i", source, "-c:a", "libmp3lame", "-b:a", "192k",
                    "-threads", "1", target], check=True, stdin=subprocess.DEVNULL)


def by_ffmpeg_and_boto3(port, copies):
    """In a process of its own, so that its memory is told apart. Prints bytes on disk."""
    s3 = client(port)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        source, target = pathlib.Path(folder, "source"), pathlib.Path(folder, "result.mp3")
        s3.download_file(BUCKET, PITCH + "song.wav", str(source))
        encode(source, target)
        on_disk = source.stat().st_size + target.stat().st_size
        final = PITCH + f"processed/{time.monotonic_ns()}.mp3"
        if copies == 3:
            temporary = f"processed-audio/{time.monotonic_ns()}.mp3"
            s3.upload_file(str(target), BUCKET, temporary)
            s3.put_object(Bucket=BUCKET, Key=final, Body=s3.get_object(Bucket=BUCKET, Key=temporary)["Body"].read())
        else:
            s3.upload_file(str(target), BUCKET, final)
        s3.head_object(Bucket=BUCKET, Key=final)
    return on_disk


def in_child(work):
    """Wall seconds, MiB of the largest process, and what `work` returns, a number."""
    read, write = os.pipe()
    begun = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.write(write, str(work()).encode())
        peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        os.write(write, f" {peak}".encode())
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert status == 0
    result, peak = os.read(read, 100).split()
    os.close(read), os.close(write)
    return time.perf_counter() - begun, int(peak) / 1024, int(result)


class Relay:
    """Counts the bytes between a client and the gateway."""

    def __init__(self):
        self.bytes, self.lock = 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", PORT))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.copy, args=(a, b), daemon=True).start()

    def copy(self, a, b):
        try:
            while piece := a.recv(1 << 16):
                with self.lock:
                    self.bytes += len(piece)
                b.sendall(piece)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Fadeout:
    def __init__(self, port):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        store = f"s3://{BUCKET}?region=us-east-1&endpoint=http://127.0.0.1:{port}&path_style=1"
        self.process = subprocess.Popen(
            [FADEOUT, "serve", "--store", store, "--data", WORK / "data", "--listen", self.url[7:]],
            stderr=subprocess.DEVNULL)
        while True:
            try:
                urllib.request.urlopen(self.url + "/readyz").read()
                return
            except OSError:
                time.sleep(0.05)

    def transcode(self):
        body = {"file_url": PITCH + "song.wav", "watermark_settings": {"pitch_id": "1"}}
        begun = time.perf_counter()
        before = self.written_to_disk()
        answer = urllib.request.urlopen(self.url + "/transcode", json.dumps(body).encode(), timeout=600)
        assert json.load(answer)["success"]
        wall = time.perf_counter() - begun
        peak = next(int(l.split()[1]) for l in open(f"/proc/{self.process.pid}/status") if l.startswith("VmHWM"))
        return wall, peak / 1024, self.written_to_disk() - before

    def written_to_disk(self):
        return next(int(l.split()[1]) for l in open(f"/proc/{self.process.pid}/io") if l.startswith("write_bytes"))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def remove_results():
    """Returns how many there were, temporary ones included."""
    s3, count = client(), 0
    for prefix in (PITCH + "processed/", "processed-audio/"):
        for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
            count += 1
    return count


wav = WORK / "song.wav"
make_wav(wav)
client().create_bucket(Bucket=BUCKET)
client().upload_file(str(wav), BUCKET, PITCH + "song.wav")

server = Fadeout(PORT)
ways = {
    "ffmpeg alone": lambda: in_child(lambda: encode(wav, WORK / "local.mp3") or 0),
    "three copies": lambda: in_child(lambda: by_ffmpeg_and_boto3(PORT, 3)),
    "direct": lambda: in_child(lambda: by_ffmpeg_and_boto3(PORT, 1)),
    "fadeout": server.transcode,
}
seen, objects = {name: [] for name in ways}, {}
for _ in range(RUNS):
    for name, way in ways.items():
        seen[name].append(way())
        objects[name] = remove_results()
server.end()

moved = {}  # counted in runs of their own: the relay costs time
for name, copies in (("three copies", 3), ("direct", 1)):
    relay = Relay()
    by_ffmpeg_and_boto3(relay.port, copies)
    moved[name] = relay.bytes
    remove_results()
relay = Relay()
server = Fadeout(relay.port)
at_start = relay.bytes
server.transcode()
moved["fadeout"] = relay.bytes - at_start
server.end()

print(f"{MINUTES} min of 44.1 kHz stereo WAV ({wav.stat().st_size / 1e6:.0f} MB) to MP3 192k, medians of {RUNS}")
print(f"{'':14}{'wall s':>8}{'of ffmpeg':>11}{'moved MB':>10}{'objects':>9}{'disk MB':>9}{'peak MiB':>10}")
base = statistics.median(run[0] for run in seen["ffmpeg alone"])
for name, runs in seen.items():
    wall, peak, disk = (statistics.median(values) for values in zip(*runs))
    print(f"{name:14}{wall:8.2f}{wall / base:11.3f}{moved.get(name, 0) / 1e6:10.1f}{objects[name]:9}{disk / 1e6:9.1f}{peak:10.1f}")
PYTHON
