"""An endpoint of webhooks: keeps what it is sent and answers as it is told."""

import http.server
import json
import threading
import time


class Endpoint:
    """`answers`: the statuses to answer with, in turn; the last one stays. "stall": say nothing until the end."""

    def __init__(self, *answers):
        endpoint = self
        self.answers = list(answers) or [200]
        self.received = []
        self.stop = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.received.append(Message(self.path, self.headers, body))
                answer = endpoint.answers[0] if len(endpoint.answers) == 1 else endpoint.answers.pop(0)
                if answer == "stall":
                    endpoint.stop.wait(60)
                    return
                self.send_response(answer)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                try:
                    self.wfile.write(b"thanks " * 100_000)
                except OSError:
                    pass  # nobody wants to read that

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"

    def wait_for(self, count, timeout_s=20):
        end = time.monotonic() + timeout_s
        while len(self.received) < count:
            assert time.monotonic() < end, f"{len(self.received)} of {count} messages after {timeout_s} s"
            time.sleep(0.05)
        return self.received[count - 1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()


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
