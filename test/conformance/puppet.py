# SPDX-License-Identifier: LGPL-2.1-or-later
"""The puppets that stand for `lvm lvpoll`."""

import json
import os
import socket
import time

from waiting import DEADLINE, Failure, readable, wait_readable


class Gone(Exception):
    """A process was ended before it could say who it is."""


class Puppet:
    """A running fake lvm, which does what it is told."""

    def __init__(self, connection):
        self.socket = connection
        self.received = b""
        record = self.line(time.monotonic() + DEADLINE, "record")
        if record is None:
            raise Gone
        self.record = json.loads(record)
        self.name = self.record["name"]
        self.pid = self.record["pid"]

    def line(self, end, what):
        """The next line, or None when the process has ended."""
        while b"\n" not in self.received:
            wait_readable(self.socket, end, what)
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self.received += data
        line, _, self.received = self.received.partition(b"\n")
        return line.decode()

    def do(self, step, wait=True):
        """One step, see fake_lvm.cpp. Returns when it is done."""
        try:
            self.socket.sendall(step.encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            raise Failure(f"{self.name} has ended and can't do: {step}") from None
        if not wait:
            return
        if step.split()[0] in ("exit", "kill"):
            self.ended()
            return
        line = self.line(time.monotonic() + DEADLINE, f"end of {self.name}'s step {step}")
        if line != "done":
            raise Failure(f"{self.name}: {step}: {'the process ended' if line is None else line}")

    def has_done(self):
        """The step that was not waited for is done, by now."""
        if not self.received and not readable(self.socket):
            return False
        if (line := self.line(time.monotonic() + DEADLINE, f"end of {self.name}'s step")) != "done":
            raise Failure(f"{self.name}: {line or 'the process ended'}")
        return True

    def ended(self, deadline=DEADLINE):
        """Until the process has ended, for whatever reason."""
        if (line := self.line(time.monotonic() + deadline, f"end of {self.name}")) is not None:
            raise Failure(f"{self.name} is alive: {line}")

    def signalled(self, deadline=DEADLINE):
        """Until the daemon's SIGTERM has arrived (after the step `on-term tell`)."""
        line = self.line(time.monotonic() + deadline, f"SIGTERM for {self.name}")
        if line != "signal 15":
            raise Failure(f"{self.name} got no SIGTERM: {'it ended' if line is None else line}")

    def expect_alive(self):
        if self.received or readable(self.socket):
            raise Failure(f"{self.name} has ended or was signalled")

    @property
    def argv(self):
        return " ".join(self.record["argv"])

    @property
    def environment(self):
        return dict(entry.split("=", 1) for entry in self.record["environment"])


class Stage:
    """Where the puppets of one daemon report: the directory that FAKE_LVM_DIR names."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(os.path.join(directory, "control"))
        self.listener.listen(4096)
        self.arrived = []
        self.watch_for_two_at_once = True

    def direct_by_scripts(self):
        """In place of puppets: each fake lvm plays LVNAME.script and appends its record to a
        file."""
        os.unlink(os.path.join(self.directory, "control"))

    def recorded_runs(self):
        with open(os.path.join(self.directory, "runs")) as file:
            return [json.loads(line) for line in file]

    def next(self, name, deadline=DEADLINE):
        """The next run of lvpoll for this LV (`lv:abort` for a run with --abort)."""
        end = time.monotonic() + deadline
        while True:
            for puppet in self.arrived:
                if puppet.name == name:
                    self.arrived.remove(puppet)
                    return puppet
            others = [puppet.argv for puppet in self.arrived]
            wait_readable(self.listener, end, f"run of lvpoll for {name} (there are {others})")
            self.accept()

    def accept(self):
        try:
            puppet = Puppet(self.listener.accept()[0])
        except Gone:
            return
        self.arrived.append(puppet)
        if self.watch_for_two_at_once and not puppet.record.get("alone", True):
            raise Failure(f"two at once poll {puppet.name}: {puppet.argv}")

    def expect_no_more(self):
        """No run that nobody waited for."""
        while readable(self.listener):
            self.accept()
        if self.arrived:
            raise Failure("unexpected run of lvpoll: "
                          + ", ".join(puppet.argv for puppet in self.arrived))

    def close(self):
        self.listener.close()
        for puppet in self.arrived:
            puppet.socket.close()
