"""Speech with temporary storage."""

import io
import sqlite3
import threading
import time
import uuid
import wave

import pytest


def speak(server, text="Good evening.", **more):
    answer = server.post("/tts/sync", {"text": text, **more})
    assert answer.status == 200, answer
    return answer.json


def test_speech_is_stored_once_and_served_by_its_link(server):
    result = speak(server)
    assert set(result) == {"audio_id", "s3_url", "duration", "text", "voice_id"}
    uuid.UUID(result["audio_id"], version=4)
    date = time.strftime("%Y-%m-%d", time.gmtime())
    assert server.objects() == [f"temp-audio/{date}/{result['audio_id']}.wav"]
    audio = server.get(result["s3_url"])
    assert audio.status == 200 and audio.headers["Content-Type"] == "audio/wav"
    with wave.open(io.BytesIO(audio.body)) as wav:
        seconds = wav.getnframes() / wav.getframerate()
    assert seconds == pytest.approx(result["duration"], abs=1e-6) and seconds > 0.5
    assert "X-Amz-Expires=86400" in result["s3_url"]


def test_f06_the_record_lives_24_hours_in_every_time_zone(start_server, tmp_path):
    for zone in ("Asia/Kolkata", "America/New_York", "UTC"):
        server = start_server(data=tmp_path / zone.replace("/", "-"), env={"TZ": zone})
        before = int(time.time())
        result = speak(server)
        record = server.get(
            f"/tts/audio/{time.strftime('%Y-%m-%d', time.gmtime())}/{result['audio_id']}"
        )
        assert record.status == 200
        assert before + 86400 <= record.json["ttl"] <= time.time() + 86401


def test_the_table_has_the_seven_columns(server):
    result = speak(server)
    with sqlite3.connect(f"file:{server.data}/records.db?mode=ro", uri=True) as db:
        columns = [row[1] for row in db.execute("pragma table_info(tts_temp_audio)")]
        rows = db.execute("select audio_id, s3_url, text from tts_temp_audio").fetchall()
    assert columns == ["date", "audio_id", "s3_url", "text", "voice_id", "duration", "ttl"]
    assert rows == [(result["audio_id"], result["s3_url"], "Good evening.")]


def test_links_can_be_left_out_of_the_records(start_server):
    server = start_server(env={"FADEOUT_RECORDS_STORE_LINKS": "false"})
    result = speak(server)
    date = time.strftime("%Y-%m-%d", time.gmtime())
    record = server.get(f"/tts/audio/{date}/{result['audio_id']}").json
    assert record["s3_url"] == f"s3://fadeout/temp-audio/{date}/{result['audio_id']}.wav"


def test_deleting_removes_object_and_record(server):
    result = speak(server)
    target = f"/tts/audio/{time.strftime('%Y-%m-%d', time.gmtime())}/{result['audio_id']}"
    assert server.get(target).status == 200
    assert server.request("DELETE", target).status in (200, 204)
    assert server.get(target).status == 404
    assert server.request("DELETE", target).status == 404
    assert server.objects() == []
    assert server.get(result["s3_url"]).status == 404


def test_voices_are_sorted_and_known_ones_speak(server):
    voices = server.get("/voices").json
    assert len(voices) > 100
    assert [(v["language"], v["display_name"]) for v in voices] == sorted(
        (v["language"], v["display_name"]) for v in voices
    )
    assert set(voices[0]) == {"id", "display_name", "language", "gender", "engine", "available"}
    assert speak(server, voice="de")["voice_id"] == "de"


@pytest.mark.parametrize(
    "body,status",
    [
        ({}, 400),
        ({"text": ""}, 400),
        ({"text": "   "}, 400),
        ({"text": 5}, 400),
        ({"text": ["a"]}, 400),
        ({"text": None}, 400),
        ([], 400),
        ("not json", 400),
        ({"text": "hello", "voice": "klingon-xx"}, 404),
        ({"text": "hello", "voice": 7}, 400),
        ({"text": "a" * 10_001}, 413),
    ],
)
def test_f09_wrong_bodies_are_told_apart(server, body, status):
    answer = server.post("/tts/sync", body)
    assert answer.status == status, answer
    assert isinstance(answer.json["detail"], str)
    assert server.objects() == []


def test_f08_text_has_a_limit_and_characters_are_counted(server):
    assert server.post("/tts/sync", {"text": "é" * 10_001}).status == 413
    assert server.post("/tts/jobs", {"text": "a" * 1_000_001}).status == 413


def test_unknown_voice_names_some_that_exist(server):
    detail = server.post("/tts/sync", {"text": "x", "voice": "en-uz"}).json["detail"]
    assert "en-us" in detail


def test_f10_a_long_text_does_not_stop_the_others(server):
    long_text = "This sentence is spoken again and again. " * 240
    worker = threading.Thread(target=speak, args=(server, long_text))
    worker.start()
    slowest = 0
    while worker.is_alive():
        start = time.monotonic()
        assert server.get("/healthz").status == 200
        slowest = max(slowest, time.monotonic() - start)
        time.sleep(0.01)
    worker.join()
    assert slowest < 1, "the event loop stood still"


def test_speech_jobs(server):
    made = server.post("/tts/jobs", {"text": "A job speaks. " * 20, "voice_id": "en-us"})
    assert made.status == 201, made
    job = made.json
    assert job["status"] == "queued" and job["audio_url"] is None
    end = time.monotonic() + 30
    while server.get(f"/tts/jobs/{job['id']}").json["status"] != "completed":
        assert time.monotonic() < end
        time.sleep(0.05)
    moved = server.get(f"/tts/jobs/{job['id']}/audio")
    assert moved.status == 307
    assert server.get(moved.headers["Location"]).status == 200
    listed = server.get("/tts/jobs?limit=50").json
    jobs = listed if isinstance(listed, list) else listed["jobs"]
    assert [j["id"] for j in jobs] == [job["id"]]
    assert len(jobs[0]["text"]) == 100
    assert server.get(f"/tts/jobs/{uuid.uuid4()}").status == 404
    assert server.get(f"/tts/jobs/{uuid.uuid4()}/audio").status == 404


def test_say_writes_a_file(run, tmp_path):
    done = run("say", "Hello from the command line.", "-o", tmp_path / "a.wav")
    assert done.returncode == 0, done.stderr
    with wave.open(str(tmp_path / "a.wav")) as wav:
        assert wav.getnframes() > 22050
    done = run("say", "Hello.", "-o", tmp_path / "a.mp3")
    assert done.returncode == 0, done.stderr
    assert run("waveform", tmp_path / "a.mp3").returncode == 0
