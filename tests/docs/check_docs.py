#!/usr/bin/env python3
"""Checks that README.md and docs/ say what is true of the command.

    check_docs.py --root ROOT --afterwrite BINARY static|examples|server

static     every relative link leads to a file (and heading) that exists; every flag of `audit --help` stands in
           docs/audit.md; every name that `afterwrite list` prints stands in its page; JSON examples parse.
examples   runs the commands of the `sh` blocks that need no server.
server     runs those that start PostgreSQL.

How a page marks its blocks:

* ```sh             is run: each command (a line, or several joined by a backslash at the end) by bash, in a temporary folder
                    of the page's own that has our `examples`, with `afterwrite` being BINARY. It must end with exit code 0, or with the code
                    that a comment at its end states: `# exit 1`. The blocks of a page share the folder, those of
                    `examples` and those of `server` apart. A block that says `postgres`, audits `etcd`, or works on the
                    profile service, is one of `server`.
* <!-- file: a.json --> in the line above a block: the block is written to that file before any command of the page runs.
* <!-- not run: why -->  in the line above an `sh` block: it is not run.

Prints each breach as `file:line: what is wrong`, and exits 1 if there is any.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

STARTS_SERVERS = ("postgres", "audit etcd", "examples/profile-service", "window/history.jsonl")
COMMAND_SECONDS = 240  # far beyond what any example takes: a hang ends here

# `afterwrite list WHAT` -> the page where every name of it stands.
PAGES = {
    "systems": ["docs/postgres.md", "docs/etcd.md", "docs/bluesky.md", "docs/memory.md", "docs/adapter-protocol.md", "docs/http.md"],
    "policies": ["docs/policies.md"],
    "faults": ["docs/faults.md"],
    "workloads": ["docs/workloads.md"],
    "guarantees": ["docs/guarantees.md"],
}


@dataclasses.dataclass
class Block:
    page: pathlib.Path
    line: int  # of the opening fence, from 1
    language: str
    text: str
    file: str = ""
    not_run: bool = False


def blocks_of(page):
    """The fenced blocks of a page."""
    blocks, opened, body, above = [], None, [], ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        stripped = line.strip()
        if opened is None and stripped.startswith("```"):
            opened = Block(page, number, stripped[3:].strip(), "")
            if found := re.match(r"<!-- file: (\S+) -->$", above):
                opened.file = found[1]
            opened.not_run = above.startswith("<!-- not run:")
            body = []
        elif opened is not None and stripped == "```":
            opened.text = "\n".join(body) + "\n"
            blocks.append(opened)
            opened = None
        elif opened is not None:
            body.append(line)
        above = stripped
    return blocks, opened


def prose_of(page):
    """(line number, text) of what is outside of fenced blocks."""
    fenced = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchors_of(page):
    """The names that headings give to their places, as GitHub forms them."""
    names = set()
    for _, line in prose_of(page):
        if heading := re.match(r"#+\s+(.*)", line):
            names.add(re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-"))
    return names


def without_comments(text):
    """JSON without // comments (none of ours stands in a string)."""
    return re.sub(r"(^|\s)//.*", r"\1", text)


def json_complaint(block):
    text = without_comments(block.text) if block.language == "jsonc" else block.text
    parts = [text]
    if block.language == "jsonl" or (block.language == "json" and "}\n{" in text):
        parts = [line for line in text.splitlines() if line.strip()]
    for part in parts:
        try:
            json.loads(part)
        except ValueError as error:
            return f"the {block.language} example does not parse: {error}"
    return ""


def commands_of(block):
    """(line, command, exit code) of each command of an sh block."""
    whole, begun = "", 0
    for offset, line in enumerate(block.text.splitlines(), 1):
        if not whole:
            begun = block.line + offset
        whole += line
        if whole.endswith("\\"):
            whole = whole[:-1] + " "
            continue
        stated = re.search(r"#\s*exit (\d+)\s*$", whole)
        if whole.strip() and not whole.lstrip().startswith("#"):
            yield begun, whole, int(stated[1]) if stated else 0
        whole = ""


class Check:
    def __init__(self, root, afterwrite):
        self.root = root.resolve()
        self.afterwrite = afterwrite.resolve()
        self.pages = [self.root / "README.md", *sorted((self.root / "docs").rglob("*.md"))]
        self.breaches = 0

    def complain(self, page, line, what):
        print(f"{page.relative_to(self.root)}:{line}: {what}", flush=True)
        self.breaches += 1

    def printed(self, *arguments):
        done = subprocess.run([self.afterwrite, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=True)
        return done.stdout

    # static

    def links(self):
        for page in self.pages:
            for number, line in prose_of(page):
                for target in re.findall(r"\]\(([^)\s]+)\)", line):
                    self.link(page, number, target)

    def link(self, page, number, target):
        if re.match(r"[a-z]+:", target):
            return
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.is_relative_to(self.root) or not found.exists():
            self.complain(page, number, f"the link '{target}' leads nowhere")
        elif anchor and found.suffix == ".md" and anchor not in anchors_of(found):
            self.complain(page, number, f"'{path}' has no heading '#{anchor}'")

    def json_examples(self):
        for page in self.pages:
            blocks, unclosed = blocks_of(page)
            if unclosed is not None:
                self.complain(page, unclosed.line, "this block is never closed")
            for block in blocks:
                if block.language in ("json", "jsonl", "jsonc") and (what := json_complaint(block)):
                    self.complain(page, block.line, what)

    def flags(self):
        page = self.root / "docs/audit.md"
        text = page.read_text(encoding="utf-8")
        flags = set(re.findall(r"^\s+(?:-\w,)?(--[a-z][a-z-]*)", self.printed("audit", "--help"), re.MULTILINE))
        for flag in sorted(flags):
            if not re.search(re.escape(flag) + r"(?![a-z-])", text):
                self.complain(page, 1, f"`afterwrite audit --help` has {flag}, this page has not")
        for flag in sorted(set(re.findall(r"^\| `(--[a-z-]+)", text, re.MULTILINE)) - flags):
            self.complain(page, 1, f"{flag} is no flag of `afterwrite audit`")

    def names(self):
        for what, files in PAGES.items():
            text = "".join((self.root / file).read_text(encoding="utf-8") for file in files)
            for line in self.printed("list", what).splitlines():
                name = line.split()[0] if line.split() else ""
                if not line.startswith(" "):
                    name = re.split(r"[\[:@,]", name)[0]
                elif not name.startswith("--"):
                    name = name if re.match(r"bug=", name) else ""
                if name == "--opt":
                    name = re.split(r"[|\s]", line.split(None, 1)[1])[0].removesuffix("NAME")
                name = name.removeprefix("bug=")
                if name and not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
                    self.complain(self.root / files[0], 1, f"`afterwrite list {what}` has '{name}', this page has not")

    def static(self):
        self.links()
        self.json_examples()
        self.flags()
        self.names()

    # examples

    def run_page(self, page, server):
        blocks = blocks_of(page)[0]
        wanted = [block for block in blocks
                  if block.language == "sh" and not block.not_run and any(word in block.text for word in STARTS_SERVERS) == server]
        if not wanted:
            return
        folder = pathlib.Path(tempfile.mkdtemp(prefix="afterwrite-docs-"))
        try:
            programs = folder / ".programs"
            programs.mkdir()
            (programs / "afterwrite").symlink_to(self.afterwrite)
            (folder / "examples").symlink_to(self.root / "examples")
            environment = dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}")
            for block in blocks:
                if block.file:
                    (folder / block.file).write_text(block.text, encoding="utf-8")
            for block in wanted:
                for line, command, expected in commands_of(block):
                    self.run(page, line, command, expected, folder, environment)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def run(self, page, line, command, expected, folder, environment):
        where = f"{page.relative_to(self.root)}:{line}"
        try:
            done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, env=environment,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                                  timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            self.complain(page, line, f"not over after {COMMAND_SECONDS} s: {command}")
            return
        if done.returncode == expected:
            print(f"ok {where}: {command}", flush=True)
            return
        self.complain(page, line, f"exit {done.returncode} in place of {expected}: {command}")
        if said := (done.stdout + done.stderr)[-3000:].strip():
            print(said, flush=True)

    def examples(self, server):
        for page in self.pages:
            self.run_page(page, server)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", required=True, type=pathlib.Path)
    parser.add_argument("--afterwrite", required=True, type=pathlib.Path)
    parser.add_argument("part", choices=["static", "examples", "server"])
    arguments = parser.parse_args()
    check = Check(arguments.root, arguments.afterwrite)
    if arguments.part == "static":
        check.static()
    else:
        check.examples(server=arguments.part == "server")
    print(f"{check.breaches} breaches in {len(check.pages)} pages")
    return 1 if check.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
