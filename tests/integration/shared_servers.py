"""The servers that many nodes share: S3 (a Ceph gateway), DynamoDB (dynalite) and Redis, and a part of each for a test."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

import boto3

from fadeout_server import free_port

SCRIPTS = pathlib.Path(__file__).resolve().parents[1] / "servers"


def start(script, *arguments):
    """Runs a start script; returns the NAME=VALUE pairs of its READY line."""
    done = subprocess.run(
        [SCRIPTS / script, *map(str, arguments)], stdout=subprocess.PIPE, text=True, timeout=180, check=True
    )
    return dict(re.findall(r"(\w+)=(\S+)", done.stdout))


class SharedServers:
    def __init__(self, rgw, redis, dynalite):
        self.rgw, self.redis, self.dynalite = rgw, redis, dynalite
        self.given = 0
        self.keys = {"AWS_ACCESS_KEY_ID": rgw["access_key"], "AWS_SECRET_ACCESS_KEY": rgw["secret_key"]}
        self.s3 = boto3.client(
            "s3",
            endpoint_url=rgw["endpoint"],
            aws_access_key_id=rgw["access_key"],
            aws_secret_access_key=rgw["secret_key"],
            region_name="us-east-1",
        )

    def new_state(self):
        """A bucket, the name of a table and a database of Redis that nobody else uses."""
        self.given += 1
        bucket, table = f"bucket{self.given}", f"table{self.given}"
        self.s3.create_bucket(Bucket=bucket)
        database = self.redis["url"].removesuffix("/0") + f"/{self.given}"
        flags = (
            *("--store", self.store_url(bucket, self.rgw["endpoint"])),
            *("--records", f"dynamodb://{table}?region=us-east-1&endpoint={self.dynalite['endpoint']}"),
            *("--queue", database),
        )
        return {
            **{"flags": flags, "env": self.keys, "bucket": bucket, "table": table, "s3": self.s3},
            **{"rgw": self.rgw["endpoint"], "dynalite": self.dynalite["endpoint"], "queue": database},
        }

    @staticmethod
    def store_url(bucket, endpoint):
        return f"s3://{bucket}?region=us-east-1&endpoint={endpoint}&path_style=1"


@contextlib.contextmanager
def running_servers():
    folder = tempfile.mkdtemp(prefix="fadeout-nodes-")
    rgw = redis = dynalite = None
    try:
        rgw = start("start-rgw.sh", "-p", 32000 + os.getpid() % 10 * 50, "-d", f"{folder}/rgw")
        redis = start("start-redis.sh", "-p", free_port(), "-d", f"{folder}/redis")
        dynalite = start("start-dynalite.sh")
        yield SharedServers(rgw, redis, dynalite)
    finally:
        for server in (redis, dynalite):
            if server:
                os.kill(int(server["pid"]), signal.SIGTERM)
        if rgw:
            subprocess.run([SCRIPTS / "stop-rgw.sh", f"{folder}/rgw"], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


def keys_of(backends, prefix=""):
    pages = backends["s3"].get_paginator("list_objects_v2").paginate(Bucket=backends["bucket"], Prefix=prefix)
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


def rows_of(backends):
    """The table of records, to read and write."""
    return boto3.resource(
        "dynamodb",
        endpoint_url=backends["dynalite"],
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    ).Table(backends["table"])
