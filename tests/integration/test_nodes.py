"""The same program on S3 (a Ceph gateway), DynamoDB (dynalite) and Redis: several nodes, one state."""

import json
import re
import signal
import time
import urllib.request

import pytest

from fadeout_server import fetch
from function_server import Function as RemoteFunction
from lambda_runtime import Function, Runtime
from shared_servers import keys_of, rows_of


def upload(api, path):
    grant = api.post("/v1/uploads", {"filename": path.name, "content_type": "audio/wav", "pitch_id": "7"}).json
    request = urllib.request.Request(grant["url"], path.read_bytes(), grant["headers"], method="PUT")
    assert urllib.request.urlopen(request, timeout=30).status == 200
    return grant["key"]


def test_doctor_finds_all_three_well(run, backends, nodes, tmp_path):
    done = run("doctor", "--data", tmp_path / "d", *backends["flags"], env=backends["env"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"queue .*Redis.*sync", done.stdout), "doctor tells what a crash of Redis costs"
    assert "The queue: Redis" in nodes("worker").log, "and so does the log"


def test_a_node_without_its_table_ends_at_its_start_and_says_so(run, backends, tmp_path):
    flags = [flag.replace(backends["table"], "missing") for flag in backends["flags"]]
    done = run("worker", "--data", tmp_path / "d", "--listen", "127.0.0.1:0", *flags, env=backends["env"], timeout=30)
    assert done.returncode == 2 and "fadeout tables create" in done.stderr, done.stderr


def test_doctor_names_wrong_keys_and_a_missing_bucket(run, backends, nodes, tmp_path):
    wrong = {**backends["env"], "AWS_SECRET_ACCESS_KEY": "wrong" * 8}
    done = run("doctor", "--data", tmp_path / "d", *backends["flags"], env=wrong)
    assert done.returncode == 1 and "key" in done.stdout.lower()
    flags = [flag.replace(f"s3://{backends['bucket']}", "s3://missing") for flag in backends["flags"]]
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
    for path in ("/voices", "/", "/openapi.json"):
        elsewhere = worker.get(path)
        assert elsewhere.status == 404 and b"fadeout serve" in elsewhere.body, elsewhere
    done = api.wait_for_job(job.json["id"])
    assert done["state"] == "done", done
    assert fetch(done["result"]["output_url"])[:4] == b"fLaC"
    head = backends["s3"].head_object(Bucket=backends["bucket"], Key=done["result"]["s3_key"])
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


@pytest.fixture
def lambda_function(backends, program, tmp_path):
    runtime = Runtime()
    function = Function([program, "lambda", *backends["flags"]], runtime, tmp_path, backends["env"])
    yield function
    function.kill()
    runtime.close()


def test_a_lambda_function_shares_the_state(backends, nodes, lambda_function, media):
    api, runtime = nodes("serve"), lambda_function.runtime
    result = json.loads(runtime.answer({"file_url": upload(api, media.wav()), "target_format": "mp3"})["body"])
    assert result["storage_provider"] == "s3" and result["s3_key"] in keys_of(backends)
    assert len(fetch(result["output_url"])) > 10_000, "its link leads to the bucket"
    speak = {"path": "/tts/sync", "httpMethod": "POST", "body": {"text": "Said by a function."}}
    spoken = json.loads(runtime.answer(speak)["body"])
    date = time.strftime("%Y-%m-%d", time.gmtime())
    assert api.get(f"/tts/audio/{date}/{spoken['audio_id']}").json["text"] == "Said by a function."
    job = runtime.answer({"path": "/tts/jobs", "httpMethod": "POST", "body": {"text": "For a worker."}})
    assert job["statusCode"] == 201
    assert api.get(f"/v1/jobs/{json.loads(job['body'])['id']}").json["state"] == "queued"
    assert lambda_function.files() == [], "nothing of it is on its own disk"


def test_a_lambda_function_that_runs_out_of_time_leaves_nothing_on_s3(backends, nodes, lambda_function, media):
    key = upload(nodes("serve"), media.wav(1200))
    before = keys_of(backends)
    answer = lambda_function.runtime.answer({"file_url": key, "target_format": "mp3"}, seconds=3)
    assert answer["statusCode"] == 504, answer
    assert keys_of(backends) == before
    assert "Uploads" not in backends["s3"].list_multipart_uploads(Bucket=backends["bucket"])


def test_the_sweep_takes_what_is_due_on_s3_and_dynamodb(run, backends, nodes, tmp_path):
    api = nodes("serve")
    result = api.post("/tts/sync", {"text": "Short-lived."}).json
    table = rows_of(backends)
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
        backends["s3"].upload_file(str(media.encoded("mp3")), backends["bucket"], name)
    link = backends["s3"].generate_presigned_url(
        "get_object", Params={"Bucket": backends["bucket"], "Key": "processed-audio/7/x y.mp3"}
    )
    with RemoteFunction(lambda request: {"success": True, "output_url": link, "temp_files": [kept]}) as function:
        result, log = process(run, backends, tmp_path, key, function.url, "--cleanup-progressive")
    assert result["processing_method"] == "aws_lambda" and "Scheduling temporary file cleanup: 2 " in log
    [job] = api.get("/v1/jobs?type=cleanup").json["jobs"]
    done = api.wait_for_job(job["id"])["result"]
    assert (done["deleted"], done["refused"]) == (1, 1), worker.log
    keys = keys_of(backends)
    assert "processed-audio/7/x y.mp3" not in keys and {key, kept, result["output_path"]} <= keys
