# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program on a pseudo-terminal, and what a person sees there: text, line ends, cursor up, erase,
colours; a narrower terminal breaks its lines anew, as those of today do."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

DEADLINE = 10.0
COLLECTED = ("LLVM_PROFILE_FILE",)  # by test/coverage
SEQUENCE = re.compile(rb"\x1b\[([0-9;]*)([A-Za-z])")


class Terminal:
    """Runs the command; `lines` is the screen with what has scrolled off above it."""

    def __init__(self, command, columns, rows=24, **environment):
        self.columns = columns
        self.lines = [""]
        self.wrapped = [False]  # whether the line goes on in the next one
        self.row = self.column = 0
        self.colours = set()
        self.pending = b""
        self.master, slave = pty.openpty()
        self._set_size(columns, rows)
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
                "TERM": "xterm",
                **{name: os.environ[name] for name in COLLECTED if name in os.environ},
                **environment,
            },
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)

    def text(self):
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n")

    def wait_for(self, pattern):
        """Reads until the screen matches."""
        end = time.monotonic() + DEADLINE
        while not re.search(pattern, self.text(), re.M):
            if not self._read(end):
                raise AssertionError(f"{pattern!r} is nowhere in\n{self.text()}")

    def exit_code(self):
        """Reads to the end."""
        end = time.monotonic() + DEADLINE
        while self._read(end):
            pass
        return self.process.wait(DEADLINE)

    def resize(self, columns, rows=24):
        """The lines are broken anew, and the program hears of it."""
        whole, position = [""], 0
        for row, (line, wrapped) in enumerate(zip(self.lines, self.wrapped)):
            if row == self.row:
                position = len(whole) - 1
                self.column += len(whole[-1])
            whole[-1] += line
            if not wrapped:
                whole.append("")
        whole.pop()
        self.lines, self.wrapped = [], []
        for index, line in enumerate(whole):
            if index == position:
                self.row = len(self.lines) + self.column // columns
                self.column %= columns
            parts = [line[start : start + columns] for start in range(0, len(line), columns)] or [
                ""
            ]
            self.lines += parts
            self.wrapped += [True] * (len(parts) - 1) + [False]
        self.columns = columns
        self._set_size(columns, rows)

    def interrupt(self):
        os.write(self.master, b"\x03")

    def _set_size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self, end):
        ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.pending += data
        self._show()
        return bool(data)

    def _show(self):
        data, self.pending = self.pending, b""
        while data:
            if data.startswith(b"\x1b"):
                if not (match := SEQUENCE.match(data)):
                    self.pending = data
                    return
                self._obey(match[1].decode(), match[2].decode())
                data = data[match.end() :]
            elif data[:1] in b"\r\n":
                if data[:1] == b"\r":
                    self.column = 0
                else:
                    self._down()
                data = data[1:]
            else:
                size = next(
                    n
                    for n, first in ((1, 0x80), (2, 0xE0), (3, 0xF0), (4, 0x100))
                    if data[0] < first
                )
                if len(data) < size:
                    self.pending = data
                    return
                self._put(data[:size].decode())
                data = data[size:]

    def _obey(self, number, letter):
        line = self.lines[self.row]
        if letter == "A":
            self.row -= int(number or 1)
            if self.row < 0:
                raise AssertionError("the cursor goes above what was written")
        elif letter == "K":
            self.lines[self.row], self.wrapped[self.row] = line[: self.column], False
        elif letter == "J":
            self.lines[self.row] = line[: self.column]
            del self.lines[self.row + 1 :]
            self.wrapped = self.wrapped[: self.row] + [False]
        elif letter == "m":
            self.colours.add(number)
        else:
            raise AssertionError(f"unknown sequence {letter}")

    def _down(self):
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append("")
            self.wrapped.append(False)

    def _put(self, character):
        if self.column == self.columns:
            self.wrapped[self.row] = True
            self._down()
            self.column = 0
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[: self.column] + character + line[self.column + 1 :]
        self.column += 1
