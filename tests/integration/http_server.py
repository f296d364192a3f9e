"""A small web server in a thread, for the stand-ins that tests talk to."""

import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    """Says nothing on standard error, and answers in one piece."""

    protocol_version = "HTTP/1.1"

    def say(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # the caller has heard enough

    def log_message(self, *_):
        pass


class HttpServer:
    """Serves with `handler` from `with` or start() on. `stop` is set when it ends, for handlers that keep silent."""

    def __init__(self, handler):
        self.stop = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.root = f"http://{self.address}"

    def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()
