"""A service for the tests: python3 service.py WHAT... does the steps that its arguments name, in order."""

import http.server
import os
import signal
import subprocess
import sys
import threading


def serve(port, status=200):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


for step in sys.argv[1:]:
    name, _, value = step.partition("=")
    if name == "say":
        print(value, flush=True)
    elif name == "show":
        print(value, os.environ.get(value), flush=True)
    elif name == "where":
        print("in", os.getcwd(), flush=True)
    elif name == "leave":
        with open(os.path.join(os.environ["AFTERWRITE_FOLDER"], value), "w", encoding="utf-8"):
            pass
    elif name == "serve":
        serve(*map(int, value.split(",")))
    elif name == "child":
        print("child", subprocess.Popen(["sleep", "1000"]).pid, flush=True)
    elif name == "farewell":
        signal.signal(signal.SIGTERM, lambda *_: (print("farewell", flush=True), sys.exit(0)))
    elif name == "end":
        sys.exit(int(value))
    elif name == "wait":
        while True:
            signal.pause()
