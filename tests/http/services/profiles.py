#!/usr/bin/env python3
"""A tiny service: users with a bio, a leader in memory and a replica that lags. It breaks on request.

    profiles.py [--lag SECONDS] [--route replica|sticky|position|leader] [--bug NAME] [--every N] [--token TOKEN] [--port-file FILE]

Prints its port (or writes it to the file), serves on loopback, and ends when its stdin does.

PUT /users/KEY/bio {"bio": "..."}     answers the position in X-Position
GET /users/KEY/bio                    {"bio": "..."}, X-Position, X-Served-By; 404 where there is none
POST /lists/KEY {"element": "..."}    GET /lists/KEY {"items": [{"text": "..."}]}
POST /login {"user": "..."}           {"accessToken": "..."} and a cookie; with --login every other request needs both
PUT /beat {"beat": N}                 GET /beat?node=leader|replica

--route says who serves a read: the replica, the leader for who wrote within 60 s (sticky, by cookie), a node that has reached
If-Min-Position (position), the leader.
"""
import argparse
import base64
import http.server
import json
import re
import socket
import struct
import sys
import threading
import time
import urllib.parse


class Store:
    """Versions of each key with their times: the replica shows those that are at least `lag` old."""

    def __init__(self, lag):
        self.lag, self.mutex, self.position = lag, threading.Lock(), 0
        self.versions = {}  # key -> [(time, position, value)]

    def write(self, key, make):
        with self.mutex:
            old = self.versions.setdefault(key, [(0.0, 0, None)])
            self.position += 1
            old.append((time.monotonic(), self.position, make(old[-1][2])))
            return self.position

    def read(self, key, replica):
        """(value, the position that the node has applied)."""
        with self.mutex:
            horizon = time.monotonic() - (self.lag if replica else 0)
            seen = [version for version in self.versions.get(key, []) if version[0] <= horizon]
            applied = max((v[1] for all in self.versions.values() for v in all if v[0] <= horizon), default=0)
            return (seen[-1][2] if seen else None), applied


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    options = store = None
    counts, count_mutex = {}, threading.Lock()
    writers = {}  # cookie -> time of its last write

    def log_message(self, *_):
        pass

    def answer(self, status, body=None, headers=(), text=None):
        data = text if text is not None else (json.dumps(body).encode() if body is not None else b"")
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html" if text is not None else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def cookie(self):
        found = re.search(r"sid=(\w+)", self.headers.get("Cookie", ""))
        return found[1] if found else ""

    def bug(self, name):
        """True for every Nth request of its kind, if that bug is on."""
        if self.options.bug != name:
            return False
        with Handler.count_mutex:
            Handler.counts[name] = Handler.counts.get(name, 0) + 1
            return Handler.counts[name] % self.options.every == 0

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
        self.wfile = open("/dev/null", "wb")  # what the base class flushes afterwards

    def allowed(self):
        options = self.options
        given = self.headers.get("Authorization", "")
        if options.token and given != f"Bearer {options.token}":
            self.answer(401, {"error": f"not the token, but: {given}"})
            return False
        if options.basic and given != "Basic " + base64.b64encode(options.basic.encode()).decode():
            self.answer(401, {"error": f"not the password, but: {given}"})
            return False
        if options.login and not (self.cookie() and self.headers.get("X-Access") == "t0ken-of-" + self.cookie()):
            self.answer(401, {"error": "not logged in"})
            return False
        return True

    def body(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null")

    def do_POST(self):
        body = self.body()
        if self.path == "/login":
            if body["user"] == self.options.refuse_user:
                return self.answer(403, {"error": "no such user"})
            return self.answer(200, {"accessToken": "t0ken-of-" + body["user"]}, [("Set-Cookie", f"sid={body['user']}; Path=/")])
        if not self.allowed():
            return None
        key = urllib.parse.unquote(self.path.removeprefix("/lists/"))
        position = self.store.write(key, lambda old: [*(old or []), body["element"]])
        return self.answer(201, {}, [("X-Position", str(position))])

    def do_PUT(self):
        body = self.body()
        if not self.allowed():
            return None
        if self.path == "/beat":
            self.store.write("/beat", lambda _: body["beat"])
            return self.answer(204)
        if self.bug("reset-before"):
            return self.reset()
        position = self.store.write(self.path, lambda _: body["bio"])
        sid = self.cookie() or f"c{position}"
        Handler.writers[sid] = time.monotonic()
        if self.bug("reset-after"):
            return self.reset()
        if self.bug("500-after"):
            return self.answer(500, {"error": "but it was applied"})
        if self.bug("slow-write"):
            time.sleep(self.options.slow)
        if self.bug("redirect-write"):
            return self.answer(307, headers=[("Location", self.path)])
        headers = [("X-Position", str(position)), ("Set-Cookie", f"sid={sid}; Path=/")]
        return self.answer(200, {"bio": body["bio"]}, headers)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/":
            return self.answer(200, {"service": "profiles"})
        if not self.allowed():
            return None
        if url.path == "/beat":
            value, _ = self.store.read("/beat", "replica" in url.query)
            return self.answer(200, {"beat": value or 0})
        if self.misbehaved(url):
            return None
        return self.serve(url.path)

    def misbehaved(self, url):
        if self.bug("truncate"):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"bio": "s0')
            self.close_connection = True
        elif self.bug("html"):
            self.answer(200, text=b"<html><body>Please log in</body></html>")
        elif self.bug("redirect") and not url.query:
            self.answer(302, headers=[("Location", url.path + "?again")])
        elif self.bug("redirect-loop"):
            self.answer(302, headers=[("Location", url.path + "?again")])
        elif self.bug("slow-read"):
            time.sleep(self.options.slow)
            return False
        elif self.bug("gibibyte"):
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 30))
            self.end_headers()
            try:
                for _ in range(1 << 10):
                    self.wfile.write(b"x" * (1 << 20))
            except OSError:
                self.close_connection = True
        elif self.bug("null"):
            self.answer(200, {"bio": None})
        else:
            return False
        return True

    def serve(self, path):
        route = self.options.route
        replica = route != "leader"
        if route == "sticky":
            replica = time.monotonic() - Handler.writers.get(self.cookie(), -100.0) > 60
        value, applied = self.store.read(path.removeprefix("/lists/"), replica)
        if route == "position" and applied < int(self.headers.get("If-Min-Position", "0")):
            replica = False
            value, applied = self.store.read(path.removeprefix("/lists/"), replica)
        headers = [("X-Position", str(applied)), ("X-Served-By", "replica" if replica else "leader")]
        if path.startswith("/lists/"):
            return self.answer(200, {"items": [{"text": element} for element in value or []]}, headers)
        if value is None:
            return self.answer(404, {"error": "no such user"}, headers)
        return self.answer(200, {"bio": value}, headers)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass  # a client that hung up


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lag", type=float, default=0.3)
    parser.add_argument("--route", default="replica", choices=["replica", "sticky", "position", "leader"])
    parser.add_argument("--bug", default="")
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--slow", type=float, default=2)
    parser.add_argument("--login", action="store_true")
    parser.add_argument("--token-file")
    parser.add_argument("--basic-file")
    parser.add_argument("--refuse-user", default="")
    parser.add_argument("--port-file")
    parser.add_argument("--certificate")
    options = parser.parse_args()
    options.token = open(options.token_file, encoding="utf-8").read() if options.token_file else ""
    options.basic = open(options.basic_file, encoding="utf-8").read() if options.basic_file else ""
    Handler.options, Handler.store = options, Store(options.lag)
    server = Server(("127.0.0.1", 0), Handler)
    if options.certificate:
        import ssl
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if options.port_file:
        with open(options.port_file, "w", encoding="utf-8") as file:
            file.write(str(server.server_port))
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
