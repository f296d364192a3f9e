"""Webhooks, received by a real server of this test. The signature is checked by the code that the docs show."""

import json
import pathlib
import re
import signal
import subprocess
import time

import pytest

from fadeout_server import Server
from webhook_endpoint import Endpoint

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def snippet(language):
    page = (ROOT / "docs/http-api.md").read_text()
    return re.search(rf"```{language}\n(.*?)```", page, re.S).group(1)


def by_python():
    names = {}
    exec(snippet("python"), names)
    return names["is_from_fadeout"]


def by_php():
    def check(secret, headers, body):
        asked = {"secret": secret, "headers": {k.lower(): v for k, v in headers.items()}, "body": body.decode()}
        program = (
            f"{snippet('php')} $in = json_decode(stream_get_contents(STDIN), true);"
            "echo is_from_fadeout($in['secret'], $in['headers'], $in['body']) ? 'yes' : 'no';"
        )
        done = subprocess.run(["php", "-r", program], input=json.dumps(asked).encode(), capture_output=True, timeout=30)
        assert done.stdout in (b"yes", b"no"), done
        return done.stdout == b"yes"

    return check


@pytest.fixture(params=[by_python, by_php], ids=["python", "php"])
def is_from_fadeout(request):
    return request.param()


@pytest.fixture
def start(start_server, tmp_path):
    """start(endpoint) -> a server that has two secrets for it and may reach it."""

    def call(endpoint, *flags, allow=True, **more):
        secrets = tmp_path / "secrets.txt"
        secrets.write_text(f"# ours\n{endpoint.url} {SECRET}\n{endpoint.url} {NEW_SECRET}\n")
        allowed = ("--source-allow", "127.0.0.1") if allow else ()
        return start_server("--webhook-secret-file", secrets, *allowed, *flags, **more)

    return call


def submit(server, endpoint, **body):
    answer = server.post("/v1/jobs", {"type": "speak", "text": "Hello.", "webhook": endpoint.url, **body})
    assert answer.status == 202, answer
    return answer.json["id"]


def delivery_of(server, job_id, **more):
    """The delivery of a job's webhook, once it has ended."""
    return server.wait_for_job(server.wait_for_job(job_id)["webhook"], **more)


def wait_for_attempts(server, job_id, attempts, timeout_s=30):
    """The delivery after so many failed attempts, waiting for the next."""
    delivery = server.wait_for_job(job_id)["webhook"]
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        job = server.get(f"/v1/jobs/{delivery}").json
        if job["state"] == "queued" and job["attempts"] == attempts:
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def test_every_end_is_told_once_and_signed(start, is_from_fadeout, tmp_path):
    damaged = tmp_path / "a.mp3"
    damaged.write_text("not audio " * 100)
    with Endpoint() as endpoint:
        server = start(endpoint, "--jobs", "1")
        key = server.upload(damaged, "audio/mpeg")
        done = submit(server, endpoint)
        failed = submit(server, endpoint, type="transcode", file_url=key)
        spoken = server.post("/tts/jobs", {"text": "Hello.", "webhook": endpoint.url}).json["id"]
        for count, job_id in enumerate((done, failed, spoken), 1):
            delivery = delivery_of(server, job_id)
            assert delivery["state"] == "done" and delivery["attempts"] == 1, delivery
            assert delivery["result"] == {"status": 200} and delivery["type"] == "webhook"
            assert delivery["delivers"]["job_id"] == job_id and delivery["delivers"]["url"] == endpoint.url
        silent = server.post("/v1/jobs", {"type": "speak", "text": "No webhook."}).json["id"]
        assert server.wait_for_job(silent)["webhook"] is None
        time.sleep(1)
        assert len(endpoint.received) == 3
        by_job = {message.json["data"]["id"]: message for message in endpoint.received}
        for job_id, event in ((done, "job.done"), (failed, "job.failed"), (spoken, "job.done")):
            message, job = by_job[job_id], server.get(f"/v1/jobs/{job_id}").json
            assert message.json["type"] == event and message.json["timestamp"] == job["updated_at"]
            assert message.id == job.pop("webhook")
            assert message.json["data"] == job
            for secret in (SECRET, NEW_SECRET):
                assert is_from_fadeout(secret, message.headers, message.body)
                assert not is_from_fadeout(secret, message.headers, message.body + b" ")
            assert not is_from_fadeout("whsec_" + "A" * 32, message.headers, message.body)
        assert "whsec_" not in server.log and SECRET[6:] not in server.log


def test_a_cancelled_job_is_told_and_each_further_end(start):
    with Endpoint() as endpoint:
        server = start(endpoint, "--jobs", "0")
        job_id = submit(server, endpoint)
        assert server.request("DELETE", f"/v1/jobs/{job_id}").status == 200
        assert server.get(f"/v1/jobs/{server.get(f'/v1/jobs/{job_id}').json['webhook']}").json["state"] == "queued"
        assert endpoint.received == [], "this node runs no jobs"
        server.terminate()
        server = start(endpoint, data=server.data)
        assert endpoint.wait_for(1).json["type"] == "job.cancelled"
        assert server.post(f"/v1/jobs/{job_id}/retry", {}).status == 202
        assert endpoint.wait_for(2).json["type"] == "job.done"
        assert endpoint.received[0].id != endpoint.received[1].id


def test_what_ends_by_the_command_line_is_told_by_the_next_server(start, run):
    with Endpoint() as endpoint:
        server = start(endpoint, "--jobs", "0")
        job_id = submit(server, endpoint)
        server.terminate()
        assert run("jobs", "cancel", job_id, "--data", server.data).returncode == 0
        server = start(endpoint, data=server.data)
        assert endpoint.wait_for(1).json["data"]["id"] == job_id


def test_a_failed_attempt_is_repeated_after_5_s(start):
    with Endpoint(503, 200) as endpoint:
        server = start(endpoint)
        job_id = submit(server, endpoint)
        waiting = wait_for_attempts(server, job_id, 1)
        assert waiting["error"] == "The endpoint answered 503."
        delivery = delivery_of(server, job_id)
        assert delivery["state"] == "done" and delivery["attempts"] == 2 and delivery["error"] is None
        first, second = endpoint.received
        assert 5 <= second.at - first.at < 8
        assert first.id == second.id == delivery["id"] and first.body == second.body
        assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


def test_an_endpoint_may_ask_for_more_time(start):
    with Endpoint((429, {"Retry-After": "8"}), 200) as endpoint:
        server = start(endpoint)
        delivery = delivery_of(server, submit(server, endpoint))
        assert delivery["state"] == "done" and delivery["attempts"] == 2
        first, second = endpoint.received
        assert 8 <= second.at - first.at < 11


def test_410_stops(start):
    with Endpoint(410) as endpoint:
        server = start(endpoint)
        delivery = delivery_of(server, submit(server, endpoint))
        assert delivery["state"] == "failed" and delivery["attempts"] == 1 and "410" in delivery["error"]


def test_redirects_are_not_followed(start):
    with Endpoint(307) as endpoint:
        server = start(endpoint)
        assert "307" in wait_for_attempts(server, submit(server, endpoint), 1)["error"]
        assert [message.path for message in endpoint.received] == ["/hooks"]


def test_an_address_that_is_not_allowed_is_never_reached(start):
    with Endpoint() as endpoint:
        server = start(endpoint, allow=False)
        delivery = delivery_of(server, submit(server, endpoint))
        assert delivery["state"] == "failed" and "--source-allow" in delivery["error"]
        assert endpoint.received == []


def test_a_webhook_without_secret_is_refused_at_once(start, start_server, tmp_path):
    with Endpoint() as endpoint:
        server = start(endpoint)
        for url in ("https://elsewhere.example/hooks", endpoint.url + "2", endpoint.url.replace("//", "//user:pw@"), "mailto:me", "", 7):
            for route in ("/v1/jobs", "/tts/jobs"):
                answer = server.post(route, {"type": "speak", "text": "x", "webhook": url})
                assert answer.status == 400, (url, answer)
        answer = server.post("/v1/jobs", {"type": "speak", "text": "x", "webhook": "https://elsewhere.example/hooks"})
        assert "webhooks.secret_file" in answer.json["error"] and "elsewhere.example" in answer.json["error"]
        assert server.get("/v1/jobs").json["jobs"] == []
        assert server.post("/v1/jobs", {"type": "webhook", "url": endpoint.url}).status == 400


def test_a_bad_file_of_secrets_stops_the_start(run, tmp_path):
    (tmp_path / "secrets.txt").write_text("https://a.example whsec_short\n")
    done = run("serve", "--data", tmp_path / "d", "--webhook-secret-file", "secrets.txt")
    assert done.returncode == 2 and "Line 1" in done.stderr and "short" not in done.stderr


def test_resend(start, run):
    with Endpoint() as endpoint:
        server = start(endpoint)
        job_id = submit(server, endpoint)
        first = delivery_of(server, job_id)
        again = server.post(f"/v1/jobs/{job_id}/resend", {})
        assert again.status == 202 and again.json["id"] == first["id"], again
        assert endpoint.wait_for(2).id == first["id"]
        assert run("jobs", "resend", first["id"], "--data", server.data).returncode == 0
        assert endpoint.wait_for(3).body == endpoint.received[0].body
        silent = server.post("/v1/jobs", {"type": "speak", "text": "No webhook."}).json["id"]
        assert server.post(f"/v1/jobs/{silent}/resend", {}).status == 409
        assert server.post("/v1/jobs/absent/resend", {}).status == 404


def test_resend_does_not_wait_for_the_next_attempt(start):
    with Endpoint(503, 503, 200) as endpoint:
        server = start(endpoint)
        job_id = submit(server, endpoint)
        wait_for_attempts(server, job_id, 2)  # the next one comes after 5 min
        assert server.post(f"/v1/jobs/{job_id}/resend", {}).status == 202
        assert delivery_of(server, job_id)["state"] == "done"


def test_a_slow_endpoint_holds_no_other_job_up(start):
    with Endpoint("stall", 200) as endpoint:
        server = start(endpoint, "--jobs", "1", "--webhooks-threads", "1")
        job_id = submit(server, endpoint)
        begin = endpoint.wait_for(1).at
        other = server.post("/v1/jobs", {"type": "speak", "text": "Meanwhile."}).json["id"]
        assert server.wait_for_job(other, timeout_s=5)["state"] == "done"
        waiting = wait_for_attempts(server, job_id, 1)
        assert 14 < time.monotonic() - begin < 17
        assert waiting["error"] == "The endpoint did not answer within 15s."


def test_sigterm_puts_a_delivery_back(start):
    with Endpoint("stall", 200) as endpoint:
        server = start(endpoint, env={"FADEOUT_HTTP_SHUTDOWN_GRACE": "1s"})
        job_id = submit(server, endpoint)
        endpoint.wait_for(1)
        begin = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - begin < 5
        server = start(endpoint, data=server.data)
        assert delivery_of(server, job_id)["attempts"] == 1, "the attempt that was given up does not count"


def test_killed_while_it_delivers_the_message_comes_again(start):
    with Endpoint("stall", 200) as endpoint:
        server = start(endpoint)
        job_id = submit(server, endpoint)
        endpoint.wait_for(1)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        server = start(endpoint, data=server.data)
        assert endpoint.wait_for(2, timeout_s=40).id == endpoint.received[0].id
        assert delivery_of(server, job_id)["state"] == "done"


def test_killed_between_a_jobs_end_and_its_delivery(start):
    """Nothing is between them: each job that is found ended after a kill has its delivery."""
    with Endpoint() as endpoint:
        server = start(endpoint, "--jobs", "4", "--webhooks-threads", "1")
        jobs = [submit(server, endpoint, text=f"Number {i}.") for i in range(100)]
        endpoint.wait_for(1)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        server = start(endpoint, "--jobs", "0", data=server.data)
        states = [server.get(f"/v1/jobs/{job}").json for job in jobs]
        assert any(job["state"] == "done" for job in states)
        for job in states:
            assert (job["webhook"] is not None) == (job["state"] == "done"), job
        server.terminate()
        server = start(endpoint, "--jobs", "4", data=server.data)
        end = time.monotonic() + 60
        while {message.json["data"]["id"] for message in endpoint.received} != set(jobs):
            assert time.monotonic() < end
            time.sleep(0.1)


def test_with_a_shared_queue_the_workers_deliver(start, program, backends, tmp_path):
    with Endpoint() as endpoint:
        server = start(endpoint, "--queue", backends["queue"])
        job_id, cancelled = submit(server, endpoint), submit(server, endpoint)
        server.request("DELETE", f"/v1/jobs/{cancelled}")
        flags = ("--webhook-secret-file", tmp_path / "secrets.txt", "--source-allow", "127.0.0.1")
        flags = ("--queue", backends["queue"], *flags)
        worker = Server(program, tmp_path / "worker", flags, role="worker")
        try:
            worker.wait_until_ready()
            assert {delivery_of(server, each)["state"] for each in (job_id, cancelled)} == {"done"}
            events = {message.json["data"]["id"]: message.json["type"] for message in endpoint.received}
            assert events == {job_id: "job.done", cancelled: "job.cancelled"}
            assert server.post(f"/v1/jobs/{job_id}/resend", {}).status == 202
            endpoint.wait_for(3)
        finally:
            worker.kill()


def test_a_node_that_lacks_the_secret_tries_again_later(start, tmp_path):
    with Endpoint() as endpoint:
        server = start(endpoint, "--jobs", "0")
        job_id = submit(server, endpoint)
        server.request("DELETE", f"/v1/jobs/{job_id}")
        server.terminate()
        secrets = tmp_path / "secrets.txt"
        kept = secrets.read_text()
        server = start(Endpoint(), data=server.data)
        assert "webhooks.secret_file" in wait_for_attempts(server, job_id, 1)["error"]
        server.terminate()
        server = start(endpoint, data=server.data)
        assert secrets.read_text() == kept
        assert delivery_of(server, job_id)["state"] == "done"
