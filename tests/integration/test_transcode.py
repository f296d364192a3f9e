"""POST /transcode and /waveform as the callers of the transcoding function know them."""

import re
import socket
import subprocess
import threading
import time

import pytest

from fadeout_server import AS_ROOT
from http_source import Source
from media import decode_errors, probe


def transcode(server, file_url, **more):
    return server.post("/transcode", {"file_url": file_url, **more})


def test_an_upload_becomes_one_object_at_its_final_key(server, media, tmp_path):
    original = server.upload(media.wav())
    answer = transcode(server, original, watermark_settings={"pitch_id": "7", "project_id": "3"})
    assert answer.status == 200, answer
    result = answer.json
    assert re.fullmatch(r"pitches/7/processed/transcoded_\d{8}_\d{6}_[0-9a-f]{8}\.mp3", result["s3_key"])
    assert result["success"] and result["direct_upload"] and result["storage_provider"] == "local"
    assert result["processing_details"] == {
        "target_format": "mp3",
        "target_bitrate": "192k",
        "watermark_applied": False,
    }
    assert result["input_info"]["codec"] == "pcm_s16le" and result["output_info"]["codec"] == "mp3"
    assert result["output_info"]["duration"] == pytest.approx(3, abs=0.01)
    assert result["output_info"]["bitrate"] == pytest.approx(192_000, rel=0.02)
    assert server.objects() == sorted([original, result["s3_key"]])
    assert "X-Amz-Expires=600" in result["output_url"]
    out = tmp_path / "out.mp3"
    out.write_bytes(server.get(result["output_url"]).body)
    assert decode_errors(out) == "" and probe(out)["audio"]["bit_rate"] == "192000"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("target,codec", [("m4a", "aac"), ("opus", "opus"), ("flac", "flac"), ("wav", "pcm_s16le")])
def test_f14_other_targets_are_what_they_say(server, media, tmp_path, target, codec):
    answer = transcode(server, server.upload(media.encoded("mp3"), "audio/mpeg"), target_format=target)
    assert answer.status == 200, answer
    out = tmp_path / f"out.{target}"
    out.write_bytes(server.get(answer.json["output_url"]).body)
    assert probe(out)["audio"]["codec_name"] == codec


def test_f18_the_same_request_names_the_same_key(server, media):
    original = server.upload(media.wav())
    first = transcode(server, original).json
    second = transcode(server, original).json
    other = transcode(server, original, target_bitrate="128k").json
    assert first["s3_key"] == second["s3_key"] != other["s3_key"]
    assert second["reused"] and second["output_info"]["codec"] == "mp3"
    assert len(server.objects("pitches/unknown/processed/")) == 2


def test_what_was_damaged_is_told_again(server, media):
    original = server.upload(media.damaged(), "audio/mpeg")
    first, again = (transcode(server, original).json for _ in range(2))
    assert ["replaced by silence" in warning for warning in first["warnings"]] == [True]
    assert again["reused"] and again["warnings"] == first["warnings"]


def test_a_length_that_the_source_does_not_tell_stays_the_same(server, media):
    original = server.upload(media.without_length(), "audio/mpeg")
    first, again = (transcode(server, original).json for _ in range(2))
    assert again["reused"] and first["input_info"]["duration"] == pytest.approx(40, abs=0.1)
    for part in ("input_info", "output_info"):
        assert again[part]["duration"] == pytest.approx(first[part]["duration"], abs=0.03), "a frame of MP3"


def test_own_links_are_sources(server, media):
    link = server.post("/tts/sync", {"text": "Transcode me."}).json["s3_url"]
    assert transcode(server, link).status == 200
    broken = link[:-1] + ("0" if link[-1] != "0" else "1")
    assert transcode(server, broken).status in (400, 403)


def test_metadata_is_stored_beside_the_object(server, media):
    result = transcode(server, server.upload(media.wav()), watermark_settings={"pitch_id": "7", "project_id": "3"})
    head = server.request("HEAD", result.json["output_url"])
    assert head.status == 200 and head.headers["Content-Type"] == "audio/mpeg"
    names = {name.lower().replace("_", "-"): value for name, value in head.headers.items()}
    assert names["x-amz-meta-pitch-id"] == "7" and names["x-amz-meta-project-id"] == "3"
    assert names["x-amz-meta-original-watermarked"] == "false"
    assert names["x-amz-meta-processed-at"]


@pytest.mark.parametrize(
    "body,status,text",
    [
        ({}, 400, "Missing file_url parameter"),
        ({"file_url": ""}, 400, "Missing file_url parameter"),
        ({"file_url": 5}, 400, "file_url"),
        ({"file_url": "a.wav", "target_format": "xyz"}, 400, "mp3"),
        ({"file_url": "a.wav", "target_bitrate": "fast"}, 400, "192k"),
        ({"file_url": "a.wav", "target_bitrate": "12345678k"}, 400, ""),
        ({"file_url": "a.wav", "apply_watermark": "yes"}, 400, "apply_watermark"),
        ({"file_url": "a.wav", "apply_watermark": True, "watermark_settings": {"volume": 0}}, 400, "volume"),
        ({"file_url": "a.wav", "apply_watermark": True, "watermark_settings": {"interval": 0}}, 400, "interval"),
        ({"file_url": "a.wav", "apply_watermark": True, "watermark_settings": {"type": "beep"}}, 400, "white_noise"),
        ({"file_url": "a.wav", "watermark_settings": {"pitch_id": "../../etc"}}, 400, "pitch_id"),
        ({"file_url": "ftp://example.com/a.wav"}, 400, "http"),
        ({"file_url": "file:///etc/passwd"}, 400, "http"),
        ({"file_url": "../../etc/passwd"}, 400, ""),
        ("nonsense", 400, ""),
        ([1], 400, ""),
    ],
)
def test_wrong_requests_say_what_is_accepted(server, body, status, text):
    answer = server.post("/transcode", body)
    assert answer.status == status, answer
    assert text in answer.json["error"]
    assert server.objects() == []


def test_a_missing_key_is_told(server):
    answer = transcode(server, "pitches/1/none.wav")
    assert answer.status == 404 and "none.wav" in answer.json["error"]


def test_damaged_and_disguised_sources_are_422_and_leave_nothing(server, media, tmp_path):
    playlist = tmp_path / "song.mp3"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    cut = tmp_path / "cut.flac"
    whole = media.encoded("flac").read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    for path in (playlist, cut):
        key = server.upload(path, "audio/mpeg")
        answer = transcode(server, key)
        assert answer.status == 422, answer
        assert "/" + "tmp" not in answer.json["error"], "a path leaks"
    assert all(not key.startswith("pitches/unknown") for key in server.objects())


def test_f11_private_addresses_are_refused_and_tell_nothing(server):
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    closed = 1
    texts = set()
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0"):
        for p in (port, closed):
            answer = transcode(server, f"http://{host}:{p}/a.mp3")
            assert answer.status in (400, 403, 502), answer
            assert str(p) not in answer.json["error"]
            texts.add((host, answer.status, answer.json["error"]))
    listening.settimeout(0.1)
    with pytest.raises(TimeoutError):
        listening.accept()
    assert len(texts) == 7, "open and closed ports can be told apart"
    for url in ("http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fd00:ec2::254]/"):
        assert transcode(server, url).status in (400, 403)


def test_remote_sources_are_streamed(start_server, media):
    server = start_server("--source-allow", "127.0.0.1")
    with Source(media.encoded("mp3").read_bytes()) as source:
        answer = transcode(server, source.url("/song.mp3?token=secret"), target_format="flac")
        assert answer.status == 200, answer
    assert "secret" not in server.log


def test_a_source_that_dies_midway_is_502(start_server, media):
    server = start_server("--source-allow", "127.0.0.1")
    body = media.wav(seconds=30).read_bytes()
    with Source(body, ranges=False, drop_after=len(body) // 3) as source:
        answer = transcode(server, source.url("/song.wav"))
    assert answer.status == 502, answer
    assert server.objects() == []


def test_f13_a_silent_source_is_given_up(start_server, media):
    server = start_server("--source-allow", "127.0.0.1", env={"FADEOUT_SOURCE_STALL_TIMEOUT": "1s"})
    with Source(media.wav().read_bytes(), silent_after=1000) as source:
        start = time.monotonic()
        answer = transcode(server, source.url("/song.wav"))
        assert answer.status in (502, 504), answer
        assert time.monotonic() - start < 20


@pytest.fixture
def trickle(media):
    """A WAV file of which one byte comes every 0.1 s."""
    with Source(media.wav(seconds=30).read_bytes(), ranges=False, trickle_after=1000) as source:
        yield source


@pytest.mark.parametrize("path", ["/transcode", "/waveform"])
def test_a_trickling_source_is_given_up_at_the_request_timeout(start_server, trickle, path):
    server = start_server("--source-allow", "127.0.0.1", "--http-request-timeout", "1s")
    start = time.monotonic()
    answer = server.post(path, {"file_url": trickle.url("/song.wav")}, timeout_s=10)
    assert answer.status == 504 and "longer than 1s" in answer.json["error"], answer
    assert time.monotonic() - start < 5
    assert trickle.left.wait(5), "it is still read"
    assert server.objects() == []


def test_a_trickling_source_is_given_up_when_the_client_leaves(start_server, trickle):
    server = start_server("--source-allow", "127.0.0.1")
    with pytest.raises(TimeoutError):
        server.post("/transcode", {"file_url": trickle.url("/song.wav")}, timeout_s=1)
    assert trickle.left.wait(5), "it is still read"


def test_a_trickling_source_does_not_hold_up_the_shutdown(start_server, trickle):
    server = start_server("--source-allow", "127.0.0.1", "--http-shutdown-grace", "1s")
    answers = []

    def post():
        answers.append(server.post("/transcode", {"file_url": trickle.url("/song.wav")}))

    client = threading.Thread(target=post)
    client.start()
    assert trickle.trickling.wait(10)
    start = time.monotonic()
    assert server.terminate() == 0
    assert time.monotonic() - start < 5
    client.join()
    assert answers[0].status == 503 and "shutting down" in answers[0].json["error"]


def test_pieces_of_unknown_total_are_all_read(start_server, media):
    server = start_server("--source-allow", "127.0.0.1")
    body = media.encoded("mp3").read_bytes()
    with Source(body, piece_bytes=len(body) // 4) as source:
        answer = transcode(server, source.url("/song.mp3"))
    assert answer.status == 200, answer
    assert answer.json["output_info"]["duration"] == pytest.approx(3, abs=0.1)
    assert len(source.requests) > 4


def test_too_large_and_too_long_are_413(start_server, media, tmp_path):
    server = start_server(env={"FADEOUT_LIMITS_INPUT_BYTES": "100KiB"})
    assert transcode(server, server.upload(media.wav())).status == 413
    server = start_server(data=tmp_path / "other", env={"FADEOUT_LIMITS_DURATION": "2s"})
    assert transcode(server, server.upload(media.wav())).status == 413
    assert all("processed" not in key for key in server.objects())


def test_waveform_formats(server, media):
    key = server.upload(media.wav())
    answer = server.post("/waveform", {"file_url": key, "peaks_count": 50})
    assert answer.status == 200 and len(answer.json["peaks"]) == 50
    answer = server.post("/waveform", {"file_url": key, "format": "audiowaveform"})
    assert answer.json["version"] == 2 and answer.json["samples_per_pixel"] == 256
    answer = server.post("/waveform", {"file_url": key, "format": "dat"})
    assert answer.body[:4] == b"\1\0\0\0"
    for bad in (0, -1, 10_001, 1.5, "200"):
        assert server.post("/waveform", {"file_url": key, "peaks_count": bad}).status == 400, bad
    assert server.objects() == [key], "a waveform leaves no file"


def test_disk_full_is_507_and_the_service_goes_on(start_server, media, tmp_path):
    disk = tmp_path / "small"
    disk.mkdir()
    subprocess.run([*AS_ROOT, "mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], check=True)
    try:
        server = start_server(data=disk / "data")
        key = server.upload(media.wav(seconds=5))
        answer = transcode(server, key, target_format="wav", sample_rate=192000)
        assert answer.status == 507, answer
        assert server.objects() == [key]
        assert server.get("/healthz").status == 200
        small = server.upload(media.wav(seconds=1))
        assert transcode(server, small, target_bitrate="64k").status == 200
        server.terminate()
    finally:
        server.kill()
        subprocess.run([*AS_ROOT, "umount", "-l", disk], check=True)


def test_requests_beyond_the_queue_are_429(start_server, media):
    server = start_server(env={"FADEOUT_HTTP_SLOW_WORKERS": "1", "FADEOUT_HTTP_SLOW_QUEUE": "1"})
    key = server.upload(media.wav(seconds=60))
    statuses, lock = [], threading.Lock()

    def one(i):
        answer = transcode(server, key, target_bitrate=f"{[64, 80, 96, 112, 128, 160][i]}k")
        with lock:
            statuses.append((answer.status, answer.headers.get("Retry-After")))

    threads = [threading.Thread(target=one, args=(i,)) for i in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {s for s, _ in statuses} == {200, 429}
    assert all(retry for s, retry in statuses if s == 429)
