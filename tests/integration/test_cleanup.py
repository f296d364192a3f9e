"""Everything temporary goes when it was promised, nothing else ever."""

import json
import os
import pathlib
import sqlite3
import subprocess
import time
import uuid

import pytest

from fadeout_server import AS_ROOT

DAY = 86_400


class Store:
    """A data folder with objects and records of chosen ages, written the way a copy or a backup would."""

    def __init__(self, data):
        self.data = pathlib.Path(data)
        self.objects = self.data / "objects/fadeout"

    def put(self, key, age_s, body=b"x" * 100):
        path = self.objects / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        when = time.time() - age_s
        os.utime(path, (when, when))
        return key

    def record(self, date, audio_id, ttl):
        with sqlite3.connect(self.data / "records.db", timeout=10) as db:
            db.execute(
                "insert into tts_temp_audio values (?, ?, 'http://x', 'text', 'en-us', 1.0, ?)", (date, audio_id, int(ttl))
            )

    def speech(self, age_s, expiry_s=DAY):
        created = time.time() - age_s
        date = time.strftime("%Y-%m-%d", time.gmtime(created))
        audio_id = str(uuid.uuid4())
        self.record(date, audio_id, created + expiry_s)
        return self.put(f"temp-audio/{date}/{audio_id}.wav", age_s)

    def records(self):
        with sqlite3.connect(self.data / "records.db") as db:
            return db.execute("select count(*) from tts_temp_audio").fetchone()[0]

    def exists(self, key):
        return (self.objects / key).exists()


@pytest.fixture
def store(run, tmp_path):
    data = tmp_path / "data"
    assert run("sweep", "--data", data).returncode == 0  # makes the folder and its tables
    return Store(data)


@pytest.fixture
def sweep(run, store):
    def call(*flags, code=0, **more):
        done = run("sweep", "--data", store.data, "--json", *flags, **more)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    return call


def test_f03_links_live_their_whole_day_whatever_the_folder(store, sweep):
    fresh, due = store.speech(age_s=DAY - 60), store.speech(age_s=DAY + 60)
    summary = sweep()
    assert (summary["deleted"], summary["kept"], summary["failed"]) == (1, 1, 0)
    assert store.exists(fresh) and not store.exists(due)
    assert store.records() == 1


def test_f02_more_than_a_page_is_swept(store, sweep):
    for _ in range(2500):
        store.put(f"temp-audio/2026-01-01/{uuid.uuid4()}.wav", 40 * DAY)
    summary = sweep()
    assert summary["deleted"] == 2500 and summary["bytes"] == 250_000
    assert not (store.objects / "temp-audio/2026-01-01").exists()


def test_f04_missed_days_are_revisited(store, sweep):
    keys = [store.speech(age_s=days * DAY) for days in (2, 5, 30, 400)]
    assert sweep()["deleted"] == 4
    assert not any(store.exists(key) for key in keys)


def test_finals_and_originals_are_never_touched(store, sweep, run):
    kept = [
        store.put("pitches/1/song.wav", 900 * DAY),
        store.put("pitches/1/processed/transcoded_20200101_000000_00000000.mp3", 900 * DAY),
        store.put("uploads/x/song.wav", 900 * DAY),
        store.put("other/thing.wav", 900 * DAY),
    ]
    sweep()
    run("cleanup", "--data", store.data, "--days", "0")
    assert all(store.exists(key) for key in kept)


def test_orphans_go_after_a_day(store, sweep):
    young = store.put(f"temp-audio/2026-01-01/{uuid.uuid4()}.wav", DAY - 60)
    old = store.put(f"temp-audio/2026-01-01/{uuid.uuid4()}.wav", DAY + 60)
    lonely = str(uuid.uuid4())
    store.record("2026-01-01", lonely, time.time() + DAY)
    abandoned = store.objects / "temp-audio/2026-01-01"
    sweep()
    assert store.exists(young) and not store.exists(old)
    assert store.records() == 0
    assert abandoned.exists()


def test_a_dry_run_explains_and_deletes_nothing(store, sweep):
    fresh, due = store.speech(age_s=60), store.speech(age_s=2 * DAY)
    summary = sweep("--dry-run")
    assert summary["dry_run"] and (summary["deleted"], summary["kept"]) == (1, 1)
    actions = {item["key"]: item["action"] for item in summary["items"]}
    assert actions == {fresh: "keep", due: "delete"}
    assert all(item["reason"] for item in summary["items"])
    assert store.exists(fresh) and store.exists(due) and store.records() == 2


def test_a_run_can_be_limited_and_resumed(store, sweep):
    for _ in range(5):
        store.speech(age_s=2 * DAY)
    assert sweep("--sweep-max-deletions", "3")["deleted"] == 3
    assert sweep()["deleted"] == 2


def test_the_originals_way_can_be_chosen(store, sweep):
    since_midnight = time.time() % DAY
    yesterday = store.speech(age_s=since_midnight + 60)
    today = store.speech(age_s=since_midnight / 2)
    assert sweep()["deleted"] == 0
    assert sweep("--sweep-mode", "day")["deleted"] == 1
    assert store.exists(today) and not store.exists(yesterday)


@pytest.mark.parametrize(
    "path", ["", "/", ".", "..", "*", "temp", "processed-audio", "processed-au", "pitches/", "uploads/", "processed-audio/../pitches/", "x/"]
)
def test_paths_outside_the_temporary_prefixes_are_refused(run, store, path):
    key = store.put("pitches/1/song.wav", 900 * DAY)
    done = run("cleanup", "--data", store.data, f"--path={path}", "--days", "0")
    assert done.returncode == 2, (path, done.stdout)
    assert "processed-audio/" in done.stderr
    assert store.exists(key)


def test_f20_cleanup_descends_into_folders(run, store):
    for i in range(5):
        store.put(f"processed-audio/1/{i}/x.mp3", 8 * DAY)
    young = store.put("processed-audio/1/y.mp3", 6 * DAY)
    done = run("audio:cleanup-temp-files", "--data", store.data, "--dry-run", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["deleted"] == 5
    done = run("cleanup", "--data", store.data, "--days=7", "--path=processed-audio/")
    assert done.returncode == 0, done.stderr
    assert "5" in done.stdout and "1" in done.stdout
    assert store.exists(young) and not store.exists("processed-audio/1/0/x.mp3")


def test_f01_the_server_sweeps_by_itself(store, start_server):
    due, fresh = store.speech(age_s=2 * DAY), store.speech(age_s=60)
    start_server(data=store.data)
    end = time.monotonic() + 15
    while store.exists(due):
        assert time.monotonic() < end, "nobody swept"
        time.sleep(0.1)
    assert store.exists(fresh)


def test_f05_one_failure_does_not_stop_the_rest(store, sweep):
    stuck, gone = store.speech(age_s=2 * DAY), store.speech(age_s=2 * DAY)
    path = store.objects / stuck
    subprocess.run([*AS_ROOT, "mount", "--bind", path, path], check=True)  # a mount point cannot be unlinked
    try:
        summary = sweep(code=1)
        assert (summary["deleted"], summary["failed"]) == (1, 1)
        assert store.exists(stuck) and not store.exists(gone)
    finally:
        subprocess.run([*AS_ROOT, "umount", path], check=True)
    assert sweep()["deleted"] == 1
