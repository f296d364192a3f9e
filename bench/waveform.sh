#!/usr/bin/env bash
# 200 peaks of a 60-minute MP3, against `ffmpeg -f s16le` piped into a Python loop that streams and lets built-in max()
# and min() do the work. Both take turns. The loop mixes to mono as its users do today, which halves its work.
# Goal: at least 2x faster, in under 96 MiB.
#   bench/waveform.sh [MINUTES] [RUNS]
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 - "${1:-60}" "${2:-3}" <<'PYTHON'
import os, pathlib, statistics, subprocess, sys, tempfile, time

MINUTES, RUNS = int(sys.argv[1]), int(sys.argv[2])
FADEOUT = pathlib.Path("build/release/fadeout").resolve()
LOOP = """
import array, subprocess, sys
path, frames, count = sys.argv[1], int(sys.argv[2]), 200
command = ["ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-ac", "1", "-ar", "44100", "-"]
with subprocess.Popen(command, stdout=subprocess.PIPE) as ffmpeg:
    peaks = []
    for i in range(count):
        samples = array.array("h", ffmpeg.stdout.read(2 * ((i + 1) * frames // count - i * frames // count)))
        peaks.append(max(max(samples), -min(samples)) / 32768 if samples else 0)
print(peaks)
"""


def make_mp3(path):
    """A minute of tones that swell over noise, again and again."""
    minute = path.with_suffix(".wav")
    sound = "0.5*sin(2*PI*220*t)*abs(sin(0.5*t))+0.2*sin(2*PI*3300*t)+0.1*random(0)"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"aevalsrc='{sound}|{sound}':s=44100:d=60", minute],
                   check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", str(MINUTES - 1), "-i", minute, "-b:a", "192k", path],
                   check=True)


def measure(*command):
    """Wall seconds, CPU seconds (children included) and MiB of the largest process of a command."""
    started = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execvp(command[0], [str(word) for word in command])
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    assert status == 0, command
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


with tempfile.TemporaryDirectory() as work:
    mp3 = pathlib.Path(work, "hour.mp3")
    make_mp3(mp3)
    commands = {"fadeout waveform": [FADEOUT, "waveform", mp3],
                "ffmpeg | python": [sys.executable, "-c", LOOP, mp3, MINUTES * 60 * 44100]}
    seen = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            seen[name].append(measure(*command))
    median = {name: [statistics.median(figures) for figures in zip(*runs)] for name, runs in seen.items()}
    for name, (wall, cpu, mib) in median.items():
        print(f"{name:17} {wall:6.2f} s wall  {cpu:6.2f} s CPU  {mib:6.1f} MiB peak")
    ours, theirs = median.values()
    print(f"{theirs[0] / ours[0]:.1f}x faster, {theirs[1] / ours[1]:.1f}x less CPU   (goal: >= 2x, < 96 MiB)")
PYTHON
