"""Passes bytes on to an S3 server, counts the keys of speech that are to be deleted, and holds the requests back until told to go on."""

import socket
import socketserver
import threading
import urllib.parse


class SlowGateway:
    def __init__(self, endpoint):
        self.keys = 0
        self.arrived, self.go_on = threading.Event(), threading.Event()
        parts = urllib.parse.urlsplit(endpoint)
        gateway = self

        class Connection(socketserver.BaseRequestHandler):
            def handle(self):
                with socket.create_connection((parts.hostname, parts.port)) as server:
                    threading.Thread(target=pass_on, args=(server, self.request), daemon=True).start()
                    pass_on(self.request, server, gateway.inspect)

        socketserver.ThreadingTCPServer.daemon_threads = True
        self.tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection)
        self.endpoint = f"http://127.0.0.1:{self.tcp.server_address[1]}"
        threading.Thread(target=self.tcp.serve_forever, daemon=True).start()

    def inspect(self, data):
        keys = data.count(b"<Key>temp-audio/20")  # not those of a node that tries whether it is ready
        if keys:
            self.keys += keys
            self.arrived.set()
            self.go_on.wait(120)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go_on.set()
        self.tcp.shutdown()
        self.tcp.server_close()


def pass_on(source, target, inspect=lambda data: None):
    try:
        while data := source.recv(65_536):
            inspect(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one side has gone, which the other one notices
