"""Two API nodes and three workers on S3, DynamoDB and Redis, all killed again and again while they have work to do: what
was acknowledged is done, once in effect, and nothing is left over."""

import concurrent.futures
import http.client
import random
import re
import threading
import time
import urllib.request

from fadeout_server import Server, fetch
from media import decode_errors, probe
from shared_servers import keys_of, rows_of

API_NODES, WORKERS, KILLS = 2, 3, 50
TRANSCODES, SPEECHES = 150, 150
SHORT_S, LONG_S = 30, 60  # of the originals
# A job whose process was killed waits 30 s for the end of its lease, and after three such deaths it is taken for the
# culprit and is dead. So the kills must not take longer than two leases.
KILLING_S = 40


class Fleet:
    """Nodes that are killed at random and started again at once."""

    def __init__(self, program, folder, backends):
        self.program, self.folder, self.backends = program, folder, backends
        self.random = random.Random(20261120)
        self.started, self.kills = 0, 0
        self.nodes = [self.start(role) for role in ["serve"] * API_NODES + ["worker"] * WORKERS]

    def start(self, role):
        """Without waiting: whoever asks it finds out whether it answers yet."""
        self.started += 1
        data = self.folder / f"node{self.started}"
        return Server(self.program, data, self.backends["flags"], self.backends["env"], role=role)

    def kill_at_random(self):
        for _ in range(KILLS):
            time.sleep(self.random.uniform(0, 2 * KILLING_S / KILLS))
            i = self.random.randrange(len(self.nodes))
            if i >= API_NODES:
                i = self.busy_worker(i)
            self.nodes[i].kill()
            self.kills += 1
            self.nodes[i] = self.start("serve" if i < API_NODES else "worker")

    def busy_worker(self, otherwise):
        """One that runs a job now: on a quick machine most are idle at a random moment."""
        for _ in range(20):
            for i in self.random.sample(range(API_NODES, len(self.nodes)), WORKERS):
                try:
                    metrics = self.nodes[i].request("GET", "/metrics", timeout_s=1).body.decode()
                    if re.search(r'^fadeout_jobs_running\{type="transcode"\} [1-9]', metrics, re.M):
                        return i
                except (OSError, http.client.HTTPException):
                    pass
            time.sleep(0.02)
        return otherwise

    def ask(self, method, target, body=None, headers=None):
        """The first answer that is not about the node, from whichever API node gives it."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                answer = random.choice(self.nodes[:API_NODES]).request(method, target, body, headers, timeout_s=10)
                if answer.status < 500 and answer.status != 429:
                    return answer
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        raise AssertionError(f"no node answered {method} {target}")

    def end(self):
        for node in self.nodes:
            node.kill()


def upload(fleet, path):
    grant = fleet.ask("POST", "/v1/uploads", {"filename": path.name, "content_type": "audio/wav", "pitch_id": "7"}).json
    request = urllib.request.Request(grant["url"], path.read_bytes(), grant["headers"], method="PUT")
    assert urllib.request.urlopen(request, timeout=60).status == 200
    return grant["key"]


def requests(short, long):
    """Every fifth transcode asks for what an earlier one asks for, too; every tenth writes more than one part."""
    for i in range(TRANSCODES):
        n = i - 1 if i % 5 == 4 else i
        yield {
            "type": "transcode",
            "file_url": long if n % 10 == 0 else short,
            "target_format": "wav" if n % 10 == 0 else ["mp3", "flac", "ogg", "m4a"][n % 4],
            "apply_watermark": True,
            "watermark_settings": {"type": "periodic_tone", "frequency": 300 + n, "project_id": "1", "pitch_id": "7"},
        }
    for i in range(SPEECHES):
        yield {"type": "speak", "text": f"This is number {i} of them. " * (1 + i % 20)}


def submit_all(fleet, bodies):
    """Keeps asking for each job, with its key, until it is acknowledged; returns the ids."""
    begun = time.monotonic()

    def submit(i):
        time.sleep(max(0, begun + i * KILLING_S / len(bodies) - time.monotonic()))
        answer = fleet.ask("POST", "/v1/jobs", bodies[i], {"Idempotency-Key": f"job-{i}"})
        assert answer.status == 202, answer
        return answer.json["id"]

    order = list(range(len(bodies)))
    random.Random(7).shuffle(order)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = dict(zip(order, pool.map(submit, order)))
    return [ids[i] for i in range(len(bodies))]


def await_all(fleet, ids):
    jobs, end = {}, time.monotonic() + 120
    while len(jobs) < len(ids) and time.monotonic() < end:
        for job_id in set(ids) - set(jobs):
            job = fleet.ask("GET", f"/v1/jobs/{job_id}").json
            if job["state"] not in ("queued", "leased"):
                jobs[job_id] = job
        time.sleep(0.5)
    return [jobs.get(job_id, {"state": "still running", "id": job_id}) for job_id in ids]


def test_everything_acknowledged_is_done_once(program, run, backends, media, tmp_path):
    made = run("tables", "create", "--data", tmp_path / "t", *backends["flags"], env=backends["env"])
    assert made.returncode == 0, made.stderr
    fleet = Fleet(program, tmp_path, backends)
    try:
        originals = [upload(fleet, media.wav(seconds=SHORT_S)), upload(fleet, media.wav(seconds=LONG_S))]
        bodies = list(requests(*originals))
        killer = threading.Thread(target=fleet.kill_at_random)
        killer.start()
        ids = submit_all(fleet, bodies)
        killer.join()
        assert fleet.kills == KILLS
        ended = await_all(fleet, ids)
        again = [fleet.ask("POST", "/v1/jobs", bodies[i], {"Idempotency-Key": f"job-{i}"}).json["id"] for i in (0, 299)]
    finally:
        fleet.end()

    assert {job["state"] for job in ended} == {"done"}, [job for job in ended if job["state"] != "done"]
    assert len(set(ids)) == len(bodies) and again == [ids[0], ids[299]]
    assert sum(job["attempts"] > 1 for job in ended) >= 5, "the kills hit hardly any job"

    swept = run(
        *("sweep", "--data", tmp_path / "s", *backends["flags"]),
        *("--sweep-orphans-after", "1s", "--speech-link-expiry", "1s", "--sweep-uploads-after", "1s"),
        env=backends["env"],
    )
    assert swept.returncode == 0, swept.stderr
    assert backends["s3"].list_multipart_uploads(Bucket=backends["bucket"]).get("Uploads", []) == []

    transcodes, speeches = ended[:TRANSCODES], ended[TRANSCODES:]
    finals = {job["result"]["s3_key"] for job in transcodes}
    assert len(finals) == len({str(body) for body in bodies[:TRANSCODES]}), "one object for each setting"
    spoken = {job["result"]["audio_id"]: job["result"] for job in speeches}
    assert set(spoken) == {job["id"] for job in speeches}
    speech_keys = {key for key in keys_of(backends) if key.startswith("temp-audio/")}
    assert {key.split("/")[-1] for key in speech_keys} == {f"{audio_id}.wav" for audio_id in spoken}
    assert keys_of(backends) == {*originals, *finals, *speech_keys}, "each object has an owner, and none is missing"
    assert len(speech_keys) == SPEECHES

    rows = rows_of(backends).scan()["Items"]
    assert {row["audio_id"] for row in rows} == set(spoken) and len(rows) == SPEECHES
    for row in random.Random(1).sample(rows, 10):
        wav = fetch(row["s3_url"])
        assert wav[:4] == b"RIFF" and abs((len(wav) - 44) / 44_100 - float(row["duration"])) < 0.01
    for job in random.Random(2).sample(transcodes, 10):
        path = tmp_path / "result"
        path.write_bytes(fetch(job["result"]["output_url"]))
        expected = LONG_S if job["result"]["s3_key"].endswith("wav") else SHORT_S
        assert abs(float(probe(path)["format"]["duration"]) - expected) < 0.2 and decode_errors(path) == ""
