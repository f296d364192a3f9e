"""A web server with one file and chosen faults, for sources of POST /transcode."""

from http_server import Handler, HttpServer


class Source(HttpServer):
    """ranges: answer Range requests. drop_after: close the connection after so many bytes of a body.
    silent_after: send so many bytes, then nothing more, without closing."""

    def __init__(self, body, ranges=True, drop_after=None, silent_after=None):
        source = self
        self.requests = []

        class Answers(Handler):
            def do_GET(self):
                source.requests.append((self.path, dict(self.headers)))
                start = 0
                wanted = self.headers.get("Range")
                if ranges and wanted:
                    start = int(wanted.removeprefix("bytes=").split("-")[0])
                    self.send_response(206)
                    self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
                else:
                    self.send_response(200)
                self.send_header("Content-Length", str(len(body) - start))
                self.send_header("Content-Type", "audio/mpeg")
                if ranges:
                    self.send_header("Accept-Ranges", "bytes")
                self.end_headers()
                part = body[start:]
                if drop_after is not None:
                    self.wfile.write(part[:drop_after])
                    self.close_connection = True
                elif silent_after is not None:
                    self.wfile.write(part[:silent_after])
                    self.wfile.flush()
                    source.stop.wait(60)
                    self.close_connection = True
                else:
                    self.wfile.write(part)

        super().__init__(Answers)

    def url(self, path):
        return self.root + path
