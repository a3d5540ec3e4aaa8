#!/usr/bin/env python3
"""An adapter that behaves until it is asked to invoke something, and then misbehaves as its argument says.

Before that it is a dictionary of its own process on two nodes.
"""
import json
import os
import signal
import sys
import time

MODE = sys.argv[1]
values = {}
waits = 0


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def answer(request, **members):
    say(json.dumps({"id": request["id"], **members}) + "\n")


def hello(request):
    if MODE == "slow-start":
        time.sleep(0.4)
    members = {"name": "hostile", "functions": ["read", "write"], "nodes": ["n1", "n2"], "position": {"waits": True, "numeric": True}}
    if MODE == "changes-its-mind" and os.path.exists(sys.argv[2]):
        members["nodes"] = ["n2", "n1"]
    elif len(sys.argv) > 2:
        open(sys.argv[2], "w").close()
    answer(request, **members)


def behave(request):
    if request["f"] == "write":
        values[request["key"]] = request["value"]
        answer(request, type="ok", position="1")
    else:
        answer(request, type="ok", value=values.get(request["key"]))


def misbehave(request):
    if MODE == "garbage":
        say("this is not JSON\n")
    elif MODE in ("hang", "deaf"):
        time.sleep(3600)
    elif MODE == "exit":
        sys.stderr.write("Traceback: out of luck\n")
        sys.exit(3)
    elif MODE == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif MODE == "twice":
        line = json.dumps({"id": request["id"], "type": "ok"}) + "\n"
        say(line + line)
    elif MODE == "unasked":  # the second one is noticed before the next request
        answer(request, type="fail", error="no")
        answer(request, type="ok")
    elif MODE == "flood-stderr":
        while True:
            os.write(2, b"x" * 4095 + b"\n")
    elif MODE == "talkative":  # much on stderr, and a good answer
        os.write(2, (b"y" * 1023 + b"\n") * 3000)
        behave(request)
    elif MODE == "flood-stdout":
        while True:
            os.write(1, b"x" * 65536)
    elif MODE == "wrong-id":
        say(json.dumps({"id": request["id"] - 1, "type": "ok"}) + "\n")
    elif MODE == "no-object":
        say("[1]\n")
    elif MODE == "no-type":
        answer(request)
    elif MODE == "misspelt":
        answer(request, type="ok", positon="1")
    elif MODE == "bad-position":
        answer(request, type="ok", position="LSN 1")
    elif MODE == "float":
        answer(request, type="ok", value=1.5)
    elif MODE == "closes-stdout":
        os.close(1)
        time.sleep(3600)
    elif MODE == "leaves-a-child":
        if os.fork() == 0:
            time.sleep(3600)
        os._exit(0)
    elif MODE == "fail":
        answer(request, type="fail", error="read-only")
    elif MODE == "info":
        answer(request, type="info", error="the connection broke")
    else:
        behave(request)


for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "hello":
        hello(request)
    elif request["op"] == "open":
        if MODE == "closed-node" and request["node"] == "n2":
            answer(request, type="fail", error="n2 is down")
        else:
            answer(request, type="ok")
            if MODE == "leaves":
                sys.exit(0)
    elif request["op"] == "await":
        time.sleep(request["timeout_ms"] / 1000 + (0.3 if MODE == "late-wait" else 0))
        answer(request, type="fail", error="not there yet")
        waits += 1
        if MODE == "deaf" and waits == 2:  # reads nothing more
            time.sleep(3600)
    else:
        misbehave(request)
