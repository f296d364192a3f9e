"""The command line around the server: settings, completion, doctor, keys, errors that say what to do."""

import json
import subprocess
import tomllib

import pytest


def test_completion_works_in_bash(run, tmp_path):
    done = run("completion", "bash")
    assert done.returncode == 0, done.stderr
    script = tmp_path / "completion.sh"
    script.write_text(done.stdout)
    ask = f"source {script}; COMP_WORDS=(fadeout tran); COMP_CWORD=1; _fadeout; echo ${{COMPREPLY[@]}}"
    said = subprocess.run(["bash", "-c", ask], capture_output=True, text=True)
    assert said.stdout.strip() == "transcode", said.stderr


def test_flags_go_over_environment_over_file(run, tmp_path):
    file = tmp_path / "fadeout.toml"
    file.write_text("[speech]\nlink_expiry = '2h'\nmax_characters = 7\n[jobs]\nattempts = 2\n")
    env = {"FADEOUT_SPEECH_LINK_EXPIRY": "3h", "FADEOUT_JOBS_ATTEMPTS": "3", "AWS_S3_BUCKET": "ours"}
    done = run("config", "--config", file, "--speech-link-expiry", "4h", "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert "4h" in done.stdout and "ours" in done.stdout
    text = run("config", "--config", file, "--speech-link-expiry", "4h", env=env).stdout
    rows = {line.split()[0]: line.split(None, 2)[1:] for line in text.splitlines() if len(line.split()) > 2}
    assert rows["speech.link_expiry"] == ["4h", "flag --speech-link-expiry"]
    assert rows["jobs.attempts"][0] == "3" and rows["speech.max_characters"][0] == "7"


def test_the_sample_file_is_toml(run, tmp_path):
    sample = tmp_path / "sample.toml"
    sample.write_text(run("config", "sample").stdout)
    assert tomllib.loads(sample.read_text()) is not None
    assert run("config", "--config", sample).returncode == 0


@pytest.mark.parametrize(
    "flags,env,text",
    [
        ((), {"FADEOUT_SPEECH_LINK_EXPIRI": "1h"}, "FADEOUT_SPEECH_LINK_EXPIRY"),
        ((), {"FADEOUT_SPEECH_LINK_EXPIRY": "8d"}, "7d"),
        (("--store", "s4://x"), {}, "store"),
        (("--listen", "0.0.0.0:18080"), {}, "--api-key-file"),
        (("--listen", "nonsense"), {}, "HOST:PORT"),
        (("--dta", "x"), {}, "--data"),
    ],
)
def test_wrong_settings_stop_the_start_and_say_why(run, tmp_path, flags, env, text):
    done = run("serve", "--data", tmp_path / "data", *flags, env=env, timeout=20)
    assert done.returncode == 2 and text in done.stderr, done.stderr


def test_doctor_says_what_is_well_and_what_is_not(run, tmp_path):
    done = run("doctor", "--data", tmp_path / "data", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = run("doctor", "--data", blocked / "data")
    assert done.returncode == 1
    assert "data" in done.stdout and str(blocked) in done.stdout


@pytest.mark.parametrize(("content", "is_well"), [("secret\n", False), ("# none\n", False), ("k" * 20 + "\n", True)])
def test_doctor_finds_what_serve_would_refuse_in_the_api_keys(run, tmp_path, content, is_well):
    keys = tmp_path / "keys"
    keys.write_text(content)
    done = run("doctor", "--data", tmp_path / "data", "--json", "--api-key-file", keys)
    found = {check["name"]: check["ok"] for check in json.loads(done.stdout)["checks"]}
    assert found["api keys"] == is_well and (done.returncode == 0) == is_well, done.stdout
    if not is_well:
        assert run("serve", "--data", tmp_path / "data", "--api-key-file", keys, timeout=20).returncode == 2


def test_doctor_tells_of_the_processor_and_the_webhook_secrets(run, tmp_path):
    secrets = tmp_path / "secrets"
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:audio"
    no_keys = {name: "" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE")}
    no_keys |= {"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true"}

    def findings(processor, **env):
        flags = ("--data", tmp_path / "data", "--webhook-secret-file", secrets, "--processor-url", processor)
        done = run("doctor", "--json", *flags, env=env)
        return {check["name"]: (check["ok"], check["text"]) for check in json.loads(done.stdout)["checks"]}

    secrets.write_text("https://app.example.com/hooks nonsense\n")
    found = findings(arn, **no_keys)
    assert not found["webhooks"][0] and "Line 1" in found["webhooks"][1], found
    assert not found["processor"][0] and "AWS_ACCESS_KEY_ID" in found["processor"][1], found
    assert found["state"][0] and found["store"][0], "one fault does not hide the rest"

    secrets.write_text("https://app.example.com/hooks whsec_" + "QUJD" * 8 + "\n")
    found = findings(arn, AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y")
    assert found["webhooks"] == (True, "1 read from the file")
    assert found["processor"][0] and "eu-central-1" in found["processor"][1]
    found = findings("https://example.com/run?code=secret")
    assert found["processor"] == (True, "https://example.com/run?code=*** is asked first")


def test_api_keys(start_server, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("# app\n0123456789abcdef0123\n")
    server = start_server("--api-key-file", keys)
    assert server.get("/voices").status == 401
    assert server.get("/voices", headers={"Authorization": "Bearer 0123456789abcdef0124"}).status == 401
    assert server.get("/voices", headers={"Authorization": "Bearer 0123456789abcdef0123"}).status == 200
    key = {"X-Api-Key": "0123456789abcdef0123"}
    link = server.post("/tts/sync", {"text": "x"}, headers=key).json["s3_url"]
    assert server.get(link).status == 200, "a link needs no key"
    assert "0123456789abcdef0123" not in server.log


def test_openapi_and_health_need_nothing(server):
    assert server.get("/healthz").status == 200
    paths = server.get("/openapi.json").json["paths"]
    assert {"/tts/sync", "/transcode", "/waveform", "/v1/jobs", "/v1/uploads"} <= set(paths)
    assert server.get("/nothing").status == 404
    assert server.request("PATCH", "/voices").status == 405


def test_jobs_on_the_command_line(server, run):
    job = server.post("/v1/jobs", {"type": "speak", "text": "Listed."}).json["id"]
    server.wait_for_job(job)
    listed = json.loads(run("jobs", "list", "--data", server.data, "--json").stdout)
    assert [each["id"] for each in (listed["jobs"] if isinstance(listed, dict) else listed)] == [job]
    shown = run("jobs", "show", job, "--data", server.data)
    assert shown.returncode == 0 and "attempts 1\n" in shown.stdout, shown
    assert run("jobs", "show", "nothing", "--data", server.data).returncode == 1
