"""A profile service: everybody has a bio, kept in a PostgreSQL leader and read from its follower.

    PUT /users/NAME/bio  {"bio": "..."}     GET /users/NAME/bio     GET /health
    PUT /probe  {"beat": 17}                GET /probe: the number that the follower shows, which tells how far behind it is

ROUTING says where a read goes:

    any-replica        to the follower, which may lag
    cookie-window:N    to the leader for N seconds after a write, by a cookie; else to the follower
    position           to the follower once it has applied the position in the request's If-Min-Position, else to the leader
    user-position      the same, but the service itself remembers the position, for each user (X-User), whatever device they use

Every answer says in X-Position how far in the leader's log it is, and in X-Served-By who served it.
Started by start.py, which tells it PORT, LEADER and FOLLOWER (addresses) and PGPASSWORD.
"""

import http.server
import json
import os
import re
import threading
import urllib.parse

import psycopg2

ROUTING, _, WINDOW = os.environ.get("ROUTING", "any-replica").partition(":")
WRITE = "INSERT INTO profile VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET bio = excluded.bio"
READ = "SELECT bio FROM profile WHERE name = %s"
# A position as a number. Asked after the read, so that it covers all that the read may have seen.
LEADER_AT = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
FOLLOWER_AT = "SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0'::pg_lsn"
FOLLOWER_APPLIED = "SELECT pg_last_wal_replay_lsn() - '0/0'::pg_lsn"

seen_by_user = {}  # user -> position, for user-position
seen_lock = threading.Lock()


class Profile(http.server.BaseHTTPRequestHandler):
    """One connection of a client, on a thread of its own, with database connections of its own."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.databases = {}

    def finish(self):
        for database in self.databases.values():
            database.close()
        super().finish()

    def sql(self, node, statement, *values):
        """The first column of the statement's first row, None if there is no row."""
        if node not in self.databases:
            host, _, port = os.environ[node.upper()].rpartition(":")
            self.databases[node] = psycopg2.connect(host=host, port=port, user="profile", dbname="postgres", connect_timeout=5)
            self.databases[node].autocommit = True
        with self.databases[node].cursor() as cursor:
            cursor.execute(statement, values)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    def node_for_read(self):
        if ROUTING == "cookie-window":
            return "leader" if "wrote=" in self.headers.get("Cookie", "") else "follower"
        if ROUTING in ("position", "user-position"):
            if ROUTING == "position":
                needed = int(self.headers.get("If-Min-Position", 0))
            else:
                with seen_lock:
                    needed = seen_by_user.get(self.headers["X-User"], 0)
            return "follower" if self.sql("follower", FOLLOWER_APPLIED) >= needed else "leader"
        return "follower"

    def do_GET(self):
        if self.path == "/health":
            self.sql("leader", READ, "")
            self.sql("follower", READ, "")
            return self.answer(200, {})
        if self.path == "/probe":
            return self.answer(200, {"beat": self.sql("follower", "SELECT beat FROM probe")})
        node = self.node_for_read()
        bio = self.sql(node, READ, self.name())
        position = self.sql(node, LEADER_AT if node == "leader" else FOLLOWER_AT)
        self.answer(404 if bio is None else 200, {"bio": bio}, node, position)

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/probe":
            self.sql("leader", "UPDATE probe SET beat = %s", body["beat"])
            return self.answer(200, {})
        self.sql("leader", WRITE, self.name(), body["bio"])
        self.answer(200, {}, "leader", self.sql("leader", LEADER_AT))

    def name(self):
        return urllib.parse.unquote(re.fullmatch(r"/users/([^/]+)/bio", self.path)[1])

    def answer(self, status, body, node=None, position=None):
        if node and ROUTING == "user-position":
            with seen_lock:
                user = self.headers["X-User"]
                seen_by_user[user] = max(seen_by_user.get(user, 0), int(position))
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if node:
            self.send_header("X-Served-By", node)
            self.send_header("X-Position", str(int(position)))
        if self.command == "PUT" and node and ROUTING == "cookie-window":
            self.send_header("Set-Cookie", f"wrote=1; Path=/; Max-Age={WINDOW}")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    if ROUTING not in ("any-replica", "cookie-window", "position", "user-position"):
        raise SystemExit(f"ROUTING: '{ROUTING}' is none of any-replica, cookie-window:N, position, user-position")
    Server(("127.0.0.1", int(os.environ["PORT"])), Profile).serve_forever()
