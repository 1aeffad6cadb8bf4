# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Varlink client: JSON objects, each ended by a NUL."""

import json
import socket
import time

from waiting import DEADLINE, Failure, wait_readable

OPERATIONS = "io.lvmpolld.Operations."
SERVICE = "org.varlink.service."


class Varlink:
    """One connection to the daemon's Varlink socket."""

    def __init__(self, daemon):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(daemon.socket + ".varlink")
        self.received = b""
        daemon.clients.append(self)

    def close(self):
        self.socket.close()

    def send(self, method, parameters=None, **flags):
        call = {"method": method, "parameters": parameters or {}, **flags}
        self.send_bytes(json.dumps(call).encode() + b"\0")

    def send_bytes(self, data):
        self.socket.sendall(data)

    def receive(self, deadline=DEADLINE):
        """The next reply."""
        end = time.monotonic() + deadline
        while b"\0" not in self.received:
            wait_readable(self.socket, end, "Varlink reply")
            if not (data := self.socket.recv(65536)):
                raise Failure(f"closed instead of a reply, after {self.received!r}")
            self.received += data
        message, _, self.received = self.received.partition(b"\0")
        return json.loads(message)

    def call(self, method, parameters=None, **flags):
        """The reply to a call that has one."""
        self.send(method, parameters, **flags)
        return self.receive()

    def all(self, method, parameters=None):
        """All replies to a call with "more"."""
        self.send(method, parameters, more=True)
        replies = [self.receive()]
        while replies[-1].get("continues"):
            replies.append(self.receive())
        return replies

    def operations(self, **filter):
        """What List says."""
        replies = self.all(OPERATIONS + "List", {"filter": filter})
        if replies == [{"error": OPERATIONS + "NoSuchOperation", "parameters": {}}]:
            return []
        return [reply["parameters"]["operation"] for reply in replies]

    def expect_closed(self):
        if self.received:
            raise Failure(f"expected the end of the connection, got {self.received!r}")
        wait_readable(self.socket, time.monotonic() + DEADLINE, "end of the connection")
        try:
            if data := self.socket.recv(65536):
                raise Failure(f"expected the end of the connection, got {data!r}")
        except ConnectionResetError:
            pass
