"""Histories that pages are made of: the same bytes each time, so that what a page shows of them is known."""

import json

MILLISECOND = 1_000_000


def header(**more):
    return {"kind": "header", "schema": "afterwrite.history/1", "system": "made-up", "workload": "register",
            "policy": "any-replica", "seed": 7, "assume": ["writer-order"], "command": "afterwrite audit made-up --lag 500ms",
            "nodes": [{"name": "node-0", "role": "leader"}, {"name": "node-1", "role": "follower"}], **more}


def operation(session, f, key, value, at_ms, *, took_ms=1, type="ok", **more):
    """A call; times in ms of the run."""
    return {"kind": "op", "session": session, "f": f, "key": key, "value": value, "type": type,
            "invoke": int(at_ms * MILLISECOND), "complete": int((at_ms + took_ms) * MILLISECOND), **more}


def write(session, key, value, at_ms, version=None, **more):
    numbered = {} if version is None else {"version": version}
    return operation(session, "write", key, value, at_ms, node="node-0", role="leader", **numbered, **more)


def read(session, key, value, at_ms, version=None, **more):
    numbered = {} if version is None else {"version": version}
    return operation(session, "read", key, value, at_ms, **{"node": "node-1", "role": "follower", **numbered, **more})


def sample(at_ms, lag_ms, node="node-1"):
    line = {"kind": "lag", "time": int(at_ms * MILLISECOND), "node": node, "lag_ms": lag_ms}
    if lag_ms > 0:
        line["beat_acknowledged"] = max(0, int((at_ms - lag_ms) * MILLISECOND))
    return line


def fault(episode, kind, from_ms, to_ms, targets=("node-1",), **detail):
    one = {"kind": "fault", "fault": kind, "episode": episode, "targets": list(targets)}
    return [{**one, "time": int(from_ms * MILLISECOND), "phase": "start", "detail": detail},
            {**one, "time": int(to_ms * MILLISECOND), "phase": "end"}]


def text_of(lines, *, footer=True):
    lines = list(lines)
    if footer:
        lines.append({"kind": "end", "ops": sum(line["kind"] == "op" for line in lines)})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def violated(sessions=4, rounds=12):
    """Each session writes twice and then reads its older write, from a follower that lags by 500 ms."""
    lines = [header(), *fault("lag-1", "lag", 0, rounds * 1000, delay_ms=500)]
    for i in range(rounds):
        for s in range(sessions):
            at, key, name = 1000 * i + 40 * s + 10, f"k{i}-{s}", f"s{s}"
            lines += [write(name, key, f"{name}-{i}a", at, 1), write(name, key, f"{name}-{i}b", at + 10, 2),
                      read(name, key, f"{name}-{i}a", at + 20, 1), sample(at + 21, 500)]
    return text_of(lines)


def held(sessions=4, rounds=12):
    """Each session reads what it wrote, from a follower that was seen to lag just then."""
    lines = [header(policy="version-token:wait=1s", guarantees=["read-your-writes"])]
    for i in range(rounds):
        for s in range(sessions):
            at, key, name = 1000 * i + 40 * s + 610, f"k{s}", f"s{s}"
            lines += [write(name, key, f"{name}-{i}", at, i + 1), read(name, key, f"{name}-{i}", at + 10, i + 1, waited_ms=3.5),
                      {**sample(at + 11.5, 500), "beat_acknowledged": int((at + 0.5) * MILLISECOND)}]
    return text_of(lines)


def unknown():
    """The same without any sign that a read could have failed, and cut short."""
    lines = [header(policy="leader", min_at_risk=30)]
    for i in range(20):
        lines += [write("s0", "k", f"v{i}", 100 * i + 10, i + 1), read("s0", "k", f"v{i}", 100 * i + 20, i + 1)]
    return text_of(lines, footer=False)


def labelled(routes=None, promised=True, rounds=4):
    """A session looks at writes of its own on each route, as they appear, vanish and come back; what a route shows then, and what is promised."""
    routes = routes or {"feed": ("fsf", "yes"), "profile": ("ff", "yes"), "raw view": ("ssf", "no"), "list": ("ss", "yes")}
    lines = [header(assume=["writer-order", "one-clock"], guarantees=["read-your-writes", "monotonic-reads"], min_at_risk=1,
                    group_by=["route", "write", "condition"])]
    at = 10
    for i in range(rounds):
        for condition in ("held", "none"):
            for route, (course, promise) in routes.items():
                key = f"k{i}-{condition}-{len(lines)}"
                lines.append(write("s0", key, f"v{len(lines)}", at, 1, labels={"write": "post"}))
                for n, saw in enumerate(course if condition == "held" else "f"):
                    labels = {"route": route, "write": "post", "condition": condition, **({"promised": promise} if promised else {}),
                              **({"evidence": "lag admitted"} if saw == "s" else {})}
                    lines.append(read("s0", key, lines[-1 - n]["value"] if saw == "f" else None, at + 5 * 4 ** n, labels=labels))
                lines.append(read("observer", key, None, at + 90))  # who looks later: the reads were at risk
                at += 100
    return text_of(lines)


def hostile_labels():
    """The names and values of the labels are what would do harm."""
    texts = [*(text for text in HOSTILE if len(text) < 100), "__proto__", "constructor", ", ", ""]
    labels = {f"route {i} {text}": ("fsf", "yes") for i, text in enumerate(texts)}
    lines = [json.loads(line) for line in labelled(labels, rounds=1).splitlines()]
    for line in lines:
        if "labels" in line and "evidence" in line["labels"]:
            line["labels"]["evidence"] = HOSTILE[1]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def empty():
    return text_of([header()])


def one_operation():
    return text_of([header(), write("s0", "k", "v", 10)])


def all_failed():
    lines = [header()]
    for i in range(30):
        lines.append(operation("s0", "write" if i % 2 else "read", "k", f"v{i}" if i % 2 else None, 50 * i + 10, took_ms=20,
                               type="info" if i % 4 == 1 else "fail", error="connection refused: node-0 is down"))
    return text_of(lines)


def untimed():
    """Of another program that recorded no times."""
    lines = [{**header(), "times": "none", "assume": ["writer-order"]}]
    for i in range(20):
        lines += [write("s0", f"k{i}", f"{i}a", 10 * i), write("s0", f"k{i}", f"{i}b", 10 * i + 2), read("s0", f"k{i}", f"{i}a", 10 * i + 4)]
    return text_of(lines)


def many(count=5000):
    """More violations than a page lists or draws."""
    lines = [header(), *fault("stall-1", "stall", 0, 2000)]
    for i in range(count):
        at, key, name = 10 * i + 1, f"key-{i % 997}-{i}", f"s{i % 50}"
        lines += [write(name, key, f"{i}a", at, 1), write(name, key, f"{i}b", at + 2, 2), read(name, key, f"{i}a", at + 4, 1, node=f"node-{i % 3 + 1}")]
    return text_of(lines)


#: What would do harm if it were read as anything but text.
HOSTILE = [
    "</script><script>window.harmed = 1</script>",
    "<img src=x onerror='window.harmed = 1'>",
    "\"'><svg onload=window.harmed=1>",
    "<!-- <script> ]]> {{harmed}} ${harmed} &lt;b&gt; &amp;",
    "line\none\ttab\u0000null\u0007bell\u001b[31mred",
    "\u202egnp.exe\u202c \u2066mirrored\u2069 \u200fright\u200e",
    "javascript:window.harmed=1",
    "שלום עולם مرحبا",
    "\U0001f680\u0301\u0301\u0301\u0301\u0301" * 3,
    "x" * 1_000_000,
    "<b>" * 300_000,
]


def hostile():
    """Every text that a history can hold is one of those, in a run that is violated."""
    pick = lambda i: HOSTILE[i % len(HOSTILE)]
    lines = [{**header(system=pick(0), workload=pick(1), policy=pick(2), command=pick(3), started=pick(1)),
              "nodes": [{"name": pick(i), "role": pick(i + 1)} for i in range(len(HOSTILE))],
              pick(0): pick(1), "scenario": {pick(2): [pick(4), pick(5)]}}]
    lines += fault(pick(0), "lag", 0, 90_000, targets=[pick(1), pick(5)], delay_ms=500)
    for i in range(len(HOSTILE)):
        at = 100 * i + 10
        # A session's name, a key and a value of each kind; a megabyte three times in one line is beyond the reader's limit.
        session, key, value = (pick(i), f"k{i}", pick(i + 1)) if i % 3 else (f"s{i}", pick(i), pick(i + 1))
        if len(value) > 100_000 and len(key) + len(session) > 100_000:
            session = f"s{i}"
        lines += [write(session, key, f"{value}-a", at, 1), write(session, key, f"{i}-b", at + 10, 2),
                  read(session, key, f"{value}-a", at + 20, 1, node=pick(i + 2)), sample(at + 21, 500, node=pick(i))]
        lines.append(operation(session, "write", f"other-{i}", f"{i}-c", at + 30, type="fail", error=pick(i)))
    return text_of(lines)


KINDS = {
    "violated": violated, "held": held, "unknown": unknown, "empty": empty, "one-operation": one_operation,
    "all-failed": all_failed, "untimed": untimed, "many": many, "hostile": hostile,
}
