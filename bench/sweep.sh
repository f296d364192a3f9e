#!/usr/bin/env bash
# Sweeping 100,000 expired objects with their records, against `find -delete` on an identical tree, and the peak memory of
# the sweep. Each run has its own fresh trees. Goal: at most 3 times find's time, under 96 MiB.
#   bench/sweep.sh [OBJECTS] [RUNS]
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 - "${1:-100000}" "${2:-3}" <<'PYTHON'
import os, pathlib, shutil, sqlite3, statistics, subprocess, sys, tempfile, time, uuid

OBJECTS, RUNS = int(sys.argv[1]), int(sys.argv[2])
FADEOUT = pathlib.Path("build/release/fadeout").resolve()
DAY = 86_400
DAYS = 5  # the objects are spread over so many folders


def fadeout(*arguments):
    return subprocess.run([FADEOUT, *arguments], check=True, capture_output=True, text=True)


def fill(data):
    """Expired speech as the service leaves it: objects with their age, then their rows."""
    fadeout("sweep", "--data", data)  # makes the folder and the table
    rows = []
    for day in range(DAYS):
        made = time.time() - (day + 2) * DAY
        date = time.strftime("%Y-%m-%d", time.gmtime(made))
        folder = data / "objects/fadeout/temp-audio" / date
        folder.mkdir(parents=True)
        for _ in range(OBJECTS // DAYS):
            audio_id = str(uuid.uuid4())
            path = folder / f"{audio_id}.wav"
            path.write_bytes(b"RIFF" + bytes(96))
            os.utime(path, (made, made))
            rows.append((date, audio_id, "http://localhost/x", "A sentence.", "en-us", 1.5, int(made + DAY)))
    with sqlite3.connect(data / "records.db") as db:
        db.executemany("insert into tts_temp_audio values (?, ?, ?, ?, ?, ?, ?)", rows)
    os.sync()


def timed(*command):
    """Seconds, peak memory in MiB (of the command alone, as GNU time sees it) and output."""
    started = time.monotonic()
    done = subprocess.run(["/usr/bin/time", "-f", "%M", *command], check=True, capture_output=True, text=True)
    return time.monotonic() - started, int(done.stderr.split()[-1]) / 1024, done.stdout


sweeps, finds, peaks = [], [], []
with tempfile.TemporaryDirectory() as work:
    for run in range(RUNS):
        data, copy = pathlib.Path(work) / f"data-{run}", pathlib.Path(work) / f"copy-{run}"
        fill(data)
        shutil.copytree(data / "objects/fadeout/temp-audio", copy)
        os.sync()
        find_s, _, _ = timed("find", str(copy), "-mindepth", "1", "-delete")
        os.sync()
        sweep_s, peak_mib, summary = timed(FADEOUT, "sweep", "--data", data)
        left = sum(len(files) for _, _, files in os.walk(data / "objects/fadeout/temp-audio"))
        with sqlite3.connect(data / "records.db") as db:
            rows = db.execute("select count(*) from tts_temp_audio").fetchone()[0]
        assert left == 0 and rows == 0, f"{left} objects and {rows} records are left: {summary}"
        sweeps.append(sweep_s), finds.append(find_s), peaks.append(peak_mib)
        print(f"run {run + 1}: sweep {sweep_s:.2f} s, find -delete {find_s:.2f} s, peak {peak_mib:.1f} MiB", flush=True)
        shutil.rmtree(data)

sweep_s, find_s = statistics.median(sweeps), statistics.median(finds)
print(f"{OBJECTS} objects with records, median of {RUNS}: sweep {sweep_s:.2f} s ({OBJECTS / sweep_s:.0f}/s), "
      f"find -delete {find_s:.2f} s, ratio {sweep_s / find_s:.2f} (goal: <= 3), "
      f"peak {max(peaks):.1f} MiB (goal: < 96)")
PYTHON
