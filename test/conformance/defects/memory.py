# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon is kept in memory while an lvpoll runs, and only then: see docs/durability.md, "The
disk under the daemon"."""

import re
import resource

from messages import HELLO, OK, exited, expect, progress, start
from refusals import Limit
from steps import started
from waiting import Failure, until


def _kibibytes(daemon, name):
    with open(f"/proc/{daemon.pid}/status") as file:
        return int(re.search(rf"^{name}:\s+(\d+) kB$", file.read(), re.M)[1])


def _is_locked(daemon):
    return _kibibytes(daemon, "VmLck") > 0


def it_is_locked_beside_an_lvpoll(daemon):
    """From the first to the last of them."""
    if daemon.has_a_sanitizer():
        return  # which gives mlockall(2) no effect
    client, child = started(daemon)
    expect(_is_locked(daemon), True)
    expect(client.ask(start("id2", "lv2")), OK)
    other = daemon.puppet("lv2")
    child.do("exit 3")
    expect(client.result(progress()), exited(3))
    expect(_is_locked(daemon), True)
    other.do("exit 4")
    expect(client.result(progress("id2")), exited(4))
    until("it is unlocked", lambda: not _is_locked(daemon))


def it_is_locked_beside_an_lvpoll_in_the_reference(daemon):
    """It never is."""
    started(daemon)
    expect(_is_locked(daemon), False)


def locked_it_allocates_beyond_the_limit(daemon):
    """On each thread, also on those that have given up most of their rights."""
    if daemon.has_a_sanitizer():
        return
    client, child = started(daemon)
    expect(_is_locked(daemon), True)
    with Limit(daemon, resource.RLIMIT_MEMLOCK, 65536):
        for asking in (client, daemon.connect()):
            expect(asking.ask('request="hello" ' + "x=1\n" * 225_000), HELLO)
    child.do("exit 3")
    expect(client.result(progress()), exited(3))


def without_the_right_it_warns_once(daemon):
    """And polls as ever."""
    if daemon.has_a_sanitizer():
        return
    daemon.launch(["setpriv", "--bounding-set=-ipc_lock", "prlimit", "--memlock=0:0",
                   daemon.program, *daemon.arguments()])
    client = daemon.connect()
    for number in (1, 2):
        expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
        child = daemon.puppet(f"lv{number}")
        expect(_is_locked(daemon), False)
        child.do("exit 5")
        expect(client.result(progress(f"id{number}")), exited(5))
    daemon.wait_for_log("exit code 5\n(.*\n)*.*exit code 5$")
    warnings = re.findall("warning: lvmpolld can't be kept in memory .*: Operation not permitted",
                          daemon.log)
    expect(len(warnings), 1)


def what_it_locks_it_gives_back(daemon):
    """Idle again, it holds no more memory of its own than with its first operation."""
    if daemon.has_a_sanitizer():
        return
    daemon.start()
    client = daemon.connect()
    sizes = []
    for number in range(6):
        expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
        daemon.puppet(f"lv{number}").do("exit 5")
        expect(client.result(progress(f"id{number}")), exited(5))
        until("it is unlocked", lambda: not _is_locked(daemon))
        sizes.append(_kibibytes(daemon, "RssAnon"))
    if sizes[-1] > sizes[0] + 64:
        raise Failure(f"RssAnon in KiB after each operation: {sizes}")
