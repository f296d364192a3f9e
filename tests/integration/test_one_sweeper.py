"""Of many nodes one sweeps: who is paused deletes nothing more once another took over, who ends hands over."""

import concurrent.futures
import re
import signal
import time
import uuid

from shared_servers import SharedServers, keys_of
from slow_gateway import SlowGateway

LEASE_S = 5
FLAGS = ("--sweep-lease", f"{LEASE_S}s", "--sweep-orphans-after", "1s", "--speech-link-expiry", "1s")


def wait_for(node, pattern, timeout_s=40):
    """Waits until the node's log has it; returns how long that took."""
    begun = time.monotonic()
    while not re.search(pattern, node.log):
        assert time.monotonic() < begun + timeout_s, f"no '{pattern}' in:\n{node.log}"
        time.sleep(0.05)
    return time.monotonic() - begun


def put_orphans(backends, count):
    def put(_):
        key = f"temp-audio/2026-01-01/{uuid.uuid4()}.wav"
        backends["s3"].put_object(Bucket=backends["bucket"], Key=key, Body=b"x")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(count)))
    time.sleep(1.1)  # until they are due


def test_a_paused_node_deletes_nothing_more_once_another_took_over(backends, nodes):
    put_orphans(backends, 1_100)  # more than one batch
    with SlowGateway(backends["rgw"]) as gateway:
        behind_gateway = list(backends["flags"])
        behind_gateway[1] = SharedServers.store_url(backends["bucket"], gateway.endpoint)
        paused = nodes("serve", *FLAGS, shared=behind_gateway)
        assert gateway.arrived.wait(30), paused.log
        paused.process.send_signal(signal.SIGSTOP)  # in the middle of its first batch
        other = nodes("serve", *FLAGS)
        wait_for(other, "sweep: another node does it")
        wait_for(other, "sweep: this node does it, term 2")
        wait_for(other, r"sweep: deleted 1100 ")
        put_orphans(backends, 3)
        gateway.go_on.set()
        paused.process.send_signal(signal.SIGCONT)
        wait_for(paused, "sweep: ends here, since another node may have taken over")
        wait_for(paused, "ended before everything was looked at")
        wait_for(paused, "sweep: another node does it")
        assert gateway.keys <= 1_000, "its first batch and no other"
        assert len(keys_of(backends, "temp-audio/")) == 3

        assert other.terminate() == 0
        assert wait_for(paused, "sweep: this node does it, term 3") < LEASE_S / 2, "handed over at once"
        wait_for(paused, "sweep: deleted 3 ")
        assert keys_of(backends, "temp-audio/") == set()


def test_a_killed_node_is_succeeded_within_its_lease(nodes):
    first = nodes("serve", *FLAGS)
    wait_for(first, "sweep: this node does it")  # once the lease of an earlier test's node has run out
    second = nodes("serve", *FLAGS)
    wait_for(second, "sweep: another node does it")
    first.process.kill()
    assert wait_for(second, "sweep: this node does it") < LEASE_S * 1.2 + 1
