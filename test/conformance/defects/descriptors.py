# SPDX-License-Identifier: LGPL-2.1-or-later
"""There are too few descriptors, of any kind: the clients hear so or wait, and nothing is left open
(see faults.py)."""

import os

from client import TERMINATOR
from messages import HELLO, OK, exited, expect, progress, start
from refusals import (descriptors_left, expect_failed_start, expect_service,
                      start_with_a_running_child)
from waiting import Failure, wait_for_path


def no_descriptor_for_a_child_is_100(daemon):
    """Whichever of the six it is that there isn't: /dev/null, four ends of pipes, the pidfd. With
    six it runs."""
    if daemon.has_a_sanitizer():
        return
    client, child, _ = start_with_a_running_child(daemon)
    before = daemon.settled_descriptors(client)
    for count in range(6):
        with descriptors_left(daemon, client, count):
            expect_failed_start(daemon, client, 100, "Too many open files", f"lv{count + 1}")
        expect(daemon.settled_descriptors(client), before)
    with descriptors_left(daemon, client, 6):
        expect(client.ask(start("lv7", "lv7")), OK)
        daemon.puppet("lv7").do("exit 5")
        expect(client.result(progress("lv7")), exited(5))
    expect_service(daemon, client, child)


def a_record_without_a_descriptor_is_made_up_for(daemon):
    """The operation goes on in memory, and is recorded once that is possible."""
    if daemon.has_a_sanitizer():
        return
    client, child, _ = start_with_a_running_child(daemon)
    with descriptors_left(daemon, client):
        expect_failed_start(daemon, client, 100, "Too many open files")
        daemon.wait_for_log(r"error: operations CAN'T be written to the state directory .*: "
                            r"Too many open files")
    child.do("exit 7")
    daemon.wait_for_log("operations are written to the state directory .* again")
    expect(client.result(progress("id0")), exited(7))
    expect_service(daemon, client)


def no_descriptor_for_a_client_makes_it_wait(daemon):
    """It is served once there are some again; the others meanwhile. Told once, and without
    spinning."""
    if daemon.has_a_sanitizer():
        return
    daemon.start()
    client = daemon.connect()
    expect(client.ask('request="hello"'), HELLO)
    with descriptors_left(daemon, client):
        late = daemon.connect()
        late.send(b'request="hello"' + TERMINATOR)
        daemon.wait_for_log("error: cannot accept a client: Too many open files$")
        before = daemon.cpu_seconds()
        daemon.expect_to_run_for(0.5)  # it tries again five times
        if (used := daemon.cpu_seconds() - before) > 0.1:
            raise Failure(f"it used {used:.2f} s of CPU time in 0.5 s")
        expect(client.ask('request="hello"'), HELLO)
        late.expect_silence()
    expect(late.reply(), HELLO)
    expect(daemon.log.count("cannot accept"), 1)
    expect_service(daemon, client)


def no_timer_descriptor_is_done_without(daemon):
    """Nor an eventfd: there are other ways to keep time and to wake a thread."""
    daemon.environment["ASAN_OPTIONS"] = "detect_leaks=0"  # it doesn't work under strace
    daemon.launch(["strace", "-f", "-o", os.path.join(daemon.directory, "strace"),
                   "-e", "inject=timerfd_create:error=EMFILE", "-e", "inject=eventfd2:error=EMFILE",
                   daemon.program, *daemon.arguments(), "-t", "1"])
    wait_for_path(daemon.socket)
    client = daemon.connect()
    expect(client.ask(start()), OK)
    daemon.puppet("lv1").do("exit 5")
    expect(client.result(progress()), exited(5))
    client.close()
    expect(daemon.wait_exit(), 0)
    with open(os.path.join(daemon.directory, "strace")) as file:
        if file.read().count("INJECTED") < 2:
            raise Failure("nothing was injected")


def too_few_descriptors_for_the_start_fail_it(daemon):
    """With any number of them it either serves or ends with an error that says so."""
    if daemon.has_a_sanitizer():
        return
    for limit in range(4, 40):
        daemon.launch(["prlimit", f"--nofile={limit}:{limit}", daemon.program, *daemon.arguments()])
        try:
            wait_for_path(daemon.socket, alive=lambda: daemon.process.poll() is None)
            expect(daemon.connect().ask('request="hello"'), HELLO)
            return
        except (Failure, OSError):
            daemon.wait_for_log("Too many open files")
            if "error: cannot accept a client" in daemon.log:
                daemon.stop()  # it serves, but has none left for a client
            else:
                expect(daemon.wait_exit(), 1)
                daemon.reader.join(10)
            daemon.log = ""
    raise Failure("it doesn't start with 40 descriptors")
