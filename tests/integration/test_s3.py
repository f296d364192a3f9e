"""The program on an S3 store (a Ceph gateway): lifecycle rules, credentials that end, a start that cannot go well,
two nodes with one result."""

import concurrent.futures
import datetime
import json
import os
import subprocess
import threading
import urllib.error
import urllib.request
import uuid

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import pytest

from fadeout_server import Server, free_port
from http_server import Handler, HttpServer

SHORT_LINKS = [f"--{what}-link-expiry=10m" for what in ("speech", "transcode", "upload")]


@pytest.fixture(scope="module")
def rgw(shared_servers):
    return shared_servers.rgw


@pytest.fixture(scope="module")
def s3(rgw):
    return boto3.client(
        "s3",
        endpoint_url=rgw["endpoint"],
        aws_access_key_id=rgw["access_key"],
        aws_secret_access_key=rgw["secret_key"],
        region_name="us-east-1",
        config=botocore.config.Config(signature_version="s3v4"),
    )


@pytest.fixture
def bucket(s3):
    name = f"test-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def keys(rgw):
    return {"AWS_ACCESS_KEY_ID": rgw["access_key"], "AWS_SECRET_ACCESS_KEY": rgw["secret_key"]}


def store(rgw, bucket, endpoint=None):
    return ("--store", f"s3://{bucket}?region=us-east-1&endpoint={endpoint or rgw['endpoint']}&path_style=1")


@pytest.fixture
def nodes(program, tmp_path):
    """nodes("--flag", ..., env={}) starts one more node, on a data folder of its own."""
    started = []

    def add(*flags, env, ready=True):
        node = Server(program, tmp_path / f"node{len(started)}", flags, env)
        started.append(node)
        if ready:
            node.wait_until_ready()
        return node

    yield add
    for node in started:
        node.kill()


# Lifecycle rules


def put_xml(rgw, bucket, xml):
    """PutBucketLifecycleConfiguration with this body."""
    request = botocore.awsrequest.AWSRequest(
        "PUT", f"{rgw['endpoint']}/{bucket}?lifecycle", data=xml.encode(), headers={"Content-Type": "application/xml"}
    )
    signer = botocore.credentials.Credentials(rgw["access_key"], rgw["secret_key"])
    botocore.auth.S3SigV4Auth(signer, "s3", "us-east-1").add_auth(request)
    prepared = request.prepare()
    urllib.request.urlopen(
        urllib.request.Request(prepared.url, prepared.body, dict(prepared.headers), method="PUT"), timeout=30
    )


@pytest.fixture
def check(run, rgw, bucket, keys, tmp_path):
    def call(command="lifecycle check", *flags):
        words = [*command.split(), "--data", tmp_path / "data", *store(rgw, bucket), *flags, "--json"]
        done = run(*words, env=keys)
        return done.returncode, json.loads(done.stdout)

    return call


def test_the_printed_rules_are_taken_by_the_server_and_match(run, check, s3, rgw, bucket):
    code, answer = check()
    assert code == 1 and [d["kind"] for d in answer["differences"]] == ["missing"] * 3
    put_xml(rgw, bucket, run("lifecycle", "print").stdout)
    assert check() == (0, {"ok": True, "supported": True, "differences": []})
    s3.delete_bucket_lifecycle(Bucket=bucket)
    rules = json.loads(run("lifecycle", "print", "--json").stdout)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)
    assert check()[0] == 0
    days = {r["Filter"]["Prefix"]: r["Expiration"]["Days"] for r in rules["Rules"] if "Expiration" in r}
    assert days == {"temp-audio/": 2, "processed-audio/": 8}
    code, answer = check("lifecycle check", "--speech-link-expiry", "7d")
    assert code == 1 and "temp-audio/" in answer["differences"][0]["text"], "the promise is longer than the rule"


def test_rules_as_the_aws_command_line_sets_them(run, check, rgw, bucket, keys, tmp_path):
    rules = tmp_path / "rules.json"
    rules.write_text(run("lifecycle", "print", "--json").stdout)
    put = ["s3api", "put-bucket-lifecycle-configuration", "--bucket", bucket]
    subprocess.run(
        ["aws", *put, "--lifecycle-configuration", f"file://{rules}", "--endpoint-url", rgw["endpoint"]],
        env={**os.environ, **keys, "AWS_DEFAULT_REGION": "us-east-1"},
        check=True,
        timeout=60,
    )
    assert check()[0] == 0


def test_dangerous_rules_are_named(run, check, s3, bucket):
    net = json.loads(run("lifecycle", "print", "--json").stdout)["Rules"]

    def set_rules(*more, without=()):
        rules = [rule for i, rule in enumerate(net) if i not in without] + list(more)
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    everything = {"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
    set_rules(everything)
    code, answer = check()
    [difference] = answer["differences"]
    assert code == 1 and (difference["kind"], difference["rule"]) == ("danger", "tidy")
    assert check("doctor")[0] == 1
    set_rules({**everything, "Status": "Disabled"})
    assert check()[0] == 0
    tags = {"And": {"Prefix": "uploads/", "Tags": [{"Key": "a", "Value": "b"}]}}
    set_rules({**everything, "Filter": tags}, without=[0])
    assert [d["kind"] for d in check()[1]["differences"]] == ["danger", "missing"]
    set_rules(without=[0, 2])
    assert [d["kind"] for d in check()[1]["differences"]] == ["missing", "missing"]
    assert check("doctor")[0] == 0, "a hole in the net is told, and is no failure"


def test_a_store_on_disk_needs_no_net(run, tmp_path):
    done = run("lifecycle", "check", "--data", tmp_path / "data")
    assert done.returncode == 0 and "no lifecycle rules" in done.stdout


# Credentials that end


@pytest.fixture
def ending_keys(rgw):
    """The environment of a container whose endpoint gives out keys that end in an hour."""

    class Endpoint(Handler):
        def do_GET(self):
            end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
            names = {"AccessKeyId": rgw["access_key"], "SecretAccessKey": rgw["secret_key"], "Token": ""}
            self.say(200, json.dumps({**names, "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ")}).encode())

    with HttpServer(Endpoint) as endpoint:
        yield {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.root + "/keys",
            "AWS_ACCESS_KEY_ID": "",
            "AWS_SECRET_ACCESS_KEY": "",
            "AWS_CONFIG_FILE": "/nowhere",
            "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        }


def follow(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.parametrize("role", ["serve", "worker"])
def test_links_that_would_end_early_are_refused_at_the_start(run, rgw, bucket, ending_keys, tmp_path, role):
    words = [role, "--data", tmp_path / "data", "--listen", f"127.0.0.1:{free_port()}", *store(rgw, bucket)]
    done = run(*words, env=ending_keys, timeout=30)
    assert done.returncode == 2, done.stderr
    for part in ("59m", "1d", "speech.link_expiry", "store.short_credentials"):
        assert part in done.stderr, done.stderr
    done = run(*words, "--store-short-credentials", "redirect", "--upload-link-expiry", "2h", env=ending_keys, timeout=30)
    assert done.returncode == 2 and "upload.link_expiry (2h)" in done.stderr, "an upload is not sent on"
    found = run("doctor", "--data", tmp_path / "data", *store(rgw, bucket), env=ending_keys)
    assert found.returncode == 1 and "speech.link_expiry" in found.stdout


def test_links_into_the_second_store_of_a_failover_never_end_early(run, rgw, bucket, ending_keys, tmp_path):
    two = f"failover:file://{tmp_path}/first,{store(rgw, bucket)[1]}"
    words = ["doctor", "--data", tmp_path / "data", "--store", two]
    done = run(*words, "--upload-link-expiry=10m", env=ending_keys)
    assert "OK     2nd links" in done.stdout and done.returncode == 0, done.stdout
    done = run(*words, "--upload-link-expiry=2h", env=ending_keys)
    assert done.returncode == 1 and "upload.link_expiry (2h)" in done.stdout, "an upload is not sent on"


def test_short_links_need_no_redirect(nodes, rgw, bucket, ending_keys):
    node = nodes(*store(rgw, bucket), *SHORT_LINKS, env=ending_keys)
    link = node.post("/tts/sync", {"text": "Soon gone."}).json["s3_url"]
    assert link.startswith(rgw["endpoint"]) and follow(link)[0] == 200


def test_links_that_outlive_the_credentials_are_signed_when_followed(
    nodes, run, media, rgw, bucket, ending_keys, tmp_path
):
    flags = [
        *store(rgw, bucket),
        *("--store-short-credentials", "redirect", "--store-signing-key-file", tmp_path / "shared.key"),
        "--upload-link-expiry=10m",
        "--transcode-link-expiry=2h",
    ]
    one, other = nodes(*flags, env=ending_keys), nodes(*flags, env=ending_keys)
    spoken = one.post("/tts/sync", {"text": "I stay for a day."})
    link = spoken.json["s3_url"]
    assert link.startswith(f"{one.url}/l/"), link
    status, _, body = follow(link)
    assert status == 200 and body[:4] == b"RIFF"
    curl = subprocess.run(["curl", "-sfL", link], capture_output=True, check=True, timeout=30)
    assert curl.stdout == body
    head = subprocess.run(["curl", "-sfIL", link], capture_output=True, text=True, check=True, timeout=30)
    assert f"content-length: {len(body)}" in head.stdout.lower(), "HEAD needs a signature of its own"

    sent_on = other.get(link.replace(one.url, other.url))
    assert sent_on.status == 307 and sent_on.headers["Cache-Control"] == "no-store"
    assert follow(sent_on.headers["Location"])[2] == body, "every node takes it"
    changed = link[:-2] + ("A" if link[-2] != "A" else "B") + link[-1]
    assert other.get(changed).status == 403
    assert link.rsplit("/", 1)[1] not in one.log + other.log
    stranger = nodes(*flags[:4], "--upload-link-expiry=10m", env=ending_keys)
    assert stranger.get(link).status == 403, "its key is another"

    key = one.upload_to_store(media.wav())
    result = one.post("/transcode", {"file_url": key, "target_format": "flac"})
    assert result.status == 200 and follow(result.json["output_url"])[2][:4] == b"fLaC"
    again = other.post("/waveform", {"file_url": link.replace(one.url, other.url)})
    assert again.status == 200, "its own links are sources, too"
    words = ["presign", result.json["s3_key"], "--expires", "5h", "--public-url", other.url, "--data", tmp_path / "cli"]
    printed = run(*words, *flags[:6], env=ending_keys)
    assert printed.returncode == 0, printed.stderr
    assert follow(printed.stdout.strip())[2][:4] == b"fLaC"


# A start that cannot go well


def other_user(rgw):
    """Keys of the same server, without any right to our buckets."""
    made = subprocess.run(
        ["radosgw-admin", "-c", f"{rgw['folder']}/ceph.conf", "--name=client.admin", "--admin-socket=", "--pid-file="]
        + ["user", "create", "--uid=stranger", "--display-name=stranger", "--access-key=stranger", "--secret=strange"],
        stdout=subprocess.DEVNULL,
        timeout=60,
        check=True,
    )
    assert made.returncode == 0
    return {"AWS_ACCESS_KEY_ID": "stranger", "AWS_SECRET_ACCESS_KEY": "strange"}


@pytest.fixture
def skewed_clock():
    """A store that finds our clock off."""

    class Endpoint(Handler):
        def refuse(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.say(403, b"<Error><Code>RequestTimeTooSkewed</Code></Error>")

        do_GET = do_PUT = do_DELETE = do_POST = refuse

    with HttpServer(Endpoint) as endpoint:
        yield endpoint.root


@pytest.mark.parametrize("fault", ["unknown key", "wrong secret", "no bucket", "no permission", "clock"])
def test_what_will_not_mend_itself_ends_the_start(run, rgw, bucket, keys, skewed_clock, tmp_path, fault):
    env, name, endpoint, code, text = {
        "unknown key": ({**keys, "AWS_ACCESS_KEY_ID": "nobody"}, bucket, None, 2, "AWS_ACCESS_KEY_ID"),
        "wrong secret": ({**keys, "AWS_SECRET_ACCESS_KEY": "wrong"}, bucket, None, 2, "AWS_SECRET_ACCESS_KEY"),
        "no bucket": (keys, "missing", None, 2, "bucket does not exist"),
        "no permission": (other_user(rgw) if fault == "no permission" else {}, bucket, None, 2, "s3:PutObject"),
        "clock": (keys, bucket, skewed_clock, 2, "clock differs"),
    }[fault]
    flags = ["--data", tmp_path / "data", *store(rgw, name, endpoint)]
    done = run("serve", "--listen", f"127.0.0.1:{free_port()}", *flags, env=env, timeout=30)
    assert done.returncode == code and text in done.stderr, (done.returncode, done.stderr)
    found = run("doctor", *flags, env=env)
    assert found.returncode == 1 and text in found.stdout, found.stdout


def test_a_store_that_is_out_of_reach_is_waited_for(nodes, rgw, bucket, keys):
    node = nodes(*store(rgw, bucket, f"http://127.0.0.1:{free_port()}"), env=keys, ready=False)
    for _ in range(200):
        try:
            assert node.get("/healthz").status == 200
            break
        except OSError:
            threading.Event().wait(0.1)
    assert node.get("/readyz").status == 503
    assert "starting all the same" in node.log


# Two nodes, one result


def test_the_same_render_on_two_nodes_is_stored_once(nodes, s3, rgw, bucket, keys, media):
    one, other = (nodes(*store(rgw, bucket), env=keys) for _ in range(2))
    for seconds in (2, 3, 4):
        key = one.upload_to_store(media.wav(seconds=seconds))
        body = {"file_url": key, "target_format": "mp3"}
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda node: node.post("/transcode", body), [one, other] * 3))
        assert {answer.status for answer in answers} == {200}, answers
        [name] = {answer.json["s3_key"] for answer in answers}
        stored = [answer for answer in answers if not answer.json.get("reused")]
        assert len(stored) == 1, "whoever comes second answers with what is there"
    found = s3.list_objects_v2(Bucket=bucket, Prefix="pitches/unknown/processed/")["Contents"]
    assert len(found) == 3 and name in {entry["Key"] for entry in found}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
