"""Fixtures: the built program (environment FADEOUT, default build/release/fadeout), a server of it per test on a
folder and port of its own, and real audio made by the ffmpeg command line."""

import os
import pathlib
import subprocess

import pytest

from fadeout_server import Server
from media import Media
from processing import Place
from shared_servers import running_servers

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def program():
    path = os.environ.get("FADEOUT", str(ROOT / "build/release/fadeout"))
    assert os.access(path, os.X_OK), f"{path} is missing: build first (./run build)"
    return path


@pytest.fixture(scope="session")
def media(tmp_path_factory):
    return Media(tmp_path_factory.mktemp("media"))


@pytest.fixture
def run(program, tmp_path):
    """run("transcode", "a.wav", "b.mp3") -> CompletedProcess; text unless told otherwise."""

    def call(*arguments, timeout=120, env=None, text=True, **more):
        return subprocess.run(
            [program, *map(str, arguments)],
            capture_output=True,
            text=text,
            timeout=timeout,
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
            **more,
        )

    return call


@pytest.fixture
def start_server(program, tmp_path):
    """start_server("--flag", ...) -> Server, ready; ended with the test. The data folder survives a restart."""
    servers = []

    def start(*flags, data=None, env=None):
        server = Server(program, data or tmp_path / "data", flags, env)
        servers.append(server)
        server.wait_until_ready()
        return server

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def server(start_server):
    return start_server()


@pytest.fixture(scope="session")
def shared_servers():
    with running_servers() as servers:
        yield servers


@pytest.fixture(scope="module")
def backends(shared_servers):
    """What the nodes of one file of tests share: flags, environment, and how to look behind fadeout's back."""
    return shared_servers.new_state()


@pytest.fixture
def nodes(backends, program, run, tmp_path):
    """nodes("serve") or nodes("worker") starts one more node, on a data folder of its own."""
    started = []
    made = run("tables", "create", "--data", tmp_path / "t", *backends["flags"], env=backends["env"])
    assert made.returncode == 0, made.stderr

    def add(role, *flags, shared=backends["flags"]):
        node = Server(program, tmp_path / f"node{len(started)}", (*shared, *flags), backends["env"], role=role)
        started.append(node)
        node.wait_until_ready()
        return node

    yield add
    for node in started:
        node.kill()


@pytest.fixture
def place(run, tmp_path, media):
    return Place(run, tmp_path / "data", media)
