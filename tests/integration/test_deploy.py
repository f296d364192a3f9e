"""deploy/: what can be tried of it without a container engine. The commands and the environment of compose.yaml are run
against the tests' own servers, and the Dockerfile's packages are those that the build and the program need."""

import json
import os
import pathlib
import re
import subprocess
import time

import pytest
import yaml

from fadeout_server import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
SERVICES = COMPOSE["services"]
NODES = {name: service for name, service in SERVICES.items() if service["image"] == "fadeout"}


def replaced(value, places):
    for old, new in places.items():
        value = value.replace(old, new)
    return value


def environment(service, secrets):
    """Of a service, with the variables of .env filled in."""
    filled = {
        name: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: secrets[found[1]], value)
        for name, value in service["environment"].items()
    }
    assert not any("${" in value for value in filled.values())
    return filled


def test_it_lays_out_what_the_documentation_says():
    assert set(NODES) == {"api", "worker", "tables"} and set(SERVICES) - set(NODES) == {"redis", "s3", "dynamodb"}
    assert SERVICES["api"]["deploy"]["replicas"] == 2 and SERVICES["worker"]["deploy"]["replicas"] == 3
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= set(SERVICES), name
        named = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert named <= set(COMPOSE["volumes"]), name
        assert ":" in service["image"] or name in NODES, f"{name}: an image without a version"
    for name in ("compose.yaml", "Dockerfile"):
        assert f"deploy/{name}" in (ROOT / "docs/operations.md").read_text()


@pytest.mark.parametrize("name", NODES)
def test_every_flag_and_variable_is_one_that_fadeout_knows(run, name):
    command = NODES[name]["command"]
    words = [word for word in command if not word.startswith("-")][: 2 if command[0] == "tables" else 1]
    flags = command[len(words) :]
    known = run(*words, "--help").stdout
    assert all(flag in known for flag in flags if flag.startswith("--"))
    variables = environment(NODES[name], {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"})
    shown = run("config", "--json", *flags, env=variables)
    assert shown.returncode == 0, shown.stderr
    origins = {setting["origin"] for setting in json.loads(shown.stdout)}
    for variable in variables:
        if variable.startswith("FADEOUT_"):
            assert f"environment {variable}" in origins
        else:
            assert f'"{variable}"' in (ROOT / "src/aws/credentials.cpp").read_text()


def test_its_nodes_work_together(program, run, shared_servers, tmp_path):
    shared_servers.s3.create_bucket(Bucket="fadeout")
    (tmp_path / "api_keys").write_text("the-key-of-this-test\n")
    places = {
        "http://s3:9000": shared_servers.rgw["endpoint"],
        "http://dynamodb:8000": shared_servers.dynalite["endpoint"],
        "redis://redis:6379/0": shared_servers.redis["url"],
        "/run/secrets/api_keys": str(tmp_path / "api_keys"),
    }
    variables = {
        name: replaced(value, places)
        for name, value in environment(SERVICES["api"], shared_servers.keys).items()
    }

    def flags_of(name):
        flags = [replaced(flag, places) for flag in SERVICES[name]["command"][1:]]
        at = flags.index("--listen")  # where the health check asks; here a port of the test's own
        assert flags[at + 1] == {"api": "0.0.0.0:8080", "worker": "127.0.0.1:8080"}[name]
        del flags[at : at + 2]
        return flags

    made = run(*SERVICES["tables"]["command"], "--data", tmp_path / "t", env=variables)
    assert made.returncode == 0, made.stderr
    nodes = []
    try:
        for name, role in (("api", "serve"), ("worker", "worker")):
            assert SERVICES[name]["command"][0] == role
            nodes.append(Server(program, tmp_path / name, flags_of(name), variables, role=role))
            nodes[-1].wait_until_ready()
        api = nodes[0]
        assert api.get("/voices").status == 401
        key = {"Authorization": "Bearer the-key-of-this-test"}
        job = api.post("/v1/jobs", {"type": "speak", "text": "Composed."}, headers=key)
        assert job.status == 202, job
        state, end = {"state": "queued"}, time.monotonic() + 30
        while state["state"] in ("queued", "leased") and time.monotonic() < end:
            time.sleep(0.1)
            state = api.get(f"/v1/jobs/{job.json['id']}", headers=key).json
        assert state["state"] == "done", state
        assert state["result"]["s3_url"].startswith(shared_servers.rgw["endpoint"])
    finally:
        for node in nodes:
            node.kill()


def installed(stage):
    """The packages that one stage of the Dockerfile installs."""
    lists = re.findall(r"apt-get install [^\n]*?\\\n(.*?)&&", (ROOT / "deploy/Dockerfile").read_text(), re.S)
    assert len(lists) == 2
    return set(lists[stage].replace("\\", " ").split())


def test_the_image_is_built_with_the_packages_of_the_build():
    listed = re.search(r"^build_packages=\((.*?)\)", (ROOT / "run").read_text(), re.S | re.M)[1]
    assert installed(0) == set(listed.split())


def test_the_image_has_the_libraries_of_the_program(program):
    shown = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    paths = dict(re.findall(r"(\S+) => (/\S+)", shown))
    header = subprocess.run(["objdump", "-p", program], capture_output=True, text=True, check=True).stdout
    needed = set()
    for name in re.findall(r"NEEDED +(\S+)", header):
        real = os.path.realpath(paths[name])
        owner = subprocess.run(["dpkg", "-S", real], capture_output=True, text=True).stdout
        owner = owner or subprocess.run(
            ["dpkg", "-S", real.removeprefix("/usr")], capture_output=True, text=True, check=True
        ).stdout
        needed.add(owner.split(":")[0])
    in_every_debian = {"libc6", "libgcc-s1", "libstdc++6"}
    of_sanitizers = {"libasan8", "libubsan1", "libtsan2"}
    assert needed - in_every_debian - of_sanitizers <= installed(1)
