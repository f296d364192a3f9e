"""What a remote function left behind is deleted in time, whatever becomes of the run, and nothing else."""

import json
import time
import uuid

import pytest

from function_server import Function
from processing import ERROR_DOCUMENT, ORIGINAL, due_in_s, success


def old_way(place, temp_files):
    function = Function(lambda request: success(output_url=function.url + "/x", temp_files=temp_files))
    function.outputs["/x"] = place.mp3
    return function


def test_the_scheduled_cleanup_survives_a_restart(place, start_server):
    temporary = place.put("processed-audio/7/x.mp3", place.mp3)
    with old_way(place, [temporary, "http://elsewhere.example/y.mp3"]) as function:
        flags = ("--processor-url", function.url, "--source-allow", "127.0.0.1", "--cleanup-delay", "4s")
        server = start_server(*flags, data=place.data)
        job = server.post("/v1/jobs", {"type": "process", "source": ORIGINAL, "pitch_id": "7"}).json["id"]
        result = server.wait_for_job(job)["result"]
        server.kill()
    assert result["processing_method"] == "aws_lambda"
    assert place.cleanups()[0]["state"] == "queued" and temporary in place.objects()
    restarted = start_server(data=place.data)
    [cleanup] = place.cleanups()
    done = restarted.wait_for_job(cleanup["id"])
    assert (done["result"]["deleted"], done["result"]["refused"]) == (1, 0)
    assert done["result"]["bytes"] == len(place.mp3)
    assert place.objects() == sorted([ORIGINAL, result["output_path"]])


def test_what_is_not_temporary_is_refused(place, start_server):
    """The cleanup is progressive: due at once."""
    speech = f"temp-audio/2026-11-20/{uuid.uuid4()}.wav"
    kept = [ORIGINAL, "pitches/7/processed/other.mp3", "uploads/1/x.wav", speech, "elsewhere/x.mp3"]
    for key in kept[1:]:
        place.put(key, place.mp3)
    temporary = place.put("processed-audio/7/x.mp3", place.mp3)
    with old_way(place, [*kept, "../x", "pitches", temporary, temporary]) as function:
        flags = ("--processor-url", function.url, "--source-allow", "127.0.0.1", "--cleanup-progressive")
        server = start_server(*flags, data=place.data)
        job = server.post("/v1/jobs", {"type": "process", "source": ORIGINAL, "pitch_id": "7"}).json["id"]
        result = server.wait_for_job(job)["result"]
    [cleanup] = place.cleanups()
    done = server.wait_for_job(cleanup["id"], timeout_s=10)
    assert done["result"] == {
        **{"deleted": 1, "refused": 7, "failed": 0, "bytes": len(place.mp3), "reason": None}
    }
    assert place.objects() == sorted([*kept, result["output_path"]])
    for key in [*kept, "../x", "pitches"]:
        assert f"Temporary file cleanup refused {key}: " in server.log


def test_the_final_object_itself_is_never_deleted(place, start_server):
    with old_way(place, []) as function:
        final = place.process(function.url, "--cleanup-delay", "0s")[0]["output_path"]
    assert place.cleanups() == [], "nothing is temporary"
    (place.root / final).unlink()
    with old_way(place, [final, "processed-audio/7/x.mp3"]) as function:
        assert place.process(function.url, "--cleanup-delay", "0s")[0]["output_path"] == final
    server = start_server(data=place.data)
    [cleanup] = place.cleanups()
    assert server.wait_for_job(cleanup["id"])["result"]["refused"] == 1
    assert f"Temporary file cleanup refused {final}: it is the final object" in server.log
    assert place.objects() == sorted([ORIGINAL, final])


def test_killed_while_it_fetches_the_output(place, start_server):
    """The clean-up is queued before that, and waits until the result is stored after all."""
    temporary = place.put("processed-audio/7/x.mp3", place.mp3)
    with old_way(place, [temporary]) as function:
        function.outputs["/x"] = None
        flags = ("--processor-url", function.url, "--source-allow", "127.0.0.1", "--cleanup-delay", "1s")
        server = start_server(*flags, data=place.data)
        server.post("/v1/jobs", {"type": "process", "source": ORIGINAL, "pitch_id": "7"})
        end = time.monotonic() + 20
        while "/x" not in function.fetched:
            assert time.monotonic() < end
            time.sleep(0.05)
        server.kill()
    [cleanup] = place.cleanups()
    assert cleanup["state"] == "queued" and cleanup["cleans"]["keys"] == [temporary]
    restarted = start_server("--cleanup-delay", "1s", data=place.data)
    end = time.monotonic() + 20
    while not (waiting := restarted.get(f"/v1/jobs/{cleanup['id']}").json)["error"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "is not stored yet" in waiting["error"] and temporary in place.objects()
    done = place.call("process", ORIGINAL, "--pitch-id", "7", "--json", "--data", place.data)
    final = json.loads(done.stdout)["output_path"]
    assert restarted.wait_for_job(cleanup["id"])["result"]["deleted"] == 1
    assert place.objects() == sorted([ORIGINAL, final])


def test_what_a_run_that_fails_left_behind_is_scheduled_too(place, start_server):
    """The function answers, its output is no audio, and the original cannot be rendered here either."""
    temporary = place.put("processed-audio/7/x.mp3", b"x")
    wav = (place.root / ORIGINAL).read_bytes()
    place.put(ORIGINAL, wav[: len(wav) // 2])  # it begins well and ends too early
    with old_way(place, [temporary]) as function:
        function.outputs["/x"] = ERROR_DOCUMENT
        server = start_server("--processor-url", function.url, "--source-allow", "127.0.0.1", data=place.data)
        job = server.post("/v1/jobs", {"type": "process", "source": ORIGINAL, "pitch_id": "7"}).json["id"]
        assert server.wait_for_job(job)["state"] == "failed"
    [cleanup] = place.cleanups()
    assert cleanup["cleans"]["keys"] == [temporary] and due_in_s(cleanup) == pytest.approx(3600, abs=60)


def test_the_original_is_refused_and_counted(place, start_server):
    """Also where it lies under a temporary prefix."""
    original = place.put("processed-audio/7/song.wav", (place.root / ORIGINAL).read_bytes())
    with old_way(place, [original]) as function:
        function.outputs["/x"] = place.mp3
        flags = ("--processor-url", function.url, "--source-allow", "127.0.0.1", "--cleanup-progressive")
        server = start_server(*flags, data=place.data)
        job = server.post("/v1/jobs", {"type": "process", "source": original, "pitch_id": "7"}).json["id"]
        assert server.wait_for_job(job)["result"]["processing_method"] == "aws_lambda"
    [cleanup] = place.cleanups()
    assert server.wait_for_job(cleanup["id"], timeout_s=10)["result"]["refused"] == 1
    assert f"Temporary file cleanup refused {original}: it is the original" in server.log
    assert server.get("/v1/report").json["temporary_files"]["refused"] == 1
    assert original in place.objects()


def test_cleanup_can_be_switched_off(place):
    temporary = place.put("processed-audio/7/x.mp3", place.mp3)
    with old_way(place, [temporary]) as function:
        result, log = place.process(function.url, env={"AUDIO_CLEANUP_TEMP_FILES": "false"})
    assert result["processing_method"] == "aws_lambda" and "Scheduling" not in log
    assert place.cleanups() == [] and temporary in place.objects()


def test_the_original_names_of_the_settings(place):
    with old_way(place, ["processed-audio/7/x.mp3"]) as function:
        env = {"AWS_LAMBDA_AUDIO_PROCESSOR_URL": function.url, "AUDIO_CLEANUP_DELAY_MINUTES": "30"}
        done = place.call(
            *("process", ORIGINAL, "--pitch-id", "7", "--data", place.data, "--source-allow", "127.0.0.1"), env=env
        )
    assert done.returncode == 0 and "aws_lambda" in done.stdout
    assert due_in_s(place.cleanups()[0]) == pytest.approx(1800, abs=60)


def test_the_report_counts_files_over_all_attempts(place, start_server):
    """One of three is written anew shortly before it is due, and waits for its own time."""
    early = [place.put(f"processed-audio/7/{name}.mp3", place.mp3) for name in "ab"]
    late = place.put("processed-audio/7/c.mp3", place.mp3)
    with old_way(place, [*early, late]) as function:
        flags = ("--processor-url", function.url, "--source-allow", "127.0.0.1", "--cleanup-delay", "3s")
        server = start_server(*flags, data=place.data)
        job = server.post("/v1/jobs", {"type": "process", "source": ORIGINAL, "pitch_id": "7"}).json["id"]
        server.wait_for_job(job)
    counts = server.get("/v1/report").json["temporary_files"]
    assert counts == {"cleaned": 0, "waiting": 3, "refused": 0, "failed": 0}
    time.sleep(1.5)
    place.put(late, place.mp3)
    [cleanup] = place.cleanups()
    done = server.wait_for_job(cleanup["id"])
    assert done["attempts"] > 1 and done["result"]["deleted"] == 3
    counts = server.get("/v1/report").json["temporary_files"]
    assert counts == {"cleaned": 3, "waiting": 0, "refused": 0, "failed": 0}
