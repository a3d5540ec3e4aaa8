"""A PDS as small as `afterwrite audit atproto --service` needs one: one account, whose records it keeps in memory, and views that show nothing
of it. What it does not do is for the test to say."""

import hashlib
import http.server
import json
import threading
import urllib.parse

PROFILE = "app.bsky.actor.profile/self"
DID = "did:plc:lender"


class SmallPds:
    """`records`: collection/rkey -> record. `asked`: the names of what was asked for, in order. `furniture`: the records that were written
    first, which nothing but tidying up deletes. `to_delete`: the records that were asked to be deleted. `hangs`: what gets no answer."""

    def __init__(self, profile=None):
        self.lock = threading.Lock()
        self.records = {PROFILE: profile} if profile else {}
        self.asked = []
        self.furniture = set()
        self.to_delete = []
        self.hangs = ()
        self.closed = threading.Event()
        small = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                split = urllib.parse.urlsplit(self.path)
                name = split.path.rpartition("/")[2]
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                small.asked.append((name, self.headers.get("Authorization", "")))
                given = json.loads(body) if body else dict(urllib.parse.parse_qsl(split.query))
                if name.endswith("deleteRecord"):
                    small.to_delete.append(f"{given['collection']}/{given['rkey']}")
                if name in small.hangs:
                    small.closed.wait()
                    return
                with small.lock:
                    status, told = small.answer(name, given)
                told = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            do_GET = do_POST = serve

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.closed.set()
        self.server.shutdown()
        self.server.server_close()

    def count(self, name):
        return [asked for asked, _ in self.asked].count(name)

    def cid(self, record):
        return "cid-" + hashlib.sha256(json.dumps(self.records[record], sort_keys=True).encode()).hexdigest()[:16] if record in self.records else None

    def put(self, record, value):
        self.records[record] = value
        return {"uri": f"at://{DID}/{record}", "cid": self.cid(record), "commit": {"cid": "c", "rev": "3" * 13}}

    def answer(self, name, given):
        name = name.rpartition(".")[2]
        if name == "createSession":
            return 200, {"did": DID, "handle": given["identifier"], "accessJwt": "access", "refreshJwt": "refresh"}
        if name == "applyWrites":
            self.furniture = self.furniture or {f"{one['collection']}/{one['rkey']}" for one in given["writes"]}
            return 200, {"results": [self.put(f"{one['collection']}/{one['rkey']}", one["value"]) for one in given["writes"]],
                         "commit": {"cid": "c", "rev": "3" * 13}}
        if name in ("createRecord", "putRecord", "deleteRecord", "getRecord"):
            record = f"{given['collection']}/{given['rkey']}"
            if "swapRecord" in given and given["swapRecord"] != self.cid(record):
                return 400, {"error": "InvalidSwap", "message": "Record was at another CID"}
            if name == "deleteRecord":
                self.records.pop(record, None)
                return 200, {}
            if name == "getRecord":
                return (200, {"uri": "", "cid": self.cid(record), "value": self.records[record]}) if record in self.records else (
                    400, {"error": "RecordNotFound"})
            return 200, self.put(record, given["record"])
        if name == "deleteSession":
            return 200, {}
        return 200, {"feed": [{"post": {}}]}
