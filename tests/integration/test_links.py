"""Signed links: whoever holds one can read (or write) exactly that, exactly so long."""

import re
import subprocess
import time
import urllib.parse

import pytest


@pytest.fixture
def link(server):
    return server.post("/tts/sync", {"text": "A link."}).json["s3_url"]


def test_curl_follows_a_link(server, link, tmp_path):
    out = tmp_path / "a.wav"
    done = subprocess.run(["curl", "-sS", "--fail", "-o", out, link], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes()[:4] == b"RIFF"


def test_any_changed_character_is_refused(server, link):
    path = link[len(server.url) :]
    start = path.index("/objects/") + len("/objects/")
    for i in range(start, len(path), 7):
        other = "b" if path[i] != "b" else "c"
        changed = path[:i] + other + path[i + 1 :]
        assert server.get(changed).status in (400, 403), changed
    assert server.get(path).status == 200


def test_other_methods_are_refused(server, link):
    assert server.request("HEAD", link).status == 200
    assert server.request("PUT", link, b"x").status == 403
    for method in ("POST", "DELETE"):
        assert server.request(method, link).status in (403, 405)


def test_parameters_added_missing_or_doubled_are_refused(server, link):
    assert server.get(link + "&x=1").status == 403
    assert server.get(link + "&response-content-type=text/html").status == 403
    base, query = link.split("?")
    pairs = query.split("&")
    for i in range(len(pairs)):
        assert server.get(base + "?" + "&".join(pairs[:i] + pairs[i + 1 :])).status == 403
        assert server.get(base + "?" + "&".join(pairs + [pairs[i]])).status == 403
    assert server.get(base).status == 403


def test_one_second_too_late_is_refused(server, link):
    key = urllib.parse.urlsplit(link).path.split("/objects/fadeout/")[1]
    short = subprocess.run(
        [server.process.args[0], "presign", key, "--expires", "2s", "--data", server.data, "--public-url", server.url],
        capture_output=True,
        text=True,
    )
    assert short.returncode == 0, short.stderr
    url = short.stdout.strip()
    assert server.get(url).status == 200
    signed = re.search(r"X-Amz-Date=(\d{8}T\d{6}Z)", url)[1]
    import calendar

    end = calendar.timegm(time.strptime(signed, "%Y%m%dT%H%M%SZ")) + 2
    time.sleep(max(0, end - time.time() + 0.01))
    assert server.get(url).status == 403


@pytest.mark.parametrize("expires,code", [("0s", 2), ("8d", 2), ("1s", 0), ("7d", 0), ("soon", 2)])
def test_presign_takes_1_s_to_7_d(run, tmp_path, expires, code):
    done = run("presign", "pitches/1/a.wav", "--expires", expires, "--data", tmp_path / "data")
    assert done.returncode == code, done.stderr


def test_ranges_and_conditions(server, link):
    whole = server.get(link)
    part = server.get(link, headers={"Range": "bytes=10-19"})
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.body)}"
    assert server.get(link, headers={"Range": "bytes=-5"}).body == whole.body[-5:]
    assert server.get(link, headers={"Range": f"bytes={len(whole.body)}-"}).status == 416
    again = server.get(link, headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    head = server.request("HEAD", link)
    assert head.headers["Content-Length"] == str(len(whole.body)) and head.body == b""


def test_uploads_go_through_a_put_link(server, media):
    grant = server.post("/v1/uploads", {"filename": "My Song.wav", "content_type": "audio/wav", "pitch_id": "9"})
    assert grant.status == 201, grant
    assert grant.json["key"].startswith("pitches/9/") and grant.json["method"] == "PUT"
    body = media.wav().read_bytes()
    assert server.request("PUT", grant.json["url"], body, {"Content-Type": "text/html"}).status == 403
    assert server.request("PUT", grant.json["url"], body, grant.json["headers"]).status == 200
    assert server.objects() == [grant.json["key"]]
    assert (server.data / "objects/fadeout" / grant.json["key"]).read_bytes() == body
    assert server.get(grant.json["url"]).status == 403
    other = server.post("/v1/uploads", {"filename": "a.wav", "content_type": "audio/wav"}).json
    assert other["key"].startswith("uploads/")
    for bad in ({}, {"filename": ""}, {"filename": 5}, {"filename": "a.wav", "pitch_id": "../x"}):
        assert server.post("/v1/uploads", bad).status == 400, bad


def test_an_upload_that_breaks_off_leaves_nothing(server):
    import socket

    grant = server.post("/v1/uploads", {"filename": "a.wav", "content_type": "audio/wav"}).json
    target = grant["url"][len(server.url) :]
    with socket.create_connection(("127.0.0.1", server.port)) as s:
        s.sendall(
            f"PUT {target} HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: 1000000\r\n\r\n".encode()
            + b"x" * 1000
        )
        time.sleep(0.2)
    time.sleep(0.3)
    assert server.objects() == []


def test_hidden_and_metadata_names_are_no_keys(run, tmp_path):
    for key in (".hidden", "a/../b", "a//b", "/a", "a/", "x.fadeout-meta", "a\nb", "x" * 1025, ""):
        done = run("presign", key, "--data", tmp_path / "data")
        assert done.returncode == 2, (key, done.stdout, done.stderr)


def test_the_signing_key_is_private_and_must_be_readable(start_server, run, tmp_path):
    server = start_server()
    key = server.data / "signing.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert server.terminate() == 0
    key.write_text("")
    done = run("serve", "--data", server.data, "--listen", "127.0.0.1:1")
    assert done.returncode != 0 and "signing key" in done.stderr


def test_links_are_made_for_the_public_url(start_server):
    server = start_server("--public-url", "https://audio.example.com")
    answer = server.post("/tts/sync", {"text": "x"}, headers={"Host": "evil.example"})
    assert answer.json["s3_url"].startswith("https://audio.example.com/objects/fadeout/temp-audio/")
    path = answer.json["s3_url"][len("https://audio.example.com") :]
    assert server.get(path, headers={"Host": "anything"}).status == 200


def test_a_public_url_may_lie_below_a_path(start_server):
    server = start_server("--public-url", "https://example.com/audio")
    link = server.post("/tts/sync", {"text": "x"}).json["s3_url"]
    assert link.startswith("https://example.com/audio/objects/fadeout/")
    path = link[len("https://example.com") :]
    assert server.get(path).status == 200, "the proxy left the path on"
    assert server.get(path[len("/audio") :]).status == 200, "the proxy took it off"


def test_f22_links_and_keys_are_not_in_the_log(server, link):
    server.get(link)
    server.post("/transcode", {"file_url": link})
    signature = re.search(r"X-Amz-Signature=(\w+)", link)[1]
    time.sleep(0.2)
    assert "/objects/fadeout/temp-audio" in server.log
    assert signature not in server.log
