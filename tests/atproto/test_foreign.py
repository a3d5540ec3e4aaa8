#!/usr/bin/env python3
"""`afterwrite audit atproto --service --handle`: somebody's account, at a PDS that belongs to another run here. Nothing of it stays, and the PDS
is asked a few things a second at most."""

import http.client
import json
import http.server
import re
import signal
import threading
import time
import unittest
import urllib.parse

from command import CommandTest, HELD, UNKNOWN, VIOLATED, processes_of, read_quietly, wait_for_lines, wait_until

PASSWORD = "the-secret-of-a-lender"
COLLECTIONS = ["app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.graph.list", "app.bsky.graph.listitem", "app.bsky.actor.profile"]
MOST_A_SECOND = 5


class Front:
    """A PDS seen through a server that notes when it was asked, and for what."""

    def __init__(self, port):
        self.asked = []
        self.last_status = {}  # by name
        self.written = 0  # records, but for deletes
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                name = urllib.parse.urlsplit(self.path).path.rpartition("/")[2]
                front.asked.append((time.monotonic(), name))
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                front.written += len(json.loads(body)["writes"]) if name.endswith("applyWrites") else name.endswith(("createRecord", "putRecord"))
                connection = http.client.HTTPConnection("127.0.0.1", port)
                kept = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
                connection.request(self.command, self.path, body or None, kept)
                answer = connection.getresponse()
                told = answer.read()
                connection.close()
                front.last_status[name] = answer.status
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() in ("content-type", "atproto-repo-rev", "atproto-upstream-lag"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            do_GET = do_POST = forward

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Foreign(CommandTest):
    def call(self, method, name, body=None, token=None, **parameters):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        path = f"/xrpc/{name}" + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        self.assertEqual(answer.status, 200, text)
        return json.loads(text)

    def records(self):
        return {collection: [(record["uri"], record["value"]) for record in
                             self.call("GET", "com.atproto.repo.listRecords", repo=self.did, collection=collection, limit=100)["records"]]
                for collection in COLLECTIONS}

    def host(self):
        """A run that has a stack of its own and hardly uses it."""
        run = self.start("audit", "atproto", "--quiet", "--out", "host", "--sessions", "1", "--rate", "0.1/s", "--duration", "1h", "--fault",
                         "none")
        self.addCleanup(run.process.terminate)
        wait_until(lambda: run.ended() or (self.folder / "host" / "history.jsonl").exists(), "the history is begun", 600)
        self.assertFalse(run.ended(), run)
        wait_for_lines(self.folder / "host" / "history.jsonl", 2)
        settings = [read_quietly(f"/proc/{pid}/environ", "rb") for pid in processes_of(self.marker, self.folder)]
        ports = {int(port) for one in settings for port in re.findall(rb'"pdsPort":(\d+)', one)}
        self.assertEqual(len(ports), 1)
        self.port = ports.pop()

    def test_an_account_is_as_it_was_when_the_run_is_over(self):
        self.host()
        made = self.call("POST", "com.atproto.server.createAccount",
                         {"handle": "lender.test", "email": "lender@example.test", "password": PASSWORD})
        self.did, token = made["did"], made["accessJwt"]
        post = {"$type": "app.bsky.feed.post", "text": "mine", "createdAt": "2024-01-01T00:00:00.000Z"}
        profile = {"$type": "app.bsky.actor.profile", "displayName": "Lender", "website": "https://example.test/lender"}
        self.call("POST", "com.atproto.repo.createRecord", {"repo": self.did, "collection": "app.bsky.feed.post", "record": post}, token)
        self.call("POST", "com.atproto.repo.putRecord",
                  {"repo": self.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": profile}, token)
        before = self.records()
        front = Front(self.port)
        self.addCleanup(front.close)

        run = self.start("audit", "atproto", "--service", front.url, "--handle", "lender.test", "--quiet", "--out", "run", "--duration", "20s",
                         environment={"AFTERWRITE_ATPROTO_PASSWORD": PASSWORD}).finish(600)

        self.assertIn(run.code, (HELD, VIOLATED, UNKNOWN), run)
        self.assertEqual(run.err, "", "what could not be deleted is told there")
        self.assertEqual(self.records(), before)
        self.assertEqual(front.last_status["com.atproto.server.deleteSession"], 200, "the login is ended")
        self.assert_asked_little(front.asked)
        edits = [one for one in self.writes() if "/post/" not in one["key"] and one["labels"]["write"].startswith("profile")]
        self.assertEqual({one["type"] for one in edits}, {"ok"}, edits)
        self.assert_recorded()
        for file in (self.folder / "run").iterdir():
            self.assertNotIn(PASSWORD.encode(), file.read_bytes(), file)

    def test_no_more_records_are_written_than_may_be(self):
        self.host()
        self.did = self.call("POST", "com.atproto.server.createAccount",
                             {"handle": "lender.test", "email": "lender@example.test", "password": PASSWORD})["did"]
        before = self.records()
        front = Front(self.port)
        self.addCleanup(front.close)
        ours = ["audit", "atproto", "--service", front.url, "--handle", "lender.test", "--quiet"]
        secret = {"AFTERWRITE_ATPROTO_PASSWORD": PASSWORD}
        for records in ("0", "301", "many"):
            self.assert_refused(*ours, "--out", "never", "--opt", f"records={records}", says=["--opt", "records"], environment=secret)
        self.assertEqual(front.asked, [])

        # As long as it takes until a write is refused, whatever the machine.
        run = self.start(*ours, "--out", "run", "--duration", "1h", "--opt", "records=8", environment=secret)
        refused = lambda: [one for one in self.writes() if one["type"] == "fail"]
        wait_until(lambda: run.ended() or len(refused()) >= 3, "writes are refused", 600)
        self.assertFalse(run.ended(), run)
        run.signal(signal.SIGINT)
        run.finish(600)

        self.assertIn(run.code, (HELD, VIOLATED, UNKNOWN), run)
        self.assertEqual({one["error"] for one in refused()}, {"as many records were written as may be"})
        sent = [one for one in self.writes() if one["type"] != "fail"]
        self.assertGreater(len(sent), 0)
        self.assertLessEqual(len(sent), 8)
        # The account's first records are 34: a list with itself on it, a post, a like, and thirty posts that can be liked.
        self.assertEqual(front.written, 34 + sum(one["f"] == "write" for one in sent))
        self.assertEqual(self.records(), before)

    def writes(self):
        history = self.folder / "run" / "history.jsonl"
        lines = history.read_text(encoding="utf-8").splitlines(keepends=True) if history.exists() else []
        operations = [json.loads(line) for line in lines if line.endswith("\n") and '"kind":"op"' in line]
        return [one for one in operations if one["f"] in ("write", "delete")]

    def assert_asked_little(self, asked):
        times = [when for when, _ in asked]
        window = 10
        for first, begin in enumerate(times):
            within = sum(1 for when in times[first:] if when < begin + window)
            # One at a time, so that a machine that stands still lets but few come together.
            self.assertLessEqual(within, MOST_A_SECOND * window * 1.1, asked[first])
        names = [name for _, name in asked]
        writes = sum(names.count(f"com.atproto.repo.{name}") for name in ("createRecord", "putRecord", "applyWrites"))
        self.assertGreater(writes, 3)
        self.assertGreaterEqual(names.count("com.atproto.repo.deleteRecord"), 30, "the posts that were liked are deleted one by one")

    def assert_recorded(self):
        report = self.report_of("run")
        self.assertEqual(report["anomalies"], {})
        self.assertEqual(report["run"]["sessions"], 1)
        routes = {row["labels"]["route"] for row in report["guarantees"]}
        self.assertFalse([route for route in routes if "App View" in route], "its App View is not ours to ask")
        self.assertLessEqual(routes, {"getProfile", "getProfiles", "getActorLikes", "getAuthorFeed", "getListFeed", "getPostThread",
                                      "getTimeline", "getRecord"})


if __name__ == "__main__":
    unittest.main()
