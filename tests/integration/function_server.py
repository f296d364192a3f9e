"""A stand-in for the remote transcoding function: answers what a test tells it to, and serves outputs."""

import json

from http_server import Handler, HttpServer


class Function(HttpServer):
    """answer(request) -> a dict (sent as JSON), bytes, or (status, headers, bytes); None: says nothing until the end.
    `outputs`: path -> bytes, or a list of (status, bytes) that are sent one after the other; None: says nothing."""

    def __init__(self, answer, outputs=None):
        function = self
        self.requests = []  # of the function itself: dicts with path, headers, body
        self.fetched = []  # paths of outputs
        self.outputs = outputs or {}

        class Answers(Handler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = {"path": self.path, "headers": dict(self.headers.items()), "body": json.loads(body), "raw": body}
                function.requests.append(request)
                said = answer(request)
                if said is None:
                    function.stop.wait(60)
                    self.close_connection = True
                elif isinstance(said, dict):
                    self.say(200, json.dumps(said).encode())
                elif isinstance(said, bytes):
                    self.say(200, said)
                else:
                    status, headers, content = said
                    self.say(status, content, headers)

            def do_GET(self):
                function.fetched.append(self.path)
                found = function.outputs.get(self.path, (404, b"none"))
                if found is None:
                    function.stop.wait(60)
                    self.close_connection = True
                    return
                if isinstance(found, list):  # the last one stays
                    found = found.pop(0) if len(found) > 1 else found[0]
                self.say(*found) if isinstance(found, tuple) else self.say(200, found)

        super().__init__(Answers)
        self.url = self.root
