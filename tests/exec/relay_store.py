#!/usr/bin/env python3
"""A store of two nodes over TCP, and the adapter to it: what a scenario may start, and reach faults into by a link.

    relay_store.py serve      the leader on AFTERWRITE_PORT_LEADER, the replica on AFTERWRITE_PORT_REPLICA; it follows the leader
                              by AFTERWRITE_LINK_REPLICA_TO_LEADER
    relay_store.py adapter    speaks afterwrite's protocol; config: {"leader": PORT, "replica": PORT}

A line of JSON each way: {"f": "write", "key", "value"}, {"f": "read", "key"}, and {"f": "follow"}, which is answered by all writes.
"""

import json
import os
import socketserver
import socket
import sys
import threading


class Node(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Talk)
        self.log, self.grown = [], threading.Condition()

    def add(self, key, value):
        with self.grown:
            self.log.append((key, value))
            self.grown.notify_all()

    def follow(self, address):
        host, port = address.rsplit(":", 1)
        while True:
            try:
                with socket.create_connection((host, int(port))) as leader, leader.makefile("rw") as lines:
                    print('{"f": "follow"}', file=lines, flush=True)
                    for number, line in enumerate(lines):
                        if number >= len(self.log):  # after a cut all of it comes again
                            self.add(*json.loads(line))
            except OSError:
                pass


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            request = json.loads(line)
            if request["f"] == "follow":
                return self.hand_on()
            if request["f"] == "write":
                self.server.add(request["key"], request["value"])
            held = [value for key, value in list(self.server.log) if key == request["key"]]
            self.wfile.write(json.dumps({"value": held[-1] if held else None}).encode() + b"\n")

    def hand_on(self):
        sent = 0
        while True:
            with self.server.grown:
                self.server.grown.wait_for(lambda: len(self.server.log) > sent)
                entry = self.server.log[sent]
            self.wfile.write(json.dumps(entry).encode() + b"\n")
            sent += 1


def serve():
    leader, replica = (Node(int(os.environ["AFTERWRITE_PORT_" + name])) for name in ("LEADER", "REPLICA"))
    threading.Thread(target=leader.serve_forever, daemon=True).start()
    threading.Thread(target=replica.follow, args=(os.environ["AFTERWRITE_LINK_REPLICA_TO_LEADER"],), daemon=True).start()
    replica.serve_forever()


def adapter():
    ports, connections = {}, {}

    def ask(node, request):
        if node not in connections:
            connections[node] = socket.create_connection(("127.0.0.1", ports[node])).makefile("rw")
        print(json.dumps(request), file=connections[node], flush=True)
        return json.loads(connections[node].readline())

    for line in sys.stdin:
        request = json.loads(line)
        answer = {"type": "ok"}  # to open
        if request["op"] == "hello":
            ports = {name: int(port) for name, port in request["config"].items()}
            answer = {"name": "relay", "functions": ["read", "write"], "nodes": list(ports), "beat": True}
        elif request["op"] in ("invoke", "beat"):
            said = ask(request["node"], {name: request.get(name) for name in ("f", "key", "value")})
            answer |= {"value": said["value"]} if request["f"] == "read" else {}
        print(json.dumps({"id": request["id"], **answer}), flush=True)


if __name__ == "__main__":
    serve() if sys.argv[1] == "serve" else adapter()
