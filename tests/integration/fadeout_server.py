"""A running `fadeout serve` (or `worker`) and a plain HTTP client for it."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request


AS_ROOT = [] if os.geteuid() == 0 else ["sudo"]  # mounts of the disk faults


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def wait_for(condition, timeout_s=30):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Server:
    def __init__(self, program, data, flags=(), env=None, role="serve"):
        self.data = pathlib.Path(data)
        self.port = free_port()
        self.log_path = self.data.with_name(self.data.name + f".{self.port}.log")
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = open(self.log_path, "wb")
        self.process = subprocess.Popen(
            [program, role, "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}", *map(str, flags)],
            stdout=self.log_file,
            stderr=self.log_file,
            env={**os.environ, **(env or {})},
        )

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_until_ready(self, timeout_s=30):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log}"
            try:
                if self.request("GET", "/readyz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"not ready after {timeout_s} s:\n{self.log}")

    def request(self, method, target, body=None, headers=None, timeout_s=60):
        """`target`: a path, or a whole URL of this server. A dict body is sent as JSON."""
        parts = urllib.parse.urlsplit(target)
        if parts.netloc:
            target = urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, target, **more):
        return self.request("GET", target, **more)

    def post(self, target, body, **more):
        return self.request("POST", target, body, **more)

    def upload(self, path, content_type="audio/wav", pitch_id="7"):
        """Uploads an original the way a web page does; returns its key."""
        path = pathlib.Path(path)
        grant = self.post(
            "/v1/uploads", {"filename": path.name, "content_type": content_type, "pitch_id": pitch_id}
        )
        assert grant.status == 201, grant
        put = self.request(grant.json["method"], grant.json["url"], path.read_bytes(), grant.json["headers"])
        assert put.status == 200, put
        return grant.json["key"]

    def upload_to_store(self, path):
        """Uploads an original by a link that leads to another server; returns its key."""
        grant = self.post("/v1/uploads", {"filename": path.name, "content_type": "audio/wav", "pitch_id": "7"}).json
        request = urllib.request.Request(grant["url"], path.read_bytes(), grant["headers"], method="PUT")
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200
        return grant["key"]

    def wait_for_job(self, job_id, states=("done", "failed", "dead", "cancelled"), timeout_s=60):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            job = self.get(f"/v1/jobs/{job_id}").json
            if job["state"] in states:
                return job
            time.sleep(0.1)
        raise AssertionError(f"job still {job['state']} after {timeout_s} s: {job}")

    def objects(self, prefix=""):
        """Keys on disk below `prefix`, without fadeout's own files."""
        root = self.data / "objects" / "fadeout"
        return sorted(
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file()
            and not any(part.startswith(".") for part in path.relative_to(root).parts)
            and not path.name.endswith(".fadeout-meta")
            and str(path.relative_to(root)).startswith(prefix)
        )

    def files(self):
        """Every file in the data folder, hidden ones too."""
        return sorted(str(p.relative_to(self.data)) for p in self.data.rglob("*") if p.is_file())

    def terminate(self, timeout_s=30):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log_file.close()
