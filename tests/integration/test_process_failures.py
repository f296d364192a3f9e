"""Processing where the remote function fails: fadeout renders in process, and loses nothing."""

import shutil
import time

import pytest

from fadeout_server import free_port
from function_server import Function
from media import decode_errors, probe
from processing import ERROR_DOCUMENT, ORIGINAL, RESULT, success


def says(said):
    return lambda function, place: said


def output(content, status=200):
    def answer(function, place):
        function.outputs["/x"] = (status, content)
        return success(output_url=function.url + "/x", temp_files=["processed-audio/x.mp3"])

    return answer


def somebody_elses_object(function, place):
    return success(output_url=place.link(place.put("pitches/8/secret.wav", place.mp3)))


FAILURES = {
    "status-500": (says((500, {}, b"oops")), "status 500"),
    "status-301": (says((301, {"Location": "http://127.0.0.1:1/"}, b"")), "status 301"),
    "timeout": (says(None), "in time"),
    "garbage": (says(b"\x00\xff garbage"), "no JSON"),
    "html": (says((200, {"Content-Type": "text/html"}, b"<html><body>hello</body></html>")), "no JSON"),
    "empty": (says(b""), "no JSON"),
    "huge": (says(b'{"x":"' + b"x" * (2 << 20) + b'"}'), "more than was asked for"),
    "deep": (says(b"[" * 100_000), "no JSON"),
    "no-success": (says({"success": False, "error": "codec missing"}), "codec missing"),
    "envelope-502": (says({"statusCode": 502, "body": '{"error": "no memory"}'}), "no memory"),
    "wrong-types": (says({"success": True, "s3_key": 5}), "s3_key must be a string"),
    "nothing-named": (says({"success": True}), "no output_url"),
    "output-key": (says({"success": True, "output_url": "pitches/7/song.wav"}), "no output_url"),
    "output-file": (says({"success": True, "output_url": "file:///etc/passwd"}), "no output_url"),
    "output-empty": (output(b""), "empty"),
    "output-short": (output(b"\xff\xfb" * 511), "1022 bytes"),
    "output-error": (output(ERROR_DOCUMENT), "<Error>"),
    "output-404": (output(b"x" * 5000, 404), "status 404"),
    "output-private": (says(success(output_url="http://169.254.169.254/latest/meta-data")), "not public"),
    "output-of-another-pitch": (somebody_elses_object, "somebody else"),
}


NAME_TEMPORARY_OBJECTS = {"output-empty", "output-short", "output-error", "output-404", "output-of-another-pitch"}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_function_that_fails_is_stood_in_for(place, failure, tmp_path):
    answer, reason = FAILURES[failure]
    with Function(lambda request: answer(function, place)) as function:
        before = time.monotonic()
        result, log = place.process(function.url, "--processor-timeout", "2s")
        assert time.monotonic() - before < 20
        assert len(function.requests) == 1
    assert result["processing_method"] == "local" and RESULT.fullmatch(result["output_path"])
    assert "The remote processor failed, processing in process" in log and reason in log, log
    assert f"Uploading directly to final destination: {result['output_path']}" in log
    out = tmp_path / "out.mp3"
    shutil.copy(place.root / result["output_path"], out)
    assert decode_errors(out) == "" and float(probe(out)["format"]["duration"]) == pytest.approx(3, abs=0.1)
    assert set(place.objects()) - {"pitches/8/secret.wav"} == {ORIGINAL, result["output_path"]}
    # What was named in an answer that could be understood is cleaned up behind the result of this process.
    scheduled = "Scheduling temporary file cleanup: 1 at "
    named = failure in NAME_TEMPORARY_OBJECTS
    assert len(place.cleanups()) == named and (scheduled in log) == named
    assert not named or f", behind {result['output_path']}" in log


def test_another_node_that_was_first_is_no_failure(place):
    temporary = place.put("processed-audio/7/x.mp3", place.mp3)

    def answer(request):
        place.call("process", ORIGINAL, "--pitch-id", "7", "--data", place.data)
        return success(output_url=function.url + "/x", temp_files=[temporary])

    with Function(answer) as function:
        function.outputs["/x"] = place.mp3
        result, log = place.process(function.url)
    assert result["processing_method"] == "local" and result["reused"] is True
    assert "failed" not in log and "Another node was first" in log
    assert len(place.cleanups()) == 1 and f", behind {result['output_path']}" in log


def test_a_function_that_is_down_is_stood_in_for(place):
    result, log = place.process(f"http://127.0.0.1:{free_port()}")
    assert result["processing_method"] == "local" and "could not be reached" in log


def test_an_output_on_a_private_address_is_not_fetched(place):
    with Function(lambda request: success(output_url=function.url + "/x")) as function:
        function.outputs["/x"] = place.mp3
        result, log = place.process(function.url, allow=False)
        assert result["processing_method"] == "local" and function.fetched == []
