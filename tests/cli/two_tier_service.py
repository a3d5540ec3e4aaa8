"""A service in two tiers for the tests: an API that keeps everything in a store, which it reaches through a link.

The store remembers what was written; the API hands each request on, over a connection of its own. With `die-after=N` the whole ends at the
Nth write, with exit code 7.
"""

import http.client
import http.server
import os
import sys
import threading

DIE_AFTER = int(next((word.partition("=")[2] for word in sys.argv if word.startswith("die-after=")), 0))
stored = {}
writes = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.handle_it(None)

    def do_PUT(self):
        self.handle_it(self.rfile.read(int(self.headers["Content-Length"])))

    def reply(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Store(Handler):
    def handle_it(self, body):
        global writes
        if body is not None:
            writes += 1
            if writes == DIE_AFTER:
                print("the disk is full", flush=True)
                os._exit(7)
            stored[self.path] = body
        if self.path in stored:
            self.reply(200, stored[self.path])
        else:
            self.reply(404)


class Api(Handler):
    def handle_it(self, body):
        if self.path == "/health":
            return self.reply(200)
        store = http.client.HTTPConnection(os.environ["AFTERWRITE_LINK_API_TO_STORE"], timeout=10)
        try:
            store.request(self.command, self.path, body)
            answer = store.getresponse()
            self.reply(answer.status, answer.read())
        except OSError:
            self.reply(503)
        finally:
            store.close()


for name, handler in (("STORE", Store), ("API", Api)):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ[f"AFTERWRITE_PORT_{name}"])), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever).start()
print("serving", flush=True)
