#!/usr/bin/env python3
"""What a terminal shows while an audit or a sweep goes on: a few lines in their place, whatever size it has."""

import fcntl
import os
import pty
import re
import signal
import struct
import termios
import threading
import unittest

from command import HELD, VIOLATED, CommandTest, wait_until

AUDIT = ("audit", "memory", "--lag", "700ms", "--duration", "8s", "--out", "run")
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


class Screen:
    """A terminal: what the command writes to it, and what stands on it."""

    def __init__(self, columns, rows):
        self.ours, self.theirs = pty.openpty()
        self.bytes = bytearray()
        self.resize(columns, rows)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self):
        while True:
            try:
                part = os.read(self.ours, 65536)
            except OSError:
                return
            if not part:
                return
            self.bytes += part

    def close(self):
        os.close(self.theirs)
        self.reader.join(10)
        os.close(self.ours)

    def lines(self, written=None):
        """What stands there, line by line from the first, scrolled ones too."""
        text = COLOUR.sub(b"", bytes(self.bytes if written is None else written)).decode()
        lines, row, column = [""], 0, 0
        for part in re.findall(r"\x1b\[\d*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
            if part == "\r":
                column = 0
            elif part == "\n":
                row += 1
                if row == len(lines):
                    lines.append("")
            elif part == "\x1b[K":
                lines[row] = lines[row][:column]
            elif part == "\x1b[J":
                lines[row:] = [lines[row][:column]]
            elif part.startswith("\x1b[") and part.endswith("A"):
                row -= int(part[2:-1] or 1)
                assert row >= 0, "above the screen"
            elif part.startswith("\x1b["):
                raise AssertionError(f"an escape that is not expected: {part!r}")
            else:
                lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + len(part):]
                column += len(part)
        return lines


class LiveView(CommandTest):
    def run_on(self, screen, *arguments, **environment):
        run = self.start(*arguments, environment={"TERM": "xterm"} | environment, stderr=screen.theirs)
        return run

    def shown(self, screen, pattern):
        wait_until(lambda: re.search(pattern, "\n".join(screen.lines()), re.M), f"{pattern} in {screen.lines()}")
        return screen.lines()

    def frames(self, screen):
        return re.findall(rb"\r(?:(?!\x1b\[J).)*\x1b\[J\r(?:\x1b\[\d+A)?", bytes(screen.bytes), re.S)

    def test_an_audit(self):
        screen = Screen(100, 24)
        run = self.run_on(screen, *AUDIT)
        lines = self.shown(screen, r"^  violations  [1-9]")
        self.assertRegex(lines[0], r"^memory, any-replica · running \d+ s of 8 s$")
        self.assertEqual([line[:12].strip() for line in lines[1:5]], ["violations", "load", "behind", "faults on"])
        self.assertIn(b"\x1b[31m", screen.bytes)
        # It gets narrow and low: nothing is wider, nothing scrolls.
        before = len(self.frames(screen))
        screen.resize(30, 4)
        wait_until(lambda: len(self.frames(screen)) > before + 2 or run.ended(), "drawn again")
        narrow = COLOUR.sub(b"", self.frames(screen)[-1]).decode()
        drawn = re.split(r"\n", re.sub(r"\x1b\[\d*[A-Za-z]|\r", "", narrow))
        self.assertLessEqual(len(drawn), 3, drawn)
        self.assertLessEqual(max(map(len, drawn)), 29, drawn)
        run.finish()
        screen.close()
        self.assertEqual(run.code, VIOLATED)
        self.assertEqual("".join(screen.lines()).strip(), "", "something is left on the screen")
        self.assertIn("VIOLATED", run.out)

    def test_no_color(self):
        screen = Screen(80, 24)
        run = self.run_on(screen, *AUDIT, NO_COLOR="1")
        self.shown(screen, r"^  violations  [1-9]")
        run.finish()
        screen.close()
        self.assertIsNone(COLOUR.search(screen.bytes))

    def test_a_terminal_that_cannot_move_gets_plain_lines(self):
        screen = Screen(80, 24)
        run = self.run_on(screen, *AUDIT, TERM="dumb")
        run.finish()
        screen.close()
        self.assertNotIn(b"\x1b", screen.bytes)
        self.assertIn("running 0 s of 8 s", screen.bytes.decode())

    def test_a_terminal_that_cannot_move_is_sent_no_escape(self):
        """Nor by the summary, which is coloured elsewhere, or by the first Ctrl-C."""
        for name, colours in (("dumb", False), ("xterm", True)):
            screen = Screen(80, 24)
            run = self.start(*AUDIT[:-1], name, environment={"TERM": name}, stdout=screen.theirs, stderr=screen.theirs)
            wait_until(lambda: b"violations" in screen.bytes, "the run goes on")
            run.signal(signal.SIGINT)
            run.finish()
            screen.close()
            self.assertIn(b"interrupted: ending in order", screen.bytes)
            self.assertEqual(b"\x1b" in screen.bytes, colours, bytes(screen.bytes))

    def test_nothing_is_left_of_what_ctrl_c_was_echoed_over(self):
        """The second one ends at once, and leaves the prompt a clean place."""
        screen = Screen(100, 24)
        run = self.run_on(screen, "audit", "memory", "--lag", "10m", "--duration", "10m", "--out", "run")
        self.shown(screen, r"^  violations ")
        for last in (False, True):
            os.write(screen.theirs, b"^C")
            run.signal(signal.SIGINT)
            if not last:
                self.shown(screen, r"^interrupted: ending in order")
        run.finish()
        screen.close()
        self.assertEqual(run.code, 130, run)
        self.assertRegex("\n".join(screen.lines()).strip(), r"\Ainterrupted: ending in order, [^\n]*\Z")

    def test_plain_lines_where_it_is_no_terminal(self):
        run = self.afterwrite(*AUDIT)
        self.assertNotIn("\x1b", run.err)
        self.assertRegex(run.err, r"(?m)^running 0 s of 8 s · 0 operations · 0 violations")

    def test_what_is_said_at_the_end_fits_too(self):
        screen = Screen(60, 24)
        run = self.start("audit", "memory", "--lag", "700ms", "--duration", "3s", "--quiet", "--out", "run", environment={"NO_COLOR": "1"}, stdout=screen.theirs)
        run.finish()
        screen.close()
        lines = bytes(screen.bytes).decode().splitlines()
        self.assertEqual(run.code, VIOLATED, lines)
        copied = re.compile(r"^  lines|sed -n|^ +afterwrite |^  run/")
        self.assertEqual([line for line in lines if len(line) > 60 and not copied.search(line)], [])
        self.assertTrue(any(45 < len(line) for line in lines), "it uses the room there is")

    def test_a_sweep(self):
        screen = Screen(120, 24)
        run = self.run_on(screen, "sweep", "memory", "--over", "read-policy=leader,any-replica", "--lag", "700ms", "--duration", "3s",
                          "--out", "out")
        lines = self.shown(screen, r"^  sweep       cell 2 of 2, about \d+ s left: read-policy=[a-z-]+$")
        # What is over stays above, once.
        self.assertEqual(len([line for line in lines if re.match(r"cell 1 of 2: .* \(\d+ s\)$", line)]), 1, lines)
        self.assertEqual(len([line for line in lines if line.startswith("  violations")]), 1, lines)
        run.finish()
        screen.close()
        self.assertEqual(run.code, HELD)
        self.assertEqual([line[:11] for line in screen.lines() if line.strip()], ["cell 1 of 2", "cell 2 of 2"])


if __name__ == "__main__":
    unittest.main()
