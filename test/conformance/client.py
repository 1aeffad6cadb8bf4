# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of the daemon."""

import fcntl
import select
import socket
import struct
import termios
import time

from waiting import DEADLINE, Failure, readable, remaining, wait_readable

TERMINATOR = b"\n##\n"


class Client:
    """One connection to the daemon."""

    def __init__(self, path, name=None):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        if name is not None:
            self.socket.bind(name)
        self.socket.connect(path)
        self.received = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # shows when the reply is read

    def ask(self, request, deadline=DEADLINE):
        """Sends one request and returns its reply, both as text without the terminator."""
        self.send(request.encode("latin-1") + TERMINATOR)
        return self.reply(deadline)

    def reply(self, deadline=DEADLINE):
        end = time.monotonic() + deadline
        while TERMINATOR not in self.received:
            if not self.receive(end, "reply"):
                raise Failure(f"connection closed instead of a reply, after {self.received!r}")
        reply, _, self.received = self.received.partition(TERMINATOR)
        return reply.decode("latin-1")

    def receive(self, end, what):
        wait_readable(self.socket, end, what)
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.received += data
        return data

    def unread_bytes(self):
        """How many the daemon has sent that nobody has taken out of the socket."""
        return struct.unpack("i", fcntl.ioctl(self.socket, termios.FIONREAD, bytes(4)))[0]

    def expect_closed(self, deadline=DEADLINE):
        if self.received:
            raise Failure(f"expected the end of the connection, got {self.received!r}")
        if self.receive(time.monotonic() + deadline, "end of the connection"):
            raise Failure(f"expected the end of the connection, got {self.received!r}")

    def wait_dropped(self, deadline=DEADLINE):
        """Until the daemon has closed the connection, though nothing is read."""
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP)
        if not poll.poll(deadline * 1000):
            raise TimeoutError("no end of the connection in time")

    def until_dropped(self, deadline=DEADLINE):
        """What was still on its way before the daemon closed the connection."""
        end = time.monotonic() + deadline
        while self.receive(end, "end of the connection"):
            pass
        return self.received.decode("latin-1")

    def expect_silence(self):
        """Nothing has come so far. Ask something on another connection first, to give it a
        chance."""
        if self.received or readable(self.socket):
            self.receive(time.monotonic() + 1, "data")
            raise Failure(f"expected no reply, got {self.received!r}")

    def result(self, request, deadline=DEADLINE):
        """Asks again until the operation is no longer in progress, as lvm does; returns that
        reply."""
        end = time.monotonic() + deadline
        while True:
            reply = self.ask(request, remaining(end, "result"))
            if '"in_progress"' not in reply:
                return reply
            time.sleep(0.002)  # the protocol has no event for this: lvm asks again, too

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()
