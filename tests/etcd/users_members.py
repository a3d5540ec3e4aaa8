#!/usr/bin/env python3
"""Members of the user's: only keys under the run's own prefix are touched, which are gone afterwards with their lease.

    users_members.py --afterwrite build/release/afterwrite
"""

import argparse
import base64
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

BOOT = 60


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def ask(port, path, body):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def text(data):
    return base64.b64encode(data.encode()).decode()


def start_members(folder, servers):
    clients, peers = free_ports(3), free_ports(3)
    cluster = ",".join(f"m{i}=http://127.0.0.1:{peers[i]}" for i in range(3))
    for i in range(3):
        with open(folder / f"m{i}.log", "wb") as log:
            servers.append(subprocess.Popen(
                ["etcd", "--name", f"m{i}", "--data-dir", str(folder / f"m{i}"), "--unsafe-no-fsync",
                 "--listen-client-urls", f"http://127.0.0.1:{clients[i]}", "--advertise-client-urls", f"http://127.0.0.1:{clients[i]}",
                 "--listen-peer-urls", f"http://127.0.0.1:{peers[i]}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{peers[i]}",
                 "--initial-cluster", cluster], stdout=log, stderr=log, stdin=subprocess.DEVNULL))
    deadline = time.monotonic() + BOOT
    for port in clients:
        while True:
            try:
                if "leader" in ask(port, "/v3/maintenance/status", {}):
                    break
            except (OSError, urllib.error.URLError):
                pass
            assert time.monotonic() < deadline, "the user's members did not start"
            time.sleep(0.05)
    return clients


def everything(port):
    """All keys but for their order, and all leases."""
    found = ask(port, "/v3/kv/range", {"key": text("\0"), "range_end": text("\0")})
    leases = ask(port, "/v3/lease/leases", {})
    return sorted(pair["key"] + "=" + pair["value"] for pair in found.get("kvs", [])), leases.get("leases", [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--afterwrite", required=True)
    afterwrite = parser.parse_args().afterwrite
    folder = pathlib.Path(tempfile.mkdtemp(prefix="test-of-afterwrite-etcd-"))
    servers = []
    try:
        clients = start_members(folder, servers)
        ask(clients[0], "/v3/kv/put", {"key": text("afterwrite/precious"), "value": text("1")})
        before = everything(clients[0])
        urls = [f"http://127.0.0.1:{port}" for port in clients]

        def audit(name, *flags):
            return subprocess.run([afterwrite, "audit", "etcd", *flags, "--duration", "3s", "--quiet", "--out", str(folder / name)],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

        members = ["--leader", urls[0], "--follower", urls[1], "--follower", urls[2]]
        run = audit("plain", *members)
        assert run.returncode in (0, 2), run  # a healthy cluster may put too few reads at risk
        report = json.loads((folder / "plain" / "report.json").read_text(encoding="utf-8"))
        assert all(row["violations"] == 0 and row["decided"] > 0 for row in report["guarantees"]), report["guarantees"]
        assert everything(clients[0]) == before

        run = audit("cut", *members, "--fault", "partition:follower-1,links=clients@1s..2s", "--op-timeout", "500ms")
        assert run.returncode in (0, 2), run
        assert everything(clients[0]) == before

        for flags, code, says in (
                ([*members, "--fault", "kill:leader@1s"], 3, "of afterwrite's own"),
                ([*members, "--lag", "300ms"], 3, "--lag"),
                (["--leader", urls[0], "--follower", urls[0].replace("127.0.0.1", "localhost")], 4, "named before"),
                (["--endpoint", urls[0]], 3, "--leader and --follower"),
                (["--leader", f"http://127.0.0.1:{free_ports(1)[0]}", "--read-policy", "leader"], 4, "does not answer")):
            run = audit("refused", *flags)
            assert run.returncode == code and says in run.stderr, run
            shutil.rmtree(folder / "refused", ignore_errors=True)
        assert everything(clients[0]) == before
    finally:
        for server in servers:
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
