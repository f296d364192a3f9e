"""The same program on S3 (a Ceph gateway), DynamoDB (dynalite) and Redis: several nodes, one state."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

import boto3
import pytest

from fadeout_server import Server, free_port
from function_server import Function

SERVERS = pathlib.Path(__file__).resolve().parents[1] / "servers"
BUCKET, TABLE = "nodes", "tts_temp_audio"


def start(script, *arguments):
    """Runs a start script; returns the NAME=VALUE pairs of its READY line."""
    done = subprocess.run(
        [SERVERS / script, *map(str, arguments)], stdout=subprocess.PIPE, text=True, timeout=180, check=True
    )
    return dict(re.findall(r"(\w+)=(\S+)", done.stdout))


@pytest.fixture(scope="module")
def backends():
    folder = tempfile.mkdtemp(prefix="fadeout-nodes-")
    rgw = redis = dynalite = None
    try:
        rgw = start("start-rgw.sh", "-p", 32000 + os.getpid() % 10 * 50, "-d", f"{folder}/rgw")
        redis = start("start-redis.sh", "-p", free_port(), "-d", f"{folder}/redis")
        dynalite = start("start-dynalite.sh")
        keys = {"AWS_ACCESS_KEY_ID": rgw["access_key"], "AWS_SECRET_ACCESS_KEY": rgw["secret_key"]}
        s3 = boto3.client(
            "s3",
            endpoint_url=rgw["endpoint"],
            aws_access_key_id=rgw["access_key"],
            aws_secret_access_key=rgw["secret_key"],
            region_name="us-east-1",
        )
        s3.create_bucket(Bucket=BUCKET)
        flags = (
            *("--store", f"s3://{BUCKET}?region=us-east-1&endpoint={rgw['endpoint']}&path_style=1"),
            *("--records", f"dynamodb://{TABLE}?region=us-east-1&endpoint={dynalite['endpoint']}"),
            *("--queue", redis["url"]),
        )
        yield {"flags": flags, "env": keys, "s3": s3, "dynalite": dynalite["endpoint"]}
    finally:
        for server in (redis, dynalite):
            if server:
                os.kill(int(server["pid"]), signal.SIGTERM)
        if rgw:
            subprocess.run([SERVERS / "stop-rgw.sh", f"{folder}/rgw"], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def nodes(backends, program, run, tmp_path):
    """nodes("serve") or nodes("worker") starts one more node, on a data folder of its own."""
    started = []
    made = run("tables", "create", "--data", tmp_path / "t", *backends["flags"], env=backends["env"])
    assert made.returncode == 0, made.stderr

    def add(role):
        node = Server(program, tmp_path / f"node{len(started)}", backends["flags"], backends["env"], role=role)
        started.append(node)
        node.wait_until_ready()
        return node

    yield add
    for node in started:
        node.kill()


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def keys_of(backends, prefix=""):
    pages = backends["s3"].get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


def upload(api, path):
    grant = api.post("/v1/uploads", {"filename": path.name, "content_type": "audio/wav", "pitch_id": "7"}).json
    request = urllib.request.Request(grant["url"], path.read_bytes(), grant["headers"], method="PUT")
    assert urllib.request.urlopen(request, timeout=30).status == 200
    return grant["key"]


def test_doctor_finds_all_three_well(run, backends, nodes, tmp_path):
    done = run("doctor", "--data", tmp_path / "d", *backends["flags"], env=backends["env"])
    assert done.returncode == 0, done.stdout + done.stderr


def test_doctor_names_wrong_keys_and_a_missing_bucket(run, backends, nodes, tmp_path):
    wrong = {**backends["env"], "AWS_SECRET_ACCESS_KEY": "wrong" * 8}
    done = run("doctor", "--data", tmp_path / "d", *backends["flags"], env=wrong)
    assert done.returncode == 1 and "key" in done.stdout.lower()
    flags = [flag.replace(f"s3://{BUCKET}", "s3://missing") for flag in backends["flags"]]
    done = run("doctor", "--data", tmp_path / "d", *flags, env=backends["env"])
    assert done.returncode == 1 and "bucket" in done.stdout


def test_speech_is_stored_and_removed_where_it_belongs(backends, nodes):
    api, other = nodes("serve"), nodes("serve")
    result = api.post("/tts/sync", {"text": "On three servers."}).json
    assert fetch(result["s3_url"])[:4] == b"RIFF"
    date = time.strftime("%Y-%m-%d", time.gmtime())
    key = f"temp-audio/{date}/{result['audio_id']}.wav"
    assert key in keys_of(backends)
    record = other.get(f"/tts/audio/{date}/{result['audio_id']}")
    assert record.status == 200 and record.json["s3_url"] == result["s3_url"]
    assert other.request("DELETE", f"/tts/audio/{date}/{result['audio_id']}").status == 204
    assert key not in keys_of(backends)


def test_a_worker_does_what_an_api_node_accepted(backends, nodes, media):
    api = nodes("serve")
    key = upload(api, media.wav())
    job = api.post("/v1/jobs", {"type": "transcode", "file_url": key, "target_format": "flac"})
    assert job.status == 202, job
    time.sleep(1)
    assert api.get(f"/v1/jobs/{job.json['id']}").json["state"] == "queued", "serve runs no jobs of a shared queue"
    worker = nodes("worker")
    assert worker.get("/voices").status == 404
    done = api.wait_for_job(job.json["id"])
    assert done["state"] == "done", done
    assert fetch(done["result"]["output_url"])[:4] == b"fLaC"
    head = backends["s3"].head_object(Bucket=BUCKET, Key=done["result"]["s3_key"])
    metadata = {name.replace("-", "_"): value for name, value in head["Metadata"].items()}
    assert metadata["pitch_id"] == "unknown" and head["ContentType"] == "audio/flac"


def test_jobs_outlive_the_workers_that_are_killed(backends, nodes, media):
    api = nodes("serve")
    key = upload(api, media.wav(seconds=30))
    bitrates = ["64k", "80k", "96k", "112k", "128k", "160k", "192k", "224k", "256k", "320k"]
    jobs = [
        api.post("/v1/jobs", {"type": "transcode", "file_url": key, "target_bitrate": rate}).json["id"]
        for rate in bitrates
    ]
    jobs += [api.post("/v1/jobs", {"type": "speak", "text": f"Number {i}."}).json["id"] for i in range(10)]
    before = keys_of(backends)
    for _ in range(3):
        worker = nodes("worker")
        time.sleep(0.7)
        worker.process.send_signal(signal.SIGKILL)
        worker.process.wait()
    nodes("worker")
    ended = [api.wait_for_job(job, timeout_s=120) for job in jobs]
    assert {job["state"] for job in ended} == {"done"}, [j for j in ended if j["state"] != "done"]
    finals = {job["result"]["s3_key"] for job in ended[: len(bitrates)]}
    assert len(finals) == len(bitrates) and finals <= keys_of(backends)
    spoken = {key for key in keys_of(backends) - before if key.startswith("temp-audio/")}
    assert len(spoken - before) <= 10, "a job run twice has one effect"


def test_the_sweep_takes_what_is_due_on_s3_and_dynamodb(run, backends, nodes, tmp_path):
    api = nodes("serve")
    result = api.post("/tts/sync", {"text": "Short-lived."}).json
    table = boto3.resource(
        "dynamodb",
        endpoint_url=backends["dynalite"],
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    ).Table(TABLE)
    date = time.strftime("%Y-%m-%d", time.gmtime())
    row = table.get_item(Key={"date": date, "audio_id": result["audio_id"]})["Item"]
    assert set(row) == {"date", "audio_id", "s3_url", "text", "voice_id", "duration", "ttl"}
    table.put_item(Item={**row, "ttl": 1})
    kept = api.post("/tts/sync", {"text": "Still valid."}).json
    done = run("sweep", "--data", tmp_path / "s", *backends["flags"], env=backends["env"])
    assert done.returncode == 0, done.stderr
    keys = keys_of(backends)
    assert f"temp-audio/{date}/{result['audio_id']}.wav" not in keys
    assert f"temp-audio/{date}/{kept['audio_id']}.wav" in keys
    assert "Item" not in table.get_item(Key={"date": date, "audio_id": result["audio_id"]})


def process(run, backends, tmp_path, source, address, *flags):
    done = run(
        *("process", source, "--pitch-id", "7", "--json", "--data", tmp_path / "p", *backends["flags"]),
        *("--processor-url", address, *flags),
        env=backends["env"],
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_a_function_on_the_same_bucket_uploads_directly(run, backends, nodes, media, tmp_path):
    function = nodes("serve")  # is given a link of the bucket, which lies on a private address
    key = upload(function, media.wav())
    before = keys_of(backends)
    result, log = process(run, backends, tmp_path, key, function.url)
    assert result["processing_method"] == "direct", log
    assert f"Lambda uploaded directly to final destination: {result['output_path']}" in log
    assert keys_of(backends) - before == {result["output_path"]}
    again, _ = process(run, backends, tmp_path, key, function.url)
    assert again["reused"] is True and again["output_path"] == result["output_path"]


def test_temporary_objects_on_s3_are_fetched_and_removed(run, backends, nodes, media, tmp_path):
    api, worker = nodes("serve"), nodes("worker")
    key = upload(api, media.wav(frequency=660))
    kept = "pitches/9/processed/kept.mp3"
    for name in ("processed-audio/7/x y.mp3", kept):
        backends["s3"].upload_file(str(media.encoded("mp3")), BUCKET, name)
    link = backends["s3"].generate_presigned_url(
        "get_object", Params={"Bucket": BUCKET, "Key": "processed-audio/7/x y.mp3"}
    )
    with Function(lambda request: {"success": True, "output_url": link, "temp_files": [kept]}) as function:
        result, log = process(run, backends, tmp_path, key, function.url, "--cleanup-progressive")
    assert result["processing_method"] == "aws_lambda" and "Scheduling temporary file cleanup: 2 " in log
    [job] = api.get("/v1/jobs?type=cleanup").json["jobs"]
    done = api.wait_for_job(job["id"])["result"]
    assert (done["deleted"], done["refused"]) == (1, 1), worker.log
    keys = keys_of(backends)
    assert "processed-audio/7/x y.mp3" not in keys and {key, kept, result["output_path"]} <= keys
