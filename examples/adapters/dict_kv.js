#!/usr/bin/env node
// An adapter for afterwrite: a dictionary on three nodes. n1 leads; n2 and n3 apply its log `lag_ms` and twice that late.
// The log is a file that the processes of all sessions share. "config": {"file": "dict_kv.log", "lag_ms": 0}
"use strict";
const fs = require("fs");
const nodes = ["n1", "n2", "n3"];
const config = { file: "dict_kv.log", lag_ms: 0 };
const now = () => Number(process.hrtime.bigint()) / 1e6;
const log = [];
let unread = Buffer.alloc(0), end = 0; // of the file
const shown = Object.fromEntries(nodes.map((node) => [node, new Map()])); // node -> key -> {value, version}
const applied = Object.fromEntries(nodes.map((node) => [node, 0]));

function catchUp(node) {
  const file = fs.openSync(config.file, "r");
  const more = Buffer.alloc(fs.fstatSync(file).size - end);
  end += fs.readSync(file, more, 0, more.length, end);
  fs.closeSync(file);
  const lines = Buffer.concat([unread, more]);
  const whole = lines.lastIndexOf("\n") + 1; // after it: what another process is just writing
  unread = lines.subarray(whole);
  for (const line of lines.toString("utf8", 0, whole).split("\n")) if (line) log.push(JSON.parse(line));
  const visibleSince = now() - nodes.indexOf(node) * config.lag_ms;
  while (applied[node] < log.length && log[applied[node]].time <= visibleSince) {
    const { f, key, value } = log[applied[node]++];
    const before = shown[node].get(key) || { value: [] };
    shown[node].set(key, { value: f === "write" ? value : [...before.value, value], version: applied[node] });
  }
}

function write({ id, f, key, value }) {
  const by = `${process.pid}/${id}`;
  fs.appendFileSync(config.file, JSON.stringify({ f, key, value, time: now(), by }) + "\n");
  catchUp("n1");
  const place = log.findLastIndex((entry) => entry.by === by) + 1;
  return { type: "ok", version: place, position: String(place) };
}

function read({ node, key }) {
  catchUp(node);
  return { type: "ok", ...(shown[node].get(key) || { value: null, version: 0 }), position: String(applied[node]) };
}

async function wait({ node, position, timeout_ms }) {
  for (const until = now() + timeout_ms; ; await new Promise((done) => setTimeout(done, 1))) {
    catchUp(node);
    if (applied[node] >= Number(position)) return { type: "ok" };
    if (now() >= until) return { type: "fail", error: `${node} is at ${applied[node]}` };
  }
}

function hello(request) {
  Object.assign(config, request.config);
  fs.closeSync(fs.openSync(config.file, "a"));
  return { name: "dict-kv", functions: ["read", "write", "append"], nodes, beat: true, position: { waits: true, numeric: true } };
}

async function answer(request) {
  if (request.op === "hello") return hello(request);
  if (request.op === "open") return { type: "ok" };
  if (request.op === "await") return wait(request);
  return request.f === "read" ? read(request) : write(request); // invoke, beat
}

(async () => {
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    console.log(JSON.stringify({ id: request.id, ...(await answer(request)) }));
  }
})();
