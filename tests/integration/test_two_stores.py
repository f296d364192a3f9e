"""Stores made of two: a mirror, a failover, and the move from one store to another, on disk and a Ceph gateway."""

import calendar
import json
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.parse

import pytest

from fadeout_server import fetch, free_port, wait_for
from function_server import Function


class Relay:
    """Passes connections on to a server, or refuses them while it is down."""

    def __init__(self, target_port):
        self.target = ("127.0.0.1", target_port)
        self.port = free_port()
        self.listener = None
        self.open = set()

    def up(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def down(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self, listener):
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection(self.target)
            self.open |= {client, server}
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(one, other), daemon=True).start()

    def copy(self, source, destination):
        try:
            while data := source.recv(1 << 16):
                destination.sendall(data)
            destination.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.open.discard(source)


@pytest.fixture(scope="module")
def gateway(shared_servers):
    return {
        "endpoint": shared_servers.rgw["endpoint"],
        "env": shared_servers.keys,
        "s3": shared_servers.s3,
        "buckets": iter(range(1000)),
    }


class Bucket:
    def __init__(self, gateway, endpoint):
        self.name = f"two-{next(gateway['buckets'])}"
        self.url = f"s3://{self.name}?endpoint={endpoint}&path_style=1"
        self.s3 = gateway["s3"]
        self.s3.create_bucket(Bucket=self.name)

    def keys(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))

    def body(self, key):
        return self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()


@pytest.fixture
def bucket(gateway):
    return Bucket(gateway, gateway["endpoint"])


@pytest.fixture
def relay(gateway):
    one = Relay(urllib.parse.urlsplit(gateway["endpoint"]).port)
    one.up()
    yield one
    one.down()


@pytest.fixture
def relayed(gateway, relay):
    """A bucket that can be reached only while the relay is up."""
    return Bucket(gateway, f"http://127.0.0.1:{relay.port}")


def say(server, text="Two stores."):
    answer = server.post("/tts/sync", {"text": text})
    assert answer.status == 200, answer
    return answer.json


def key_of(result):
    return f"temp-audio/{time.strftime('%Y-%m-%d', time.gmtime())}/{result['audio_id']}.wav"


def repairs(run, server, env):
    done = run("jobs", "list", "--type", "repair", "--json", "--data", server.data, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["jobs"]


def test_migrate_copies_verifies_resumes_and_tells_when_it_is_safe(run, gateway, bucket, tmp_path):
    folder = tmp_path / "objects" / "fadeout"
    for i in range(1200):
        path = folder / f"pitches/{i % 7}/{i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"content %d" % i)
    (folder / "uploads").mkdir()
    large = os.urandom(21 << 20)
    (folder / "uploads/large.wav").write_bytes(large)
    stores = (f"file://{tmp_path}/objects", bucket.url)

    dry = run("migrate", *stores, "--dry-run", "--json", env=gateway["env"])
    told = json.loads(dry.stdout)
    assert dry.returncode == 0 and told["copied"] == 1201 and len(told["items"]) == 1201, dry.stderr
    assert bucket.keys() == [] and not told["safe_to_cut_over"]

    first = run("migrate", *stores, env=gateway["env"])
    assert first.returncode == 0, first.stderr
    assert "copied 1201" in first.stdout and "Not yet safe to cut over" in first.stdout
    assert len(bucket.keys()) == 1201 and bucket.body("uploads/large.wav") == large
    head = bucket.s3.head_object(Bucket=bucket.name, Key="uploads/large.wav")
    assert head["ContentType"] == "audio/wav"

    bucket.s3.delete_object(Bucket=bucket.name, Key="pitches/1/1.txt")
    bucket.s3.put_object(Bucket=bucket.name, Key="pitches/2/2.txt", Body=b"CONTENT 2")
    again = json.loads(run("migrate", *stores, "--json", env=gateway["env"]).stdout)
    assert (again["copied"], again["skipped"], again["failed"]) == (2, 1199, 0)
    assert bucket.body("pitches/2/2.txt") == b"content 2"

    last = run("migrate", *stores, env=gateway["env"])
    assert last.returncode == 0 and "Safe to cut over: 1201 objects" in last.stdout


def test_migrate_back_keeps_type_and_metadata(run, gateway, bucket, tmp_path):
    bucket.s3.put_object(
        Bucket=bucket.name, Key="pitches/1/x", Body=b"x", ContentType="audio/x-own", Metadata={"pitch_id": "1"}
    )
    other = Bucket(gateway, gateway["endpoint"])
    stops = (bucket.url, f"file://{tmp_path}/objects", other.url)
    for source, destination in zip(stops, stops[1:]):
        done = run("migrate", source, destination, env=gateway["env"])
        assert done.returncode == 0, done.stderr
    head = other.s3.head_object(Bucket=other.name, Key="pitches/1/x")
    assert head["ContentType"] == "audio/x-own"
    assert {name.replace("-", "_"): value for name, value in head["Metadata"].items()}["pitch_id"] == "1"
    between = run("migrate", bucket.url, other.url, "--dry-run", env=gateway["env"])
    assert "Safe to cut over: 1 objects" in between.stdout


def test_migrate_refuses_what_makes_no_sense(run, gateway, bucket, tmp_path):
    same = run("migrate", bucket.url, bucket.url, env=gateway["env"])
    assert same.returncode == 2 and "same store" in same.stderr
    pair = run("migrate", f"mirror:{bucket.url},{bucket.url}", bucket.url, env=gateway["env"])
    assert pair.returncode == 2
    missing = run("migrate", f"file://{tmp_path}/nowhere", bucket.url, env=gateway["env"])
    assert missing.returncode == 1 and "no folder" in missing.stderr and not (tmp_path / "nowhere").exists()
    assert run("migrate", bucket.url, env=gateway["env"]).returncode == 2


def test_migrate_stops_on_sigint_and_goes_on(program, run, gateway, bucket, tmp_path):
    folder = tmp_path / "objects" / "fadeout" / "pitches"
    folder.mkdir(parents=True)
    for i in range(3000):
        (folder / f"{i}.txt").write_bytes(b"x")
    stores = (f"file://{tmp_path}/objects", bucket.url)
    running = subprocess.Popen(
        [program, "migrate", *stores, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **gateway["env"]},
    )
    wait_for(bucket.keys)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130 and "Run it again" in err
    before = json.loads(out)
    assert not before["complete"] and not before["safe_to_cut_over"] and 0 < before["copied"] < 3000
    after = json.loads(run("migrate", *stores, "--json", env=gateway["env"]).stdout)
    assert after["copied"] + before["copied"] == 3000 and after["complete"]


def test_a_mirror_holds_everything_twice(start_server, run, gateway, bucket, media, tmp_path):
    store = f"mirror:file://{tmp_path}/data/objects,{bucket.url}"
    server = start_server("--store", store, env=gateway["env"])
    result = say(server)
    assert key_of(result) in bucket.keys() and server.objects() == bucket.keys()
    key = server.upload(media.wav())
    done = server.post("/transcode", {"file_url": key, "target_format": "flac"})
    assert done.status == 200, done
    final = done.json["s3_key"]
    on_disk = (server.data / "objects" / "fadeout" / final).read_bytes()
    assert bucket.body(final) == on_disk and on_disk[:4] == b"fLaC"
    date = time.strftime("%Y-%m-%d", time.gmtime())
    assert server.request("DELETE", f"/tts/audio/{date}/{result['audio_id']}").status == 204
    assert server.objects() == bucket.keys() == sorted([key, final])
    compared = run("migrate", f"file://{tmp_path}/data/objects", bucket.url, "--dry-run", env=gateway["env"])
    assert "Safe to cut over: 2 objects" in compared.stdout, compared.stdout


def test_both_or_neither_while_the_second_store_is_away(start_server, gateway, relay, relayed, tmp_path):
    store = f"mirror:file://{tmp_path}/data/objects,{relayed.url}"
    server = start_server("--store", store, env=gateway["env"])
    relay.down()
    refused = server.post("/tts/sync", {"text": "Nowhere."})
    assert refused.status == 503, refused
    assert server.objects() == [] and relayed.keys() == []
    relay.up()
    say(server)
    assert len(server.objects()) == 1 and server.objects() == relayed.keys()


def test_repairs_mend_what_the_second_store_missed(start_server, run, gateway, relay, relayed, tmp_path):
    store = f"mirror:file://{tmp_path}/data/objects,{relayed.url}"
    server = start_server("--store", store, "--store-mirror", "repair", env=gateway["env"])
    relay.down()
    key = key_of(say(server))
    assert server.objects() == [key] and relayed.keys() == []
    assert [job["state"] for job in repairs(run, server, gateway["env"])] != []
    relay.up()
    wait_for(lambda: relayed.keys() == [key])
    assert relayed.body(key) == (server.data / "objects" / "fadeout" / key).read_bytes()
    wait_for(lambda: repairs(run, server, gateway["env"])[0]["state"] == "done")


def test_a_node_with_one_store_leaves_repairs_to_those_with_two(start_server, run, gateway, relay, relayed, tmp_path):
    first = f"file://{tmp_path}/data/objects"
    flags = ("--store", f"mirror:{first},{relayed.url}", "--store-mirror", "repair")
    old = start_server(*flags, data=tmp_path / "data", env=gateway["env"])
    relay.down()
    key = key_of(say(old))
    old.terminate()
    other = start_server("--store", first, data=tmp_path / "data")
    due = repairs(run, other, gateway["env"])[0]["run_at"]
    wait_for(lambda: due < time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    later = other.post("/v1/jobs", {"type": "speak", "text": "It works on what it can."}).json
    assert other.wait_for_job(later["id"])["state"] == "done"
    assert repairs(run, other, gateway["env"])[0]["state"] == "queued"
    other.terminate()
    relay.up()
    start_server(*flags, data=tmp_path / "data", env=gateway["env"])
    wait_for(lambda: key in relayed.keys())


def test_a_repair_of_other_stores_does_nothing(start_server, run, tmp_path):
    one, two = f"file://{tmp_path}/data/objects", f"file://{tmp_path}/two"
    flags = ("--upload-link-expiry", "1s")
    old = start_server("--store", f"mirror:{one},{two}", *flags, data=tmp_path / "data")
    late = old.post("/v1/uploads", {"filename": "late.wav", "content_type": "audio/wav", "pitch_id": "7"}).json
    waiting = repairs(run, old, {})[0]
    assert waiting["run_at"] > late["expires_at"], "an upload may end after its link"
    old.terminate()
    path = tmp_path / "data" / "objects" / "fadeout" / late["key"]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"the only copy")
    with sqlite3.connect(tmp_path / "data" / "jobs.db") as jobs:
        jobs.execute("UPDATE jobs SET run_at = 0 WHERE type = 'repair'")
    swapped = start_server("--store", f"mirror:{two},{one}", *flags, data=tmp_path / "data")
    done = swapped.wait_for_job(waiting["id"])
    assert done["state"] == "done" and "other stores" in done["result"]["reason"]
    assert path.read_bytes() == b"the only copy"


def test_a_functions_own_upload_reaches_the_second_store(start_server, media, tmp_path):
    written = "pitches/7/processed/lambda.mp3"

    def answer(_):
        path = tmp_path / "data" / "objects" / "fadeout" / written
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(media.encoded("mp3").read_bytes())
        return {"success": True, "watermarked": False, "s3_key": written, "direct_upload": True}

    with Function(answer) as function:
        store = f"mirror:file://{tmp_path}/data/objects,file://{tmp_path}/two"
        server = start_server("--store", store, "--processor-url", function.url, data=tmp_path / "data")
        job = server.post("/v1/jobs", {"type": "process", "source": server.upload(media.wav()), "pitch_id": "7"})
        done = server.wait_for_job(job.json["id"])
    assert done["state"] == "done" and done["result"]["output_path"] == written, done
    wait_for((tmp_path / "two" / "fadeout" / written).exists)


def test_failover_serves_from_the_second_store_and_brings_it_home(
    start_server, run, gateway, media, relay, relayed, tmp_path
):
    flags = ("--store", f"failover:{relayed.url},file://{tmp_path}/spare", "--bucket", relayed.name)
    server = start_server(*flags, env=gateway["env"])
    at_home = key_of(say(server, "At home."))
    assert relayed.keys() == [at_home]
    relay.down()
    result = say(server, "Away from home.")
    key = key_of(result)
    spare = tmp_path / "spare" / relayed.name / key
    assert fetch(result["s3_url"]) == spare.read_bytes()
    assert server.get("/readyz").status == 200, "one store is enough"
    doctor = run("doctor", "--data", tmp_path / "d", *flags, env=gateway["env"])
    assert doctor.returncode == 1 and "WRONG  1st store" in doctor.stdout and "OK     2nd store" in doctor.stdout
    original = server.upload(media.wav())
    rendered = server.post("/transcode", {"file_url": original, "target_format": "flac"})
    assert rendered.status == 200, rendered
    assert fetch(rendered.json["output_url"])[:4] == b"fLaC"
    final = rendered.json["s3_key"]
    again = server.post("/transcode", {"file_url": original, "target_format": "flac"})
    assert again.json["reused"] and again.json["s3_key"] == final
    assert "was written to the second store" in server.log
    relay.up()
    wait_for(lambda: relayed.keys() == sorted([at_home, key, original, final]))
    assert spare.exists(), "a link may still lead there"
    assert server.get(f"/tts/audio/{key.split('/')[1]}/{result['audio_id']}").status == 200


def test_a_link_finds_its_object_in_either_store_of_a_failover(
    start_server, run, gateway, bucket, media, relay, relayed
):
    flags = ("--store", f"failover:{relayed.url},{bucket.url}")
    server = start_server(*flags, env=gateway["env"])
    relay.down()
    result = say(server, "Wherever I am.")
    key, link = key_of(result), result["s3_url"]
    assert bucket.keys() == [key] and link.startswith(f"{server.url}/l/"), link
    away = server.get(link).headers["Location"]
    assert bucket.name in away and "X-Amz-Expires=3600&" in away, "a link into the second store is short"
    printed = run(
        *("presign", key, "--expires", "7d", "--data", server.data, "--public-url", server.url, *flags),
        env=gateway["env"],
    )
    assert printed.returncode == 0, printed.stderr
    links = [link, printed.stdout.strip()]
    body = bucket.body(key)
    assert [fetch(one) for one in links] == [body, body]
    relay.up()
    wait_for(lambda: relayed.keys() == [key])

    def removal():
        return next((job for job in repairs(run, server, gateway["env"]) if job["state"] == "queued"), None)

    wait_for(removal)
    wait_s = calendar.timegm(time.strptime(removal()["run_at"], "%Y-%m-%dT%H:%M:%SZ")) - time.time()
    assert 7100 < wait_s <= 7200, "a link may lead there for an hour, and a download begin at its end"
    with sqlite3.connect(server.data / "jobs.db") as jobs:
        jobs.execute("UPDATE jobs SET run_at = 0 WHERE type = 'repair' AND state = 'queued'")
    wait_for(lambda: bucket.keys() == [])
    assert relayed.name in server.get(link).headers["Location"]
    assert [fetch(one) for one in links] == [body, body]
    heard = server.post("/waveform", {"file_url": link})
    assert heard.status == 200, "its own links are sources, too"


def test_a_failover_to_disk_needs_one_bucket_name(run, gateway, bucket, tmp_path):
    flags = ("--data", tmp_path / "d", "--store", f"failover:{bucket.url},file://{tmp_path}/spare")
    done = run("doctor", *flags, env=gateway["env"])
    assert done.returncode == 1 and f"--bucket {bucket.name}" in done.stdout


def test_doctor_says_which_of_two_stores_is_wrong(run, gateway, bucket, tmp_path):
    wrong = bucket.url.replace(bucket.name, "missing")
    flags = ("--data", tmp_path / "d", "--store", f"mirror:file://{tmp_path}/objects,{wrong}")
    done = run("doctor", *flags, env=gateway["env"])
    assert done.returncode == 1 and "OK     1st store     writes" in done.stdout
    assert "OK     1st lifecycle this store" in done.stdout and "OK     state         /" in done.stdout
    assert "WRONG  2nd store" in done.stdout and "bucket does not exist" in done.stdout


def test_each_store_may_have_keys_of_its_own(run, gateway, bucket, tmp_path):
    (tmp_path / "keys").write_text(
        f"[old]\naws_access_key_id = {gateway['env']['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {gateway['env']['AWS_SECRET_ACCESS_KEY']}\n"
    )
    env = {
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "keys"),
        "AWS_ACCESS_KEY_ID": "of",
        "AWS_SECRET_ACCESS_KEY": "another",
    }
    bucket.s3.put_object(Bucket=bucket.name, Key="pitches/1/x", Body=b"x")
    target = f"file://{tmp_path}/objects"
    assert run("migrate", bucket.url, target, env=env).returncode == 2
    done = run("migrate", f"{bucket.url}&profile=old", target, env=env)
    assert done.returncode == 0 and "copied 1" in done.stdout, done.stderr


def test_a_move_as_the_operations_page_tells_it(start_server, run, gateway, bucket, media, tmp_path):
    data, source = tmp_path / "data", f"file://{tmp_path}/data/objects"
    env = gateway["env"]
    old = start_server(data=data, env=env)
    key = old.upload(media.wav())
    before = say(old, "Before the move.")
    late = old.post("/v1/uploads", {"filename": "late.wav", "content_type": "audio/wav", "pitch_id": "7"}).json
    assert run("doctor", "--data", data, "--store", f"mirror:{source},{bucket.url}", env=env).returncode == 0
    old.terminate()

    both = start_server("--store", f"mirror:{source},{bucket.url}", data=data, env=env)
    during = say(both, "During the move.")
    assert bucket.keys() == [key_of(during)]
    told = []
    while not told or "Safe to cut over" not in told[-1]:
        told.append(run("migrate", source, bucket.url, env=env).stdout)
        assert len(told) < 4, told
    assert "copied 2" in told[0] and "Safe to cut over: 3 objects" in told[-1]
    both.terminate()

    new = start_server("--store", bucket.url, data=data, env=env)
    assert {key_of(before), key_of(during), key} == set(bucket.keys())
    done = new.post("/transcode", {"file_url": key, "target_format": "flac"})
    assert done.status == 200 and done.json["s3_key"] in bucket.keys()

    path = data / "objects" / "fadeout" / late["key"]  # somebody still uploads by an old link
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"late")
    bucket.s3.put_object(Bucket=bucket.name, Key=key, Body=b"newer")
    assert "copied 1" in run("migrate", source, bucket.url, "--missing-only", env=env).stdout
    assert bucket.body(late["key"]) == b"late" and bucket.body(key) == b"newer"
