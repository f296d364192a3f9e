"""What else goes on while a remote function is at work: nobody waits for it who need not."""

import threading
import time

from fadeout_server import wait_for
from function_server import Function
from processing import RESULT, success


def process(server, original):
    return server.post("/v1/jobs", {"type": "process", "source": original, "pitch_id": "7"}).json["id"]


def test_a_server_may_be_its_own_function(start_server, media):
    """What docs/migrating.md lets the caller set may be set for fadeout itself."""
    with Function(lambda request: server.post("/transcode", request["body"]).json) as front:
        server = start_server("--processor-timeout", "20s", env={"AWS_LAMBDA_AUDIO_PROCESSOR_URL": front.url})
        original = server.upload(media.damaged(), "audio/mpeg")
        job = server.wait_for_job(process(server, original))
    assert job["state"] == "done" and job["result"]["warnings"], job
    result = job["result"]
    assert result["processing_method"] == "direct" and "reused" not in result, server.log
    assert RESULT.fullmatch(result["output_path"]) and len(front.requests) == 1
    [warnings] = server.objects("renders/7/")
    assert warnings.endswith(".warnings") and server.objects("pitches/") == sorted([original, result["output_path"]])


def test_a_slow_function_does_not_hold_up_transcode(start_server, media):
    go_on = threading.Event()

    def answer(request):
        go_on.wait(30)
        return success(output_url=function.url + "/x.mp3")

    with Function(answer) as function:
        function.outputs["/x.mp3"] = media.encoded("mp3").read_bytes()
        server = start_server("--processor-url", function.url, "--source-allow", "127.0.0.1")
        original = server.upload(media.wav())
        job = process(server, original)
        wait_for(lambda: function.requests)
        rendered = server.post("/transcode", {"file_url": original, "pitch_id": "7"}, timeout_s=15).json
        assert "reused" not in rendered and rendered["s3_key"]
        go_on.set()
        result = server.wait_for_job(job)["result"]
    assert result["reused"] is True and result["output_path"] == rendered["s3_key"], "one result, and no failure"
    assert "Another node was first" in server.log
    assert server.objects() == sorted([original, rendered["s3_key"]])


def test_the_same_process_job_meanwhile_waits_and_reuses_the_result(start_server, media):
    def answer(request):
        wait_for(lambda: [job["state"] for job in server.get("/v1/jobs").json["jobs"]] == ["leased"] * 2)
        time.sleep(1)  # for the second to come here too, if it did not wait
        return success(output_url=function.url + "/x.mp3")

    with Function(answer) as function:
        function.outputs["/x.mp3"] = media.encoded("mp3").read_bytes()
        server = start_server("--jobs", 2, "--processor-url", function.url, "--source-allow", "127.0.0.1")
        original = server.upload(media.wav())
        ids = [process(server, original) for _ in range(2)]
        results = [server.wait_for_job(job_id)["result"] for job_id in ids]
        assert len(function.requests) == 1
    assert len({result["output_path"] for result in results}) == 1
    assert sorted((result.get("reused", False), result["processing_method"]) for result in results) == [
        (False, "aws_lambda"),
        (True, "local"),
    ]
