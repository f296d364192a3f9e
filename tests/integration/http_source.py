"""A web server with one file and chosen faults, for sources of POST /transcode."""

import threading

from http_server import Handler, HttpServer


class Source(HttpServer):
    """ranges: answer Range requests. drop_after: close the connection after so many bytes of a body.
    silent_after: send so many bytes, then nothing more, without closing. trickle_after: send so many bytes, then one
    every 0.1 s. piece_bytes: answer ranges in pieces of at most so many bytes, of a file whose size is not told."""

    def __init__(self, body, ranges=True, drop_after=None, silent_after=None, trickle_after=None, piece_bytes=None):
        source = self
        self.requests = []
        self.trickling, self.left = threading.Event(), threading.Event()  # bytes trickle; whom they went to has left

        class Answers(Handler):
            def do_GET(self):
                source.requests.append((self.path, dict(self.headers)))
                start = 0
                wanted = self.headers.get("Range")
                if ranges and wanted:
                    start = int(wanted.removeprefix("bytes=").split("-")[0])
                    if piece_bytes and start >= len(body):
                        return self.say(416)
                    end = min(start + piece_bytes, len(body)) if piece_bytes else len(body)
                    self.send_response(206)
                    self.send_header("Content-Range", f"bytes {start}-{end - 1}/{'*' if piece_bytes else len(body)}")
                else:
                    end = len(body)
                    self.send_response(200)
                self.send_header("Content-Length", str(end - start))
                self.send_header("Content-Type", "audio/mpeg")
                if ranges:
                    self.send_header("Accept-Ranges", "bytes")
                if trickle_after is not None:
                    self.send_header("ETag", '"v1"')  # so that it is not read for its digest first
                self.end_headers()
                part = body[start:end]
                if drop_after is not None:
                    self.wfile.write(part[:drop_after])
                    self.close_connection = True
                elif silent_after is not None:
                    self.wfile.write(part[:silent_after])
                    self.wfile.flush()
                    source.stop.wait(60)
                    self.close_connection = True
                elif trickle_after is not None:
                    self.wfile.write(part[:trickle_after])
                    self.trickle(part[trickle_after:])
                    self.close_connection = True
                else:
                    self.wfile.write(part)

            def trickle(self, part):
                source.trickling.set()
                try:
                    for byte in part:
                        self.wfile.write(bytes([byte]))
                        if source.stop.wait(0.1):
                            return
                except OSError:
                    source.left.set()

        super().__init__(Answers)

    def url(self, path):
        return self.root + path
