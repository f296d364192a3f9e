"""docs/migrating.md, step by step: what the old stacks left in S3 and DynamoDB, taken over by fadeout. The move to a
second store is test_two_stores.py."""

import decimal
import json
import pathlib
import re
import time
import uuid

from function_server import Function
from shared_servers import keys_of, rows_of

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "migrating.md"


def test_every_command_of_the_guide_exists(run):
    commands = re.findall(r"^ *(?:\w+=\S+ )*fadeout ([a-z:-]+(?: (?:print|check|create))?)(.*)$", GUIDE.read_text(), re.M)
    assert len(commands) >= 10
    for command, rest in commands:
        helped = run(*command.split(), "--help")
        assert helped.returncode == 0, command
        for flag in re.findall(r"(--[a-z-]+)", rest):
            assert flag in helped.stdout, f"fadeout {command} has no {flag}"


def old_speech(backends, ttl, date):
    """What the old speech service leaves: an object and its row, written by boto3."""
    audio_id = str(uuid.uuid4())
    key = f"temp-audio/{date}/{audio_id}.wav"
    backends["s3"].put_object(Bucket=backends["bucket"], Key=key, Body=b"RIFF", ContentType="audio/wav")
    link = backends["s3"].generate_presigned_url(
        "get_object", Params={"Bucket": backends["bucket"], "Key": key}, ExpiresIn=86400
    )
    row = {"date": date, "audio_id": audio_id, "s3_url": link, "text": "Old.", "voice_id": "en_US-lessac-medium"}
    rows_of(backends).put_item(Item={**row, "duration": decimal.Decimal("1.5"), "ttl": int(ttl)})
    return audio_id, key


def test_a_speech_service_is_taken_over(run, backends, nodes, tmp_path):
    api = nodes("serve", "--sweep-enabled=false")
    now, today = time.time(), time.strftime("%Y-%m-%d", time.gmtime())
    live_id, live = old_speech(backends, now + 3600, today)
    _, ended = old_speech(backends, now - 60, today)
    _, missed = old_speech(backends, now - 40 * 86400, "2026-01-02")  # a day that the noon task never saw

    assert api.get(f"/tts/audio/{today}/{live_id}").json["voice_id"] == "en_US-lessac-medium"
    new = api.post("/tts/sync", {"text": "New."}).json
    assert set(new) == {"audio_id", "s3_url", "duration", "text", "voice_id"}
    assert api.post("/tts/sync", {"text": 7}).status == 400

    flags = ("--data", tmp_path / "hand", *backends["flags"])
    preview = run("sweep", "--dry-run", "--json", *flags, env=backends["env"])
    due = {item["key"] for item in json.loads(preview.stdout)["items"] if item["action"] == "delete"}
    assert {ended, missed} <= due and live not in due
    assert {live, ended, missed} <= keys_of(backends), "a dry run deletes nothing"

    assert run("sweep", *flags, env=backends["env"]).returncode == 0
    left = keys_of(backends)
    assert live in left and f"temp-audio/{today}/{new['audio_id']}.wav" in left
    assert ended not in left and missed not in left


def test_a_transcoding_function_is_taken_over(run, backends, nodes, media, tmp_path):
    s3, bucket = backends["s3"], backends["bucket"]
    s3.upload_file(str(media.wav()), bucket, "pitches/7/song.wav")
    for i in range(1100):  # more than one page, in a folder: what the old clean-up did not see
        s3.put_object(Bucket=bucket, Key=f"processed-audio/2025/{i}.mp3", Body=b"x")

    # 1: the back end's own request, answered by fadeout
    api = nodes("serve", "--jobs=1")
    settings = {"pitch_id": "7", "project_id": "3"}
    body = {"file_url": "pitches/7/song.wav", "target_format": "mp3", "target_bitrate": "192k"}
    answer = api.post("/transcode", {**body, "watermark_settings": settings}).json
    assert answer["direct_upload"] and answer["s3_key"].startswith("pitches/7/processed/")
    assert s3.head_object(Bucket=bucket, Key=answer["s3_key"])["ContentLength"] > 0

    # 2: the whole job, with the old function, which stores a temporary object
    s3.upload_file(str(media.encoded("mp3")), bucket, "processed-audio/3/7/old.mp3")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "processed-audio/3/7/old.mp3"})
    with Function(lambda request: {"success": True, "output_url": link}) as function:
        other = nodes("serve", "--jobs=1", f"--processor-url={function.url}", "--cleanup-progressive=true")
        api.process.terminate()
        api.process.wait()
        job = other.post(
            "/v1/jobs", {"type": "process", "source": "pitches/7/song.wav", "pitch_id": "7", "target_format": "mp3",
                         "target_bitrate": "128k"}
        ).json
        done = other.wait_for_job(job["id"])
        assert done["result"]["processing_method"] == "aws_lambda", (done, other.log)
        assert done["result"]["output_path"] in keys_of(backends)
        (cleanup,) = other.get("/v1/jobs?type=cleanup").json["jobs"]
        assert other.wait_for_job(cleanup["id"])["result"]["deleted"] == 1
        assert "processed-audio/3/7/old.mp3" not in keys_of(backends)

    # 4: the old prefix
    flags = ("--data", tmp_path / "hand", *backends["flags"])
    preview = run("cleanup", "--dry-run", "--days=0", "--path=processed-audio/", "--json", *flags, env=backends["env"])
    assert json.loads(preview.stdout)["deleted"] == 1100
    done = run("audio:cleanup-temp-files", "--days=0", "--path=processed-audio/", *flags, env=backends["env"])
    assert done.returncode == 0, done.stderr
    assert not keys_of(backends, "processed-audio/") and "pitches/7/song.wav" in keys_of(backends)

    # 5 and 6: the net and the figures
    rules = json.loads(run("lifecycle", "print", "--json", *flags, env=backends["env"]).stdout)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)
    assert run("lifecycle", "check", *flags, env=backends["env"]).returncode == 0
    prices = ("--report-prices", "storage_gb_month=0.02")
    report = json.loads(run("report", "--json", *flags, *prices, env=backends["env"]).stdout)
    assert report["classes"]["processed"]["objects"] == 2 and report["avoided"]["objects_written"] == 1
    assert report["temporary_files"]["cleaned"] == 1 and report["prices"]["currency"] == "USD"
    report = json.loads(run("report", "--json", *flags, env=backends["env"]).stdout)
    assert report["prices"] is None and report["avoided"]["cost"] is None, "this S3 is not Amazon's"
