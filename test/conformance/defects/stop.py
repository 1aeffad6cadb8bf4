# SPDX-License-Identifier: LGPL-2.1-or-later
"""SIGTERM: nobody delays the stop but an lvpoll that holds a lock, and no lvpoll survives it."""

import os
import re
import time

from messages import OK, expect, start
from steps import started
from waiting import Failure, wait_for_path

# Seconds that a stop takes at most if nobody delays it: some 10 ms, more on a busy machine and
# under a sanitizer. What delayed it in the defects below lasted for an interval, for 10 s or for
# ever.
AT_ONCE = 2.0


def _stop(daemon, at_most, at_least=0.0):
    before = time.monotonic()
    daemon.stop(15)
    took = time.monotonic() - before
    if not at_least <= took <= at_most:
        raise Failure(f"the stop took {took:.2f} s")


def _leave(daemon, reaction):
    """The one lvpoll of a daemon that has ended, though lvpoll hasn't."""
    client, child = started(daemon)
    child.do(reaction)
    client.close()
    _stop(daemon, at_most=5)
    os.kill(child.pid, 0)
    return child


def a_client_that_never_closes_does_not_delay_it(daemon):
    """A connected client blocked the stop."""
    daemon.start()
    clients = [daemon.connect() for _ in range(3)]
    expect(clients[0].ask(start()), OK)
    daemon.puppet("lv1")
    clients[1].send(b'request="hel')
    _stop(daemon, at_most=AT_ONCE)
    for client in clients:
        client.expect_closed()


def a_client_that_never_closes_does_not_delay_it_in_the_reference(daemon):
    """It waits for the client, and until then lvpoll isn't even told."""
    client, child = started(daemon)
    child.do("on-term tell")
    daemon.send_signal()
    daemon.expect_to_run_for(2)
    child.expect_alive()
    client.close()
    expect(daemon.wait_exit(), 0)
    child.signalled()


def _start_twenty(daemon):
    """Returns the client and the children."""
    daemon.start()
    client = daemon.connect()
    children = []
    for number in range(20):
        expect(client.ask(start(f"id{number}", f"lv{number}", interval="3600")), OK)
        children.append(daemon.puppet(f"lv{number}"))
    return client, children


def children_are_not_orphaned(daemon):
    """Pollers were orphaned, or the stop took up to an interval. Twenty that obey SIGTERM end at
    once."""
    _, children = _start_twenty(daemon)
    for child in children[1::2]:
        child.do("on-term exit 5")
    _stop(daemon, at_most=AT_ONCE)
    for child in children:
        child.ended(0.001)


def children_are_not_orphaned_in_the_reference(daemon):
    """They get SIGTERM and are left: those that need a moment outlive the daemon."""
    client, children = _start_twenty(daemon)
    for child in children:
        child.do("on-term tell")
    client.close()
    daemon.stop()
    for child in children:
        child.signalled()
        child.expect_alive()


def an_abort_under_way_does_not_delay_it(daemon):
    """Nor does a poller that waits for its turn start."""
    client, _ = started(daemon)
    expect(client.ask(start(more="abort=1")), OK)
    aborting = daemon.puppet("lv1:abort")
    _stop(daemon, at_most=AT_ONCE)
    aborting.ended(0.001)
    daemon.stage.expect_no_more()


def a_child_that_defers_sigterm_is_waited_for(daemon):
    """lvm defers the signal while it holds the VG lock. Here for 2 s; it isn't killed."""
    client, child = started(daemon)
    child.do("on-term tell")
    daemon.send_signal("TERM")
    child.signalled()
    daemon.expect_to_run_for(2)
    child.expect_alive()
    child.do("exit 5")
    before = time.monotonic()
    expect(daemon.wait_exit(), 0)
    if time.monotonic() - before > AT_ONCE:
        raise Failure(f"it ended {time.monotonic() - before:.2f} s after the child")


def a_child_that_defers_sigterm_is_waited_for_in_the_reference(daemon):
    """The daemon ends before it."""
    _leave(daemon, "on-term tell").signalled()


def one_that_ignores_sigterm_is_left_after_10_s(daemon):
    """It is never killed harder, and named in the log."""
    client, child = started(daemon)
    child.do("on-term ignore")
    _stop(daemon, at_least=9.5, at_most=10.7)
    child.expect_alive()
    daemon.wait_for_log(rf"\b{child.pid}\b")


def one_that_ignores_sigterm_is_left_after_10_s_in_the_reference(daemon):
    """It is left at once, and not named."""
    child = _leave(daemon, "on-term ignore")
    if re.search(rf"\b{child.pid}\b", daemon.log):
        raise Failure("it is named")


def a_second_sigterm_changes_nothing(daemon):
    """Nor do other signals that arrive while a child is waited for."""
    client, child = started(daemon)
    child.do("on-term tell")
    for name in ("TERM", "INT", "TERM", "HUP"):
        daemon.send_signal(name)
    child.signalled()
    daemon.expect_to_run_for(0.3)
    child.do("exit 5", wait=False)
    expect(daemon.wait_exit(), 0)


def a_signal_is_never_lost(daemon):
    """One that arrived just before the wait was lost until the next wake-up. Here: as soon as the
    socket is there, and in the middle of requests."""
    for number in range(30):
        daemon.start()
        if number % 2:
            client = daemon.connect()
            client.send(b'request="hello"\n##\n' * 50)
        _stop(daemon, at_most=AT_ONCE)


def the_files_are_gone_and_the_next_daemon_starts(daemon):
    """Stop and start in a row."""
    for _ in range(10):
        daemon.start()
        wait_for_path(daemon.pidfile)
        daemon.connect().ask('request="hello"')
        _stop(daemon, at_most=AT_ONCE)
