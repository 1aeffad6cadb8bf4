# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the system refuse the daemon something: by a limit on the running process, or by strace."""

import contextlib
import os
import re
import resource
import subprocess

from messages import HELLO, NOT_FOUND, OK, exited, expect, progress, start
from waiting import Failure


class Limit:
    """A resource limit of the running daemon, until the end of the `with`."""

    def __init__(self, daemon, kind, value):
        self.pid, self.kind, self.value = daemon.pid, kind, value

    def __enter__(self):
        self.before = resource.prlimit(self.pid, self.kind)
        resource.prlimit(self.pid, self.kind, (self.value, self.before[1]))
        return self

    def __exit__(self, *_):
        resource.prlimit(self.pid, self.kind, self.before)


def descriptors_left(daemon, client, count=0):
    """So many descriptors may be opened and no more: the lowest that are free."""
    daemon.settled_descriptors(client)
    used = set(map(int, daemon.descriptors()))
    free = [number for number in range(len(used) + count + 1) if number not in used]
    return Limit(daemon, resource.RLIMIT_NOFILE, free[count])


@contextlib.contextmanager
def injected(thread, *faults, follow=False):
    """strace makes the system calls of one thread (or of all of its process) fail, until the end of
    the `with`."""
    command = ["strace", *(["-f"] if follow else []), "-p", str(thread)]
    calls = ",".join(fault.partition(":")[0] for fault in faults)
    command += ["-e", "trace=" + calls]
    for fault in faults:
        command += ["-e", "inject=" + fault]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as strace:
        try:
            if "attached" not in (line := strace.stderr.readline()):
                raise Failure(f"strace: {line}")
            yield
        finally:
            strace.terminate()
            said = strace.stderr.read()
    if "INJECTED" not in said:
        raise Failure(f"nothing was injected: {said}")


def monitor_thread(daemon):
    """The thread that has children: some lvpoll must run."""
    tasks = f"/proc/{daemon.pid}/task"
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/children") as file:
            if file.read().split():
                return task
    raise Failure("no thread has a child")


def memory_left(daemon, size):
    with open(f"/proc/{daemon.pid}/status") as file:
        used = int(re.search(r"^VmData:\s+(\d+) kB$", file.read(), re.M)[1]) * 1024
    return Limit(daemon, resource.RLIMIT_DATA, used + size)


def settle_log(daemon, client):
    """With the first errors the log starts its thread and opens what it writes to."""
    for code in (8, 9):
        expect(client.ask(start("first", "first")), OK)
        daemon.puppet("first").do(f"exit {code}")
        expect(client.result(progress("first")), exited(code))
        daemon.wait_for_log(f"exit code {code}$")


def start_with_a_running_child(daemon):
    """Gives a client, the child, and the thread that starts children."""
    daemon.start()
    client = daemon.connect()
    settle_log(daemon, client)
    expect(client.ask(start("id0", "lv0")), OK)
    child = daemon.puppet("lv0")
    return client, child, monitor_thread(daemon)


def start_without_threads(daemon, which):
    """Those that the daemon tries to start, counted from 1, as strace(1) wants it (`when=`)."""
    command = ["strace", "-D", "-f", "-o", os.path.join(daemon.directory, "strace")]
    for call in ("clone", "clone3"):
        command += ["-e", f"inject={call}:error=EAGAIN:when={which}"]
    daemon.launch([*command, daemon.program, *daemon.arguments()])


def expect_service(daemon, client, child=None):
    """What ran goes on, what is new is served, and nobody else's child is left."""
    if child is not None:
        child.do("exit 7")
        expect(client.result(progress("id0")), exited(7))
    expect(client.ask(start("after", "after")), OK)
    daemon.puppet("after").do("exit 3")
    expect(client.result(progress("after")), exited(3))
    expect(client.ask(progress("after")), NOT_FOUND)
    expect(daemon.children(), [])
    expect(daemon.connect().ask('request="hello"'), HELLO)


def expect_failed_start(daemon, client, code, reason, lv="lv1"):
    expect(client.ask(start(lv, lv)), OK)
    expect(client.result(progress(lv)), exited(code))
    thing = {100: "no pipes for lvpoll's output", 101: "lvm could not be started"}[code]
    daemon.wait_for_log(rf"error: polling of vg/{lv} \(pvmove\): {thing}: {reason}$")
