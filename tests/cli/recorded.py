"""Histories for tests, made by hand: as another program would log them."""

import json

MILLISECOND = 1_000_000


class Recording:
    """Operations in order of completion; times in milliseconds. Written with or without header and footer."""

    def __init__(self, header=None, footer=True):
        self.lines = []
        self.count = 0
        self.footer = footer
        if header is not None:
            self.lines.append({"kind": "header", "schema": "afterwrite.history/1", **header})

    def operation(self, session, function, key, value, invoke, complete=None, kind="ok", **more):
        complete = invoke + 1 if complete is None else complete
        self.lines.append({
            "kind": "op", "session": session, "f": function, "key": key, "value": value, "type": kind,
            "invoke": int(invoke * MILLISECOND), "complete": int(complete * MILLISECOND), **more,
        })
        self.count += 1
        return self

    def write(self, session, key, value, invoke, complete=None, **more):
        return self.operation(session, "write", key, value, invoke, complete, **more)

    def read(self, session, key, value, invoke, complete=None, **more):
        return self.operation(session, "read", key, value, invoke, complete, **more)

    def text(self):
        lines = list(self.lines)
        if self.footer:
            lines.append({"kind": "end", "ops": self.count})
        return "".join(json.dumps(line) + "\n" for line in lines)

    def save(self, path):
        path.write_text(self.text(), encoding="utf-8")
        return path


def held(header=None):
    """Both guarantees hold, and could have failed: another session still reads the old state, later on by their one clock."""
    recording = Recording({"assume": ["writer-order", "one-clock"], **(header or {})})
    recording.write("s0", "x", "a", 0).write("s0", "x", "b", 2)
    recording.read("s0", "x", "b", 4).read("s0", "x", "b", 6)
    return recording.read("s1", "x", "a", 8)


def violated(header=None):
    """s0 does not see its own newer write."""
    return Recording(header).write("s0", "x", "a", 0).write("s0", "x", "b", 2).read("s0", "x", "a", 4)


def unknown(header=None):
    """Nothing could have failed."""
    return Recording(header).write("s0", "x", "a", 0)
