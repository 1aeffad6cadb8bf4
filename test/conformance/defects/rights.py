# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the threads and the children may do: see docs/security.md, "threads"."""

import os
import re

from messages import HELLO, OK, exited, expect, progress, start
from refusals import monitor_thread, start_with_a_running_child, start_without_threads
from waiting import Failure

DAC_OVERRIDE, IPC_LOCK = 1 << 1, 1 << 14


def _rights(path):
    """(no_new_privs, effective, permitted and bounding capabilities, seccomp) of a thread."""
    with open(f"{path}/status") as file:
        status = file.read()
    def field(name, base):
        return int(re.search(rf"^{name}:\s+(\w+)$", status, re.M)[1], base)
    return (field("NoNewPrivs", 10), field("CapEff", 16), field("CapPrm", 16), field("CapBnd", 16),
            field("Seccomp", 10))


def _threads(daemon):
    return [f"/proc/{daemon.pid}/task/{task}" for task in os.listdir(f"/proc/{daemon.pid}/task")]


def threads_without_children_are_narrow(daemon):
    """Those of clients, both, of the records and of the log; only the monitor's is not."""
    client, child, monitor = start_with_a_running_child(daemon)
    expect(daemon.connect().ask('request="hello"'), HELLO)
    others = [task for task in _threads(daemon) if os.path.basename(task) != monitor]
    if len(others) < 4:
        raise Failure(f"only {len(others)} threads beside the monitor's")
    for task in others:
        no_new_privileges, effective, permitted, _, seccomp = _rights(task)
        if daemon.has_thread_sanitizer() and no_new_privileges == 0:
            continue  # its own
        expect((no_new_privileges, seccomp), (1, 2))
        expect((effective | permitted) & ~(DAC_OVERRIDE | IPC_LOCK), 0)
    child.do("exit 7")
    expect(client.result(progress("id0")), exited(7))


def an_lvpoll_has_all_rights(daemon):
    """As many as whoever starts the daemon, as has the thread that starts it."""
    own = _rights("/proc/self")
    daemon.start()
    for number in (1, 2):  # asked for on one thread and on the other
        client = daemon.connect()
        expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
        expect(_rights(f"/proc/{daemon.puppet(f'lv{number}').pid}"), own)
    expect(_rights(f"/proc/{daemon.pid}/task/{monitor_thread(daemon)}"), own)


def one_of_a_late_monitor_has_them_too(daemon):
    """Its thread could not be started at first: nobody has given up anything by then."""
    if daemon.has_a_sanitizer():
        return  # it starts a thread itself
    own = _rights("/proc/self")
    start_without_threads(daemon, "1")
    expect(daemon.connect().ask(start()), OK)
    expect(_rights(f"/proc/{daemon.puppet('lv1').pid}"), own)


def one_taken_up_by_a_narrow_daemon_has_them_too(daemon):
    """What the next daemon starts for an operation of the last one."""
    own = _rights("/proc/self")
    daemon.start()
    client = daemon.connect()
    expect(client.ask(start()), OK)
    first = daemon.puppet("lv1")
    daemon.kill()
    daemon.start_again()
    first.do("exit 0", wait=False)
    expect(_rights(f"/proc/{daemon.puppet('lv1').pid}"), own)
