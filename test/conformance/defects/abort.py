# SPDX-License-Identifier: LGPL-2.1-or-later
"""pvmove --abort: stop the poller, abort, settle."""

import time

from messages import HELLO, IN_PROGRESS, NOT_FOUND, OK, abort, exited, expect, progress, start
from waiting import Failure


def _stage_of_abort(daemon):
    """Until lvpoll --abort runs; fails if a poller runs beside it. Returns its puppet."""
    aborting = daemon.puppet("lv1:abort")
    for poller in [puppet for puppet in daemon.stage.arrived if puppet.name == "lv1"]:
        daemon.stage.arrived.remove(poller)
        poller.ended()
    return aborting


def right_after_the_request(daemon):
    """An abort that arrived before the poller's fork found no PID to stop. Here the two requests
    arrive together: the poller never runs beside the abort, and both clients hear 0."""
    daemon.start()
    for _ in range(20):
        waiting, aborter = daemon.connect(), daemon.connect()
        waiting.send(start().encode() + b"\n##\n")
        aborter.send(abort().encode() + b"\n##\n")
        expect(waiting.reply(), OK)
        expect(aborter.reply(), OK)
        aborting = _stage_of_abort(daemon)
        aborting.do("exit 0")
        daemon.puppet("lv1").do("exit 0")
        expect(aborter.result(progress(more="abort=1")), exited(0))
        expect(waiting.result(progress()), exited(0))
        waiting.close()
        aborter.close()
    daemon.stage.expect_no_more()


def after_the_exit_of_the_poller(daemon):
    """It might signal a recycled PID; here it signals nobody, and the poller's result stands."""
    daemon.start()
    waiting, aborter = daemon.connect(), daemon.connect()
    expect(waiting.ask(start()), OK)
    daemon.puppet("lv1").do("exit 5")
    daemon.wait_for_dump("polling_finished=1")
    expect(aborter.ask(abort()), OK)
    daemon.puppet("lv1:abort").do("exit 0")
    expect(aborter.result(progress(more="abort=1")), exited(0))
    expect(waiting.result(progress()), exited(5))
    expect(waiting.ask(progress()), NOT_FOUND)


def the_poller_does_not_linger(daemon):
    """The old poller lingered until its next interval: it is gone within a second, before lvpoll
    --abort starts."""
    daemon.start()
    waiting, aborter = daemon.connect(), daemon.connect()
    expect(waiting.ask(start(interval="3600")), OK)
    poller = daemon.puppet("lv1")
    before = time.monotonic()
    expect(aborter.ask(abort()), OK)
    poller.ended()
    if time.monotonic() - before > 1:
        raise Failure(f"it took {time.monotonic() - before:.2f} s")
    daemon.puppet("lv1:abort")


def the_waiting_client_hears_0(daemon):
    """Or the poller was killed, and the command that waited for it reported a failure."""
    daemon.start()
    waiting, aborter = daemon.connect(), daemon.connect()
    expect(waiting.ask(start()), OK)
    poller = daemon.puppet("lv1")
    poller.do("on-term exit 5")
    expect(aborter.ask(abort()), OK)
    poller.ended()
    aborting = daemon.puppet("lv1:abort")
    expect(waiting.ask(progress()), IN_PROGRESS)
    expect(aborter.ask(progress(more="abort=1")), IN_PROGRESS)
    daemon.stage.expect_no_more()
    aborting.do("exit 0")
    settling = daemon.puppet("lv1")
    expect(settling.argv, "lvpoll --interval 15 --polloperation pvmove vg/lv1 -An")
    expect(waiting.ask(progress()), IN_PROGRESS)
    settling.do("exit 0")
    expect(waiting.result(progress()), exited(0))
    expect(aborter.result(progress(more="abort=1")), exited(0))


def of_a_poller_that_finishes_after_sigterm(daemon):
    """Exit 0 is final, even if SIGTERM was on its way: the client hears it."""
    daemon.start()
    waiting, aborter = daemon.connect(), daemon.connect()
    expect(waiting.ask(start()), OK)
    poller = daemon.puppet("lv1")
    poller.do("on-term exit 0")
    expect(aborter.ask(abort()), OK)
    poller.ended()
    daemon.puppet("lv1:abort").do("exit 0")
    expect(aborter.result(progress(more="abort=1")), exited(0))
    expect(waiting.result(progress()), exited(0))


def that_fails(daemon):
    """Polling goes on, and both hear the truth."""
    daemon.start()
    waiting, aborter = daemon.connect(), daemon.connect()
    expect(waiting.ask(start()), OK)
    daemon.puppet("lv1")
    expect(aborter.ask(abort()), OK)
    daemon.puppet("lv1:abort").do("exit 5")
    expect(aborter.result(progress(more="abort=1")), exited(5))
    again = daemon.puppet("lv1")
    expect(waiting.ask(progress()), IN_PROGRESS)
    again.do("exit 3")
    expect(waiting.result(progress()), exited(3))


def requests_are_answered_meanwhile(daemon):
    """While the poller defers its SIGTERM, and requests for the same LV join the operation instead
    of starting one."""
    daemon.start()
    waiting, aborter = daemon.connect(), daemon.connect()
    expect(waiting.ask(start()), OK)
    poller = daemon.puppet("lv1")
    poller.do("on-term tell")
    expect(aborter.ask(abort()), OK)
    poller.signalled()
    other = daemon.connect()
    expect(other.ask('request="hello"'), HELLO)
    expect(other.ask(start()), OK)
    expect(waiting.ask(progress()), IN_PROGRESS)
    expect(aborter.ask(progress(more="abort=1")), IN_PROGRESS)
    daemon.stage.expect_no_more()
    poller.do("exit 5")
    daemon.puppet("lv1:abort").do("exit 0")
    daemon.puppet("lv1").do("exit 0")
    for client in (waiting, other):
        expect(client.result(progress()), exited(0))
    expect(aborter.result(progress(more="abort=1")), exited(0))


def a_request_during_the_abort_is_fenced(daemon):
    """A poll that is asked for while lvpoll --abort runs starts when that has ended."""
    daemon.start()
    aborter, client = daemon.connect(), daemon.connect()
    expect(aborter.ask(abort()), OK)
    aborting = daemon.puppet("lv1:abort")
    expect(client.ask(start()), OK)
    expect(client.ask(progress()), IN_PROGRESS)
    daemon.stage.expect_no_more()
    aborting.do("exit 0")
    daemon.puppet("lv1").do("exit 0")
    expect(client.result(progress()), exited(0))
