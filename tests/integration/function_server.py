"""A stand-in for the remote transcoding function (WIRE 2): answers what a test tells it to, and serves outputs."""

import http.server
import json
import threading


class Function:
    """answer(request) -> a dict (sent as JSON), bytes, or (status, headers, bytes); None: says nothing until the end.
    `outputs`: path -> bytes, or a list of (status, bytes) that are sent one after the other."""

    def __init__(self, answer, outputs=None):
        function = self
        self.stop = threading.Event()
        self.requests = []  # of the function itself: dicts with path, headers, body
        self.fetched = []  # paths of outputs
        self.outputs = outputs or {}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = {"path": self.path, "headers": dict(self.headers.items()), "body": json.loads(body), "raw": body}
                function.requests.append(request)
                said = answer(request)
                if said is None:
                    function.stop.wait(60)
                    self.close_connection = True
                elif isinstance(said, dict):
                    self.say(200, {}, json.dumps(said).encode())
                elif isinstance(said, bytes):
                    self.say(200, {}, said)
                else:
                    self.say(*said)

            def do_GET(self):
                function.fetched.append(self.path)
                found = function.outputs.get(self.path, (404, b"none"))
                if isinstance(found, list):
                    found = found.pop(0) if found else (404, b"none")
                self.say(found[0], {}, found[1]) if isinstance(found, tuple) else self.say(200, {}, found)

            def say(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # the caller has heard enough

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()
