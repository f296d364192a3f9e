"""The processing service: a remote function is asked first and verified; requests and jobs."""

import datetime
import json
import re
import shutil

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from fadeout_server import free_port
from function_server import Function
from media import decode_errors, probe
from processing import DIRECT, ORIGINAL, RESULT, RESULT_MEMBERS, due_in_s, success

# Direct


def test_a_direct_upload_is_verified_and_taken(place):
    def answer(request):
        place.put(DIRECT, place.mp3)
        return success(s3_key=DIRECT, direct_upload=True, output_url="http://127.0.0.1:1/never")

    with Function(answer) as function:
        mark = ("--watermark", "type=white_noise,volume=0.2", "--project-id", "3", "--bitrate", "128k")
        result, log = place.process(function.url, allow=False)
        assert result["processing_method"] == "direct" and result["output_path"] == DIRECT
        assert (result["original_format"], result["target_format"], result["target_bitrate"]) == ("wav", "mp3", "192k")
        assert f"Lambda uploaded directly to final destination: {DIRECT}" in log
        [note] = [key for key in place.objects() if key.startswith("renders/7/")]
        assert place.objects() == sorted([DIRECT, ORIGINAL, note]) and place.cleanups() == []
        again, _ = place.process(function.url, allow=False)
        assert again["reused"] and again["output_path"] == DIRECT and len(function.requests) == 1
        assert place.process(function.url, *mark)[0]["processing_method"] == "local", "it left out the watermark"
    plain, marked = function.requests
    assert plain["path"] == "/transcode"
    link = plain["body"].pop("file_url")
    assert re.match(rf"http://.+/objects/fadeout/{ORIGINAL}\?X-Amz-.*X-Amz-Expires=600", link)
    assert link.split("X-Amz-Signature=")[1] not in log
    assert plain["body"] == {
        "target_format": "mp3",
        "target_bitrate": "192k",
        "apply_watermark": False,
        "watermark_settings": {"pitch_id": "7"},
    }
    assert marked["body"]["apply_watermark"] is True and marked["body"]["target_bitrate"] == "128k"
    assert marked["body"]["watermark_settings"] == {
        **{"type": "white_noise", "frequency": 1000, "volume": 0.2, "duration": 0.5, "interval": 30},
        **{"pitch_id": "7", "project_id": "3"},
    }


def test_a_function_that_writes_over_its_results_is_asked_again(place):
    """Each request's file is the one that was made for it, also where all of them get the same name."""

    def answer(request):
        marked = request["body"]["apply_watermark"]
        place.put(DIRECT, place.mp3 + b"marked" * marked)
        return success(s3_key=DIRECT, direct_upload=True) | {"watermarked": marked}

    with Function(answer) as function:
        for more in ((), ("--watermark", "volume=0.2"), ()):
            result, _ = place.process(function.url, *more)
            assert result["processing_method"] == "direct" and "reused" not in result
            assert (place.root / DIRECT).read_bytes().endswith(b"marked") == result["watermarked"] == bool(more)
        assert place.process(function.url)[0]["reused"] is True and len(function.requests) == 3


@pytest.mark.parametrize("inner", [json.dumps, lambda said: said], ids=["string", "object"])
def test_a_doubly_encoded_answer_is_understood(place, inner):
    def answer(request):
        place.put(DIRECT, place.mp3)
        return {"statusCode": 200, "headers": {}, "body": inner(success(s3_key=DIRECT, direct_upload=True))}

    with Function(answer) as function:
        result, _ = place.process(function.url + "/stage/run?code=1")
    assert result["processing_method"] == "direct"
    assert function.requests[0]["path"] == "/stage/run?code=1", "a URL with a path is used as it is"


def test_fadeout_itself_as_the_function(start_server, media, tmp_path):
    """Two servers on one data folder: the second writes the result to its final key, the first believes it."""
    port = free_port()
    function = start_server("--jobs", 0, "--public-url", f"http://127.0.0.1:{port}")
    caller = start_server("--public-url", f"http://127.0.0.1:{port}", "--processor-url", function.url)
    original = caller.upload(media.wav())
    body = {"type": "process", "source": original, "pitch_id": 7, "project_id": "p", "watermark": {"volume": 0.2}}
    job = caller.wait_for_job(caller.post("/v1/jobs", body).json["id"])
    assert job["state"] == "done", job
    result = job["result"]
    assert result["processing_method"] == "direct" and result["watermarked"] is True and "reused" not in result
    assert f"Lambda uploaded directly to final destination: {result['output_path']}" in caller.log
    assert "Uploading directly" not in caller.log
    assert RESULT.fullmatch(result["output_path"])
    assert caller.objects() == sorted([original, result["output_path"]]), "one result"
    out = tmp_path / "out.mp3"
    out.write_bytes((caller.data / "objects" / "fadeout" / result["output_path"]).read_bytes())
    assert decode_errors(out) == "" and float(probe(out)["format"]["duration"]) == pytest.approx(3, abs=0.1)
    again = caller.wait_for_job(caller.post("/v1/jobs", body).json["id"])["result"]
    assert again["reused"] is True and again["output_path"] == result["output_path"]
    assert function.log.count("/transcode") == 1, "not asked again"


# The old way


def no_flag(place):
    place.put(DIRECT, place.mp3)
    return {"s3_key": DIRECT}


def object_missing(place):
    return {"s3_key": "pitches/7/processed/none.mp3", "direct_upload": True}


def object_empty(place):
    return {"s3_key": place.put(DIRECT, b""), "direct_upload": True}


def object_old(place):
    return {"s3_key": place.put(DIRECT, place.mp3, age_s=60), "direct_upload": True}


def key_of_another_pitch(place):
    return {"s3_key": place.put("pitches/8/processed/lambda.mp3", place.mp3), "direct_upload": True}


def key_outside(place):
    return {"s3_key": place.put("pitches/7/lambda.mp3", place.mp3), "direct_upload": True}


def key_with_dots(place):
    return {"s3_key": "pitches/7/processed/../song.wav", "direct_upload": True}


def no_key(place):
    return {"s3_key": None, "direct_upload": True}


@pytest.mark.parametrize(
    "claim",
    [no_flag, object_missing, object_empty, object_old, key_of_another_pitch, key_outside, key_with_dots, no_key],
    ids=lambda claim: claim.__name__,
)
def test_what_is_not_verified_is_fetched(place, claim):
    temporary = place.put("processed-audio/3/7/x.mp3", place.mp3)
    with Function(lambda request: success(**claim(place), output_url=function.url + "/x.mp3?s=1", temp_files=[temporary])) as function:
        function.outputs["/x.mp3?s=1"] = place.mp3
        result, log = place.process(function.url)
    assert result["processing_method"] == "aws_lambda" and RESULT.fullmatch(result["output_path"])
    assert (place.root / result["output_path"]).read_bytes() == place.mp3
    assert "The remote function's upload was not taken" in log
    assert f"Uploading directly to final destination: {result['output_path']}" in log
    assert "Scheduling temporary file cleanup: 1 " in log and "s=1" not in log
    [job] = place.cleanups()
    assert job["state"] == "queued" and due_in_s(job) == pytest.approx(3600, abs=60)
    assert temporary in place.objects()
    with Function(lambda request: None) as silent:
        again, _ = place.process(silent.url)
        assert again["reused"] is True and again["output_path"] == result["output_path"] and silent.requests == []
    assert len(place.cleanups()) == 1


def test_an_output_in_the_own_store_is_read_there_and_removed_later(place):
    temporary = place.put("processed-audio/3/7/x y.mp3", place.mp3)
    with Function(lambda request: success(output_url=place.link(temporary))) as function:
        result, log = place.process(function.url, "--cleanup-delay", "2h", allow=False)
    assert result["processing_method"] == "aws_lambda"
    assert (place.root / result["output_path"]).read_bytes() == place.mp3
    assert "Scheduling temporary file cleanup: 1 " in log
    [job] = place.cleanups()
    assert due_in_s(job) == pytest.approx(7200, abs=60)


def test_an_output_that_does_not_tell_its_length_is_measured(place, media):
    place.put(ORIGINAL, media.wav(40).read_bytes())
    piped = media.without_length(40).read_bytes()
    with Function(lambda request: success(output_url=function.url + "/x")) as function:
        function.outputs["/x"] = piped
        result, log = place.process(function.url)
    assert result["processing_method"] == "aws_lambda", log
    assert (place.root / result["output_path"]).read_bytes() == piped


def test_the_output_is_tried_three_times(place):
    with Function(lambda request: success(output_url=function.url + "/x")) as function:
        function.outputs["/x"] = [(503, b"later"), (200, b""), (200, place.mp3)]
        result, log = place.process(function.url)
        assert result["processing_method"] == "aws_lambda"
        assert len(function.fetched) == 3, "three tries, also where there are no ranges"
        assert log.count("trying again") == 2
        function.outputs["/x"] = [(503, b"later")] * 3 + [(200, place.mp3)]
        result, log = place.process(function.url, "--bitrate", "128k")
        assert result["processing_method"] == "local" and len(function.fetched) == 6


# AWS Lambda

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:audio-processor:live"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret/key", "AWS_SESSION_TOKEN": "token=="}


def botocore_authorization(request, url, monkeypatch):
    """What botocore signs for the same request at the same second."""
    when = datetime.datetime.strptime(request["headers"]["x-amz-date"], "%Y%m%dT%H%M%SZ")

    class Then(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return when

    monkeypatch.setattr(botocore.auth.datetime, "datetime", Then)
    same = botocore.awsrequest.AWSRequest(
        "POST", url + request["path"], data=request["raw"], headers={"Content-Type": request["headers"]["content-type"]}
    )
    keys = botocore.credentials.Credentials(*KEYS.values())
    botocore.auth.SigV4Auth(keys, "lambda", "eu-central-1").add_auth(same)
    return same.headers["Authorization"]


def test_a_lambda_function_is_invoked_by_its_arn(place, monkeypatch):
    def answer(request):
        place.put(DIRECT, place.mp3)
        return {"statusCode": 200, "body": json.dumps(success(s3_key=DIRECT, direct_upload=True))}

    with Function(answer) as function:
        result, log = place.process(ARN, env={**KEYS, "AWS_ENDPOINT_URL_LAMBDA": function.url + "/"})
    assert result["processing_method"] == "direct", log
    [request] = function.requests
    assert request["path"] == f"/2015-03-31/functions/{ARN.replace(':', '%3A')}/invocations"
    assert request["headers"]["authorization"] == botocore_authorization(request, function.url, monkeypatch)
    event = request["body"]
    assert (event["path"], event["httpMethod"]) == ("/transcode", "POST")
    assert json.loads(event["body"])["watermark_settings"]["pitch_id"] == "7"


def test_a_lambda_function_that_fails_is_stood_in_for(place):
    said = {"errorMessage": "Task timed out after 3.00 seconds"}
    with Function(lambda r: (200, {"X-Amz-Function-Error": "Unhandled"}, json.dumps(said).encode())) as function:
        result, log = place.process(ARN, env={**KEYS, "AWS_ENDPOINT_URL_LAMBDA": function.url})
    assert result["processing_method"] == "local" and "Task timed out" in log
    with Function(lambda r: (200, {"X-Amz-Function-Error": "Unhandled"}, b"{}")) as function:
        result, log = place.process(ARN, "--bitrate", "128k", env={**KEYS, "AWS_ENDPOINT_URL_LAMBDA": function.url})
    assert result["processing_method"] == "local" and "Unhandled" in log


# Requests


def test_wrong_process_jobs_are_refused_at_once(server, media):
    original = server.upload(media.wav())
    result = server.post("/transcode", {"file_url": original, "watermark_settings": {"pitch_id": "7"}}).json["s3_key"]
    good = {"type": "process", "source": original, "pitch_id": "7"}
    for wrong, status, words in [
        ({"pitch_id": "../7"}, 400, "pitch_id"),
        ({"pitch_id": "7/8"}, 400, "pitch_id"),
        ({"pitch_id": None}, 400, "pitch_id"),
        ({"source": ""}, 400, "source"),
        ({"source": "../etc"}, 400, "key"),
        ({"source": "file:///etc/passwd"}, 400, "source must be a key of the store, or an http://"),
        ({"source": "data:audio/wav,x"}, 400, "source must be a key of the store, or an http://"),
        ({"target_format": "exe"}, 400, "mp3"),
        ({"target_bitrate": "fast"}, 400, "192k"),
        ({"watermark": {"volume": 0}}, 400, "volume"),
        ({"watermark": True}, 400, "watermark"),
        ({"source": "pitches/7/cover.PNG"}, 415, "flac"),
        ({"source": "https://example.com/a.pdf?x=1"}, 415, "flac"),
        ({"source": result}, 409, "original"),
    ]:
        answer = server.post("/v1/jobs", {**good, **wrong})
        assert answer.status == status and words in answer.json["error"], (wrong, answer)
    assert server.post("/v1/jobs", {"type": "cleanup", "keys": [original], "final_key": result}).status == 400
    assert server.get("/v1/jobs").json["jobs"] == []


def test_what_is_no_original_fails_with_the_reason(server, media, tmp_path):
    text = tmp_path / "a.mp3"
    text.write_text("not audio " * 500)
    job = server.post("/v1/jobs", {"type": "process", "source": server.upload(text), "pitch_id": "7"})
    ended = server.wait_for_job(job.json["id"])
    assert ended["state"] == "failed" and "Send mp3, wav, flac" in ended["error"]
    # a copy of a result, wherever it lies, says in its metadata that it was processed
    original = server.upload(media.wav())
    key = server.post("/transcode", {"file_url": original}).json["s3_key"]
    root = server.data / "objects" / "fadeout"
    for suffix in ("", ".fadeout-meta"):
        shutil.copy2(root / (key + suffix), root / ("pitches/7/copy.mp3" + suffix))
    job = server.post("/v1/jobs", {"type": "process", "source": "pitches/7/copy.mp3", "pitch_id": "7"})
    ended = server.wait_for_job(job.json["id"])
    assert ended["state"] == "failed" and "already processed" in ended["error"]


def test_a_process_job_runs_in_process_without_a_function(server, media):
    original = server.upload(media.wav())
    before = (server.data / "objects" / "fadeout" / original).read_bytes()
    body = {"type": "process", "source": original, "pitch_id": "7", "target_format": "flac", "webhook": None}
    first = server.wait_for_job(server.post("/v1/jobs", body).json["id"])
    again = server.wait_for_job(server.post("/v1/jobs", body).json["id"])
    assert first["state"] == "done" and first["progress"] == 100
    assert list(first["result"]) == RESULT_MEMBERS and first["result"]["processing_method"] == "local"
    assert again["result"]["reused"] is True
    assert server.objects() == sorted([original, first["result"]["output_path"]])
    assert (server.data / "objects" / "fadeout" / original).read_bytes() == before


def test_damage_that_was_decoded_over_is_told(server, media):
    original = server.upload(media.damaged(), "audio/mpeg")
    body = {"type": "process", "source": original, "pitch_id": "7"}
    first, again = (server.wait_for_job(server.post("/v1/jobs", body).json["id"])["result"] for _ in range(2))
    [warning] = first["warnings"]
    assert "replaced by silence" in warning and again["reused"] and again["warnings"] == first["warnings"]
    assert f"{first['output_path']}: {warning}" in server.log
