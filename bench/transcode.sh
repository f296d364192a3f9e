#!/usr/bin/env bash
# Ten minutes of WAV to MP3 192k, FLAC and Opus 128k on one thread, against the ffmpeg program: wall and CPU seconds (medians
# of alternating runs) and peak memory. Goal: at least ffmpeg's speed, that is ratios of 1.00 or less.
#   bench/transcode.sh [RUNS] [SECONDS_OF_AUDIO]
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 - "${1:-5}" "${2:-600}" <<'PYTHON'
import os, pathlib, statistics, subprocess, sys, tempfile, time

RUNS, SECONDS = int(sys.argv[1]), int(sys.argv[2])
FADEOUT = pathlib.Path(os.environ.get("FADEOUT", "build/release/fadeout")).resolve()
FORMATS = {"mp3": ("libmp3lame", "192k"), "flac": ("flac", None), "opus": ("libopus", "128k")}


def measure(command):
    """Wall seconds, CPU seconds and peak MiB of one child."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed: {errors.decode()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def commands(source, folder, name):
    codec, bitrate = FORMATS[name]
    rate = ["-b:a", bitrate] if bitrate else []
    ours = [FADEOUT, "transcode", source, folder / f"ours.{name}", "--format", name]
    if bitrate:
        ours += ["--bitrate", bitrate]
    return {
        "ffmpeg": ["ffmpeg", "-v", "error", "-y", "-threads", "1", "-i", source, "-threads", "1", "-c:a", codec, *rate,
                   folder / f"theirs.{name}"],
        "fadeout": ours,
    }


def medians(runs):
    return [statistics.median(values) for values in zip(*runs)]


with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    source = folder / "source.wav"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"anoisesrc=d={SECONDS}:c=pink:r=44100:a=0.3", "-f", "lavfi", "-i",
         f"sine=220:d={SECONDS}:r=44100", "-filter_complex", "[0][1]join=inputs=2:channel_layout=stereo", "-c:a",
         "pcm_s16le", source], check=True)
    print(f"{SECONDS} s of 44.1 kHz stereo WAV, medians of {RUNS} alternating runs on one thread")
    print(f"{'':6}{'':10}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}")
    for name in FORMATS:
        both = commands(source, folder, name)
        runs = {program: [] for program in both}
        for _ in range(RUNS):
            for program, command in both.items():
                runs[program].append(measure(command))
        result = {program: medians(values) for program, values in runs.items()}
        for program, (wall, cpu, peak) in result.items():
            print(f"{name:6}{program:10}{wall:9.2f}{cpu:9.2f}{peak:10.1f}")
        ratios = [ours / theirs for ours, theirs in zip(result["fadeout"], result["ffmpeg"])]
        print(f"{name:6}{'ratio':10}{ratios[0]:9.2f}{ratios[1]:9.2f}{ratios[2]:10.2f}")
PYTHON
