"""Durable jobs: accepted means done, whatever is killed, and done means once."""

import json
import re
import signal
import subprocess
import time

import pytest

from http_source import Source


def submit(server, key=None, **body):
    headers = {"Idempotency-Key": key} if key else {}
    return server.post("/v1/jobs", body, headers=headers)


def test_a_transcode_job_runs(server, media):
    original = server.upload(media.wav())
    made = submit(server, type="transcode", file_url=original, target_format="flac")
    assert made.status == 202, made
    job = server.wait_for_job(made.json["id"])
    assert job["state"] == "done" and job["progress"] == 100 and job["attempts"] == 1
    assert set(job) >= {"id", "type", "state", "progress", "attempts", "created_at", "updated_at", "run_at", "result", "error"}
    assert server.get(job["result"]["output_url"]).status == 200


def test_idempotency_keys(server):
    first = submit(server, key="abc", type="speak", text="Once.")
    again = submit(server, key="abc", type="speak", text="Once.")
    other = submit(server, key="abc", type="speak", text="Twice.")
    assert (first.status, again.status, other.status) == (202, 202, 422)
    assert first.json["id"] == again.json["id"]
    server.wait_for_job(first.json["id"])
    assert len(server.objects()) == 1


@pytest.mark.parametrize(
    "body", [{}, {"type": "bake"}, {"type": "speak"}, {"type": "transcode"}, {"type": 5, "text": "x"}]
)
def test_wrong_jobs_are_refused_at_once(server, body):
    answer = server.post("/v1/jobs", body)
    assert answer.status == 400, answer
    assert server.get("/v1/jobs").json["jobs"] == []


def test_a_job_that_cannot_succeed_fails_with_the_reason(server, tmp_path):
    text = tmp_path / "a.mp3"
    text.write_text("not audio " * 100)
    job = submit(server, type="transcode", file_url=server.upload(text, "audio/mpeg")).json
    ended = server.wait_for_job(job["id"])
    assert ended["state"] == "failed" and ended["error"] and ended["attempts"] == 1
    assert server.post(f"/v1/jobs/{job['id']}/retry", {}).status in (200, 202)
    assert server.wait_for_job(job["id"])["state"] == "failed"
    assert server.get("/v1/jobs?state=failed&type=transcode").json["jobs"][0]["id"] == job["id"]


def test_cancel(start_server, media):
    server = start_server("--jobs", "1")
    key = server.upload(media.wav(seconds=600))
    long_job = submit(server, type="transcode", file_url=key).json["id"]
    waiting = submit(server, type="transcode", file_url=key, target_bitrate="128k").json["id"]
    assert server.request("DELETE", f"/v1/jobs/{waiting}").status == 200
    assert server.get(f"/v1/jobs/{waiting}").json["state"] == "cancelled"
    server.wait_for_job(long_job, states=("leased",))
    assert server.request("DELETE", f"/v1/jobs/{long_job}").status == 200
    assert server.wait_for_job(long_job)["state"] == "cancelled"
    time.sleep(1)
    assert server.objects() == [key]


@pytest.fixture
def trickling_job(start_server, media):
    """A server with one thread for jobs, and a job on it whose source sends a byte every 0.1 s."""
    server = start_server("--jobs", "1", "--source-allow", "127.0.0.1", "--http-shutdown-grace", "1s")
    with Source(media.wav(seconds=30).read_bytes(), ranges=False, trickle_after=1000) as source:
        job = submit(server, type="transcode", file_url=source.url("/song.wav")).json["id"]
        assert source.trickling.wait(10)
        yield server, job


def test_cancelling_ends_a_job_whose_source_trickles(trickling_job):
    server, job = trickling_job
    assert server.request("DELETE", f"/v1/jobs/{job}").status == 200
    next_job = submit(server, type="speak", text="My turn.").json["id"]
    assert server.wait_for_job(next_job, timeout_s=15)["state"] == "done", "the thread is free again"
    assert server.get(f"/v1/jobs/{job}").json["state"] == "cancelled"


def test_sigterm_puts_a_job_back_whose_source_trickles(trickling_job, start_server):
    server, job = trickling_job
    begin = time.monotonic()
    assert server.terminate() == 0
    assert time.monotonic() - begin < 5
    restarted = start_server("--jobs", "1", data=server.data)  # where the source's address is not allowed
    ended = restarted.wait_for_job(job, timeout_s=10)
    assert ended["attempts"] == 1, "the run that was put back does not count"


def test_events_tell_the_progress(server, media):
    key = server.upload(media.wav(seconds=120))
    job = submit(server, type="transcode", file_url=key).json["id"]
    body = server.get(f"/v1/jobs/{job}/events").body.decode()
    events = [json.loads(line[5:]) for line in body.splitlines() if line.startswith("data:")]
    assert events[-1]["state"] == "done" and events[-1]["progress"] == 100
    assert [e["progress"] for e in events] == sorted(e["progress"] for e in events)


def test_killed_during_a_transcode_the_job_runs_again_within_35_s(start_server, media):
    server = start_server()
    key = server.upload(media.wav(seconds=1800))
    job = submit(server, type="transcode", file_url=key).json["id"]
    server.wait_for_job(job, states=("leased",))
    time.sleep(1)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    assert server.objects() == [key], "something is at the final key"
    restarted = start_server(data=server.data)
    begin = time.monotonic()
    while restarted.get(f"/v1/jobs/{job}").json["attempts"] < 2:
        assert time.monotonic() - begin < 35
        time.sleep(0.2)
    ended = restarted.wait_for_job(job, timeout_s=120)
    assert ended["state"] == "done"
    assert restarted.objects() == sorted([key, ended["result"]["s3_key"]])


def test_sigterm_puts_a_running_job_back(start_server, media):
    server = start_server(env={"FADEOUT_HTTP_SHUTDOWN_GRACE": "1s"})
    key = server.upload(media.wav(seconds=1800))
    job = submit(server, type="transcode", file_url=key).json["id"]
    server.wait_for_job(job, states=("leased",))
    begin = time.monotonic()
    assert server.terminate() == 0
    assert time.monotonic() - begin < 10
    assert server.objects() == [key]
    restarted = start_server(data=server.data)
    begin = time.monotonic()
    restarted.wait_for_job(job, states=("leased", "done"), timeout_s=5)


def test_workers_of_one_machine_need_no_ports(program, tmp_path):
    def port_of(log):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if found := re.search(r"\(port (\d+)\)", log.read_text()):
                return int(found[1])
            time.sleep(0.05)
        raise AssertionError(log.read_text())

    logs = [tmp_path / f"{i}.log" for i in range(2)]
    workers = [
        subprocess.Popen([program, "worker", "--data", tmp_path / "data"], stderr=log.open("wb")) for log in logs
    ]
    try:
        ports = {port_of(log) for log in logs}
        assert len(ports) == 2 and 8080 not in ports
        told = tmp_path / "told.log"
        flags = ["--data", tmp_path / "data", "--listen", "127.0.0.1:8080"]
        workers.append(subprocess.Popen([program, "worker", *flags], stderr=told.open("wb")))
        assert port_of(told) == 8080, "a port that was named is taken, also the default one"
    finally:
        for worker in workers:
            worker.terminate()
            assert worker.wait(20) == 0
