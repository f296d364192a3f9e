"""An endpoint of webhooks: keeps what it is sent and answers as it is told."""

import json
import time

from http_server import Handler, HttpServer


class Endpoint(HttpServer):
    """`answers`: the statuses to answer with, in turn; the last one stays. (status, headers): with these as well.
    "stall": say nothing until the end."""

    def __init__(self, *answers):
        endpoint = self
        self.answers = list(answers) or [200]
        self.received = []

        class Answers(Handler):
            protocol_version = "HTTP/1.0"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.received.append(Message(self.path, self.headers, body))
                answer = endpoint.answers[0] if len(endpoint.answers) == 1 else endpoint.answers.pop(0)
                if answer == "stall":
                    endpoint.stop.wait(60)
                    return
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in {"Location": "/elsewhere", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(b"thanks " * 100_000)
                except OSError:
                    pass  # nobody wants to read that

            do_GET = do_POST

        super().__init__(Answers)
        self.url = self.root + "/hooks"

    def wait_for(self, count, timeout_s=20):
        end = time.monotonic() + timeout_s
        while len(self.received) < count:
            assert time.monotonic() < end, f"{len(self.received)} of {count} messages after {timeout_s} s"
            time.sleep(0.05)
        return self.received[count - 1]


class Message:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body
        self.at = time.monotonic()

    @property
    def id(self):
        return self.headers["webhook-id"]

    @property
    def json(self):
        return json.loads(self.body)
