#!/usr/bin/env python3
"""An adapter for afterwrite: a dictionary on three nodes. n1 leads; n2 and n3 apply its log `lag_ms` and twice that late.

The log is a file that the processes of all sessions share. "config": {"file": "dict_kv.log", "lag_ms": 0}
"""
import json
import os
import sys
import time

NODES = ["n1", "n2", "n3"]
log, config = [], {"file": "dict_kv.log", "lag_ms": 0}
shown = {node: {} for node in NODES}  # node -> key -> (value, version)
applied = dict.fromkeys(NODES, 0)


def catch_up(node):
    while (line := reader.readline()).endswith(b"\n"):
        log.append(json.loads(line))
    reader.seek(-len(line), os.SEEK_CUR)  # what another process is just writing
    visible_since = time.monotonic() - NODES.index(node) * config["lag_ms"] / 1000
    while applied[node] < len(log) and log[applied[node]]["time"] <= visible_since:
        entry, key = log[applied[node]], log[applied[node]]["key"]
        applied[node] += 1
        value = entry["value"] if entry["f"] == "write" else shown[node].get(key, ([], 0))[0] + [entry["value"]]
        shown[node][key] = (value, applied[node])


def write(request):
    entry = {name: request[name] for name in ("f", "key", "value")} | {"time": time.monotonic(), "by": [os.getpid(), request["id"]]}
    with open(config["file"], "ab", buffering=0) as file:
        file.write(json.dumps(entry).encode() + b"\n")
    catch_up("n1")
    place = next(i for i in reversed(range(len(log))) if log[i]["by"] == entry["by"]) + 1
    return {"type": "ok", "version": place, "position": str(place)}


def read(request):
    catch_up(request["node"])
    value, version = shown[request["node"]].get(request["key"], (None, 0))
    return {"type": "ok", "value": value, "version": version, "position": str(applied[request["node"]])}


def wait(request):
    until = time.monotonic() + request["timeout_ms"] / 1000
    while True:
        catch_up(request["node"])
        if applied[request["node"]] >= int(request["position"]):
            return {"type": "ok"}
        if time.monotonic() >= until:
            return {"type": "fail", "error": f"{request['node']} is at {applied[request['node']]}"}
        time.sleep(0.001)


for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "hello":
        config |= request["config"]
        open(config["file"], "ab").close()
        reader = open(config["file"], "rb")
        answer = {"name": "dict-kv", "functions": ["read", "write", "append"], "nodes": NODES, "beat": True,
                  "position": {"waits": True, "numeric": True}}
    elif request["op"] == "open":
        answer = {"type": "ok"}
    elif request["op"] == "await":
        answer = wait(request)
    else:  # invoke, beat
        answer = read(request) if request["f"] == "read" else write(request)
    print(json.dumps({"id": request["id"]} | answer), flush=True)
