# SPDX-License-Identifier: LGPL-2.1-or-later
"""An lvpoll that prints without end, and a journal that stands still."""

import os
import re
import time

from messages import HELLO, IN_PROGRESS, OK, exited, expect, progress, start
from waiting import Failure, until

FLOOD = "flood err 100000 1 a line of complaint"  # for a second
LINES = 100_000


def _flood(child, step=FLOOD):
    """Until all of it is read, which takes a busy machine some time."""
    child.do(step, wait=False)
    until("the flood is over", child.has_done, 60)


def _latencies(client, ends):
    """Seconds that replies take, until `ends` says so."""
    latencies = []
    while not ends():
        before = time.perf_counter()
        client.ask('request="hello"')
        latencies.append(time.perf_counter() - before)
    return latencies


def _p99(latencies):
    return sorted(latencies)[len(latencies) * 99 // 100]


def a_flood_of_lines_is_cut_and_counted(daemon):
    """The log says how many are left out, and has the last words, where the reason is."""
    daemon.start()
    client = daemon.connect()
    expect(client.ask(start()), OK)
    child = daemon.puppet("lv1")
    _flood(child)
    child.do("print err 1 last words\\n")
    child.do("exit 5")
    expect(client.result(progress()), exited(5))
    daemon.wait_for_log(r"lvpoll\[\d+\] stderr: last words$")
    client.close()
    daemon.stop()
    daemon.reader.join(10)
    shown = daemon.log.count("a line of complaint")
    numbers = re.findall(r"(\d+) (?:lines are left out|messages were lost)", daemon.log)
    if shown > LINES / 2:
        raise Failure(f"{shown} of {LINES} lines are shown")
    expect(shown + sum(map(int, numbers)), LINES)


def a_flood_of_lines_delays_no_reply(daemon):
    """The p99 of replies is at most twice that without a flood. Both are measured in turns, so that
    what else the machine does meets both; and again if that was not fair."""
    if daemon.has_a_sanitizer():
        return
    with open(os.devnull, "wb") as nobody:  # a reader of the log would share this process
        daemon.launch_unread(nobody, [daemon.program, *daemon.arguments()])
    client = daemon.connect()
    expect(client.ask(start()), OK)
    child = daemon.puppet("lv1")
    measured = []
    for _ in range(4):
        calm, flooded = [], []
        for _ in range(2):
            end = time.monotonic() + 0.7
            calm += _latencies(client, lambda: time.monotonic() > end)
            child.do(FLOOD, wait=False)
            flooded += _latencies(client, child.has_done)
        measured.append((_p99(calm), _p99(flooded)))
        if measured[-1][1] <= 2 * measured[-1][0]:
            break
    else:
        raise Failure(f"p99 without and with a flood, in seconds: {measured}")
    expect(client.ask(progress()), IN_PROGRESS)
    child.do("exit 5")
    expect(client.result(progress()), exited(5))
    client.close()
    daemon.stop()


# In a mount namespace of its own, where nobody reads the journal's socket; becomes the daemon.
_STOPPED_JOURNAL = """
import os, socket, subprocess, sys
subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
os.makedirs("/run/systemd/journal")
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind("/run/systemd/journal/socket")
journal.set_inheritable(True)
stream = os.fstat(2)
os.environ["JOURNAL_STREAM"] = f"{stream.st_dev}:{stream.st_ino}"
os.execv(sys.argv[1], sys.argv[1:])
"""


def a_journal_that_stands_still_blocks_nobody(daemon):
    """journald is stopped: its socket takes nothing more, nor does the stream behind the standard
    error. Clients are served, operations end, and so does the daemon."""
    with daemon.full_pipe("unshare", "--mount", "python3", "-c", _STOPPED_JOURNAL) as read_end:
        client = daemon.connect()
        expect(client.ask(start()), OK)
        child = daemon.puppet("lv1")
        for _ in range(3):  # more than the pipe, the socket and the log's queue take
            _flood(child, "flood err 50000 1 " + 200 * "x")
        expect(client.ask('request="hello"'), HELLO)
        expect(client.ask(start("id2", "lv2")), OK)
        daemon.puppet("lv2").do("exit 3")
        expect(client.result(progress("id2")), exited(3))
        child.do("exit 5")
        expect(client.result(progress()), exited(5))
        client.close()
        daemon.stop()
        if not os.read(read_end, 1):
            raise Failure("the journal was not the log's")
