"""What somebody sees whose store, records or queue is away, hangs, or is named wrongly."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from fadeout_server import Server, free_port, wait_for

SCRIPTS = pathlib.Path(__file__).resolve().parents[1] / "servers"
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}


def flags_to(part, port):
    """A backend of that part which would be on that port."""
    url = {
        "store": f"s3://bucket?region=us-east-1&endpoint=http://127.0.0.1:{port}&path_style=1",
        "records": f"dynamodb://table?region=us-east-1&endpoint=http://127.0.0.1:{port}",
        "queue": f"redis://127.0.0.1:{port}/0",
    }[part]
    return (f"--{part}", url)


class Redis:
    """A redis-server on a port and a folder of its own, that can be ended and started again."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None

    def up(self, *options):
        words = [SCRIPTS / "start-redis.sh", "-f", "-p", str(self.port), "-d", str(self.folder), "--", *options]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        wait_for(self.answers)

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7)[:1] in (b"+", b"-")
        except OSError:
            return False

    def down(self):
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def redis(tmp_path):
    server = Redis(tmp_path / "redis")
    yield server
    server.down()


@pytest.fixture
def hanging_port():
    """Takes connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    taken = []

    def accept():
        try:
            while True:
                taken.append(listener.accept()[0])
        except OSError:
            pass

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    for one in [listener, *taken]:
        one.close()


@pytest.fixture
def start_node(program, tmp_path):
    started = []

    def start(role, *flags):
        node = Server(program, tmp_path / f"{role}{len(started)}", flags, {**os.environ, **KEYS}, role=role)
        started.append(node)
        return node

    yield start
    for node in started:
        node.kill()


def answers(node, path, status):
    try:
        return node.get(path).status == status
    except OSError:
        return False


# A queue that is away


def test_nodes_start_before_their_redis_and_go_on_after_it_was_killed(start_node, redis):
    queue = flags_to("queue", redis.port)
    shared = ("--store", f"file://{redis.folder}/objects", "--records", f"sqlite://{redis.folder}/records.db", *queue)
    redis.folder.mkdir()
    api, worker = start_node("serve", *shared), start_node("worker", *shared)
    for node in (api, worker):
        wait_for(lambda: answers(node, "/readyz", 503))
        assert "cannot be reached" in node.get("/readyz").json["checks"]["queue"]
        assert "The queue cannot be used now, starting all the same" in node.log
    assert api.post("/tts/sync", {"text": "It speaks without a queue."}).status == 200
    refused = api.post("/v1/jobs", {"type": "speak", "text": "Later."})
    assert refused.status == 503 and refused.headers["Retry-After"], refused
    redis.up()
    for node in (api, worker):
        node.wait_until_ready()
    job = api.post("/v1/jobs", {"type": "speak", "text": "Later."}).json["id"]
    assert api.wait_for_job(job)["state"] == "done", worker.log
    wait_for(lambda: re.search(r"The queue is back after \d+s", worker.log))

    redis.down()
    wait_for(lambda: worker.log.count("The queue is away") == 2)
    time.sleep(4)  # several attempts of each of its threads
    assert worker.log.count("The queue is away") == 2, "told once, not at every attempt"
    redis.up()
    wait_for(lambda: worker.log.count("The queue is back after") == 2, timeout_s=60)
    again = api.post("/v1/jobs", {"type": "speak", "text": "Later still."}).json["id"]
    assert api.wait_for_job(again)["state"] == "done"
    assert api.get(f"/v1/jobs/{job}").json["state"] == "done", "what was there before is there still"


@pytest.mark.parametrize("role", ["serve", "worker"])
@pytest.mark.parametrize(
    "login, database, text",
    [
        ("", 0, "asks for a login"),
        (":wrong@", 0, "does not accept the login"),
        (":right@", 99, "no database of the number"),
    ],
)
def test_what_redis_will_never_take_ends_the_start(run, redis, tmp_path, role, login, database, text):
    redis.up("--requirepass", "right")
    url = f"redis://{login}127.0.0.1:{redis.port}/{database}"
    done = run(role, "--data", tmp_path / "d", "--listen", f"127.0.0.1:{free_port()}", "--queue", url, timeout=20)
    assert done.returncode == 2 and text in done.stderr, done.stderr
    assert "right@" not in done.stderr


def test_commands_that_need_no_queue_work_without_it_and_the_others_say_so(run, tmp_path):
    flags = ("--data", tmp_path / "d", *flags_to("queue", free_port()))
    swept = run("sweep", *flags)
    assert swept.returncode == 0, swept.stderr
    for words in (("jobs", "list"), ("jobs", "show", "x")):
        done = run(*words, *flags)
        assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
        assert "cannot be reached" in done.stderr and "queue.url" in done.stderr


# Doctor looks at everything


def findings(run, *flags):
    start = time.monotonic()
    done = run("doctor", *flags, "--json", env=KEYS)
    checks = {check["name"]: (check["ok"], check["text"]) for check in json.loads(done.stdout)["checks"]}
    return done.returncode, checks, time.monotonic() - start


BROKEN = {
    "store": ("--store", "s3://bucket/prefix"),
    "records": ("--records", "dynamodb://table?regoin=eu-west-1"),
    "queue": ("--queue", "reddis://127.0.0.1"),
}


@pytest.mark.parametrize("broken", [*BROKEN, "all"])
def test_doctor_reports_each_part_on_its_own(run, tmp_path, broken):
    wrong = list(BROKEN) if broken == "all" else [broken]
    code, found, _ = findings(run, "--data", tmp_path / "d", *(word for part in wrong for word in BROKEN[part]))
    assert code == 1
    assert {name for name, (ok, _) in found.items() if not ok} == set(wrong), found
    assert {"store", "records", "queue", "voices", "clock", "state"} <= set(found)


def test_doctor_looks_at_the_servers_although_the_data_folder_is_none(run, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    code, found, _ = findings(run, "--data", tmp_path / "file/d", *flags_to("queue", free_port()))
    assert code == 1 and not found["state"][0] and found["voices"][0]
    assert "cannot be reached" in found["queue"][1]


# A mirror that would go on for ever without its second store


def test_a_mirror_that_repairs_tells_at_its_start_what_is_wrong_with_its_second_store(start_node, tmp_path):
    _, second = flags_to("store", free_port())
    store = f"mirror:file://{tmp_path}/first,{second}"
    node = start_node("serve", "--store", store, "--store-mirror", "repair", "--bucket", "bucket")
    node.wait_until_ready()
    assert re.search(r"The second store cannot be used now, its repairs wait: .*could not be reached", node.log)


# Backends that hang

TOO_LATE = re.compile("in time|for too long")


@pytest.mark.parametrize("part", ["store", "records", "queue"])
def test_doctor_does_not_wait_for_what_hangs(run, hanging_port, tmp_path, part):
    code, found, seconds = findings(run, "--data", tmp_path / "d", *flags_to(part, hanging_port))
    assert code == 1 and TOO_LATE.search(found[part][1]), found
    assert {name for name, (ok, _) in found.items() if not ok} == {part}
    assert seconds < 9, "a check may take 5 s"


def test_readiness_does_not_wait_for_what_hangs(start_node, hanging_port):
    flags = [word for part in ("store", "records", "queue") for word in flags_to(part, hanging_port)]
    node = start_node("serve", *flags)
    wait_for(lambda: answers(node, "/healthz", 200))
    time.sleep(2.1)  # the check at the start is not an answer of /readyz, so this is only about the next
    start = time.monotonic()
    answer = node.get("/readyz")
    seconds = time.monotonic() - start
    assert answer.status == 503 and seconds < 9, (answer, seconds)
    for part, words in {"store": "object store", "records": "record store", "queue": "Redis"}.items():
        assert words in answer.json["checks"][part] and TOO_LATE.search(answer.json["checks"][part]), answer
    assert "starting all the same" in node.log and "()" not in node.log


# Wrong names


@pytest.mark.parametrize(
    "flags, text",
    [
        (("--store", "miror:file:///a,file:///b"), "did you mean mirror:?"),
        (("--store", "S3://bucket"), "small letters"),
        (("--store", "gs://bucket"), "Known are file:///absolute/path, s3://bucket?region=NAME, r2://"),
        (("--store", "/srv/audio"), "does not begin with a scheme"),
        (("--store", "file://srv/audio"), "not written as file:///absolute/path"),
        (("--store", "s3://bucket/prefix"), "Name the bucket alone"),
        (("--store", "mirror:S3://a,s3://b"), "small letters"),
        (("--store", "mirror:file:///tmp/x,file:///tmp/y/../x/"), "same one"),
        (("--store", "mirror:s3://b?region=us-east-1,s3://b?profile=other"), "same one"),
        (("--store", "failover:r2://b?account=a,s3://b?endpoint=https://a.r2.cloudflarestorage.com/"), "same one"),
        (("--records", "dynamodb://table?regoin=eu-west-1"), "perhaps for 'region'"),
        (("--records", "dynamo://table"), "Known are sqlite:///absolute/path, dynamodb://table?region=NAME"),
        (("--queue", "Redis://host"), "small letters"),
        (("--queue", "redis://host?db=1"), "'?'"),
    ],
)
def test_a_wrong_name_is_refused_with_what_is_right(run, tmp_path, flags, text):
    done = run("sweep", "--dry-run", "--data", tmp_path / "d", *flags, env=KEYS)
    assert done.returncode == 2 and text in done.stderr, done.stderr


def test_a_link_to_the_same_folder_is_no_second_store(run, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to(tmp_path / "a")
    done = run("sweep", "--data", tmp_path / "d", "--store", f"mirror:file://{tmp_path}/a,file://{tmp_path}/b")
    assert done.returncode == 2 and "same one" in done.stderr


def test_lists_of_jobs_refuse_types_and_states_that_are_none(run, server, tmp_path):
    for flag, known in (("--type", "webhook"), ("--state", "cancelled")):
        done = run("jobs", "list", flag, "foo", "--data", tmp_path / "d")
        assert done.returncode == 2 and known in done.stderr, done.stderr
        answer = server.get(f"/v1/jobs?{flag[2:]}=foo")
        assert answer.status == 400 and known in answer.json["error"], answer
        assert server.get(f"/v1/jobs?{flag[2:]}={known}").status == 200


@pytest.mark.parametrize("wrong", ["SRC", "DST"])
@pytest.mark.parametrize("fault", ["spelling", "away"])
def test_migrate_says_which_store_failed(run, tmp_path, wrong, fault):
    good = f"file://{tmp_path}/objects"
    (tmp_path / "objects/fadeout").mkdir(parents=True)
    bad = "s3://bucket/prefix" if fault == "spelling" else flags_to("store", free_port())[1]
    stores = (bad, good) if wrong == "SRC" else (good, bad)
    done = run("migrate", *stores, env=KEYS)
    assert done.returncode == (2 if fault == "spelling" else 1), done.stderr
    assert f"fadeout: {wrong}: The " in done.stderr, done.stderr
