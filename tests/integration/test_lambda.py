"""`fadeout lambda` against a stand-in for Lambda's Runtime API, with events as the gateways send them; and the bundle
that is deployed, in a file system that has nothing else."""

import base64
import http.server
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import threading
import time
import urllib.parse
import zipfile

import pytest

from http_source import Source
from lambda_runtime import Function, Runtime
from media import probe

ROOT = pathlib.Path(__file__).resolve().parents[2]
EVENTS = pathlib.Path(__file__).with_name("lambda_events")
CHROOT = [*([] if os.geteuid() == 0 else ["unshare", "-r"]), "/usr/sbin/chroot"]
SONG = "pitches/7/original/song.wav"
FAILOVER = {"FADEOUT_STORE": "failover:s3://one,s3://two", "FADEOUT_QUEUE": "redis://127.0.0.1:1/0"}


def event(name):
    return (EVENTS / f"{name}.json").read_bytes()


@pytest.fixture
def runtime():
    runtime = Runtime()
    yield runtime
    runtime.close()


@pytest.fixture
def start(program, runtime, tmp_path):
    functions = []

    def start(*flags, env=None, command=None):
        functions.append(Function(command or [program, "lambda", *flags], runtime, tmp_path, env))
        return functions[-1]

    yield start
    for function in functions:
        function.kill()


@pytest.fixture
def function(start, media):
    function = start()
    function.put(SONG, media.wav(3).read_bytes())
    return function


def body(answer, status=200):
    assert answer["statusCode"] == status, answer
    assert answer["isBase64Encoded"] is False
    return json.loads(answer["body"])


def test_a_rest_api_event_is_transcoded(function, runtime):
    answer = runtime.answer(event("rest_api"))
    result = body(answer)
    assert result["success"] and result["direct_upload"]
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert answer["headers"]["X-Request-Id"] == "request-1"
    stored = probe(function.path(result["s3_key"]))
    assert stored["audio"]["codec_name"] == "mp3"
    assert abs(float(stored["format"]["duration"]) - 3) < 0.1
    assert body(runtime.answer(event("rest_api")))["reused"] is True, "the second event names the same object"
    assert '"path":"/transcode","status":200' in function.log


def test_an_http_api_event_is_transcoded(function, runtime):
    result = body(runtime.answer(event("http_api")))
    assert probe(function.path(result["s3_key"]))["audio"]["codec_name"] == "flac"


def test_a_bare_body_is_a_transcode_request(function, runtime):
    result = body(runtime.answer(event("bare_body")))
    assert result["watermarked"] is True
    assert function.path(result["s3_key"]).stat().st_size > 1024
    missing = runtime.answer({"target_format": "mp3"})
    assert body(missing, 400) == {"error": "Missing file_url parameter"}


def test_binary_answers_are_base64(function, runtime):
    answer = runtime.answer(event("rest_api_base64"))
    assert answer["statusCode"] == 200 and answer["isBase64Encoded"] is True
    data = base64.b64decode(answer["body"], validate=True)
    assert int.from_bytes(data[:4], "little") in (1, 2) and len(data) > 100


def test_a_function_url_speaks_and_hands_the_audio_out(start, runtime):
    # The links of a store on disk lead to the function itself.
    function = start(env={"FADEOUT_PUBLIC_URL": "https://f.lambda-url.eu-central-1.on.aws"})
    result = body(runtime.answer(event("function_url")))
    assert result["duration"] > 0.5
    link = urllib.parse.urlsplit(result["s3_url"])
    fetch = json.loads(event("function_url"))
    fetch.update(rawPath=link.path, rawQueryString=link.query, body=None, isBase64Encoded=False)
    fetch["headers"]["host"] = link.netloc
    fetch["requestContext"]["http"].update(method="GET", path=link.path)
    answer = runtime.answer(fetch)
    assert answer["statusCode"] == 200, answer
    audio = base64.b64decode(answer["body"])
    assert audio == function.path(link.path.removeprefix("/objects/fadeout/")).read_bytes()
    assert audio.startswith(b"RIFF") and answer["headers"]["Content-Type"] == "audio/wav"


def test_preflights_unknown_paths_and_broken_events_are_answered(function, runtime):
    preflight = runtime.answer(event("rest_api_options"))
    assert preflight["statusCode"] == 204
    assert preflight["headers"]["Access-Control-Allow-Methods"] == "OPTIONS, POST"
    assert "no such route" in body(runtime.answer(event("rest_api_unknown_path")), 404)["error"]
    for broken in (event("malformed"), b"", b"[]", b'"text"', b'{"path": 7}', b'{"body": "%", "isBase64Encoded": true}'):
        assert "error" in body(runtime.answer(broken), 400), broken
    body(runtime.answer(event("rest_api")))


def test_keys_are_asked_for_where_some_are_configured(start, runtime, tmp_path):
    (tmp_path / "keys").write_text("a-key-of-some-length-0123456789\n")
    start(env={"FADEOUT_API_KEY_FILE": str(tmp_path / "keys")})
    assert runtime.answer(event("rest_api"))["statusCode"] == 401


def test_a_scheduled_event_sweeps(function, runtime):
    orphan = "temp-audio/2026-01-02/7b9f1d0e-6a3c-4f5e-9d53-000000000001.wav"
    function.put(orphan, b"RIFF", age_s=400 * 86400)
    assert runtime.answer(event("schedule"))["deleted"] == 1
    assert not function.path(orphan).exists()
    assert function.path(SONG).exists()


def test_jobs_without_a_shared_queue_are_refused(function, runtime):
    job = {"path": "/v1/jobs", "httpMethod": "POST", "body": json.dumps({"type": "speak", "text": "later"})}
    assert "FADEOUT_QUEUE" in body(runtime.answer(job), 501)["error"]


def test_a_render_ends_before_the_deadline_and_leaves_nothing(function, runtime, media):
    function.put(SONG, media.wav(1200).read_bytes())  # takes well over ten seconds to encode
    kind, answer, _, seconds = runtime.invoke(event("rest_api"), seconds=2.5)
    assert kind == "response" and seconds < 2.5
    assert "raise its timeout" in body(answer, 504)["error"]
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*", "a page can read why"
    assert function.files() == [f"fadeout/{SONG}"]
    assert body(runtime.answer({"path": "/healthz", "httpMethod": "GET"})) == {"status": "ok"}


def test_a_trickling_source_is_given_up_before_the_deadline(start, runtime, media):
    start(env={"FADEOUT_SOURCE_ALLOW": "127.0.0.1"})
    with Source(media.wav(seconds=30).read_bytes(), ranges=False, trickle_after=1000) as source:
        kind, answer, _, seconds = runtime.invoke({"file_url": source.url("/song.wav")}, seconds=2.5)
        assert kind == "response" and seconds < 2.5
        assert "raise its timeout" in body(answer, 504)["error"]
        assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
        assert answer["headers"]["X-Request-Id"] == "request-1"
        _, answer, _, seconds = runtime.invoke({"path": "/healthz", "httpMethod": "GET"}, seconds=5)
        assert answer["statusCode"] == 200 and seconds < 2, "it takes the next event soon"


@pytest.mark.parametrize(
    "env,code,words",
    [
        ({"FADEOUT_JOBS": "many"}, 2, "jobs.threads"),
        ({"FADEOUT_STORE": "ftp://somewhere"}, 2, "store"),
        ({"FADEOUT_STORE": ""}, 2, "outside the function"),
        ({"FADEOUT_DATA": "/proc/fadeout"}, 1, "data folder"),
        ({"FADEOUT_STORE": "mirror:file:///tmp/one,file:///tmp/two"}, 2, "FADEOUT_QUEUE"),
        ({**FAILOVER, "FADEOUT_PUBLIC_URL": "https://abc.example"}, 2, "FADEOUT_STORE_SIGNING_KEY_FILE"),
        ({**FAILOVER, "FADEOUT_STORE_SIGNING_KEY_FILE": "/tmp/key"}, 2, "FADEOUT_PUBLIC_URL"),
    ],
)
def test_a_start_that_fails_is_reported(start, runtime, env, code, words):
    function = start(env=env)
    kind, failure, kind_of_error, _ = runtime.results.get(timeout=20)
    assert kind == "init" and words in failure["errorMessage"]
    assert failure["errorType"] == kind_of_error and kind_of_error.startswith("Fadeout.")
    assert function.process.wait(10) == code


def test_a_sweep_that_fails_is_reported(start, runtime):
    start(
        env={
            "FADEOUT_RECORDS": "dynamodb://table?region=us-east-1&endpoint=http://127.0.0.1:1",
            **{"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"},
        }
    )
    kind, failure, kind_of_error, _ = runtime.invoke(event("schedule"))
    assert kind == "error" and kind_of_error == "Fadeout.unavailable"
    assert failure["errorMessage"]
    assert body(runtime.answer({"path": "/healthz", "httpMethod": "GET"})) == {"status": "ok"}


def test_sigterm_ends_it_between_events(function, runtime):
    body(runtime.answer(event("rest_api")))
    assert runtime.waiting.wait(10)
    assert function.terminate() == 0


def test_without_an_api_it_gives_up(function, runtime):
    assert runtime.waiting.wait(20)
    runtime.close()
    assert function.process.wait(20) == 1
    assert "No more invocations" in function.log


def test_outside_of_lambda_it_says_so(run):
    done = run("lambda", env={"AWS_LAMBDA_RUNTIME_API": ""})
    assert done.returncode == 2
    assert "fadeout serve" in done.stderr


@pytest.fixture
def tls_server(tmp_path):
    """An HTTPS server that nobody trusts but by its own certificate; it keeps what it was asked for."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"]
        + ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            server.asked.append(self.command)
            self.send_error(404)

        do_POST = do_GET

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.asked, server.certificate = [], str(certificate)
    server.url = f"https://localhost:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("trusted", [True, False])
def test_certificates_are_those_that_the_bundle_names(start, runtime, tls_server, trusted):
    env = {
        "FADEOUT_RECORDS": f"dynamodb://table?region=us-east-1&endpoint={tls_server.url}",
        "FADEOUT_SOURCE_ALLOW": "localhost,127.0.0.1",
        **{"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"},
    }
    start(env={**env, **({"SSL_CERT_FILE": tls_server.certificate} if trusted else {})})
    assert runtime.invoke(event("schedule"))[0] == "error"
    assert ("POST" in tls_server.asked) == trusted, "for the services it uses"
    body(runtime.answer({"file_url": f"{tls_server.url}/song.wav"}), 502)
    assert ("GET" in tls_server.asked) == trusted, "for sources"


@pytest.fixture(scope="module")
def bundle(program, tmp_path_factory):
    """The unpacked zip, as /var/task of a root that besides has a shell, as Lambda's has."""
    folder = tmp_path_factory.mktemp("bundle")
    done = subprocess.run(
        [ROOT / "deploy/lambda/build.sh", folder / "fadeout.zip"],
        capture_output=True,
        text=True,
        env={**os.environ, "FADEOUT": program},
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    root = folder / "root"
    for part in ("var/task", "tmp", "dev", "bin"):
        (root / part).mkdir(parents=True)
    with zipfile.ZipFile(folder / "fadeout.zip") as archive:
        for entry in archive.infolist():
            path = archive.extract(entry, root / "var/task")
            os.chmod(path, entry.external_attr >> 16)
    (root / "dev/null").touch()
    for file in ["/bin/sh", "/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6"]:
        there = root / file.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.realpath(file), there)
    return root


def test_the_templates_grant_what_is_documented_and_set_what_exists(run):
    documented = (ROOT / "docs/operations.md").read_text()
    known = run("config", "docs").stdout
    for name in ("template.yaml", "serverless.yml"):
        text = (ROOT / "deploy/lambda" / name).read_text()
        granted = {service: set(re.findall(rf"\b{service}:(\w+)", text)) for service in ("s3", "dynamodb")}
        for service, actions in granted.items():
            listed = re.search(rf"`{service}:([\w ]+)`", documented).group(1).split()
            assert actions == set(listed), f"{name}: {service}"
        for variable in re.findall(r"FADEOUT_\w+", text):
            assert f"`{variable}`" in known, f"{name}: {variable}"


def test_the_bundle_runs_without_the_libraries_of_this_system(bundle, start, runtime, media):
    data = bundle / "tmp/fadeout"
    environment = {"FADEOUT_DATA": "", "FADEOUT_STORE": "file:///tmp/fadeout/objects"}
    function = start(env=environment, command=[*CHROOT, bundle, "/var/task/bootstrap"])
    function.data = data
    began = time.monotonic()
    assert runtime.waiting.wait(30), function.log
    print(f"cold start {time.monotonic() - began:.3f} s")
    function.put(SONG, media.wav(3).read_bytes())
    assert probe(function.path(body(runtime.answer(event("rest_api")))["s3_key"]))["audio"]["codec_name"] == "mp3"
    assert body(runtime.answer(event("function_url")))["duration"] > 0.5
    maps = pathlib.Path(f"/proc/{function.process.pid}/maps").read_text()
    mapped = {line.split(maxsplit=5)[5] for line in maps.splitlines() if "/" in line}
    libraries = {path for path in mapped if ".so" in path}
    assert len(libraries) > 50
    assert [path for path in libraries if "/var/task/" not in path] == []
    certificates = bundle / "var/task/ca-certificates.crt"
    assert b"BEGIN CERTIFICATE" in certificates.read_bytes()
