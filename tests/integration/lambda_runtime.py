"""A stand-in for the Runtime API of AWS Lambda, and the function that runs against it."""

import json
import os
import pathlib
import queue
import signal
import subprocess
import threading
import time

from http_server import Handler, HttpServer


class Runtime(HttpServer):
    """Hands out events and keeps what comes back: ("response" | "error" | "init", JSON, error type, seconds)."""

    def __init__(self):
        self.events, self.results = queue.Queue(), queue.Queue()
        self.count = 0
        self.waiting = threading.Event()  # the function has asked for an event and there is none
        runtime = self

        class Answers(Handler):
            def do_GET(self):
                assert self.path == "/2018-06-01/runtime/invocation/next", self.path
                runtime.waiting.set()
                event = runtime.events.get()
                runtime.waiting.clear()
                if event is None:
                    self.close_connection = True
                    return
                request_id, body, deadline_ms = event
                trace = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1"
                named = {"Aws-Request-Id": request_id, "Deadline-Ms": str(deadline_ms), "Trace-Id": trace}
                self.say(200, body, {"Lambda-Runtime-" + name: value for name, value in named.items()})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                kind = "init" if self.path == "/2018-06-01/runtime/init/error" else self.path.split("/")[-1]
                kind_of_error = self.headers.get("Lambda-Runtime-Function-Error-Type")
                runtime.results.put((kind, body, kind_of_error, time.monotonic()))
                self.say(202)

        super().__init__(Answers)
        self.start()

    def invoke(self, event, seconds=60):
        """`event`: bytes, or what is sent as JSON. Returns (kind, JSON, error type, seconds that it took)."""
        self.count += 1
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        began = time.monotonic()
        self.events.put((f"request-{self.count}", body, int((time.time() + seconds) * 1000)))
        kind, answer, kind_of_error, ended = self.results.get(timeout=seconds + 30)
        return kind, answer, kind_of_error, ended - began

    def answer(self, event, seconds=60):
        """The answer to an event that must get one."""
        kind, answer, _, _ = self.invoke(event, seconds)
        assert kind == "response", answer
        return answer

    def close(self):
        self.events.put(None)
        super().close()


class Function:
    """A running `fadeout lambda`, or another `command` that is one."""

    def __init__(self, command, runtime, folder, env=None):
        self.runtime = runtime
        self.data = pathlib.Path(folder) / "data"
        self.log_path = pathlib.Path(folder) / "lambda.log"
        # As Lambda starts it: with few variables, all of them its own.
        environment = {
            **{"AWS_LAMBDA_RUNTIME_API": runtime.address, "PATH": "/bin"},
            **{"FADEOUT_DATA": str(self.data), "FADEOUT_STORE": f"file://{self.data}/objects"},
        }
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                list(map(str, command)), env={**environment, **(env or {})}, stdout=log, stderr=log, cwd="/"
            )

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def put(self, key, bytes_, age_s=0):
        path = self.data / "objects" / "fadeout" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes_)
        then = time.time() - age_s
        os.utime(path, (then, then))

    def path(self, key):
        return self.data / "objects" / "fadeout" / key

    def files(self):
        """Everything in the store, unfinished and hidden files too."""
        root = self.data / "objects"
        return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())

    def terminate(self, timeout_s=10):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
