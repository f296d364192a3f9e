"""What the tests of processing share: a data folder with an original, and what a remote function answers."""

import calendar
import json
import os
import re
import time

ORIGINAL = "pitches/7/song.wav"
DIRECT = "pitches/7/processed/lambda.mp3"
RESULT = re.compile(r"pitches/7/processed/transcoded_\d{8}_\d{6}_[0-9a-f]{8}\.mp3")
ERROR_DOCUMENT = b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code>' + b"<HostId>x</HostId>" * 100 + b"</Error>"
RESULT_MEMBERS = [
    *("transcoded", "watermarked", "output_path", "output_filename", "output_size", "original_format"),
    *("target_format", "target_bitrate", "processing_method", "processing_time", "error"),
]


class Place:
    """A data folder with one original in it, and the command line on it."""

    def __init__(self, run, data, media):
        self.call, self.data, self.root = run, data, data / "objects" / "fadeout"
        self.mp3 = media.encoded("mp3").read_bytes()
        self.put(ORIGINAL, media.wav().read_bytes())

    def put(self, key, content, age_s=0):
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if age_s:
            os.utime(path, (time.time() - age_s,) * 2)
        return key

    def link(self, key):
        return self.call("presign", key, "--data", self.data).stdout.strip()

    def objects(self):
        return sorted(
            str(path.relative_to(self.root))
            for path in self.root.rglob("*")
            if path.is_file() and "/." not in str(path) and not path.name.endswith(".fadeout-meta")
        )

    def process(self, address, *flags, allow=True, env=None):
        """-> the result object and the log."""
        allowed = ("--source-allow", "127.0.0.1") if allow else ()
        done = self.call(
            *("process", ORIGINAL, "--pitch-id", "7", "--json", "--data", self.data),
            *("--processor-url", address, *allowed, *flags),
            env=env,
        )
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert list(result)[: len(RESULT_MEMBERS)] == RESULT_MEMBERS and result["error"] is None
        assert set(result) - set(RESULT_MEMBERS) <= {"reused", "warnings"}
        size = (self.root / result["output_path"]).stat().st_size
        assert result["output_size"] == size and result["output_filename"] == result["output_path"].split("/")[-1]
        return result, done.stderr

    def cleanups(self):
        done = self.call("jobs", "list", "--type", "cleanup", "--json", "--data", self.data)
        return json.loads(done.stdout)["jobs"]


def success(**more):
    return {"success": True, "storage_provider": "s3", "watermarked": False, **more}


def due_in_s(job):
    return calendar.timegm(time.strptime(job["run_at"], "%Y-%m-%dT%H:%M:%SZ")) - time.time()
