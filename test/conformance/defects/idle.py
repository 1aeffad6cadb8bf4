# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nothing to do: no system call, and the idle exit to the second."""

import os
import re
import signal
import subprocess
import time

from messages import HELLO, OK, exited, expect, progress, start
from varlink import OPERATIONS, Varlink
from waiting import Failure


def _system_calls(daemon, seconds):
    """What strace sees in that time; the wait that each thread is in was begun before."""
    output = os.path.join(daemon.directory, "strace")
    strace = subprocess.Popen(["strace", "-f", "-qq", "-e", "signal=none", "-o", output,
                               "-p", str(daemon.pid)], stderr=subprocess.PIPE)
    daemon.expect_to_run_for(seconds)
    strace.send_signal(signal.SIGINT)
    strace.communicate(timeout=10)
    with open(output) as file:
        lines = file.read().splitlines()
    if daemon.has_thread_sanitizer():  # which has a thread of its own
        lines = [line for line in lines if not re.search(r" (gettimeofday|nanosleep)\(", line)]
    # A call that was under way when strace came is shown as `<unfinished ...>` or `<detached ...>`,
    # or is restarted.
    begun_before = re.compile("<unfinished|<detached|restart_syscall")
    return [line for line in lines if not begun_before.search(line)]


def no_system_call_without_work(daemon):
    """Not one in 3 s."""
    daemon.start()
    expect(daemon.connect().ask('request="hello"'), HELLO)
    if calls := _system_calls(daemon, 3):
        raise Failure("\n".join(calls[:20]))


def no_system_call_with_a_timeout(daemon):
    """An idle exit far away changes nothing."""
    daemon.start("-t", "60")
    for client in (gone := daemon.connect(), daemon.connect()):
        expect(client.ask('request="hello"'), HELLO)
    gone.close()
    daemon.connect().ask('request="hello"')
    if calls := _system_calls(daemon, 2):
        raise Failure("\n".join(calls[:20]))


def no_system_call_with_a_timeout_in_the_reference(daemon):
    """It looks at its clock every second."""
    daemon.start("-t", "60")
    daemon.connect().close()
    daemon.connect()
    if not _system_calls(daemon, 2.5):
        raise Failure("it made none")


def no_system_call_while_lvpoll_is_silent(daemon):
    """Silent clients and silent pollers don't wake it."""
    daemon.start()
    client = daemon.connect()
    for number in range(5):
        expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
        daemon.puppet(f"lv{number}")
    if calls := _system_calls(daemon, 3):
        raise Failure("\n".join(calls[:20]))


def no_system_call_after_a_watcher(daemon):
    """Nor while one only listens to an idle daemon."""
    daemon.start()
    daemon.connect().ask('request="hello"')
    listener, gone = Varlink(daemon), Varlink(daemon)
    for client in (listener, gone):
        client.send(OPERATIONS + "Subscribe", more=True)
        client.receive()
    gone.close()
    daemon.expect_to_run_for(0.5)
    if calls := _system_calls(daemon, 2):
        raise Failure("\n".join(calls[:20]))


def exit_to_the_second(daemon):
    """Two seconds after the last client has gone, not after the start."""
    daemon.start("-t", "2")
    client = daemon.connect()
    expect(client.ask('request="hello"'), HELLO)
    daemon.expect_to_run_for(1)
    client.close()
    before = time.monotonic()
    expect(daemon.wait_exit(), 0)
    took = time.monotonic() - before
    if not 1.9 < took < 2.5:
        raise Failure(f"it took {took:.2f} s")


def who_only_looks_does_not_delay_the_exit(daemon):
    """As a timer that asks for metrics: it ends although somebody looks ten times a second."""
    before = time.monotonic()
    daemon.start("-t", "1")
    looks = 0
    while daemon.process.poll() is None:
        if time.monotonic() - before > 4:
            raise Failure("it still runs: each look puts the exit off")
        try:
            watcher = Varlink(daemon)
            watcher.operations()
            watcher.close()
        except (OSError, Failure):  # it has ended just now
            break
        looks += 1
        time.sleep(0.1)
    expect(daemon.wait_exit(), 0)
    took = time.monotonic() - before
    if took < 1 or looks == 0:
        raise Failure(f"it took {took:.2f} s, and {looks} looks")


def _seconds_from_the_last_operation_to_the_exit(daemon):
    """With -t 1, if its client has gone a second and a half before its end."""
    daemon.start("-t", "1")
    client = daemon.connect()
    expect(client.ask(start()), OK)
    child = daemon.puppet("lv1")
    client.close()
    daemon.expect_to_run_for(1.5)
    child.do("exit 5")
    before = time.monotonic()
    expect(daemon.wait_exit(), 0)
    return time.monotonic() - before


def exit_after_the_last_operation(daemon):
    """An operation whose client has gone keeps the daemon, its end starts the time."""
    took = _seconds_from_the_last_operation_to_the_exit(daemon)
    if not 0.9 < took < 1.5:
        raise Failure(f"it took {took:.2f} s")


def exit_after_the_last_operation_in_the_reference(daemon):
    """It counts seconds from the last connection on, wherever the operation ends among them: here
    half a second early."""
    took = _seconds_from_the_last_operation_to_the_exit(daemon)
    if took > 0.9:
        raise Failure(f"it took {took:.2f} s")


def no_exit_under_a_silent_client(daemon):
    """The converse of a defect: it waits for a result, perhaps for hours."""
    daemon.start("-t", "1")
    client = daemon.connect()
    expect(client.ask(start()), OK)
    daemon.puppet("lv1").do("exit 5")
    daemon.expect_to_run_for(2.5)
    expect(client.result(progress()), exited(5))
    daemon.expect_to_run_for(1.5)
    client.close()
    expect(daemon.wait_exit(), 0)


def descriptors_do_not_grow(daemon):
    """After a hundred operations there are as many as after the first fifty."""
    daemon.start()
    watcher = daemon.connect()

    def poll_fifty():
        for number in range(50):
            client = daemon.connect()
            expect(client.ask(start(f"id{number}", "lv1")), OK)
            daemon.puppet("lv1").do("exit 1")
            expect(client.result(progress(f"id{number}")), exited(1))
            client.close()
        return daemon.settled_descriptors(watcher)

    usual = poll_fifty()
    expect(poll_fifty(), usual)
