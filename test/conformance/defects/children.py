# SPDX-License-Identifier: LGPL-2.1-or-later
"""How lvpoll is started, and what it may do."""

import os
import time

from messages import OK, HELLO, exited, expect, progress, start
from waiting import Failure, readable


def descriptors_do_not_leak_into_them(daemon):
    """Only 0, 1 and 2 are open, whatever the daemon has open or was started with."""
    inherited = os.open("/etc/passwd", os.O_RDONLY)
    daemon.start(pass_fds=[inherited])
    os.close(inherited)
    others = [daemon.connect() for _ in range(20)]
    for other in others:
        expect(other.ask('request="hello"'), HELLO)
    for number in range(5):
        others[number].ask(start(f"id{number}", f"lv{number}"))
        descriptors = daemon.puppet(f"lv{number}").record["descriptors"]
        expect(sorted(descriptors), ["0", "1", "2"])
        expect(descriptors["0"], "/dev/null")


def descriptors_do_not_leak_when_activated(daemon):
    """Nor does the listening socket that the service manager passed in."""
    daemon.activate()
    daemon.connect().ask(start())
    expect(sorted(daemon.puppet("lv1").record["descriptors"]), ["0", "1", "2"])


def signals_are_at_their_defaults(daemon):
    """SIGPIPE ignored, so that an orphan survives its daemon; all others default and unblocked,
    even if the daemon was started otherwise."""
    daemon.launch(["/bin/bash", "-c", 'trap "" USR1 INT QUIT; exec "$0" "$@"', daemon.program,
                   *daemon.arguments()])
    daemon.connect().ask(start())
    record = daemon.puppet("lv1").record
    expect(record["blocked"], [])
    expect(record["ignored"], [13])


def a_full_pipe_never_blocks_them(daemon):
    """Even if the daemon's own standard error is a pipe that nobody reads."""
    with daemon.full_pipe(options=("-l", "all")):
        client = daemon.connect()
        expect(client.ask(start()), OK)
        child = daemon.puppet("lv1")
        child.do("print out 50000 a line of progress that nobody reads\\n")
        child.do("print err 50000 a line of complaint that nobody reads\\n")
        expect(client.ask('request="hello"'), HELLO)
        child.do("exit 5")
        expect(client.result(progress()), exited(5))
        client.close()
        daemon.stop()


def two_never_poll_one_lv(daemon):
    """Ten clients, one operation, one lvpoll."""
    daemon.start()
    clients = [daemon.connect() for _ in range(10)]
    for client in clients:
        client.send(start().encode() + b"\n##\n")
    for client in clients:
        expect(client.reply(), OK)
    child = daemon.puppet("lv1")
    daemon.stage.expect_no_more()
    child.do("exit 0")
    for client in clients:
        expect(client.result(progress()), exited(0))
    daemon.stage.expect_no_more()


def their_end_is_noticed_at_once(daemon):
    """Not at the next wake-up: from the exit to the answer in less than 0.2 s."""
    daemon.start()
    client = daemon.connect()
    for number in range(20):
        client.ask(start())
        daemon.puppet("lv1").do(f"exit {number}")
        before = time.monotonic()
        expect(client.result(progress()), exited(number))
        if time.monotonic() - before > 0.2:
            raise Failure(f"it took {time.monotonic() - before:.2f} s")


def none_stays_a_zombie(daemon):
    """Each is reaped, whether its result is read or not."""
    daemon.start()
    client = daemon.connect()
    handles = []
    for number in range(20):
        client.ask(start(f"id{number}", f"lv{number}"))
        child = daemon.puppet(f"lv{number}")
        handles.append(os.pidfd_open(child.pid))
        child.do("exit 1")
    for number in range(0, 20, 2):
        expect(client.result(progress(f"id{number}")), exited(1))
    for handle in handles:
        if not readable(handle, 10):
            raise Failure("a child lives on")
        os.close(handle)
    for number in range(1, 20, 2):
        expect(client.result(progress(f"id{number}")), exited(1))
    expect(daemon.children(), [])


def interval_0_does_not_spin(daemon):
    """The daemon uses no CPU time while an operation of interval 0 is in progress."""
    daemon.start()
    client = daemon.connect()
    expect(client.ask(start(interval="0")), OK)
    daemon.puppet("lv1")
    before = daemon.cpu_seconds()
    daemon.expect_to_run_for(1)
    used = daemon.cpu_seconds() - before
    if used > 0.05:
        raise Failure(f"it used {used:.2f} s of CPU time in 1 s")
