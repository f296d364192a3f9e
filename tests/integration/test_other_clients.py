"""What fadeout writes to S3 and DynamoDB is read by other clients: Debian's awscli and boto3, and links by curl."""

import json
import os
import subprocess
import time
import urllib.request

import pytest

from media import probe

AWS = "/usr/bin/aws"  # Debian's, whatever else is installed


@pytest.fixture
def aws(backends, tmp_path):
    """aws("s3", "cp", ...) against the gateway; aws("dynamodb", ...) against dynalite."""

    settings = tmp_path / "aws-config"  # nobody's own
    settings.touch()

    def call(service, *arguments):
        endpoint = backends["dynalite" if service == "dynamodb" else "rgw"]
        done = subprocess.run(
            [AWS, "--endpoint-url", endpoint, "--region", "us-east-1", "--output", "json"]
            + [service, *map(str, arguments)],
            env={**os.environ, **backends["env"], "AWS_CONFIG_FILE": str(settings)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", "--noproxy", "*", *arguments], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def get(backends, key, **more):
    return backends["s3"].get_object(Bucket=backends["bucket"], Key=key, **more)


def check_everywhere(backends, aws, key, url, content, content_type, folder):
    """The object is `content` for aws, boto3 and curl, whole and in ranges."""
    target = folder / "copy"
    aws("s3", "cp", f"s3://{backends['bucket']}/{key}", target)
    assert target.read_bytes() == content
    head = json.loads(aws("s3api", "head-object", "--bucket", backends["bucket"], "--key", key))
    assert head["ContentLength"] == len(content) and head["ContentType"] == content_type

    assert get(backends, key)["Body"].read() == content
    last = len(content) - 1
    for first, end in ((0, 0), (1, 1_000), (last - 99, last), (len(content) // 2, last)):
        part = get(backends, key, Range=f"bytes={first}-{end}")
        assert part["Body"].read() == content[first : end + 1]
        assert curl("-r", f"{first}-{end}", url) == content[first : end + 1]
    assert curl(url) == content
    fields = curl("-D", "-", "-o", os.devnull, "-r", "5-9", url).decode().lower()
    assert " 206 " in fields and f"content-range: bytes 5-9/{len(content)}" in fields
    assert curl("-o", os.devnull, "-w", "%{http_code}", url + "0") == b"403", "a link cannot be altered"
    assert curl("-o", os.devnull, "-w", "%{http_code}", "-I", url) == b"403", "it is signed for GET"
    return head


def test_speech_and_its_record(backends, nodes, aws, tmp_path):
    result = nodes("serve").post("/tts/sync", {"text": "Read by others."}).json
    date = time.strftime("%Y-%m-%d", time.gmtime())
    key = f"temp-audio/{date}/{result['audio_id']}.wav"
    content = get(backends, key)["Body"].read()
    check_everywhere(backends, aws, key, result["s3_url"], content, "audio/wav", tmp_path)
    assert abs(float(probe(tmp_path / "copy")["format"]["duration"]) - result["duration"]) < 0.01

    row_key = json.dumps({"date": {"S": date}, "audio_id": {"S": result["audio_id"]}})
    row = json.loads(aws("dynamodb", "get-item", "--table-name", backends["table"], "--key", row_key))["Item"]
    assert {name: list(value)[0] for name, value in row.items()} == {
        **{"date": "S", "audio_id": "S", "s3_url": "S", "text": "S", "voice_id": "S"},
        **{"duration": "N", "ttl": "N"},
    }
    assert row["text"]["S"] == "Read by others." and row["s3_url"]["S"] == result["s3_url"]
    assert float(row["duration"]["N"]) == pytest.approx(result["duration"])
    assert int(row["ttl"]["N"]) == pytest.approx(time.time() + 86_400, abs=60)


def test_an_upload_and_a_result_of_several_parts(backends, nodes, media, aws, tmp_path):
    api = nodes("serve")
    original = media.wav(seconds=120)  # 21 MB: more than two parts of 8 MiB
    grant = api.post(
        "/v1/uploads", {"filename": original.name, "content_type": "audio/wav", "pitch_id": "7"}
    ).json
    request = urllib.request.Request(grant["url"], original.read_bytes(), grant["headers"], method="PUT")
    assert urllib.request.urlopen(request, timeout=60).status == 200
    aws("s3", "cp", f"s3://{backends['bucket']}/{grant['key']}", tmp_path / "upload")
    assert (tmp_path / "upload").read_bytes() == original.read_bytes()

    settings = {"type": "periodic_tone", "project_id": "3", "pitch_id": "7"}
    result = api.post(
        "/transcode",
        {
            **{"file_url": grant["key"], "target_format": "wav"},
            **{"apply_watermark": True, "watermark_settings": settings},
        },
    ).json
    content = get(backends, result["s3_key"])["Body"].read()
    assert len(content) > 16 << 20
    head = check_everywhere(
        backends, aws, result["s3_key"], result["output_url"], content, "audio/wav", tmp_path
    )
    assert head["ETag"].strip('"').endswith("-3"), "written in three parts"
    metadata = {name.replace("-", "_"): value for name, value in head["Metadata"].items()}
    assert metadata["project_id"] == "3" and metadata["original_watermarked"] == "true"
    assert abs(float(probe(tmp_path / "copy")["format"]["duration"]) - 120) < 0.01
